"""The school rehearses an inspection, five doors drawn by a number that somebody named; and an inspector is let in."""

from datetime import datetime

from casework.cases.models import Case
from casework.core import clock
from casework.core.clock import local_date, moved_to
from casework.evidence.inspections import LONGEST, open_inspection
from casework.evidence.models import CheckKind, Result
from casework.evidence.rehearsals import Said, enter_results, rehearse
from casework.org.demo import PASSWORD
from casework.org.models import Unit, User
from casework.org.people import set_password

DOORS, KNOCKED_AT, SHOWN = 5, 3, 3


def rehearse_once(at: datetime) -> None:
    """Draw and enter what was found at the first doors."""
    officer, school = User.objects.get(username="officer"), Unit.objects.get(name="青石镇中学")
    with moved_to(at):
        drawn = rehearse(
            school, CheckKind.DOOR, DOORS, "20261120", "校内自查组", "迎检演练", by=officer, at=at
        )
        rows = drawn.rows.order_by("serial")[:KNOCKED_AT]
        said = {row.pk: Said(Result.AGREES, "家长在家，说法一致") for row in rows}
        enter_results(drawn, said, by=officer, at=at)


def let_inspector_in() -> None:
    """From the day on which the demo is loaded: an account that is over would show nothing. He signs in as the demo's people do."""
    at, school = clock.now(), Unit.objects.get(name="青石镇中学")
    cases = Case.objects.filter(school=school).order_by("number")[:SHOWN]
    visit, _code = open_inspection(
        unit=school, name="何明远", office="示范市督导组", reason="控辍保学专项检查", until=local_date(at) + LONGEST,
        numbers=" ".join(case.number for case in cases), by=User.objects.get(username="officer"), at=at,
    )  # fmt: skip
    visit.inspector.username = "inspector"
    visit.inspector.save(update_fields=["username"])
    set_password(user=visit.inspector, password=PASSWORD, at=at)
