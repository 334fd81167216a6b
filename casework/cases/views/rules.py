"""The policy profile on pages: versions, differences, the next version proposed and approved, files in and out."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from casework.cases.changing import decide_rules, propose_rules, rules_would_move
from casework.cases.rule_forms import RulesForm
from casework.cases.rule_words import in_words, key_words, value_words
from casework.cases.simulation import simulate
from casework.cases.views.days import by_school
from casework.cases.views.trials import told
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can
from casework.org.units import county
from casework.profiles import proposals
from casework.profiles.models import Profile, Proposal
from casework.profiles.rules import check
from casework.profiles.shipped import difference, shipped

Change = tuple[str, str, str]
LATELY = timedelta(days=90)


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """What differs, in words: the value, what it was, what it is."""
    found = difference(old, new)
    return [(key_words(path), value_words(was), value_words(now)) for path, was, now in found]


class RulesPage(Page):
    """Base: the unit whose rules are meant, the county if none is named."""

    capability = Can.MANAGE_RULES

    def unit(self) -> Unit:
        pk = number_in(self.request.GET.get("unit", ""))
        unit = get_object_or_404(Unit, pk=pk) if pk else county()
        if not self.user.can(Can.MANAGE_RULES, unit):
            unit = county()
        return unit

    def own(self, unit: Unit) -> dict[str, Any]:
        """The unit's newest rules; those in force above where it has none of its own."""
        profile = proposals.newest(unit)
        return profile.rules if profile else shipped()["baseline"].rules


class Rules(RulesPage):
    """Versions with what each changed, proposals that wait, the profiles that come with the house."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self.unit())

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = Proposal.objects.filter(decided_at=None).select_related("unit")
        proposal = get_object_or_404(rows, pk=number_in(request.POST.get("proposal", "")))
        try:
            decide_rules(
                proposal,
                approve=request.POST.get("act") == "approve",
                reason=request.POST.get("reason", ""),
                by=self.user,
                at=self.at,
            )
        except DomainError as error:
            return self._show(proposal.unit, error=error)
        messages.success(request, _("Decided. The record keeps who proposed and who decided."))
        return redirect("cases:rules")

    def _show(self, unit: Unit, error: DomainError | None = None) -> HttpResponse:
        rows = Profile.objects.filter(unit=unit)
        found = page(rows, ["-version", "-id"], self.request.GET.get("after", ""))
        versions = list(found.rows)
        before = [*versions[1:], None]
        waiting = Proposal.objects.filter(unit=unit, decided_at=None).select_related("proposed_by")
        refused = Proposal.objects.filter(unit=unit, approved=False).exclude(decided_at=None)
        own = self.own(unit)
        return self.show(
            "cases/rules.html",
            {
                "unit": unit,
                "units": Unit.objects.filter(profiles__isnull=False).distinct().order_by("path"),
                "page": found,
                "versions": [
                    (each, changes(old.rules, each.rules) if old else [])
                    for each, old in zip(versions, before, strict=True)
                ],
                "waiting": [(each, changes(own, each.rules)) for each in waiting],
                "refused": refused.select_related("proposed_by", "decided_by").order_by(
                    "-decided_at"
                )[:5],
                "shipped": [(each, changes(own, each.rules)) for each in shipped().values()],
                "error": error,
            },
            status=409 if error else 200,
        )


class EditRules(RulesPage):
    """The next version: from the unit's own rules, from a shipped profile, or from a file; seen as a difference, then proposed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._form(self._source()))

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("act") == "upload":
            return self._upload()
        form = self._form(self._source(), request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        return self._go_on(form, form.said())

    def _upload(self) -> HttpResponse:
        file = self.request.FILES.get("file")
        data = file.read(proposals.LARGEST + 1) if file else b""
        try:
            name, rules = proposals.read_file(data)
            check(self.unit(), rules, self.at)
        except DomainError as error:
            return self._show(self._form(self.own(self.unit())), error=in_words(error), status=409)
        form = self._form(rules, initial={"name": name})
        return self._show(form, uploaded=True, **self._preview(self.unit(), rules))

    def _preview(self, unit: Unit, rules: dict[str, Any]) -> dict[str, Any]:
        """The values that change, what the running clocks would do, and what would have been late lately."""
        effect = rules_would_move(unit, rules, self.at)
        today = local_date(self.at)
        past = "steps" in rules and simulate(
            unit, rules, since=today - LATELY, until=today, at=self.at
        )
        tried = rules.get("detection")
        same = tried == self.own(unit).get("detection")
        return {
            "trial": None if same or not tried else told(unit, tried, by=self.user, at=self.at),
            "changes": changes(self.own(unit), rules),
            "effect": effect[""],
            "schools": by_school(effect),
            "past": past and past.all,
            "lately": LATELY.days,
        }

    def _go_on(self, form: RulesForm, rules: dict[str, Any]) -> HttpResponse:
        unit, said = self.unit(), form.cleaned_data
        try:
            check(unit, rules, self.at)
            if self.request.POST.get("act") != "propose":
                return self._show(form, seen=True, **self._preview(unit, rules))
            propose_rules(
                unit,
                rules,
                name=said["name"][:60],
                valid_from=said["valid_from"],
                based_on=self._version(),
                running=said["running"],
                by=self.user,
                at=self.at,
            )
        except DomainError as error:
            return self._show(form, error=in_words(error), status=409)
        messages.success(self.request, _("Proposed. Another person looks at it and decides."))
        return redirect("cases:rules")

    def _source(self) -> dict[str, Any]:
        """What the form began with, lists and all: what it was sent with, a shipped profile, else the unit's own."""
        if kept := self.request.POST.get("base"):
            return self._kept(kept)
        begun = shipped().get(self.request.GET.get("from", ""))
        return begun.rules if begun else self.own(self.unit())

    def _version(self) -> int:
        """The number of the unit's version that was in force when the page was opened."""
        kept = self.request.POST.get("version")
        return proposals.newest_number(self.unit()) if kept is None else number_in(kept)

    def _kept(self, text: str) -> dict[str, Any]:
        """What the page itself sent along; anything else is not found."""
        try:
            rules = proposals.read_file(text.encode())[1]
            check(self.unit(), rules, self.at)
        except DomainError as error:
            raise Http404 from error
        return rules

    def _form(self, rules: dict[str, Any], data: Any = None, **kwargs: Any) -> RulesForm:
        return RulesForm(rules, data, today=local_date(self.at), **kwargs)

    def _show(self, form: RulesForm, *, status: int = 200, **more: Any) -> HttpResponse:
        return self.show(
            "cases/edit_rules.html",
            {
                "unit": self.unit(),
                "form": form,
                "base": proposals.as_text(form.rules),
                "version": self._version(),
                **more,
            },
            status=status,
        )


class RulesFile(RulesPage):
    """One version as a file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        profile = get_object_or_404(Profile.objects.select_related("unit"), pk=pk)
        if not self.user.can(Can.MANAGE_RULES, profile.unit):
            return redirect("cases:rules")
        response = HttpResponse(proposals.exported(profile), content_type="application/json")
        name = f"rules-{profile.unit_id}-{profile.version}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
