"""A child that a comparison leaves open becomes a finding, once, and is explained by it."""

from datetime import datetime
from typing import Any

from casework.core.clock import local_date
from casework.core.transaction import one_act
from casework.detection.by_hand import add_suspicion, known_by_number
from casework.detection.models import Finding
from casework.org.models import Unit, User
from casework.students.differences import explain
from casework.students.models import Enrolment, Explained, ListRow, OtherList, Pupil

RULE = "compared"


def suspect_row(row: ListRow, school: Unit, note: str, *, by: User, at: datetime) -> Finding:
    """Note a child of a list that is on no roll; `school` sees to it. DomainError as from `add_suspicion`."""
    pupil = known_by_number(row.id_number)
    child = {
        "name": row.name,
        "sex": row.sex,
        "born": row.born.isoformat() if row.born else "",
        "address": row.address,
        "guardian": row.guardian or row.householder,
        "id_number": row.id_number,
        "phone": row.phone,
    }
    said = {} if pupil else {key: words for key, words in child.items() if words}
    with one_act():
        found = _note(row.other_list, "list", pupil, said, school, note, by, at)
        explain(row.other_list, row=row, reason=Explained.SUSPECTED, note=note, by=by, at=at)
    return found


def suspect_pupil(pupil: Pupil, other: OtherList, note: str, *, by: User, at: datetime) -> Finding:
    """Note a pupil of a roll whom a list that names everybody does not name; its own school sees to it."""
    here = Enrolment.objects.running_on(local_date(at)).select_related("school").get(pupil=pupil)
    with one_act():
        found = _note(other, "roll", pupil, {}, here.school, note, by, at)
        explain(other, pupil=pupil, reason=Explained.SUSPECTED, note=note, by=by, at=at)
    return found


def _note(
    other: OtherList, side: str, pupil: Pupil | None, child: dict[str, Any], school: Unit, note: str, by: User, at: datetime
) -> Finding:  # fmt: skip
    facts = {"list": str(other.kind), "of": other.unit.name, "side": side}
    return add_suspicion(
        pupil=pupil,
        child=child,
        unit=school,
        reason_text=note,
        by=by,
        at=at,
        rule=RULE,
        facts=facts,
    )
