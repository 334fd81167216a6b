"""What an inspector sees: the chosen cases, read-only, a mark across every page and paper, and every look noted."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language

from casework.audit import trail
from casework.cases.models import Case, Matter, Photo
from casework.cases.photos import copy_of
from casework.cases.side_roads import RESTRICTED
from casework.core.downloads import handed_out
from casework.core.pager import page
from casework.documents.attachments import copy_of as copy_of_file
from casework.documents.models import Attachment, Document, SealedFile
from casework.documents.sealing import bytes_of
from casework.documents.uploads import MEDIA_TYPES, FileKind
from casework.evidence.casefile import files_of, photos_of, read_now
from casework.evidence.contents import contents_of
from casework.evidence.gaps import gaps_of
from casework.evidence.inspections import cases_for
from casework.evidence.marks import marked_photo
from casework.evidence.printed import marked, watermark
from casework.org.pages import Page
from casework.org.roles import Can

MOST_SENTENCES = 300


class Looking(Page):
    """A page of an inspector: what is not of a chosen case does not exist."""

    capability = Can.INSPECT

    @property
    def mark(self) -> str:
        return watermark(f"{self.user.inspection.office} {self.user.display_name}", self.at)

    def cases(self) -> QuerySet[Case]:
        return cases_for(self.user)

    def look(self, what: str, ids: list[int], reason: str = "") -> None:
        trail.look(what, ids, by=self.user, at=self.at, reason=reason)


class Inspecting(Looking):
    """The chosen cases by number."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(self.cases(), ["number"], request.GET.get("after", ""))
        self.look("inspecting", [case.pk for case in found.rows])
        context = {"page": found, "mark": self.mark, "inspection": self.user.inspection}
        return self.show("evidence/inspecting.html", context)


class InspectedCase(Looking):
    """The file of a case as it stands: contents, timeline, what is missing, the trail."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = get_object_or_404(self.cases(), pk=pk)
        file = read_now(case, at=self.at)
        language = get_language() or "zh-hans"
        gaps = gaps_of(file, language)
        self.look("inspected_case", [case.pk])
        return self.show(
            "evidence/inspected_case.html",
            {
                "file": file,
                "facts": file.facts(),
                "points": contents_of(file, gaps, language),
                "timeline": file.timeline(),
                "story": file.story(MOST_SENTENCES),
                "gaps": gaps,
                "mark": self.mark,
            },
        )


class InspectedPaper(Looking):
    """A sealed paper to look at: marked, so without its seal; the sealed one is in an evidence file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        chains = [f"case:{case}" for case in self.cases().values_list("pk", flat=True)]
        document = get_object_or_404(Document.objects.filter(chain__in=chains), pk=pk)
        file = get_object_or_404(SealedFile, document=document)
        subject, _colon, step = document.subject.partition(":")
        apart = Matter.objects.filter(code__in=RESTRICTED)
        if subject == "step" and apart.filter(steps=int(step)).exists():
            raise Http404
        case = int(document.chain.removeprefix("case:"))
        self.look("inspected_paper", [case], document.number)
        data = marked(bytes_of(file), self.mark, language=document.language, at=self.at)
        return handed_out(
            data, "application/pdf", f"{document.kind}-{document.pk}.pdf", inline=True
        )


class InspectedPhoto(Looking):
    """A photo of a chosen case, none of restricted work, with the mark in it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(Photo.objects.select_related("visit", "step"), pk=pk)
        owner = found.step or found.visit
        case = get_object_or_404(self.cases(), pk=owner.case_id if owner else None)
        photo = next((each for each in photos_of(case, self.at) if each.pk == pk), None)
        if photo is None:
            raise Http404
        self.look("inspected_photo", [case.pk], photo.name)
        return handed_out(marked_photo(copy_of(photo), self.mark), "image/jpeg", photo.name)


class InspectedFile(Looking):
    """A signed sheet or a file of a chosen case, with the mark on each page; a recording as it is served to others."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        chains = [f"case:{case}" for case in self.cases().values_list("pk", flat=True)]
        found = get_object_or_404(Attachment, pk=pk, chain__in=chains)
        if found not in files_of([found.chain], self.at)[found.chain]:
            raise Http404
        self.look("inspected_file", [int(found.chain.removeprefix("case:"))], found.file_name)
        return handed_out(self._shown(found), MEDIA_TYPES[found.ending], found.file_name)

    def _shown(self, found: Attachment) -> bytes:
        data = copy_of_file(found)
        if found.kind == FileKind.PHOTO:
            return marked_photo(data, self.mark)
        if found.kind == FileKind.PDF:
            return marked(data, self.mark, language=get_language() or "zh-hans", at=self.at)
        return data
