"""Files: handed in at a case or an office, given to their paper, fetched."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.audit import trail
from casework.cases.models import Case
from casework.cases.views.case import check_chain, check_paper
from casework.core.downloads import handed_out
from casework.core.pager import page
from casework.documents.attachments import copy_of, kept_rows
from casework.documents.models import Attachment, Document, Purpose
from casework.org.models import Unit
from casework.org.roles import Can
from casework.registers.forms import HandInForm
from casework.registers.handing_in import give, hand_in, likely_papers
from casework.registers.places import Of, Place, Unreachable, place_for
from casework.registers.views.base import OfficePage, reach
from casework.students.models import Pupil

READERS = (Can.SEE_CASES, Can.WORK_STEPS, Can.REGISTERS, Can.SEE_BOARD)


class Files(OfficePage):
    """What was handed in at a case or an office, and the form for more. A signed sheet finds its paper by the printed code.

    A closed case keeps its files in view and takes signed sheets that come late.
    """

    capability = READERS

    def get(self, request: HttpRequest, of: str, pk: int) -> HttpResponse:
        check_chain(self.user, f"{of}:{pk}", self.at)
        return self._show(of, pk, HandInForm())

    def post(self, request: HttpRequest, of: str, pk: int) -> HttpResponse:
        place = reach(self, of, pk, closed=True)
        form = HandInForm(request.POST)
        act = partial(self._keep, place, request.FILES.getlist("files"))
        return self.do(form, act, _("Kept.")) or self._show(of, pk, form, status=409)

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

    def _show(self, of: str, pk: int, form: HandInForm, status: int = 200) -> HttpResponse:
        if of != Of.UNIT:
            trail.look(of, [pk], by=self.user, at=self.at)
        rows = Attachment.objects.filter(chain=f"{of}:{pk}", given_to=None)
        found = page(
            rows.select_related("document"), ["-at", "-id"], self.request.GET.get("after", "")
        )
        context = {
            "of": of,
            "about": {Of.CASE: Case, Of.PUPIL: Pupil, Of.UNIT: Unit}[Of(of)].objects.get(pk=pk),
            "page": found,
            "gone": _gone(found.rows),
            "likely": likely_papers([each for each in found.rows if each.waits], f"{of}:{pk}"),
            "may_add": self._may_add(of, pk),
            "form": form,
        }
        return self.show("registers/files.html", context, status=status)

    def _may_add(self, of: str, pk: int) -> bool:
        try:
            return bool(place_for(self.user, of, pk, closed=True))
        except Unreachable:
            return False


def _gone(rows: Sequence[Attachment]) -> set[int]:
    """The ids of those whose file a destruction list took."""
    keys = {each.pk for each in rows}
    return keys - set(kept_rows().filter(pk__in=keys).values_list("pk", flat=True))


class Give(OfficePage):
    """Give a signed sheet that waits to the paper with that number."""

    capability = (Can.WORK_STEPS, Can.REGISTERS)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        waiting = get_object_or_404(kept_rows(), pk=pk, document=None, purpose=Purpose.SIGNED)
        of, _colon, number = waiting.chain.partition(":")
        place = reach(self, of, int(number), closed=True)
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
        rows = kept_rows().select_related("document", "given_to__document")
        attachment = get_object_or_404(rows, pk=pk)
        later = getattr(attachment, "given_to", None)
        if paper := later.document if later else attachment.document:
            check_paper(self.user, paper, self.at)
        else:
            check_chain(self.user, attachment.chain, self.at)
        trail.look("attachment", [attachment.pk], by=self.user, at=self.at)
        return handed_out(
            copy_of(attachment), attachment.media_type, f"file-{attachment.file_name}"
        )
