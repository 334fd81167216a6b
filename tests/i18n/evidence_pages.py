"""The pages of the evidence room: bundles in each state, what is missing, ledgers, rehearsals."""

from datetime import datetime
from typing import Any

from casework.audit import trail
from casework.cases.models import Case
from casework.core.clock import local_date
from casework.evidence.inspections import open_inspection
from casework.evidence.models import Inspection
from casework.org.people import set_password
from tests.world import World


def of_evidence(house: Any) -> list[Any]:
    """Who opens which of these pages with what, and the status, in the house of tests/i18n/pages.py."""
    w = house.world
    asked, refused, waiting, building, done, failed = (bundle.pk for bundle in house.bundles)
    visit = house.inspection
    return [
        ("evidence:bundles", w.officer, "/evidence/", None, 200),
        ("evidence:bundles wrong", w.officer, "/evidence/", {"reason": "核对"}, 409),
        ("evidence:bundle asked", w.officer, f"/evidence/{asked}/", None, 200),
        ("evidence:bundle refused", w.officer, f"/evidence/{refused}/", None, 200),
        ("evidence:bundles decide", w.principal, "/evidence/", None, 200),
        ("evidence:bundle waiting", w.officer, f"/evidence/{waiting}/", None, 200),
        ("evidence:bundle building", w.officer, f"/evidence/{building}/", None, 200),
        ("evidence:bundle done", w.officer, f"/evidence/{done}/", None, 200),
        ("evidence:bundle failed", w.officer, f"/evidence/{failed}/", None, 200),
        ("evidence:ledgers", w.officer, "/evidence/ledgers/", None, 200),
        ("evidence:rehearsals", w.officer, "/evidence/rehearsals/", None, 200),
        ("evidence:rehearsal", w.officer, f"/evidence/rehearsals/{house.rehearsal.pk}/", None, 200),
        ("evidence:inspections", w.officer, "/evidence/inspections/", None, 200),
        ("evidence:inspections wrong", w.officer, "/evidence/inspections/", {"name": "x"}, 422),
        ("evidence:inspections opened", w.officer, "/evidence/inspections/", _visit(house), 200),
        ("evidence:inspection", w.officer, f"/evidence/inspections/{visit.pk}/", None, 200),
        ("evidence:inspection wrong", w.officer, f"/evidence/inspections/{visit.pk}/", {"numbers": "1"}, 422),
        ("evidence:inspecting", visit.inspector, "/inspecting/", None, 200),
        ("evidence:inspected_case", visit.inspector, f"/inspecting/{house.talked.pk}/", None, 200),
        ("evidence:gaps", w.officer, f"/evidence/gaps/?unit={w.school.pk}", None, 200),
    ]  # fmt: skip


def _visit(house: Any) -> dict[str, object]:
    return {
        "unit": house.world.school.pk, "name": "何明", "office": "督导组", "reason": "检查",
        "until": local_date(house.at).isoformat(), "numbers": house.talked.number,
    }  # fmt: skip


def let_in(world: World, case: Case, at: datetime) -> Inspection:
    """An inspector with a password of his own, who has looked at the case."""
    made, _code = open_inspection(
        unit=world.school, name="何督学", office="督导组", reason="检查", until=local_date(at), numbers=case.number,
        by=world.officer, at=at,
    )  # fmt: skip
    set_password(user=made.inspector, password="look-around-2026", at=at)
    trail.look("inspected_case", [case.pk], by=made.inspector, at=at)
    return made
