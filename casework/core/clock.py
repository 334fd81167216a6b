"""The one place that asks what time it is; everything else is told by `at=`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
_moved: ContextVar[datetime | None] = ContextVar("moved_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; the moved one inside `moved_to`."""
    return _moved.get() or real_now()


def real_now() -> datetime:
    """The machine's time even under a moved clock: what a seal carries."""
    return datetime.now(UTC)


@contextmanager
def moved_to(at: datetime) -> Iterator[None]:
    """Within the block it is `at` (aware). For the demo county and for tests."""
    token = _moved.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _moved.reset(token)


def local_date(at: datetime) -> date:
    """The day of `at` where the work is done."""
    return at.astimezone(LOCAL).date()


def local_moment(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """That local day at that local time, as an aware moment."""
    return datetime.combine(day, time(hour, minute), LOCAL)


def day_in(text: str) -> date | None:
    """The day of a text like 2026-11-20; None where it is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def moment_in(text: str) -> datetime | None:
    """The moment of a text: a day like 2026-11-20 is its last moment, a local time like 2026-11-20T09:30 that one; None for anything else."""
    day = day_in(text)
    try:
        found = last_moment(day) if day else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    if not 2000 <= found.year < 2100:  # no calendar reaches farther
        return None
    return found if found.tzinfo else found.replace(tzinfo=LOCAL)


def last_moment(day: date) -> datetime:
    """The last moment that still belongs to that local day."""
    return end_of(day) - timedelta.resolution


def end_of(day: date) -> datetime:
    """24:00 of that local day."""
    return local_moment(day + timedelta(days=1))


def school_year(today: date) -> date:
    """1 September of the school year (domain.md 5.3)."""
    return date(today.year if today.month >= 9 else today.year - 1, 9, 1)
