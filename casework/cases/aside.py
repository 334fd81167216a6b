"""A sweep goes on past what cannot be done."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.core.exceptions import ObjectDoesNotExist

from casework.core.errors import DomainError
from casework.core.fsm import TransitionNotAllowed

log = structlog.get_logger(__name__)


@contextmanager
def set_aside(kind: str, pk: int) -> Iterator[None]:
    """One bad row is logged and set aside; the sweep goes on with the others (conventions, jobs): refused, damaged or its parts missing."""
    try:
        yield
    except (DomainError, TransitionNotAllowed, ObjectDoesNotExist):
        log.exception("sweep.row_set_aside", kind=kind, id=pk)
