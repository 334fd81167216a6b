"""A child that a comparison leaves open becomes a finding, once, and is explained by it."""

from datetime import datetime

from casework.core.transaction import one_act
from casework.detection.by_hand import add_suspicion
from casework.detection.models import Finding
from casework.org.models import Unit, User
from casework.students.differences import explain
from casework.students.models import Explained, ListRow, OtherList, Pupil

RULE = "compared"


def suspect_row(row: ListRow, school: Unit, note: str, *, by: User, at: datetime) -> Finding:
    """Note a child of a list that is on no roll; `school` sees to it. DomainError as from `add_suspicion`."""
    child = {
        "name": row.name,
        "sex": row.sex,
        "born": row.born.isoformat() if row.born else "",
        "address": row.address,
        "guardian": row.guardian or row.householder,
        "id_number": row.id_number,
        "phone": row.phone,
    }
    with one_act():
        found = add_suspicion(
            pupil=None,
            child={key: said for key, said in child.items() if said},
            unit=school,
            reason_text=_words(row.other_list, note),
            by=by,
            at=at,
            rule=RULE,
        )
        explain(row.other_list, row=row, reason=Explained.SUSPECTED, note=note, by=by, at=at)
    return found


def suspect_pupil(
    pupil: Pupil, other: OtherList, school: Unit, note: str, *, by: User, at: datetime
) -> Finding:
    """Note a pupil of a roll whom a list that names everybody does not name."""
    with one_act():
        found = add_suspicion(
            pupil=pupil,
            child={},
            unit=school,
            reason_text=_words(other, note),
            by=by,
            at=at,
            rule=RULE,
        )
        explain(other, pupil=pupil, reason=Explained.SUSPECTED, note=note, by=by, at=at)
    return found


def _words(other: OtherList, note: str) -> str:
    return f"{other.get_kind_display()} {other.unit.name}: {note.strip() or '—'}"
