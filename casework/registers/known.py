"""What is known already when a paper is written by hand: never asked again, or only proposed for a change of words."""

from datetime import date, datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casework.cases.facts.common import Values, block, class_teacher_of, with_post, work_done
from casework.cases.facts.spelling import joined, measures, sentence, written
from casework.cases.models import Case
from casework.cases.truancy import rung_owed
from casework.core.clock import local_date, school_year
from casework.core.errors import DomainError
from casework.org.models import Post, Unit, User
from casework.org.roles import Role
from casework.registers.places import Place
from casework.students.models import UNEXCUSED, Absence, Mark, Pupil

DAYS_NAMED = 12


def _of_pupil(place: Place, by: User) -> Values:
    """What stands on every paper about a child."""
    return {
        "pupil": block(pupil_at(place), place.unit),
        "recorded_by": with_post(by),
        "case_no": place.case.number if place.case else "",
    }


def pupil_at(place: Place) -> Pupil:
    assert place.pupil is not None
    return place.pupil


def case_at(place: Place) -> Case:
    assert place.case is not None
    return place.case


def of_office(place: Place, by: User, at: datetime) -> Values:
    """What stands on every list of an office."""
    return {"recorded_by": with_post(by), "filler": by.display_name, "as_of": local_date(at)}


def _to_guardian(place: Place, by: User) -> Values:
    """A letter to the family: whom it addresses and names, whom to call."""
    said = _of_pupil(place, by)
    child = said["pupil"] | {"groups": []}  # the family's copy names no group
    return {
        **said,
        "pupil": child,
        "addressees": [child["guardian"] or gettext("guardian of %(name)s") % child],
        "child": f"{child['class_name']}{child['name']}",
        "contact": with_post(by),
        "contact_phone": by.phone,
    }


def parent_notice(place: Place, by: User, at: datetime) -> Values:
    """P03: the days missed without leave in this school year, whole and in part. A pupil without any, and without case: DomainError."""
    rows = Absence.objects.filter(pupil=pupil_at(place), mark__in=UNEXCUSED)
    within = rows.filter(day__gte=school_year(local_date(at)), day__lte=local_date(at))
    days = list(within.order_by("-day").values_list("day", "mark"))
    whole = [day for day, mark in days if mark == Mark.ABSENT]
    part = [day for day, mark in days if mark == Mark.HALF]
    missed = [words for words in (_missed(whole), _missed_in_part(part)) if words]
    return {
        **_to_guardian(place, by),
        "absent": sentence("；".join(missed) or _open_since(place)),
    }


def _missed(days: list[date]) -> str:
    words = ngettext(
        "%(n)s school day missed without leave, last on %(days)s",
        "%(n)s school days missed without leave, last on %(days)s",
        len(days),
    )
    return words % {"n": len(days), "days": _named(days)} if days else ""


def _missed_in_part(days: list[date]) -> str:
    words = gettext("missed in part without leave: %(days)s")
    return words % {"days": _named(days)} if days else ""


def _named(days: list[date]) -> str:
    return "、".join(written(day) for day in days[:DAYS_NAMED][::-1])


def _open_since(place: Place) -> str:
    if place.case is None:
        raise DomainError(
            _(
                "The rolls of this school year know no absence without leave: there is nothing to tell the parents."
            )
        )
    opened = local_date(place.case.opened_at)
    return gettext("not at school, the case was opened on %(day)s") % {"day": written(opened)}


def persuasion_letter(place: Place, by: User, at: datetime) -> Values:
    """P10: facts and help are proposed, to be put in the writer's words."""
    case = case_at(place)
    done = len(work_done(case))
    facts = ngettext(
        "not at school since %(day)s, spoken to %(n)s time",
        "not at school since %(day)s, spoken to %(n)s times",
        done,
    )
    return {
        **_to_guardian(place, by),
        "report_to": place.unit.name,
        "facts": sentence(facts % {"day": written(local_date(case.opened_at)), "n": done}),
        "help": sentence(measures(case.measures, "")) if case.measures else "",
    }


def statement(place: Place, by: User, at: datetime) -> Values:
    """P07: all visits and talks so far."""
    case = case_at(place)
    last = case.contacts.order_by("began", "pk").last()
    return {
        **_of_pupil(place, by),
        "reasons": [case.reason] if case.reason else [],
        "work_done": work_done(case),
        "attitude": str(last.answers.get("guardian_opinion", "")) if last else "",
    }


def special_state(place: Place, by: User, at: datetime) -> Values:
    """P20: the class teacher; the proof that the approved branch named is proposed."""
    case = case_at(place)
    branch = (
        case.matters.exclude(decided_at=None).filter(facts__has_key="proof").order_by("pk").last()
    )
    said = branch.facts if branch else {}
    return {
        **_of_pupil(place, by),
        **class_teacher_of(case, at),
        "state": said.get("reason", ""),
        "evidence": joined(said.get("proof"), said.get("proof_number"), said.get("proof_by")),
    }


def talk(place: Place, by: User, at: datetime) -> Values:
    """P24; the step of the ladder that is owed is proposed."""
    said = {**_of_pupil(place, by), "talker": by.display_name, "held_on": local_date(at)}
    rung = rung_owed(pupil_at(place), at)
    return said | ({"rung": rung} if rung else {})


def minutes(place: Place, by: User, at: datetime) -> Values:
    """P25B."""
    return {"recorded_by": with_post(by), "recorder": by.display_name, "held_on": local_date(at)}


def publicity(place: Place, by: User, at: datetime) -> Values:
    """P34B."""
    return {"recorded_by": with_post(by), "organiser": by.display_name, "held_on": local_date(at)}


def responsibility(place: Place, by: User, at: datetime) -> Values:
    """P26: the office is the first party; a school year is the period."""
    first = school_year(local_date(at))
    last = date(first.year + 1, 8, 31)
    return {
        "recorded_by": with_post(by),
        "party_a": place.unit.formal_name,
        "head_a": _head_of(place.unit, at),
        "starts": first,
        "ends": last,
        "year": f"{first.year}-{last.year}",
    }


def _head_of(unit: Unit, at: datetime) -> str:
    """The principal or leader of an office, where one has the post."""
    heads = Post.objects.held_on(local_date(at)).filter(
        unit=unit, role__in=[Role.PRINCIPAL, Role.TOWNSHIP_LEADER]
    )
    first = heads.select_related("user").order_by("pk").first()
    return first.user.display_name if first else ""
