"""What goes with the papers of a case by a destruction list: its photos, and the files handed in that are no signed sheet (decision 30)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from casework.cases.models import Case, Photo
from casework.documents.attachments import kept_rows
from casework.documents.destroying import Gone
from casework.documents.issue import OF_A_CASE, case_of
from casework.documents.models import Destroyed, Document, FileOf
from casework.org.models import Unit

AT_ONCE = 400
Years = Callable[[Document], int]
Before = Callable[[Unit], datetime | None]


def files_with(
    papers: Sequence[Document], at_rest: QuerySet[Case], years_of: Years, before: Before
) -> list[Gone]:
    """Of the cases `at_rest` that keep papers for ever only once these are gone, and of those that earlier lists left so.

    A photo stays while a paper of its visit or step does. `years_of`: how long a paper is kept, 0 for ever; `before`: what ended
    and what came before that moment is past the longest term of a school (None: it has none).
    """
    going = [paper.pk for paper in papers]
    taken = Destroyed.objects.values_list("document__chain", flat=True).distinct()
    chains = {*(paper.chain for paper in papers), *taken}
    keys = sorted(case for chain in chains if (case := case_of(chain)))
    found: list[Gone] = []
    for start in range(0, len(keys), AT_ONCE):
        some = at_rest.filter(pk__in=keys[start : start + AT_ONCE]).select_related("school")
        found += _of_some(list(some), going, years_of, before)
    return found


def _of_some(
    cases: Iterable[Case], going: list[int], years_of: Years, before: Before
) -> Iterator[Gone]:
    over = {
        case.pk: term
        for case in cases
        if (term := before(case.school)) and case.closed_at and case.closed_at < term
    }
    chains = [f"{line}:{case}" for case in over for line in OF_A_CASE]
    left = Document.objects.filter(chain__in=chains, destroyed=None).exclude(pk__in=going)
    kept = list(left.select_related("unit").defer("record"))
    for case in {case_of(paper.chain) for paper in kept if years_of(paper)}:
        over.pop(case or 0)
    yield from _handed_in(over)
    yield from _photos(over, {paper.subject for paper in kept})


def _handed_in(over: dict[int, datetime]) -> Iterator[Gone]:
    """Files that have been there for the whole term themselves."""
    chains = [f"{line}:{case}" for case in over for line in OF_A_CASE]
    rows = kept_rows().filter(chain__in=chains, document=None, given_to=None).order_by("pk")
    for pk, chain, at, sha256 in rows.values_list("pk", "chain", "at", "sha256"):
        case = case_of(chain)
        if case and at < over[case]:
            yield Gone(FileOf.ATTACHMENT, pk, case, sha256)


def _photos(over: dict[int, datetime], kept: set[str]) -> Iterator[Gone]:
    """Photos without a paper that stays (`kept`: what the papers that stay are of)."""
    rows = Photo.objects.there().filter(Q(visit__case__in=over) | Q(step__case__in=over))
    for photo in rows.select_related("visit", "step").order_by("pk"):
        owner, step = (
            photo.step or photo.visit,
            photo.step_id or (photo.visit and photo.visit.step_id),
        )
        assert owner and owner.case_id
        if f"step:{step}" not in kept:
            yield Gone(FileOf.PHOTO, photo.pk, owner.case_id, photo.original_sha256)
