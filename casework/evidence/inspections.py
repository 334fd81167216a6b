"""Outside inspectors: an account through a day, for chosen cases, read-only; at its end a note of every look (domain.md 3.3, features 96)."""

import re
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.audit.models import Look
from casework.cases.access import may_take_evidence
from casework.cases.models import Case
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.anchors import make_anchor
from casework.documents.glyphs import cleaned
from casework.evidence.casefile import ROW
from casework.evidence.models import Chosen, Inspection
from casework.evidence.scope import units_for
from casework.org.models import Unit, User
from casework.org.people import add_person, give_code, set_active
from casework.profiles.rules import section

LONGEST = timedelta(days=30)
BETWEEN = re.compile(r"[\s,，;；、]+")


def in_reach(user: User) -> QuerySet[Inspection]:
    """The inspections of the units of which a person may take evidence."""
    rows = Inspection.objects.filter(unit__in=units_for(user).values("pk"))
    found: QuerySet[Inspection] = rows.select_related("unit", "inspector")
    return found


def cases_for(inspector: User) -> QuerySet[Case]:
    """What an inspector may see, by number: the chosen cases of a visit that has not ended; nothing for anybody else."""
    found: QuerySet[Case] = Case.objects.filter(
        pk__in=Chosen.objects.filter(
            inspection__inspector=inspector, inspection__closed_at=None
        ).values("case")
    )
    return found.select_related(*ROW).order_by("number")


def under_inspection() -> QuerySet[Any, Any]:
    """The ids of cases that an inspector may still see: their papers are not destroyed meanwhile."""
    return Chosen.objects.filter(inspection__closed_at=None).values("case")


def open_inspection(
    *,
    unit: Unit,
    name: str,
    office: str,
    reason: str,
    until: date,
    numbers: str,
    by: User,
    at: datetime,
) -> tuple[Inspection, str]:
    """Give the inspector `name`, sent by `office`, an account through the day `until` for the cases of these numbers.

    Returns the inspection and the one-time code of the first sign-in, which is shown once. DomainError: a day that has
    passed or is more than 30 days away, no case, or one out of the reach of whoever opens it.
    """
    today = local_date(at)
    if not today <= until <= today + LONGEST:
        raise DomainError(
            _("The account ends today or within 30 days."), fields={"until": _("check the day")}
        )
    cases = _named(numbers, unit, by)
    with one_act():
        inspector = add_person(
            username=f"jc{secrets.randbelow(10**8):08d}",
            display_name=cleaned(name).strip()[:40],
            visits_until=until,
            by=by,
            at=at,
        )
        inspection = Inspection.objects.create(
            unit=unit,
            inspector=inspector,
            office=cleaned(office).strip()[:120],
            reason=cleaned(reason).strip()[:200],
            by_name=by.display_name,
            at=at,
        )
        code = give_code(user=inspector, by=by, at=at)
        trail.record("inspection.opened", **_of(inspection), by=by, at=at, until=until.isoformat())
        _choose(inspection, cases, by=by, at=at)
    return inspection, code


def choose_more(inspection: Inspection, numbers: str, *, by: User, at: datetime) -> None:
    """More cases for a visit that runs. DomainError as `open_inspection`, and when it has ended."""
    cases = _named(numbers, inspection.unit, by)
    with one_act():
        row = Inspection.objects.select_for_update().get(pk=inspection.pk)
        if row.closed_at:
            raise DomainError(_("This inspection has ended."))
        known = set(row.chosen.values_list("case", flat=True))
        more = [case for case in cases if case.pk not in known]
        if not more:
            raise DomainError(_("These cases are chosen already."))
        _choose(row, more, by=by, at=at)


def close_inspection(inspection: Inspection, *, by: User, at: datetime) -> None:
    """End a visit: the account is closed, then an anchor is taken over all looks. DomainError when it has ended."""
    with one_act():
        running = Inspection.objects.filter(pk=inspection.pk, closed_at=None)
        if not running.update(closed_at=at, closed_by=by.display_name):
            raise DomainError(_("This inspection has ended."))
        set_active(user=inspection.inspector, active=False, by=by, at=at)
        trail.record("inspection.closed", **_of(inspection), by=by, at=at)
    Inspection.objects.filter(pk=inspection.pk).update(anchor=make_anchor(at=at).root)


def looks_of(inspection: Inspection) -> QuerySet[Look]:
    """Every look of the inspector, in order: what kind of page, the ids of cases, the paper's number."""
    rows = Look.objects.filter(actor_id=inspection.inspector_id, at__gte=inspection.at)
    if inspection.closed_at:
        rows = rows.filter(at__lte=inspection.closed_at)
    found: QuerySet[Look] = rows.order_by("pk")
    return found


def _named(numbers: str, unit: Unit, by: User) -> list[Case]:
    """The cases of these numbers at the schools of `unit`. DomainError naming those that are not there or not in reach."""
    said = list(dict.fromkeys(each.upper() for each in BETWEEN.split(numbers) if each))
    rows = Case.objects.visible_to(by).filter(number__in=said).select_related("school")
    found = {
        case.number: case
        for case in rows
        if unit.holds(case.school) and may_take_evidence(by, case.school)
    }
    if lost := [number for number in said if number not in found]:
        raise DomainError(
            _("There is no such case of this unit in your reach: %(numbers)s."),
            fields={"numbers": _("check the numbers")},
            numbers=" ".join(lost[:5]),
        )
    if not found:
        raise DomainError(_("Choose at least one case."), fields={"numbers": _("required")})
    return list(found.values())


def _choose(inspection: Inspection, cases: list[Case], *, by: User, at: datetime) -> None:
    """No more cases than an evidence file may have without a second person."""
    most = section(inspection.unit, "exports", at)["approve_above"]
    if inspection.chosen.count() + len(cases) > most:
        raise DomainError(
            _(
                "An inspector sees at most %(most)s cases here: for more make an evidence file, to which a second person agrees."
            ),
            most=most,
            fields={"numbers": _("too many")},
        )
    for case in cases:
        Chosen.objects.create(inspection=inspection, case=case, by_name=by.display_name, at=at)
        trail.record(
            "inspection.case_chosen", by=by, at=at, case_id=case.pk,
            subject=f"inspection:{inspection.pk}", office=inspection.office,
        )  # fmt: skip


def _of(inspection: Inspection) -> dict[str, Any]:
    return {"unit_id": inspection.unit_id, "subject": f"inspection:{inspection.pk}"}
