"""What stands on every paper, and what several papers say."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext, ngettext

from casework.cases.facts.spelling import day_of, lines_of, when
from casework.cases.kinds import VISITING
from casework.cases.models import Case, Photo, SignState, Step, Visit
from casework.cases.opening import enrolment_of
from casework.cases.photos import listed
from casework.core.clock import local_date, school_year
from casework.core.crypto import masked, masked_phone, starred
from casework.deadlines.days import school_days
from casework.detection.models import Finding
from casework.org.models import Unit, UnitKind, User
from casework.org.people import candidates
from casework.org.roles import Role
from casework.students.models import Absence, Mark, Pupil

Values = dict[str, Any]


def frame(step: Step, by: User) -> Values:
    """What stands on every paper: case, pupil, who typed it, how it is signed."""
    visit = own_visit(step)
    sign = _signed(visit) if visit else SignState.UNSIGNED.label
    return {
        "case_no": step.case.number,
        "pupil": pupil_block(step.case),
        "recorded_by": with_post(by),
        "sign_state": str(sign),
        "occurred_at": visit.began if visit else None,
        "attachments": listed(_photos_of(step, visit)),
    }


def _photos_of(step: Step, visit: Visit | None) -> QuerySet[Photo]:
    """Those of the visit that the step is about, and those that prove it."""
    return Photo.objects.filter(Q(step=step) | Q(visit=visit, visit__isnull=False)).order_by("pk")


def _signed(visit: Visit) -> str:
    """How a visit's record is signed; a refusal names its witness (domain.md 4.0)."""
    witness = visit.answers.get("witness")
    if visit.sign_state == SignState.REFUSED and witness:
        return refusal(witness)
    return str(SignState(visit.sign_state).label)


def refusal(witness: str) -> str:
    """How a paper is signed that somebody refused to sign."""
    words = {"state": SignState.REFUSED.label, "witness": witness}
    return gettext("%(state)s: %(witness)s") % words


def signed(visit: Visit, worker: str) -> Values:
    """What was drawn on the screen, by the signer of the paper; `worker`: who is theirs.

    A witness of a refusal stands in the guardian's box, with the words that say so.
    """
    said, witness = visit.answers, visit.answers.get("sign_witness")
    hands = {
        "guardian": (witness or said.get("sign_guardian"), _signed(visit) if witness else ""),
        worker: (said.get("sign_worker"), ""),
    }
    return {
        signer: {"strokes": strokes, "words": words}
        for signer, (strokes, words) in hands.items()
        if strokes
    }


def own_visit(step: Step) -> Visit | None:
    """The visit that completing the step recorded; a contact that the village added to it is not its own."""
    if step.finished_at is None or step.kind not in VISITING:
        return None
    made = step.visits.filter(visitor=step.finished_by, recorded_at=step.finished_at)
    return made.order_by("-pk").first()


def with_post(user: User) -> str:
    posts = [str(post.get_role_display()) for post in user.current_posts]
    return f"{user.display_name}（{posts[0]}）" if posts else user.display_name


def pupil_block(case: Case) -> Values:
    """The common block of domain.md 4.0; status number and phone masked: papers travel, and nobody calls from them."""
    return block(case.pupil, case.school)


def block(pupil: Pupil, school: Unit) -> Values:
    enrolled = enrolment_of(pupil)
    guardian = pupil.guardians.order_by("rank").first()
    class_unit = enrolled.class_unit if enrolled else None
    grade = class_unit.above(UnitKind.GRADE) if class_unit else None
    return {
        "name": pupil.name,
        "sex": {"m": gettext("male"), "f": gettext("female")}[pupil.sex],
        "ethnic_group": pupil.ethnic_group,
        "born": pupil.born,
        "school": school.name,
        "grade": grade.name if grade else "",
        "class_name": class_unit.name if class_unit else "",
        "status_number": starred(masked(pupil.status_number)),
        "guardian": guardian.name if guardian else "",
        "relation": guardian.relation if guardian else "",
        "phone": starred(masked_phone(guardian.phone)) if guardian else "",
        "boarding": gettext("boarder") if pupil.boarding else gettext("day pupil"),
        "address": pupil.address,
        "household_place": pupil.household_place,
        "groups": [pupil.left_behind] if pupil.left_behind else [],
    }


def work_done(case: Case) -> list[Values]:
    """Visits and contacts so far, as reports list them."""
    return [
        {
            "when": when(visit.began),
            "way": str(visit.get_form_display()),
            "people": lines_of(visit.answers.get("visitors", "")),
            "result": visit.answers.get("why") or visit.answers.get("agreed") or "—",
        }
        for visit in case.contacts.order_by("began", "pk")
    ]


def finding_of(case: Case) -> Finding | None:
    return Finding.objects.filter(decisions__case=case).order_by("pk").first()


def first_absent(case: Case) -> date | None:
    finding = finding_of(case)
    if finding is None and case.taken_over_at:
        return local_date(case.opened_at)
    return finding.first_day if finding else None


def days_absent(case: Case, facts: Values, at: datetime) -> str:
    """School days since the last one attended, in words."""
    last = day_of(facts["last_day"])
    days = max(len(school_days(case.school, last, local_date(at))) - 1, 0) if last else 0
    return ngettext("%(days)s school day", "%(days)s school days", days) % {"days": days}


def class_teacher_of(case: Case, at: datetime) -> Values:
    """The class teacher by name and phone; empty where the class has none."""
    found = candidates(Role.CLASS_TEACHER, case.class_unit or case.school, at)[1]
    first = found[0] if found else None
    return {
        "teacher": first.display_name if first else "",
        "teacher_phone": first.phone if first else "",
    }


def leave_taken(pupil: Pupil, at: datetime) -> str:
    """The days on leave and sick in this school year that the rolls know, in words."""
    today = local_date(at)
    rows = Absence.objects.filter(pupil=pupil, day__gte=school_year(today), day__lte=today)
    count = Counter(rows.filter(mark__in=(Mark.SICK, Mark.LEAVE)).values_list("mark", flat=True))
    said = [
        gettext("%(what)s: %(days)s") % {"what": Mark(mark).label, "days": days}
        for mark, days in sorted(count.items())
    ]
    return "；".join(said) or gettext("none")


def days_in_class(case: Case, at: datetime) -> str:
    """School days in class of those since the return up to today, in words (domain.md 4.1, P16 and P32)."""
    days, missed = attendance_since(case, at)
    return gettext("%(present)s of %(days)s") % {"present": days - missed, "days": days}


def attendance_since(case: Case, at: datetime) -> tuple[int, int]:
    """School days since the return up to today, and how many of them were missed without leave."""
    assert case.returned_at is not None
    first, today = local_date(case.returned_at), local_date(at)
    missed = Absence.objects.filter(
        pupil=case.pupil, mark=Mark.ABSENT, day__gte=first, day__lte=today
    )
    return len(school_days(case.school, first, today)), missed.count()
