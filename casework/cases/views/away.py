"""I am away: who stands in, what would go to him, and coming back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.cases.forms import day_field, text_field
from casework.cases.stand_ins import preview
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.pager import number_in
from casework.org import absence
from casework.org.models import StandIn, User
from casework.org.pages import Page
from casework.org.roles import Can

SHOWN = 20


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person, told with the first post."""

    def label_from_instance(self, user: User) -> str:
        post = next(iter(user.posts.all()), None)
        return (
            f"{user.display_name}（{post.unit.name} {post.get_role_display()}）"
            if post
            else user.display_name
        )


class AwayForm(forms.Form):
    since = day_field(lazy("First day away"))
    until = day_field(lazy("Last day away"))
    substitute = PersonField(label=lazy("Who stands in"), queryset=User.objects.none())
    reason = text_field(lazy("Reason"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("This is before the first day."))
        return data


class Away(Page):
    """One's own absence, or (with a number) that of somebody of one's units."""

    capability = (Can.WORK_STEPS, Can.SEE_VILLAGE_CASES, Can.MANAGE_PEOPLE)

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return self._show(self._person(pk), None)

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        person, act = self._person(pk), request.POST.get("act")
        if act == "back":
            rows = StandIn.objects.filter(user=person)
            stand_in = get_object_or_404(rows, pk=number_in(request.POST.get("absence", "")))
            absence.come_back(stand_in, by=self.user, at=self.at)
            messages.success(request, _("Welcome back. What was yours comes back within a minute."))
            return self._again(person)
        form = self._form(person, request.POST)
        if not form.is_valid():
            return self._show(person, form, status=422)
        return self._arrange(person, form) if act == "arrange" else self._preview(person, form)

    def _arrange(self, person: User, form: AwayForm) -> HttpResponse:
        try:
            absence.arrange(user=person, by=self.user, at=self.at, **form.cleaned_data)
        except DomainError as error:
            for field, words in error.fields.items():
                form.add_error(field, str(words))
            return self._show(person, form, error=error, status=409)
        messages.success(self.request, _("Arranged. The steps go over when the first day begins."))
        return self._again(person)

    def _preview(self, person: User, form: AwayForm) -> HttpResponse:
        moves, waits = preview(person, form.cleaned_data["substitute"])
        substitute = form.cleaned_data["substitute"]
        deputy = absence.deputies(form.cleaned_data["since"]).get(substitute.pk)
        return self._show(
            person,
            form,
            moves=moves.most_common(),
            total=moves.total(),
            waits=waits,
            substitute=substitute,
            further=User.objects.get(pk=deputy) if deputy else None,
        )

    def _again(self, person: User) -> HttpResponse:
        own = person.pk == self.user.pk
        return redirect("cases:away") if own else redirect("cases:away_of", pk=person.pk)

    def _person(self, pk: int | None) -> User:
        person = self.user if pk is None else get_object_or_404(User, pk=pk)
        if not absence.may_arrange(self.user, person):
            raise Http404
        return person

    def _form(self, person: User, data: Any = None) -> AwayForm:
        today = local_date(self.at)
        form = AwayForm(data, initial={"since": today, "until": today})
        people = absence.colleagues(person, today).prefetch_related("posts__unit")
        form.fields["substitute"].queryset = people  # type: ignore[attr-defined]
        return form

    def _show(
        self, person: User, form: AwayForm | None, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        rows = StandIn.objects.filter(user=person).select_related("substitute")
        mine = StandIn.objects.filter(substitute=person, until__gte=local_date(self.at))
        context = {
            "person": person,
            "form": form or self._form(person),
            "absences": rows.order_by("-since")[:SHOWN],
            "stands_in": mine.select_related("user").order_by("since")[:SHOWN],
            "today": local_date(self.at),
        }
        return self.show("cases/away.html", {**context, **more}, status=status)
