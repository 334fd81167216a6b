"""The outermost transaction: all writes of one act, with what must be written last (the audit) at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction

Flush = Callable[[list[Any]], None]
_gathered: ContextVar[list[tuple[Flush, Any]] | None] = ContextVar("gathered", default=None)


@contextmanager
def one_act(*, alone: bool = True) -> Iterator[None]:
    """A service runs in here. Nested acts join the outermost; its end writes what was gathered, then commits.

    A nested act that fails takes back what it gathered, as the savepoint takes back what it wrote. One that is not
    `alone` needs none: its failure is that of the whole act.
    """
    gathered = _gathered.get()
    if gathered is None:
        yield from _outermost()
        return
    before = len(gathered)
    try:
        with transaction.atomic(savepoint=alone):
            yield
    except BaseException:
        del gathered[before:]
        raise


def _outermost() -> Iterator[None]:
    gathered: list[tuple[Flush, Any]] = []
    token = _gathered.set(gathered)
    try:
        with transaction.atomic():
            yield
            for flush in dict.fromkeys(flush for flush, _ in gathered):
                flush([item for each, item in gathered if each is flush])
    finally:
        _gathered.reset(token)


def gather(item: object, flush: Flush) -> None:
    """Hand `item` to `flush` (with all others of this act) as the last thing before the commit."""
    gathered = _gathered.get()
    if gathered is None:
        raise RuntimeError("a write outside one_act()")
    gathered.append((flush, item))
