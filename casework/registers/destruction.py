"""Papers whose time is over: how long each kind is kept say the rules; they go by a list that two persons sign (domain.md 7.4).

The years run from the end of the year in which the case was closed, or, of an office's paper, in which it was made.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.audit.models import Entry
from casework.cases.models import Case
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.destroying import FILE_DESTROYED, Gone, destroy, destroy_files
from casework.documents.glyphs import cleaned
from casework.documents.issue import OF_A_CASE
from casework.documents.models import Destroyed, DestroyedFile, Document
from casework.documents.papers.register import PAPERS
from casework.org.models import Latch, Unit, User
from casework.profiles.rules import section
from casework.registers.models import DestructionList, Listed
from casework.registers.with_papers import files_with

MOST = 500  # papers on a list: a person reads it
CHAINS = 400
LATCH = "destruction"  # one list at a time is made or signed: two could hold the same paper
NEEDED: list[Callable[[], QuerySet[Any]]] = []  # ids of cases that a room further right still needs
Due = tuple[Document, int]
Ended = dict[str, tuple[Unit, datetime | None]]


def schedule(unit: Unit, at: datetime) -> dict[str, int]:
    """The years that each kind of paper is kept: the most that the unit or one above it says; 0 for ever."""
    above = Unit.objects.filter(path__in=unit.paths_up())
    said = [section(each, "retention", at) for each in above]
    return {code: _most(each[code] for each in said) for code in PAPERS}


def _most(years: Iterable[int]) -> int:
    """For ever (0) is more than any number of years."""
    said = list(years)
    return max(said) if all(said) else 0


def due_papers(unit: Unit, *, at: datetime) -> list[Due]:
    """Sealed papers of the unit and of the cases of its schools whose time is over and that wait on no list, oldest first, each with its years; as many as a list takes."""
    waiting = Listed.objects.filter(on__decided_at=None).values("document")
    found = list(_over(unit, Document.objects.exclude(pk__in=waiting), at))
    return sorted(found, key=lambda each: (each[0].frozen_at, each[0].pk))[:MOST]


def files_of(papers: Iterable[Document], unit: Unit, *, at: datetime) -> list[Gone]:
    """The photos and files that go with papers of a unit's list, being of cases that keep nothing more but for ever."""
    terms = _Terms(at)

    def years_of(paper: Document) -> int:
        return terms.longest(paper.kind, [unit, paper.unit])

    return files_with(list(papers), _at_rest(unit), years_of, terms.past_all)


def _over(unit: Unit, among: QuerySet[Document], at: datetime) -> Iterator[Due]:
    """Those `among` some whose time is over by the rules of the unit, and of the school or office that each is of."""
    terms = _Terms(at)
    kinds: dict[int, list[str]] = defaultdict(list)
    for code, years in terms.of(unit).items():
        if years:
            kinds[years].append(code)
    for years, codes in kinds.items():
        before = terms.before(years)
        rows = among.filter(kind__in=codes, destroyed=None, file__isnull=False)
        rows = rows.filter(frozen_at__lt=before).select_related("file", "unit").defer("record")
        for ended in _ended(unit, before):
            yield from islice(terms.over(unit, rows.filter(chain__in=ended), ended), MOST)


class _Terms:
    """How long papers are kept by the rules of units as of `at`."""

    def __init__(self, at: datetime) -> None:
        self.at, self.found = at, dict[int, dict[str, int]]()

    def of(self, unit: Unit) -> dict[str, int]:
        if unit.pk not in self.found:
            self.found[unit.pk] = schedule(unit, self.at)
        return self.found[unit.pk]

    def longest(self, kind: str, units: Iterable[Unit]) -> int:
        """The most years that one of the units says."""
        return _most(self.of(unit)[kind] for unit in units)

    def before(self, years: int) -> datetime:
        """What ended, and what was made, before that moment was kept for so many full years."""
        return local_moment(date(local_date(self.at).year - years, 1, 1))

    def past_all(self, unit: Unit) -> datetime | None:
        """The same for the longest term of a unit that is not for ever; None where it has no such term."""
        years = max(self.of(unit).values())
        return self.before(years) if years else None

    def over(self, unit: Unit, rows: QuerySet[Document], ended: Ended) -> Iterator[Due]:
        """Those whose time is over also by the rules of their own school or office, oldest first."""
        for document in rows.order_by("frozen_at", "pk").iterator(CHAINS):
            school, closed_at = ended[document.chain]
            years = self.longest(document.kind, [unit, document.unit, school])
            latest = max(closed_at or document.frozen_at, document.frozen_at)
            if years and latest < self.before(years):
                yield document, years


def _ended(unit: Unit, before: datetime) -> Iterator[Ended]:
    """By chain whose school or office it is of and when it ended: the unit's own, and by some hundred those of cases closed before that moment.

    None of a child with a case that runs, at whatever school, and none that another room still needs.
    """
    yield {f"unit:{unit.pk}": (unit, None)}
    cases = _at_rest(unit).filter(closed_at__lt=before)
    keys = list(cases.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHAINS):
        some = cases.filter(pk__in=keys[start : start + CHAINS]).select_related("school")
        yield {f"{line}:{c.pk}": (c.school, c.closed_at) for c in some for line in OF_A_CASE}


def _at_rest(unit: Unit) -> QuerySet[Case]:
    """Closed cases of a unit's schools, of children without a case that runs, that no other room still needs."""
    running = Case.objects.open().values("pupil")
    rows = Case.objects.filter(school__path__startswith=unit.path, closed_at__isnull=False)
    cases: QuerySet[Case] = rows.exclude(pupil__in=running)
    for needed in NEEDED:
        cases = cases.exclude(pk__in=needed())
    return cases


def put_forward(unit: Unit, *, by: User, at: datetime) -> DestructionList:
    """A list of what is due. DomainError where nothing is, or a list of the unit waits already."""
    with one_act():
        Latch.hold(LATCH)
        if DestructionList.objects.filter(unit=unit, decided_at=None).exists():
            raise DomainError(_("A list of this unit waits for its second signature."))
        papers = due_papers(unit, at=at)
        if not papers and not files_of([], unit, at=at):
            raise DomainError(_("No paper of this unit is due to be destroyed."))
        basis = section(unit, "retention", at)["basis"][:300]
        made = DestructionList.objects.create(
            unit=unit, basis=basis, by=by, by_name=by.display_name, at=at
        )
        Listed.objects.bulk_create(
            Listed(on=made, document=document, years=years) for document, years in papers
        )
        _note(made, "destruction.put_forward", by=by, at=at, papers=len(papers))
    return made


def sign(listed: DestructionList, *, by: User, at: datetime) -> None:
    """The second signature: what is on the list is destroyed. DomainError for whoever put it forward, for one decided before, or where a paper is no longer due."""
    with one_act():
        row = _waiting(listed, by)
        papers = [each.document for each in _papers(row)]
        keys = [document.pk for document in papers]
        due = {
            document.pk
            for document, _y in _over(row.unit, Document.objects.filter(pk__in=keys), at)
        }
        if due != set(keys):
            raise DomainError(
                _("A paper of this list is no longer due: refuse it and make another.")
            )
        row.second, row.decided_by, row.decided_at = by, by.display_name, at
        row.save(update_fields=["second", "decided_by", "decided_at"])
        files = files_of(papers, row.unit, at=at)
        destroy_files(files, listed=row.ref, by=by, at=at)
        destroy(papers, listed=row.ref, first=row.by_name, second=by.display_name, by=by, at=at)
        _note(row, "destruction.signed", by=by, at=at, papers=len(papers), files=len(files))


def refuse(listed: DestructionList, reason: str, *, by: User, at: datetime) -> None:
    """Nothing of it is destroyed. DomainError without a reason, or for one decided before."""
    reason = cleaned(reason).strip()[:200]
    if not reason:
        raise DomainError(_("Say why you refuse it."), fields={"reason": _("required")})
    with one_act():
        row = _waiting(listed, by)
        row.second, row.decided_by, row.decided_at = by, by.display_name, at
        row.refused = reason
        row.save(update_fields=["second", "decided_by", "decided_at", "refused"])
        _note(row, "destruction.refused", by=by, at=at, reason=reason)


def _waiting(listed: DestructionList, by: User) -> DestructionList:
    Latch.hold(LATCH)
    row: DestructionList = DestructionList.objects.select_for_update().get(pk=listed.pk)
    if row.decided_at:
        raise DomainError(_("This is decided already."))
    if row.by_id == by.pk:
        raise DomainError(_("You put it forward: another person decides."))
    return row


def _papers(row: DestructionList) -> QuerySet[Listed]:
    found: QuerySet[Listed] = row.papers.select_related("document__file", "document__unit")
    return found.order_by("document__frozen_at", "document_id")


def _note(row: DestructionList, verb: str, *, by: User, at: datetime, **facts: Any) -> None:
    trail.record(verb, by=by, at=at, unit_id=row.unit_id, subject=f"destruction:{row.pk}", **facts)


def unlisted() -> Iterator[dict[str, object]]:
    """Destroyed papers that no list with two different signatures names: for `verify_documents`."""
    rows = Listed.objects.exclude(on__second=None).filter(on__refused="")
    signed = {
        (document, f"{local_date(at).year}-{pk}")
        for document, pk, at in rows.values_list("document", "on", "on__at").iterator()
    }
    for gone in Destroyed.objects.select_related("document").order_by("pk").iterator():
        if (gone.document_id, gone.listed) not in signed:
            yield {"kind": "unlisted", "number": gone.document.number, "listed": gone.listed}
    yield from _files_unlisted()


def _files_unlisted() -> Iterator[dict[str, object]]:
    """Destroyed files that no list with two signatures, or no entry of the trail, took."""
    lists = {each.ref for each in DestructionList.objects.exclude(second=None).filter(refused="")}
    noted = Entry.objects.filter(verb=FILE_DESTROYED)
    told = {(subject, facts["listed"]) for subject, facts in noted.values_list("subject", "facts")}
    for gone in DestroyedFile.objects.order_by("pk").iterator():
        subject = f"{gone.of}:{gone.ref}"
        if gone.listed not in lists or (subject, gone.listed) not in told:
            yield {"kind": "file_unlisted", "file": subject, "listed": gone.listed}
