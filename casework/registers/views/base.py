"""What the pages of an office's registers have in common."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from casework.cases.views.case import check_chain, check_paper
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can
from casework.registers.places import Place, Unreachable, place_for


def reach(view: Page, of: str, pk: int, *, closed: bool = False) -> Place:
    """The place where the person may write (`closed`: a closed case too), or 404."""
    try:
        return place_for(view.user, of, pk, closed=closed)
    except Unreachable:
        raise Http404 from None


class OfficePage(Page):
    """A page of one office: read by whoever keeps its registers or oversees it, written by the former."""

    capability: ClassVar[tuple[Can, ...]] = (Can.REGISTERS, Can.SEE_BOARD)

    def unit(self) -> Unit:
        unit: Unit = get_object_or_404(Unit, pk=self.kwargs["pk"])
        check_chain(self.user, f"unit:{unit.pk}", self.at)
        return unit

    def keeps(self, unit: Unit) -> bool:
        """Whether the person writes in its registers."""
        return self.user.can(Can.REGISTERS, unit)

    def kept_unit(self) -> Unit:
        """The unit, for an act; 403 for whoever only reads."""
        unit = self.unit()
        if not self.keeps(unit):
            raise PermissionDenied
        return unit

    def do(self, form: forms.Form, act: Callable[..., Any], said: str) -> HttpResponse | None:
        """`act` with what was typed, then the same page again; None where the form says what is wrong."""
        if not form.is_valid():
            return None
        try:
            act(**form.cleaned_data, by=self.user, at=self.at)
        except DomainError as error:
            form.add_error(None, str(error))
            for field, words in error.fields.items():
                if field in form.fields:
                    form.add_error(field, str(words))
            return None
        messages.success(self.request, said)
        return redirect(self.request.get_full_path())

    def may_read(self, document: Document) -> bool:
        """Whether the person may read a paper."""
        try:
            check_paper(self.user, document, self.at)
        except (Http404, PermissionDenied):
            return False
        return True
