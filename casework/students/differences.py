"""What people say about a comparison: the same child or not, and why a difference is none; each word can be taken back."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User
from casework.students.compare import match_again
from casework.students.models import (
    Explained,
    Explanation,
    How,
    ListRow,
    OtherList,
    Pupil,
    SamePerson,
)


def say_same(row: ListRow, pupil: Pupil, *, same: bool | None, by: User, at: datetime) -> ListRow:
    """Say whether a row and a pupil are one child; None takes the last word back. The row is matched anew at once.

    DomainError: nothing was asked of these two, or the pupil is another row's already.
    """
    with one_act():
        row = (
            ListRow.objects.select_for_update(of=("self",))
            .select_related("other_list__unit")
            .get(pk=row.pk)
        )
        unit = row.other_list.unit
        said = SamePerson.objects.filter(key=row.key, pupil=pupil, unit=unit).order_by("pk").last()
        if pupil.pk not in row.possible and not (said and said.same is not None):
            raise DomainError(_("Nobody asks whether these two are the same any more."))
        others = row.other_list.rows.filter(pupil=pupil).exclude(pk=row.pk)
        if same and others.exists():
            raise DomainError(_("This pupil is another row's of the list already."))
        SamePerson(unit=unit, key=row.key, pupil=pupil, same=same, by=by, at=at).save()
        match_again(row, at)
        _note("list.same_person", row.other_list, by, at, same="" if same is None else int(same))
    return row


def explain(
    other: OtherList,
    *,
    row: ListRow | None = None,
    pupil: Pupil | None = None,
    reason: str,
    note: str,
    by: User,
    at: datetime,
) -> Explanation:
    """Say why a child on the list (`row`) is on no roll, or one on the roll (`pupil`) not on the list; an empty reason takes it back.

    DomainError for an unknown reason, or one that needs words and has none.
    """
    if reason and reason not in Explained.values:
        raise DomainError(_("Choose one of the reasons."), fields={"reason": _("required")})
    if reason in (Explained.ELSEWHERE, Explained.SPECIAL) and not note.strip():
        raise DomainError(
            _("Say where the child is taught and what proves it."), fields={"note": _("required")}
        )
    if row is not None and row.how not in (How.NONE, How.ASK):
        raise DomainError(_("This row has its pupil: there is nothing to explain."))
    with one_act():
        said = Explanation(
            unit=other.unit,
            kind=other.kind,
            key=row.key if row else "",
            pupil=pupil,
            reason=reason,
            note=note.strip(),
            by=by,
            at=at,
        )
        said.save()
        _note("list.explained", other, by, at, reason=reason)
    return said


def _note(verb: str, other: OtherList, by: User, at: datetime, **facts: Any) -> None:
    trail.record(verb, by=by, at=at, unit_id=other.unit_id, subject=f"list:{other.pk}", **facts)
