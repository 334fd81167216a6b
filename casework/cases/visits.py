"""Visits and contacts: records about a pupil and a household; a case is optional (domain.md D1, D2, D4)."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.kinds import Line
from casework.cases.models import Case, SignState, Step, Visit, VisitForm
from casework.cases.opening import enrolment_of
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.deadlines.days import term_of
from casework.org.models import Post, Unit, User
from casework.org.roles import Role
from casework.profiles.rules import section
from casework.students.models import Pupil

SIGNATURES = ("sign_guardian", "sign_witness", "sign_worker")
HANDS: dict[str, tuple[str, ...]] = {
    SignState.PHONE: ("sign_guardian", "sign_worker"),
    SignState.REFUSED: ("sign_witness", "sign_worker"),
}
ANSWERS = (
    "visitors", "present", "place", "purpose", "family", "at_school", "at_home",
    "home_education", "reason", "why", "guardian_opinion", "pupil_opinion", "findings", "measures",
    "agreed", "follow_up_plan", "result", "promised_day", "witness", "remarks",
    *SIGNATURES,
)  # fmt: skip


def record_visit(
    *,
    pupil: Pupil,
    data: dict[str, Any],
    by: User,
    at: datetime,
    case: Case | None = None,
    step: Step | None = None,
    visitors: int = 1,
    joint: bool = False,
) -> Visit:
    """Write a visit (inside one_act). Event time lies before entry time; a refusal to sign names its witness.

    `visitors` is how many it takes; `joint`: school and village went together. DomainError naming everything that is wrong at once.
    """
    began, ended = _moments(data)
    _refuse(list(_wrong(data, began, ended, at, visitors)))
    school = case.school if case else _school_of(pupil)
    visit = Visit(
        pupil=pupil,
        school=school,
        case=case,
        step=step,
        form=data["form"],
        line=line_of(by),
        joint=joint,
        visitor=by,
        began=began,
        ended=ended,
        recorded_at=at,
        answers={key: plain(data[key]) for key in _told(data["sign_state"]) if data.get(key)},
        sign_state=data["sign_state"],
    )
    visit.save()
    trail.record(
        "visit.recorded",
        by=by,
        at=at,
        case_id=case.pk if case else None,
        unit_id=school.pk,
        subject=f"visit:{visit.pk}",
    )
    return visit


def _told(sign_state: str) -> Iterator[str]:
    """The answers that are kept: a hand only where it was asked for (a pad that was hidden later still sends what was drawn)."""
    hands = HANDS.get(sign_state, ())
    return (key for key in ANSWERS if key not in SIGNATURES or key in hands)


def _moments(data: dict[str, Any]) -> tuple[datetime, datetime]:
    day: date = data["day"]
    start, end = data["began"], data["ended"]
    return local_moment(day, start.hour, start.minute), local_moment(day, end.hour, end.minute)


def _wrong(
    data: dict[str, Any], began: datetime, ended: datetime, at: datetime, visitors: int
) -> Iterator[tuple[str, Any, Any]]:
    """What cannot be so: the field, the sentence for the page, the words beside the field."""
    if ended < began:
        words = _("The visit ends before it begins.")
        yield "ended", words, _("earlier than the beginning")
    elif ended > at:
        yield "day", _("The visit lies in the future."), _("later than now")
    if len(names_in(data["visitors"])) < visitors:
        words = _("A home visit is made by two people. Name both.")
        yield "visitors", words, _("two names, with a comma between")
    if data["sign_state"] == SignState.REFUSED and not data.get("witness"):
        yield "witness", _("Name the witness of the refusal to sign."), _("required")
    if data["sign_state"] == SignState.PHONE and not data.get("sign_guardian"):
        yield "sign_guardian", _("The guardian has not signed on the screen yet."), _("required")


def _refuse(wrong: list[tuple[str, Any, Any]]) -> None:
    """All of it in one refusal, led by the first."""
    if wrong:
        _field, first, _words = wrong[0]
        raise DomainError(first, fields={field: words for field, _sentence, words in wrong})


def names_in(text: str) -> set[str]:
    """Different people: a blank inside a name (王　芳) makes no second one."""
    return {"".join(each.split()) for each in re.split("[、，,;；]", text)} - {""}


def plain(value: Any) -> Any:
    """A form's value as JSON has it: dates and moments as ISO text, sets and tuples as lists."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return list(value) if isinstance(value, list | tuple | set) else value


def refuse_facts_to_come(when: datetime, at: datetime) -> None:
    """A contact that is recorded has been."""
    if when > at:
        raise DomainError(
            _("The contact lies in the future."), fields={"when": _("later than now")}
        )


def _school_of(pupil: Pupil) -> Unit:
    enrolled = enrolment_of(pupil)
    if enrolled is None:
        raise DomainError(_("This pupil is on no roster: record the visit on the case."))
    return enrolled.school


def line_of(user: User) -> str:
    """The line on which a person works: the village and township line, else the education line."""
    village_roles = {Role.VILLAGE_CADRE, Role.TOWNSHIP_CASE_OFFICER, Role.TOWNSHIP_LEADER}
    roles = {post.role for post in user.current_posts}
    return Line.VILLAGE if roles & village_roles else Line.EDUCATION


def last_answers(pupil: Pupil, by: User) -> dict[str, Any]:
    """What the last visit to this household said of lasting things, and who went if it was oneself: the next form's defaults."""
    last = Visit.objects.filter(pupil=pupil, struck=False).order_by("-began", "-pk").first()
    kept = ("visitors", "place", "family", "at_school", "at_home", "home_education", "reason")
    if last is None:
        return {"visitors": by.display_name, "place": pupil.address}
    known = {key: last.answers[key] for key in kept if key in last.answers}
    return known if last.visitor_id == by.pk else {**known, "visitors": by.display_name}


def quota(school: Unit, at: datetime) -> tuple[int, QuerySet[User]]:
    """Visits a class teacher owes a term (domain.md D2) and the school's class teachers with `done`, fewest first."""
    owed: int = section(school, "term", at)["visit_quota"]
    term = term_of(school, local_date(at))
    within = Q(visits__began__lte=at, visits__struck=False) & ~Q(visits__form=VisitForm.PHONE)
    if term:
        within &= Q(visits__began__gte=local_moment(term.first))
    teachers = (
        User.objects.filter(
            is_active=True,
            posts__role=Role.CLASS_TEACHER,
            posts__unit__path__startswith=school.path,
            posts__in=Post.objects.held_on(local_date(at)),
        )
        .annotate(done=Count("visits", filter=within, distinct=True))
        .order_by("done", "display_name", "pk")
    )
    return owed, teachers
