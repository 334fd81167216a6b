"""The worker's lists and what one does with a step without doing it: claim, give back, hand over, remind."""

import re
from typing import ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access, drafts, steps
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.cases.notice_words import words_of
from casework.cases.suggest import suggestions
from casework.cases.together import refuse_bound
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.notices.models import Notice
from casework.notices.outbox import read_all
from casework.org.models import UnitKind, User
from casework.org.pages import Page
from casework.org.people import candidates
from casework.org.roles import Can

ROW = ("case__pupil", "case__class_unit", "case__school", "unit", "holder", "matter")


MANY = 99


class Inbox(Page):
    """Mine, most urgent first."""

    capability = (
        Can.WORK_STEPS, Can.SEE_VILLAGE_CASES, Can.ANSWER_REFERRALS, Can.SEE_BOARD, Can.MANAGE_PEOPLE, Can.INSPECT,
    )  # fmt: skip

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.user.can(Can.WORK_STEPS):
            return redirect(first_page(self.user))
        mine = Step.objects.open().filter(holder=self.user).select_related(*ROW)
        found = page(mine, ["due_at", "id"], request.GET.get("after", ""))
        trail.look("inbox", [s.case_id for s in found.rows], by=self.user, at=self.at)
        keys = {drafts.key_of_step(step.pk): step.pk for step in found.rows}
        begun = [keys[key] for key in drafts.kept_drafts(self.user, keys)]
        unread = Notice.objects.filter(user=self.user, read_at=None)[: MANY + 1].count()
        school = any(
            post.unit.kind in (UnitKind.SCHOOL, UnitKind.CLASS) for post in self.user.current_posts
        )
        return self.show(
            "cases/inbox.html",
            {
                "page": found,
                "unread": f"{MANY}+" if unread > MANY else unread,
                "begun": begun,
                "at_school": school,
                "harm": access.harm_waiting_for(self.user).exists(),
            },
        )


def first_page(user: User) -> str:
    """Where a person who holds no steps begins."""
    for capability, name in (
        (Can.SEE_VILLAGE_CASES, "cases:village"),
        (Can.ANSWER_REFERRALS, "cases:referrals"),
        (Can.SEE_BOARD, "oversight:board"),
        (Can.MANAGE_PEOPLE, "org:people"),
        (Can.INSPECT, "evidence:inspecting"),
    ):
        if user.can(capability):
            return name
    return "cases:notices"


class Queue(Page):
    """My unit's unclaimed steps, most urgent first."""

    capability = Can.WORK_STEPS

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = access.queue_of(self.user, self.at).select_related(*ROW)
        found = page(rows, ["due_at", "id"], request.GET.get("after", ""))
        trail.look("queue", [s.case_id for s in found.rows], by=self.user, at=self.at)
        return self.show("cases/queue.html", {"page": found})


class StepAct(Page):
    """Base of the one-tap acts on a step; `pk` must be in the person's reach."""

    capability: ClassVar[Can | tuple[Can, ...] | None] = (
        Can.WORK_STEPS, Can.REASSIGN, Can.NUDGE, Can.ANSWER_REFERRALS,
    )  # fmt: skip

    def step(self, pk: int) -> Step:
        rows = access.steps_open_to(self.user).select_related(*ROW)
        found: Step = get_object_or_404(rows, pk=pk)
        return found


class Claim(StepAct):
    """Take a step. The loser of a race is told who and when, and offered the next."""

    capability = (Can.WORK_STEPS, Can.ANSWER_REFERRALS)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        step = self.step(pk)
        if step.is_open and step.holder_id == self.user.pk:  # sent again after a lost answer
            return redirect("workflows:step", pk=pk)
        try:
            refuse_bound(step)
            steps.take_step(step, by=self.user, at=self.at)
        except DomainError as error:
            waiting = (
                access.queue_of(self.user, self.at)
                .select_related(*ROW)
                .order_by("due_at", "id")
                .first()
            )
            shown = [each.case_id for each in (step, waiting) if each]
            trail.look("missed", shown, by=self.user, at=self.at)
            return self.show(
                "cases/missed.html", {"error": error, "step": step, "next": waiting}, status=409
            )
        return redirect("workflows:step", pk=pk)


class Undo(StepAct):
    """Take back a wrong tap: one's own claim, or what was passed on to the wrong person."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        step = self.step(pk)
        if request.POST.get("act") == "pass":
            steps.undo_pass(step, by=self.user, at=self.at)
            messages.success(request, _("Undone: the step is where it was."))
            return redirect("oversight:board" if self.user.can(Can.SEE_BOARD) else "cases:inbox")
        steps.undo_take(step, by=self.user, at=self.at)
        return redirect("cases:queue" if self.user.can(Can.WORK_STEPS) else "cases:referrals")


class PassOn(StepAct):
    """Give back, hand over or reassign: one page with the people who could take it and their load."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        step = self.step(pk)
        late = step.due_at < self.at and step.holder_id != self.user.pk
        return self._show(step, reason=_("overdue") if late else "")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        step, reason, to = self.step(pk), request.POST.get("reason", ""), request.POST.get("to", "")
        try:
            self._pass(step, to, reason)
        except DomainError as error:
            return self._show(step, error=error, reason=reason)
        said = _("Passed on. The record keeps who held the step before.")
        messages.success(request, said, extra_tags=reverse("cases:undo", args=[pk]))
        return redirect(self.back() or "cases:inbox")

    def _pass(self, step: Step, to: str, reason: str) -> None:
        if not to:
            steps.release_step(step, reason=reason, by=self.user, at=self.at)
            return
        able = {person.pk: person for person in candidates(step.role, step.unit, self.at)[1]}
        person = able.get(number_in(to))
        if person is None:
            raise Http404
        act = steps.hand_over if step.holder_id == self.user.pk else steps.reassign
        act(step, to=person, reason=reason, by=self.user, at=self.at)

    def _show(self, step: Step, error: object = None, reason: str = "") -> HttpResponse:
        trail.look("step", [step.case_id], by=self.user, at=self.at)
        unit, people = candidates(step.role, step.unit, self.at)
        others = [p for p in people if p.pk not in (step.holder_id, step.asked_by_id)]
        return self.show(
            "cases/pass_on.html",
            {
                "step": step,
                "unit": unit,
                "people": suggestions(step, others),
                "mine": step.holder_id == self.user.pk,
                "away_of": step.holder_id and self.user.can(Can.REASSIGN, step.unit),
                "back": self.back(),
                "error": error,
                "reason": reason,
            },
            status=409 if error else 200,
        )


class Nudge(StepAct):
    """Remind whoever is late, once a day."""

    capability = (Can.NUDGE, Can.REASSIGN)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        steps.nudge(self.step(pk), by=self.user, at=self.at)
        messages.success(request, _("A reminder was sent."))
        return redirect(self.back() or "oversight:board")


class Notices(Page):
    """The notice centre."""

    capability = None

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Notice.objects.filter(user=self.user)
        found = page(rows, ["-at", "-id"], request.GET.get("after", ""))
        linked = {notice.pk: step_in(notice.link) for notice in found.rows}
        about = Step.objects.visible_to(self.user).filter(pk__in=linked.values())
        pupils = {step.pk: step.case.pupil for step in about.select_related("case__pupil")}
        if pupils:
            trail.look("notices", {pupil.pk for pupil in pupils.values()}, by=self.user, at=self.at)
        return self.show(
            "cases/notices.html",
            {
                "page": found,
                "words": {notice.pk: words_of(notice.code, notice.facts) for notice in found.rows},
                "kinds": dict(Kind.choices),
                "pupils": {notice: pupils.get(step) for notice, step in linked.items()},
            },
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        read_all(self.user, at=self.at)
        return redirect("cases:notices")


def step_in(link: str) -> int:
    """The step that a notice leads to; 0 if it leads elsewhere. A notice itself names no child (PRIV-07)."""
    found = re.fullmatch(r"/steps/(\d+)/.*", link)
    return int(found[1]) if found else 0
