"""What goes with the last papers of a case that are not kept for ever: its photos, and the files handed in that are no signed sheet."""

from collections.abc import Callable, Iterator, Sequence

from django.db.models import Q

from casework.cases.models import Photo
from casework.documents.destroying import Gone, still_there
from casework.documents.issue import OF_A_CASE, case_of
from casework.documents.models import Attachment, Document, FileOf

Years = Callable[[Document], int]


def files_with(papers: Sequence[Document], years_of: Years) -> list[Gone]:
    """Of the cases that keep papers for ever only, once these are gone. `years_of`: how long a paper is kept, 0 for ever."""
    return [gone for case in _emptied(papers, years_of) for gone in _of_case(case)]


def _emptied(papers: Sequence[Document], years_of: Years) -> list[int]:
    cases = {case for paper in papers if (case := case_of(paper.chain))}
    chains = [f"{line}:{case}" for case in cases for line in OF_A_CASE]
    rest = Document.objects.filter(chain__in=chains, destroyed=None).select_related("unit")
    rest = rest.exclude(pk__in=[paper.pk for paper in papers]).defer("record")
    return sorted(cases - {case_of(paper.chain) for paper in rest if years_of(paper)})


def _of_case(case: int) -> Iterator[Gone]:
    chains = [f"{line}:{case}" for line in OF_A_CASE]
    handed = Attachment.objects.filter(chain__in=chains, document=None, given_to=None)
    for pk, sha256 in still_there(handed, FileOf.ATTACHMENT).values_list("pk", "sha256"):
        yield Gone(FileOf.ATTACHMENT, pk, case, sha256)
    photos = Photo.objects.filter(Q(visit__case=case) | Q(step__case=case))
    for pk, sha256 in still_there(photos, FileOf.PHOTO).values_list("pk", "original_sha256"):
        yield Gone(FileOf.PHOTO, pk, case, sha256)
