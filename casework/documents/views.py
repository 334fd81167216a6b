"""The public page behind a paper's QR code: whether it is intact, and nothing about anyone."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from casework.core import clock
from casework.core.pager import page
from casework.documents import checks, form_codes
from casework.documents.models import Anchor, Document
from casework.documents.papers.register import PAPERS

INTACT, AMENDED, SUPERSEDED = "intact", "amended", "superseded"
DAMAGED, DESTROYED = "damaged", "destroyed"


class VerifyPaper(View):
    """`/v/<token>/`, without sign-in: kind, month, unit, intact, corrected, superseded, destroyed or damaged (design.md §7)."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        document = (
            Document.objects.filter(token=token)
            .select_related("unit", "file", "supersedes")
            .first()
        )
        context = _shown(document) if document else {"state": "unknown"}
        return render(request, "documents/verify.html", context, status=200 if document else 404)


class EmptyForm(View):
    """`/f/<kind>/<mark>/`, without sign-in: says that the code of an empty form proves nothing, and where the form belongs."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        if not form_codes.is_code(code):
            raise Http404
        kind = PAPERS[form_codes.kind_of(code)].title
        context = {"kind": kind, "step": form_codes.step_of(code)}
        return render(request, "documents/empty_form.html", context)


class Anchors(View):
    """`/anchors/`, without sign-in: every anchor with its moment, newest first; nothing about anyone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(Anchor.objects.all(), ["-id"], request.GET.get("after", ""))
        rows = [(anchor, grouped(anchor.root)) for anchor in found.rows]
        return render(request, "documents/anchors.html", {"page": found, "rows": rows})


def grouped(root: str) -> str:
    """In groups of four, as it is printed."""
    return " ".join(root[place : place + 4] for place in range(0, len(root), 4))


def _shown(document: Document) -> dict[str, object]:
    return {
        "state": state_of(document),
        "kind": document.title,
        "month": clock.local_date(document.frozen_at).replace(day=1),
        "unit": document.unit.name,
    }


def state_of(document: Document) -> str:
    """Intact, corrected by an addendum, superseded, destroyed by a list, or damaged, from the record and the stored file as they are now."""
    if not document.record and checks.was_destroyed(document):
        return DESTROYED
    if not document.record or not checks.record_holds(document):
        return DAMAGED
    if hasattr(document, "file") and any(checks.file_problems(document)):
        return DAMAGED
    if hasattr(document, "superseded_by"):
        return SUPERSEDED
    return AMENDED if document.addenda.exists() else INTACT
