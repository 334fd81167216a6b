"""Who has how much to do, and giving it out anew: many steps at once, with the reason."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from casework.audit import trail
from casework.cases.handing_out import hand_out, loads, proposals
from casework.cases.models import Step
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.pager import PAGE, number_in, page
from casework.org.models import Post, Unit, User, away_on
from casework.org.roles import Can
from casework.oversight import figures
from casework.oversight.views import ROW, UnitPage

UNCLAIMED = "none"


class Workload(UnitPage):
    """The people of a unit and what they hold, those with most overdue first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        unit = self.unit()
        rows = loads(figures.steps_of(unit, self.now(unit)), self.at)
        found = page(rows, ["-late", "-held", "id"], request.GET.get("after", ""))
        people = [person.pk for person in found.rows]
        posts = Prefetch(
            "posts",
            Post.objects.held_on(local_date(self.at)).select_related("unit").order_by("pk"),
            to_attr="posts_now",
        )
        prefetch_related_objects(found.rows, posts)
        away = set(
            away_on(local_date(self.at)).filter(user__in=people).values_list("user", flat=True)
        )
        return self.show(
            "oversight/load.html",
            {
                "unit": unit,
                "page": found,
                "away": away,
                "unclaimed": figures.steps_of(unit, self.now(unit), "unclaimed").count(),
                "gives": self.user.can(Can.REASSIGN, unit),
            },
        )


class HandOut(UnitPage):
    """The steps of one person, or those of nobody: ticked, proposed to others, given."""

    capability = Can.REASSIGN

    def get(self, request: HttpRequest) -> HttpResponse:
        unit, who = self.unit(), request.GET.get("who", UNCLAIMED)
        rows = self._steps(unit, who).select_related(*ROW)
        found = page(rows, ["due_at", "id"], request.GET.get("after", ""))
        trail.look("hand_out", [step.case_id for step in found.rows], by=self.user, at=self.at)
        person = User.objects.filter(pk=number_in(who)).first()
        return self.show(
            "oversight/hand_out.html",
            {"unit": unit, "page": found, "who": who, "person": person},
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        steps = self._ticked()
        if not steps:
            messages.warning(request, _("Tick at least one step."))
            return redirect(request.get_full_path())
        if request.POST.get("act") != "give":
            return self._propose(steps)
        try:
            count = hand_out(
                self._chosen(steps), reason=request.POST.get("reason", ""), by=self.user, at=self.at
            )
        except DomainError as error:
            return self._propose(steps, error)
        if not count:
            messages.warning(request, _("Nothing was given out: every step was left where it is."))
            return redirect(request.get_full_path())
        said = ngettext("%(count)s step was given out.", "%(count)s steps were given out.", count)
        messages.success(request, said % {"count": count})
        return redirect(f"{reverse('oversight:load')}?unit={self.unit().pk}")

    def _steps(self, unit: Unit, who: str) -> Any:
        rows = figures.steps_of(unit, self.now(unit)).visible_to(self.user)
        if who == UNCLAIMED:
            return rows.filter(holder=None, opens_at__lte=self.at)
        return rows.filter(holder=number_in(who))

    def _ticked(self) -> list[Step]:
        """The steps that were ticked, a page of them at most, each in the person's own unit."""
        keys = [number_in(each) for each in self.request.POST.getlist("step")][:PAGE]
        unit = self.unit()
        mine = figures.steps_of(unit, self.now(unit)).visible_to(self.user)
        rows = mine.filter(pk__in=keys)
        return list(rows.select_related(*ROW).order_by("due_at", "pk"))

    def _chosen(self, steps: list[Step]) -> list[tuple[Step, User]]:
        """Each step with the person whose name stands beside it; one without a name is left where it is."""
        typed = {step: number_in(self.request.POST.get(f"to-{step.pk}", "")) for step in steps}
        people = User.objects.in_bulk(typed.values())
        return [(step, people[to]) for step, to in typed.items() if to in people]

    def _propose(self, steps: list[Step], error: DomainError | None = None) -> HttpResponse:
        trail.look("hand_out", [step.case_id for step in steps], by=self.user, at=self.at)
        found = proposals(steps, self.at)
        return self.show(
            "oversight/proposals.html",
            {
                "unit": self.unit(),
                "proposals": found,
                "possible": any(each.people for each in found),
                "reason": self.request.POST.get("reason", ""),
                "error": error,
            },
            status=409 if error else 200,
        )
