"""A county made ready: unit, baseline rules, official calendar, assumed terms, first administrator."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.calendar import load_official
from casework.deadlines.models import Term
from casework.deadlines.terms import add_default_terms
from casework.org.models import Unit, UnitKind, User
from casework.org.people import add_person, give_post, set_password
from casework.org.roles import Role
from casework.org.units import add_unit
from casework.profiles.rules import baseline, publish


@dataclass(frozen=True)
class County:
    """What `make_county` made."""

    unit: Unit
    admin: User
    terms: list[Term]


def make_county(*, name: str, code: str, admin: str, password: str, at: datetime) -> County:
    """Everything a county needs before its lists come. A second county in the same database is refused."""
    if len(code) != 6 or not code.isdigit():
        raise DomainError(_("A county has an area code of six digits."))
    with one_act():
        unit = add_unit(parent=None, kind=UnitKind.COUNTY, name=name, code=code, by=None, at=at)
        publish(unit, baseline(), name=str(_("baseline rules")), valid_from=EVER, by=None, at=at)
        load_official(at=at, by=None)
        terms = add_default_terms(unit, at=at, by=None)
        user = add_person(username=admin, display_name=admin, by=None, at=at)
        give_post(user=user, unit=unit, role=Role.DATA_ADMIN, since=local_date(at), by=None, at=at)
        set_password(user=user, password=password, at=at)
    return County(unit, user, terms)


EVER = date(2000, 1, 1)  # the first profile holds for every day before it too
