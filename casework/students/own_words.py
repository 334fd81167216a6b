"""What a school calls its columns and signs: said once on the page of an import, remembered for the next file (issue: a mapping that remembers)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Unit, User
from casework.students.models import OwnWord

SIGNS = (
    "出勤",
    "旷课",
    "病假",
    "事假",
    "迟到",
    "早退",
    "半天旷课",
)  # what a sign may mean; two signs may mean the same
MOST = 200
_WORDS: ContextVar[Mapping[str, str] | None] = ContextVar("own words", default=None)


def as_known(said: str) -> str:
    """A header or sign in the word that the readers know; itself where nobody said another."""
    return (_WORDS.get() or {}).get(said, said)


@contextmanager
def in_words_of(unit: Unit, kind: str) -> Iterator[None]:
    """While a file of this unit and kind is read, its own words count, and those of the units above it."""
    rows = OwnWord.objects.filter(unit__path__in=unit.paths_up(), kind=kind).order_by("unit__depth")
    token = _WORDS.set(dict(rows.values_list("said", "means")))
    try:
        yield
    finally:
        _WORDS.reset(token)


def remember(
    unit: Unit,
    kind: str,
    words: Mapping[str, str],
    asked: Mapping[str, Sequence[str]],
    *,
    by: User,
    at: datetime,
) -> int:
    """Keep what words of a unit mean; how many. `asked` says what each may mean. DomainError: another meaning, two columns of one meaning, or too many words."""
    said = {key: means for key, means in words.items() if means}
    if any(means not in asked.get(key, ()) for key, means in said.items()):
        raise DomainError(_("Choose one of the words of the list."))
    columns = [means for means in said.values() if means not in SIGNS]
    if len(set(columns)) < len(columns):
        raise DomainError(_("Two columns cannot be the same: choose each once."))
    if OwnWord.objects.filter(unit=unit).count() + len(said) > MOST:
        raise DomainError(_("These are too many words: delete some first."))
    with one_act():
        for key, means in said.items():
            defaults = {"means": means, "by": by, "at": at}
            OwnWord.objects.update_or_create(unit=unit, kind=kind, said=key, defaults=defaults)
        trail.record(
            "words.remembered", by=by, at=at, unit_id=unit.pk, subject=f"unit:{unit.pk}", words=len(said)
        )  # fmt: skip
    return len(said)


def forget(unit: Unit, pk: int, *, by: User, at: datetime) -> None:
    """A word counts no more. DomainError: there is none."""
    with one_act():
        if not OwnWord.objects.filter(unit=unit, pk=pk).delete()[0]:
            raise DomainError(_("This word was deleted already."))
        trail.record("words.forgotten", by=by, at=at, unit_id=unit.pk, subject=f"unit:{unit.pk}")
