"""Lists that an office signs, counted from the cases: returns (P08), children not in education (P33), visits owed and done (P34)."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from casework.cases.facts.common import Values
from casework.cases.facts.spelling import spoken_reason
from casework.cases.kinds import CAUSES_APART, Stage
from casework.cases.models import Case
from casework.cases.visits import quota
from casework.core.clock import local_date, local_moment
from casework.deadlines.days import term_of
from casework.org.models import Unit, UnitKind, User
from casework.registers.known import of_office
from casework.registers.places import Place


def _cases_of(unit: Unit) -> QuerySet[Case]:
    """Cases of the children who live in a village, or in the villages of a township; none that was struck out."""
    rows = Case.objects.exclude(stage=Stage.CANCELLED).filter(village__path__startswith=unit.path)
    found: QuerySet[Case] = rows.select_related("pupil", "school", "class_unit", "village")
    return found.order_by("village__name", "pupil__name", "pk")


def return_list(place: Place, by: User, at: datetime) -> Values:
    """P08: whoever was out when the term began or left since, by village; who is back, and who is not."""
    first = _term_begin(place.unit, at)
    away = Q(returned_at=None) | Q(returned_at__gte=local_moment(first))
    still_open = Q(closed_at=None) | Q(closed_at__gte=local_moment(first))
    cases = list(_cases_of(place.unit).filter(away & still_open, opened_at__lte=at))
    return {
        **of_office(place, by, at),
        "since": first,
        "villages": _by_village(place.unit, cases),
        "children": [_returned(case) for case in cases],
    }


def _term_begin(unit: Unit, at: datetime) -> date:
    term = term_of(unit, local_date(at))
    return term.first if term else local_date(at)


def _is_back(case: Case) -> bool:
    return case.returned_at is not None or not case.is_open


def _by_village(unit: Unit, cases: list[Case]) -> list[Values]:
    """Each village of the township, one without any dropout too."""
    villages = Unit.objects.filter(path__startswith=unit.path, kind=UnitKind.VILLAGE)
    names = villages.order_by("name").values_list("name", flat=True)
    counted: dict[str, list[int]] = {name: [0, 0, 0] for name in names}
    for case in cases:
        numbers = counted.setdefault(case.village.name if case.village else "—", [0, 0, 0])
        numbers[0] += 1
        numbers[1 if _is_back(case) else 2] += 1
    return [
        {"village": name, "out": str(out), "back": str(back), "still": str(still)}
        for name, (out, back, still) in counted.items()
    ]


def _returned(case: Case) -> Values:
    return {
        "village": case.village.name if case.village else "—",
        "name": case.pupil.name,
        "school": f"{case.school.name}{case.class_unit.name if case.class_unit else ''}",
        "state": _state(case),
        "since": local_date(case.returned_at) if case.returned_at else None,
    }


def _state(case: Case) -> str:
    if case.returned_at:
        return gettext("back")
    return gettext("still out") if case.is_open else gettext("closed otherwise")


def village_list(place: Place, by: User, at: datetime) -> Values:
    """P33: the children of a village who are not at school now; a cause of the restricted compartment is not told."""
    rows = _cases_of(place.unit).filter(closed_at=None, returned_at=None)
    cases = rows.prefetch_related("pupil__guardians").annotate(
        talks=Count("visits", filter=Q(visits__struck=False))
    )
    said = of_office(place, by, at)
    return {**said, "phone": by.phone, "children": [_out(case) for case in cases]}


def _out(case: Any) -> Values:
    guardians = sorted(case.pupil.guardians.all(), key=lambda each: each.rank)
    told = case.reason and case.reason not in CAUSES_APART
    return {
        "hamlet": case.pupil.address,
        "name": case.pupil.name,
        "born": case.pupil.born,
        "householder": guardians[0].name if guardians else "",
        "reason": spoken_reason(case.reason) if told else "—",
        "visits": str(case.talks),
        "remark": str(case.get_stage_display()),
    }


def visit_tasks(place: Place, by: User, at: datetime) -> Values:
    """P34A: what each class teacher owes in the term, and what is done (domain.md D2)."""
    owed, teachers = quota(place.unit, at)
    rows = [(teacher.display_name, teacher.done) for teacher in teachers]  # type: ignore[attr-defined]
    term = term_of(place.unit, local_date(at))
    return {
        **of_office(place, by, at),
        "phone": by.phone,
        "term": term.code if term else "—",
        "quota": str(owed),
        "total": str(sum(done for _name, done in rows)),
        "teachers": [
            {"name": name, "owed": str(owed), "done": str(done), "gap": str(max(owed - done, 0))}
            for name, done in rows
        ],
    }
