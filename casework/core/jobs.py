"""Work for later: a job is a dotted name and integer ids, run at least once after the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

_held_back: ContextVar[bool] = ContextVar("held_back", default=False)


@contextmanager
def held_back() -> Iterator[None]:
    """Within the block nothing is queued: for a bulk of acts whose jobs one sweep does together afterwards."""
    token = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(token)


def enqueue(job: str, *ids: int) -> None:
    """Queue `job` (dotted path of an idempotent function of integer ids) once the transaction has committed."""
    if not all(type(each) is int for each in ids):
        raise TypeError("job arguments are ids: no child's data in the queue")
    if not _held_back.get():
        transaction.on_commit(lambda: _send(job, ids))


def _send(job: str, ids: tuple[int, ...]) -> None:
    if settings.JOBS == "now":
        import_string(job)(*ids)
    elif settings.JOBS == "queue":
        from django_q.tasks import async_task

        async_task(job, *ids)
