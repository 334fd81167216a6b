"""A warning, serious truancy, a support plan: begun for a pupil, done duty by duty, each with its day, its record and its paper (domain.md B7, B10, B18).

Straight lines of a few steps: the table `stops` is the whole picture, no engine runs them (docs/decisions/38).
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases.facts.common import Values, block, with_post
from casework.cases.following import (
    follow_pupils,
    forget,
    key_of,
    page_of,
    place_of,
    tell_of,
)
from casework.cases.known import known_of
from casework.cases.models import Duty, Procedure, ProcedureCode, SignState
from casework.cases.procedure_forms import LABELS
from casework.cases.stops import FIRST, STOPS, Answer, Stop
from casework.cases.visits import plain
from casework.cases.without_case import issue_outside
from casework.core.clock import local_date, local_moment, now
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.engine import due_at
from casework.detection.by_hand import add_suspicion
from casework.documents.models import Document
from casework.notices.outbox import tell
from casework.org.models import Post, User
from casework.org.people import candidates
from casework.org.roles import Can, Role
from casework.profiles.rules import section
from casework.students.models import Enrolment, Pupil

SEEING = (Can.CALL_ROLL, Can.SEE_BOARD)


def procedures_of(user: User) -> QuerySet[Procedure]:
    """The procedures of the classes whose roll the person calls, or below a unit whose board is hers to see."""
    within = Q(pk=None)
    for unit in {unit for each in SEEING for unit in user.units_with(each)}:
        within |= Q(class_unit__path__startswith=unit.path)
    rows: QuerySet[Procedure] = Procedure.objects.filter(within)
    return rows.select_related("pupil", "class_unit", "school")


def duties_of(user: User, *, mine: bool) -> QuerySet[Duty]:
    """The open duties in reach; `mine`: those that a post of hers does."""
    rows = Duty.objects.filter(
        done_at=None, procedure__closed_at=None, procedure__in=procedures_of(user)
    )
    if mine:
        own = Q(pk=None)
        for post in user.current_posts:
            below = Q(unit__path__startswith=post.unit.path)
            own |= below & Q(role=post.role)
            if post.role == Role.SCHOOL_CASE_OFFICER:
                own |= Q(below, ~Exists(_posts_of_duty()))
        rows = rows.filter(own)
    return rows.select_related("procedure__pupil", "procedure__class_unit", "unit")


def _posts_of_duty() -> QuerySet[Post]:
    """Who holds the role of a duty at its unit, today."""
    return Post.objects.held_on(local_date(now())).filter(
        role=OuterRef("role"), unit=OuterRef("unit")
    )


def may_do(user: User, duty: Duty) -> bool:
    """Whoever holds the post at its unit; where it is vacant, the school's case officer."""
    posts = user.current_posts
    if any(post.role == duty.role and post.unit.holds(duty.unit) for post in posts):
        return True
    officer = Role.SCHOOL_CASE_OFFICER
    vacant = not candidates(duty.role, duty.unit, duty.begun_at)[1]
    return vacant and any(p.role == officer and p.unit.holds(duty.unit) for p in posts)


def begin(code: str, pupil: Pupil, reason: str, *, by: User, at: datetime) -> Procedure:
    """Begin a procedure with its first duty. DomainError: no such one, no reason, a pupil in no class of hers, or one runs already."""
    if code not in ProcedureCode.values:
        raise DomainError(_("Choose what is to begin."), fields={"code": _("required")})
    if not reason.strip():
        raise DomainError(_("Say what was noticed."), fields={"reason": _("required")})
    with one_act():
        Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
        follow_pupils(at, pupil=pupil)
        enrolled = _enrolled(pupil, by)
        if Procedure.objects.filter(pupil=pupil, code=code, closed_at=None).exists():
            raise DomainError(_("This runs already for the pupil: go on with it."))
        made: Procedure = Procedure.objects.create(
            code=code,
            pupil=pupil,
            school=enrolled.school,
            class_unit=enrolled.class_unit,
            reason=reason.strip(),
            opened_at=at,
            opened_by=by,
        )
        _note("procedure.begun", made, by, at, code=code)
        _open(made, STOPS[FIRST[ProcedureCode(code)]], at)
    return made


def finish(duty: Duty, data: dict[str, Any], *, by: User, at: datetime) -> Document:
    """Record a duty with its paper and go where its answer leads.

    `data`: the fields of its stop and `result`. DomainError: done already, not hers, not yet open, or a day that cannot be.
    """
    with one_act():
        duty = Duty.objects.select_for_update(of=("self",)).select_related("unit", "procedure").get(pk=duty.pk)  # fmt: skip
        stop = STOPS[duty.stop]
        answer = next((each for each in stop.answers if each.code == data.get("outcome")), None)
        _refuse(duty, stop, answer, data, by, at)
        assert answer is not None
        duty.done_at, duty.done_by, duty.outcome = at, by, answer.code
        duty.facts = {key: plain(data[key]) for key in stop.fields if data.get(key)}
        duty.save()
        _note("duty.done", duty.procedure, by, at, stop=stop.code, outcome=answer.code)
        forget(duty, at)
        paper = _issue(duty, stop, answer, by, at)
        _go_on(duty, answer, data, by, at)
    return paper


def remind_of_duties(at: datetime) -> int:
    """Tell once of every duty that is late: whose it is, and the school's case officer and principal. Returns how many are late."""
    rows = Duty.objects.filter(done_at=None, due_at__lt=at, procedure__closed_at=None)
    late = list(rows.select_related("unit"))
    for duty in late:
        roles = {duty.role, Role.SCHOOL_CASE_OFFICER, Role.PRINCIPAL}
        people = {person for role in roles for person in candidates(role, duty.unit, at)[1]}
        tell(people, "duty_late", key=f"{key_of(duty)}:late", at=at, link=page_of(duty))
    return len(late)


def _enrolled(pupil: Pupil, by: User) -> Enrolment:
    rows = Enrolment.objects.filter(pupil=pupil, until=None)
    found: Enrolment | None = rows.select_related("class_unit", "school").first()
    if found is None or not by.can(Can.CALL_ROLL, found.class_unit):
        raise DomainError(_("The pupil is in no class of yours."))
    return found


def _open(procedure: Procedure, stop: Stop, at: datetime, opens: date | None = None) -> Duty:
    """The next duty: due so many school days after it opens."""
    begins = max(at, local_moment(opens)) if opens else at
    days: int = section(procedure.school, "procedures", at)[stop.code]
    duty: Duty = Duty.objects.create(
        procedure=procedure,
        stop=stop.code,
        role=stop.role,
        unit=place_of(procedure, stop.role),
        begun_at=at,
        opens_at=begins,
        due_at=due_at(begins, days, "school_days", procedure.school),
    )
    tell_of(duty, at)
    return duty


def _refuse(
    duty: Duty, stop: Stop, answer: Answer | None, data: dict[str, Any], by: User, at: datetime
) -> None:
    if duty.done_at:
        raise DomainError(_("This was recorded already."))
    if not may_do(by, duty):
        raise DomainError(_("This step belongs to another post."))
    if at < duty.opens_at:
        raise DomainError(
            _("This step opens on %(day)s."), day=local_date(duty.opens_at).isoformat()
        )
    if answer is None:
        raise DomainError(_("Say how it goes on."), fields={"outcome": _("required")})
    today, held = local_date(at), data.get("held_on")
    if held and not local_date(duty.procedure.opened_at) <= held <= today:
        raise DomainError(
            _("The day lies before the beginning, or in the future."),
            fields={"held_on": _("check the day")},
        )
    for key in ("until", "come_on", "review_on", "review_next"):
        if data.get(key) and data[key] < today:
            raise DomainError(_("The day has passed already."), fields={key: _("before today")})
    if answer.leads == "review" and not (data.get("review_on") or data.get("review_next")):
        raise DomainError(
            _("Say when it is looked at again."), fields={"review_next": _("required")}
        )


def _go_on(duty: Duty, answer: Answer, data: dict[str, Any], by: User, at: datetime) -> None:
    procedure = duty.procedure
    if answer.leads:
        opens = (
            data.get("review_on") or data.get("review_next") if answer.leads == "review" else None
        )
        _open(procedure, STOPS[answer.leads], at, opens)
        return
    procedure.closed_at, procedure.outcome = at, answer.code
    procedure.save(update_fields=["closed_at", "outcome"])
    _note("procedure.ended", procedure, by, at, outcome=answer.code)
    if answer.suspects:
        _suspect(procedure, by, at)
    if (
        answer.begins
        and not procedure.pupil.procedures.filter(code=answer.begins, closed_at=None).exists()
    ):
        begun: Procedure = Procedure.objects.create(
            code=answer.begins, pupil=procedure.pupil, school=procedure.school, class_unit=procedure.class_unit,
            reason=procedure.reason, opened_at=at, opened_by=by,
        )  # fmt: skip
        _note("procedure.begun", begun, by, at, code=str(answer.begins))
        _open(begun, STOPS[FIRST[answer.begins]], at)


def _suspect(procedure: Procedure, by: User, at: datetime) -> None:
    """The child becomes a finding, unless it is known: a case is still a person's decision."""
    if not known_of([procedure.pupil_id], local_date(at)):
        add_suspicion(
            pupil=procedure.pupil, child={}, unit=procedure.school, reason_text=procedure.reason, by=by, at=at
        )  # fmt: skip


def _issue(duty: Duty, stop: Stop, answer: Answer, by: User, at: datetime) -> Document:
    """The paper of a duty, in the chain of the pupil."""
    values = _minutes if stop.minutes else _record
    procedure = duty.procedure
    return issue_outside(
        f"pupil:{procedure.pupil_id}", "P25" if stop.minutes else "SR",
        lambda: {
            "pupil": block(procedure.pupil, procedure.school), "recorded_by": with_post(by), "case_no": "",
            "sign_state": str(SignState.UNSIGNED.label), **values(duty, stop, answer, by, at),
        },
        unit=procedure.school, subject=f"procedure:{procedure.pk}", by=by, at=at,
    )  # fmt: skip


def _minutes(duty: Duty, stop: Stop, answer: Answer, by: User, at: datetime) -> Values:
    """P25: the minutes of the meeting, its plan as the one decision."""
    said = duty.facts
    until = date.fromisoformat(said["until"]) if said.get("until") else None
    return {
        "type": str(ProcedureCode(duty.procedure.code).label),
        "held_on": date.fromisoformat(said["held_on"]),
        "place": said["place"],
        "chair": by.display_name,
        "recorder": by.display_name,
        "present": said["present"],
        "absent": "",
        "agenda": said["signs"],
        "talk": said["talk"],
        "decisions": [{"what": said.get("plan") or str(answer.label), "who": by.display_name, "until": until}],
    }  # fmt: skip


def _record(duty: Duty, stop: Stop, answer: Answer, by: User, at: datetime) -> Values:
    """SR: what the form asked, line by line."""
    told = [f"{LABELS[key]}：{said}" for key, said in duty.facts.items() if key != "held_on"]
    held = duty.facts.get("held_on")
    return {
        "action": f"{ProcedureCode(duty.procedure.code).label} · {stop.title}",
        "done_on": date.fromisoformat(held) if held else local_date(at),
        "operator": by.display_name,
        "reference": "",
        "content": "\n".join([duty.procedure.reason, *told]),
        "result": str(answer.label),
        "remarks": "",
    }


def holders(duties: Iterable[Duty], at: datetime) -> dict[int, str]:
    """Whose each duty is, by name; one look-up a role and unit."""
    found: dict[tuple[str, int], str] = {}
    for duty in duties:
        key = (duty.role, duty.unit_id)
        if key not in found:
            found[key] = "、".join(p.display_name for p in candidates(duty.role, duty.unit, at)[1])
    return {duty.pk: found[(duty.role, duty.unit_id)] for duty in duties}


def _note(verb: str, procedure: Procedure, by: User, at: datetime, **facts: Any) -> None:
    trail.record(
        verb, by=by, at=at, unit_id=procedure.school_id, subject=f"procedure:{procedure.pk}", **facts
    )  # fmt: skip
