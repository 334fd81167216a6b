"""Writing a paper by hand: what was typed and what is known become a frozen record in one act."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.cases.hands import hands_in, signed_by
from casework.cases.models import Case
from casework.cases.without_case import issue_outside
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org.models import User
from casework.registers.forms import values_of
from casework.registers.places import Of, Place, Unreachable, place_for
from casework.registers.sheets import Sheet


def write(sheet: Sheet, place: Place, typed: dict[str, Any], *, by: User, at: datetime) -> Document:
    """Issue the paper; `typed` are the cleaned answers of its form. DomainError: a wrong day, or the case was closed meanwhile."""
    values = values_of(sheet.paper, sheet.asked, typed)
    hands = hands_in(typed)
    _refuse_days(sheet, values, at)
    with one_act():
        _refuse_closed(place, by)
        return issue_outside(
            place.chain,
            sheet.code,
            lambda: signed_by(hands, sheet.code, {**sheet.known(place, by, at), **values}),
            unit=place.unit,
            subject=place.chain,
            by=by,
            at=at,
        )


def _refuse_closed(place: Place, by: User) -> None:
    """The case is locked and still open to this person."""
    if place.of != Of.CASE:
        return
    Case.objects.select_for_update().get(pk=place.pk)
    try:
        place_for(by, place.of, place.pk)
    except Unreachable as gone:
        raise DomainError(_("This case is closed.")) from gone


def _refuse_days(sheet: Sheet, values: dict[str, Any], at: datetime) -> None:
    today = local_date(at)
    late = {key: _("later than today") for key in sheet.past if values[key] > today}
    early = {key: _("before today") for key in sheet.ahead if values[key] < today}
    if late:
        raise DomainError(_("A day lies in the future."), fields=late)
    if values.get("starts") and values.get("ends") and values["ends"] < values["starts"]:
        early["ends"] = _("before the beginning")
        raise DomainError(_("It ends before it begins."), fields=early)
    if early:
        raise DomainError(_("The day has passed already."), fields=early)
