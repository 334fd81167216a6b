"""What goes with the last papers of a case that are not kept for ever: its photos, and the files handed in that are no signed sheet."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db.models import Q, QuerySet

from casework.cases.models import Case, Photo
from casework.documents.attachments import kept_rows
from casework.documents.destroying import Gone
from casework.documents.issue import OF_A_CASE, case_of
from casework.documents.models import Destroyed, Document, FileOf

Years = Callable[[Document], int]


def files_with(papers: Sequence[Document], ended: QuerySet[Case], years_of: Years) -> list[Gone]:
    """Of the cases that keep papers for ever only, once these are gone, and of `ended` ones that earlier lists left so.

    `years_of`: how long a paper is kept, 0 for ever.
    """
    going = {case for paper in papers if (case := case_of(paper.chain))}
    cases = sorted(going | _emptied_before(ended))
    kept = [paper.pk for paper in papers]
    return [gone for case in _without_papers(cases, kept, years_of) for gone in _of_case(case)]


def _emptied_before(ended: QuerySet[Case]) -> set[int]:
    """Those with papers that a list took and files that are still there."""
    held = Photo.objects.there().values_list("visit__case", "step__case")
    with_photos = {case for pair in held.iterator() for case in pair if case}
    chains = kept_rows().filter(document=None, given_to=None).values_list("chain", flat=True)
    with_files = {case for chain in chains.distinct().iterator() if (case := case_of(chain))}
    taken = Destroyed.objects.values_list("document__chain", flat=True).distinct()
    cases = {case for chain in taken.iterator() if (case := case_of(chain))}
    found = cases & (with_photos | with_files)
    return (
        {pk for pk in ended.values_list("pk", flat=True).iterator() if pk in found}
        if found
        else set()
    )


def _without_papers(cases: Iterable[int], going: list[int], years_of: Years) -> list[int]:
    chains = [f"{line}:{case}" for case in cases for line in OF_A_CASE]
    rest = Document.objects.filter(chain__in=chains, destroyed=None).select_related("unit")
    rest = rest.exclude(pk__in=going).defer("record")
    return sorted(set(cases) - {case_of(paper.chain) for paper in rest if years_of(paper)})


def _of_case(case: int) -> Iterator[Gone]:
    chains = [f"{line}:{case}" for line in OF_A_CASE]
    handed = kept_rows().filter(chain__in=chains, document=None, given_to=None)
    for pk, sha256 in handed.values_list("pk", "sha256"):
        yield Gone(FileOf.ATTACHMENT, pk, case, sha256)
    photos = Photo.objects.there().filter(Q(visit__case=case) | Q(step__case=case))
    for pk, sha256 in photos.values_list("pk", "original_sha256"):
        yield Gone(FileOf.PHOTO, pk, case, sha256)
