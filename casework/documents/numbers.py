"""The numbers of papers: one row of them an office, kind and year, without gaps; what is not given here is noted (domain.md 4.0)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.rows import locked, update_many
from casework.core.transaction import one_act
from casework.documents.models import NumberCounter, NumberNote
from casework.documents.papers.register import PAPERS
from casework.org.models import Unit, User

MOST_AT_ONCE = 5000


def key_of(unit: Unit, kind: str, year: int) -> str:
    """The row of numbers that a paper of this kind takes its own from."""
    return f"{unit.pk}:{kind}:{year}"


def tail_of(kind: str, year: int, sequence: int) -> str:
    """What stands in a number after the name of the office."""
    return f"{PAPERS[kind].mark or f'控辍{kind}'}〔{year}〕{sequence}号"


def take_next(unit: Unit, kind: str, year: int) -> int:
    """The next number, its row locked to the end of the transaction."""
    counter = counter_of(unit, kind, year)
    counter.last += 1
    update_many([counter], "last")
    return counter.last


def counter_of(unit: Unit, kind: str, year: int) -> NumberCounter:
    """The row, made where missing, locked."""
    key = key_of(unit, kind, year)
    found = locked(NumberCounter, [key])
    if not found:
        NumberCounter.objects.get_or_create(pk=key)
        found = locked(NumberCounter, [key])
    return found[0]


def pass_over(
    unit: Unit, kind: str, up_to: int, reason: str, *, by: User, at: datetime
) -> NumberNote:
    """The numbers of this year from the next one to `up_to` are not given here: used before this system, or void.

    DomainError without a reason, or where `up_to` was given already or lies too far ahead.
    """
    year = local_date(at).year
    if not reason.strip():
        raise DomainError(
            _("Say why these numbers are not given here."), fields={"reason": _("required")}
        )
    with one_act():
        counter = counter_of(unit, kind, year)
        if not counter.last < up_to <= counter.last + MOST_AT_ONCE:
            raise DomainError(
                _("The last number given is %(last)s: name a higher one, by at most %(most)s."),
                fields={"up_to": _("check the number")},
                last=counter.last,
                most=MOST_AT_ONCE,
            )
        note = NumberNote(
            key=counter.key, first=counter.last + 1, last=up_to, reason=reason.strip()[:200], by_name=by.display_name, at=at
        )  # fmt: skip
        note.save()
        counter.last = up_to
        update_many([counter], "last")
        trail.record(
            "numbers.passed_over",
            by=by,
            at=at,
            unit_id=unit.pk,
            subject=f"numbers:{counter.key}",
            first=note.first,
            last=note.last,
        )
    return note
