"""Telling people. A notice is written in the transaction of what it tells, once per key (REL-13)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from casework.notices.models import Notice
from casework.org.models import User


def tell(
    users: Iterable[User], code: str, *, key: str, at: datetime, link: str = "", **facts: Any
) -> int:
    """Write one notice a person; the same key a second time changes nothing. Returns how many were asked for."""
    rows = [Notice(user=user, at=at, code=code, key=key, link=link, facts=facts) for user in users]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def read_one(key: str, *, at: datetime) -> None:
    """Mark what a key told as read: it is true no more."""
    Notice.objects.filter(key=key, read_at=None).update(read_at=at)


def read_all(user: User, *, at: datetime) -> None:
    """Mark every notice of a person as read."""
    Notice.objects.filter(user=user, read_at=None).update(read_at=at)
