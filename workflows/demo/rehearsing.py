"""The school rehearses an inspection: five doors drawn by a number that somebody named, some of them knocked at."""

from datetime import datetime

from casework.core.clock import moved_to
from casework.evidence.models import CheckKind, Result
from casework.evidence.rehearsals import Said, enter_results, rehearse
from casework.org.models import Unit, User

DOORS, KNOCKED_AT = 5, 3


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
