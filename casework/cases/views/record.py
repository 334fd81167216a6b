"""The page of a record form: drafts kept, sent once however often it is sent, what was typed never lost."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.cases.drafts import (
    SKIPPED,
    answer_of,
    draft_of,
    drop_draft,
    new_form_key,
    save_draft,
    sender_mark,
    sender_of,
)
from casework.cases.forms import RecordForm
from casework.cases.models import Case
from casework.cases.photos import Taken, take_in
from casework.core import clock
from casework.core.errors import DomainError
from casework.org.models import User
from casework.org.pages import Page

LONGEST_KEY = 40  # as long as the keys that pages of ours make may be


class RecordPage(Page):
    """Subclasses say the form, its key, its defaults, what sending does and how the page looks."""

    template = "cases/record.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A form sent after the session ended becomes the draft of the person who got it, to be found after signing in."""
        if request.method == "POST" and not request.user.is_authenticated:
            self.keep_for_sender()
        return super().dispatch(request, *args, **kwargs)

    def keep_for_sender(self) -> bool:
        """Keep what was sent as the draft of the person whose mark it bears, unless somebody else is signed in."""
        sender = sender_of(self.request.POST.get("sender", ""), self.draft_key())
        if sender is None or (self.request.user.is_authenticated and self.request.user != sender):
            return False
        with suppress(DomainError):  # too long to be kept: the page says that nothing was
            typed = _typed(self.request)
            save_draft(user=sender, key=self.draft_key(), typed=typed, at=clock.now())
            return True
        return False

    def form_class(self) -> type[RecordForm]:
        raise NotImplementedError

    def draft_key(self) -> str:
        raise NotImplementedError

    def defaults(self) -> dict[str, Any]:
        return {}

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        """Record it; returns the address to go to."""
        raise NotImplementedError

    def harm(self) -> str:
        """Where suspected harm to the child is reported; empty where nobody meets it."""
        return ""

    def frame(self) -> dict[str, Any]:
        """What the page shows around the form."""
        return {}

    def refuse_unreachable(self) -> None:
        """Http404 where the person could not open the form: nothing is kept for what is out of reach."""
        self.frame()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = draft_of(self.user, self.draft_key())
        form = self.form_class()(
            initial={**self.defaults(), **_as_initial(self.form_class(), kept)}
        )
        return self.page(form, saved_at=kept[1] if kept else None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("act") in ("save", "harm"):
            self.refuse_unreachable()
        if request.POST.get("act") == "save":
            return self._save()
        if request.POST.get("act") == "harm" and (place := self.harm()):
            self._keep()
            return redirect(place)
        first = answer_of(self._form_key(), self.user)
        if first:
            return redirect(self.back() or first)
        form = self.form_class()(request.POST)
        if not form.is_valid():
            self.refuse_unreachable()
            self._keep()
            return self.page(form, status=422)
        return self._send(form)

    def _form_key(self) -> str:
        """By which a form that is sent twice is known; one that no page of ours made is none."""
        key = self.request.POST.get("form_key", "")
        return key if len(key) <= LONGEST_KEY else ""

    def _save(self) -> HttpResponse:
        self._keep()
        if self.request.headers.get("X-Autosave"):
            return HttpResponse(status=204)
        messages.success(self.request, _("Saved. You can go on later, on any device."))
        return redirect(self.request.get_full_path())

    def _keep(self) -> None:
        save_draft(user=self.user, key=self.draft_key(), typed=_typed(self.request), at=self.at)

    def _send(self, form: RecordForm) -> HttpResponse:
        try:
            answer = self.send(
                form.cleaned_data,
                take_in(self.request.FILES.getlist("photos")),
                self._form_key(),
            )
        except DomainError as error:
            first = answer_of(self._form_key(), self.user)
            if first:  # the same form was sent twice at once, and the other one was recorded
                return redirect(self.back() or first)
            self._keep()
            for field, words in error.fields.items():
                form.add_error(field if field in form.fields else None, str(words))
            return self.page(form, error=error, status=409)
        drop_draft(self.user, self.draft_key())
        return redirect(answer)

    def page(self, form: RecordForm, *, status: int = 200, **extra: Any) -> HttpResponse:
        """The form in its groups, the folded rest last."""
        groups = [(title, [form[name] for name in names]) for title, names in form.groups]
        required = [b for _title, fields in groups for b in fields if b.field.required]
        context = {
            "form": form,
            "groups": groups,
            "folded": [form[name] for name in form.fold],
            "hands": [form[name] for name in form.hands],
            "form_key": new_form_key(),
            "sender": sender_mark(self.user, self.draft_key()),
            "required_count": len(required),
            "harm": self.harm(),
            "first_wrong": next((bound for bound in form if bound.errors), None),
            **self.frame(),
            **extra,
        }
        return self.show(self.template, context, status=status)


def where_harm_is_reported(user: User, pupil_pk: int) -> str:
    """The address of the report of harm to a pupil: that of the open case in reach, else that of a child without one."""
    case = Case.objects.open().in_reach(user).filter(pupil=pupil_pk).first()
    if case:
        return reverse("workflows:harm", args=[case.pk])
    return reverse("workflows:harm_of", args=[pupil_pk])


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """The fields of a form as they were sent, without what no database keeps."""
    return {
        key: [text.replace("\x00", "") for text in request.POST.getlist(key)]
        for key in request.POST
        if key not in SKIPPED
    }


def _as_initial(form_class: type[RecordForm], kept: Any) -> dict[str, Any]:
    """A draft's texts as the form's initial values; lists where the field takes several."""
    if kept is None:
        return {}
    typed = QueryDict(mutable=True)
    for name, values in kept[0].items():
        typed.setlist(name, values)
    fields = form_class.base_fields
    return {
        name: field.widget.value_from_datadict(typed, {}, name)
        for name, field in fields.items()
        if name in typed
    }
