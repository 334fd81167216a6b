"""Files: handed in at a case or an office, given to their paper, fetched."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.audit import trail
from casework.cases.views.case import check_chain
from casework.documents.attachments import copy_of
from casework.documents.models import Attachment, Document
from casework.org.roles import Can
from casework.registers.forms import HandInForm
from casework.registers.handing_in import give, hand_in, waiting_at
from casework.registers.places import Of, Place
from casework.registers.views.base import OfficePage, reach

READERS = (Can.SEE_CASES, Can.WORK_STEPS, Can.REGISTERS, Can.SEE_BOARD)


class Files(OfficePage):
    """What was handed in at a case or an office, and the form for more. A signed sheet finds its paper by the printed code."""

    capability = (Can.WORK_STEPS, Can.REGISTERS)

    def get(self, request: HttpRequest, of: str, pk: int) -> HttpResponse:
        return self._show(reach(self, of, pk), HandInForm())

    def post(self, request: HttpRequest, of: str, pk: int) -> HttpResponse:
        place, form = reach(self, of, pk), HandInForm(request.POST)
        files = request.FILES.getlist("files")
        act = partial(self._keep, place, files)
        return self.do(form, act, _("Kept.")) or self._show(place, form, status=409)

    def _keep(self, place: Place, files: list[Any], **said: Any) -> None:
        kept = hand_in(files, chain=place.chain, may_read=self.may_read, **said)
        given = [each.document.number for each in kept if each.document]
        if given:
            words = ngettext(
                "%(n)s sheet was given to its paper: %(numbers)s",
                "%(n)s sheets were given to their papers: %(numbers)s",
                len(given),
            )
            messages.success(self.request, words % {"n": len(given), "numbers": "、".join(given)})

    def _show(self, place: Place, form: HandInForm, status: int = 200) -> HttpResponse:
        if place.pupil:
            trail.look(place.of, [place.pk], by=self.user, at=self.at)
        rows = Attachment.objects.filter(chain=place.chain, given_to=None)
        context = {
            "place": place,
            "files": rows.select_related("document").order_by("-at", "-pk")[:100],
            "waiting": waiting_at(place.unit) if place.of == Of.UNIT else [],
            "form": form,
        }
        return self.show("registers/files.html", context, status=status)


class Give(OfficePage):
    """Give a signed sheet that waits to the paper with that number."""

    capability = (Can.WORK_STEPS, Can.REGISTERS)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        waiting = get_object_or_404(Attachment, pk=pk, document=None)
        of, _colon, number = waiting.chain.partition(":")
        place = reach(self, of, int(number))
        given = give(
            waiting,
            request.POST.get("number", ""),
            may_read=self.may_read,
            by=self.user,
            at=self.at,
        )
        paper: Document | None = given.document
        assert paper is not None
        messages.success(request, _("Given to %(number)s.") % {"number": paper.number})
        return redirect("registers:files", of=place.of, pk=place.pk)


class File(OfficePage):
    """The copy of a file as a download, logged."""

    capability = READERS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        attachment = get_object_or_404(Attachment.objects.select_related("document"), pk=pk)
        check_chain(self.user, attachment.chain, self.at)
        trail.look("attachment", [attachment.pk], by=self.user, at=self.at)
        response = HttpResponse(copy_of(attachment), content_type=attachment.media_type)
        name = f"file-{attachment.pk}.{attachment.ending}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Content-Security-Policy"] = "sandbox"
        return response
