"""The pages that move a case: open it from a finding, do a step, see the picture of the road."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from casework.audit import trail
from casework.cases import intake, letters
from casework.cases.access import steps_open_to
from casework.cases.drafts import answer_of, key_of_step
from casework.cases.facts import paper_language
from casework.cases.facts.before import forms_of
from casework.cases.facts.common import attendance_since
from casework.cases.forms import RecordForm
from casework.cases.kinds import SENDS_BACK, VISITING, Kind
from casework.cases.models import Case, MatterKind, Photo, Step
from casework.cases.photos import Taken
from casework.cases.side import mark_words
from casework.cases.side_roads import FOLLOWS, ROADS
from casework.cases.steps import may_undo, refuse_other_hands
from casework.cases.together import beside, bound
from casework.cases.views.record import RecordPage
from casework.cases.visits import last_answers
from casework.core.clock import LOCAL, local_date
from casework.core.crypto import masked_phone
from casework.core.pager import number_in
from casework.core.templatetags.look import day, full_day
from casework.deadlines.units import last_day
from casework.detection.models import Finding
from casework.documents.papers.register import PAPERS
from casework.org.pages import Page
from casework.org.roles import Can
from casework.profiles.rules import rules_for
from workflows.picture import picture
from workflows.said import facts_of, form_of
from workflows.start import start_case
from workflows.together import complete_together


class OpenCase(Page):
    """Open the case of a finding."""

    capability = Can.DECIDE_FINDINGS

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        finding = get_object_or_404(intake.findings_for(self.user), pk=pk)
        case = start_case(finding, by=self.user, at=self.at)
        messages.success(request, _("The case is open."))
        return redirect("cases:case", pk=case.pk)


class StepPage(RecordPage):
    """Do a step: one page, the form of its kind. Whoever does not hold it sees where it stands instead."""

    capability = (Can.WORK_STEPS, Can.SEE_CASES, Can.ANSWER_REFERRALS)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self._step: Step | None = None
        return super().dispatch(request, *args, **kwargs)

    def step(self) -> Step:
        if self._step is None:
            rows = steps_open_to(self.user).select_related(
                "case__pupil", "case__school", "case__class_unit", "holder", "unit", "matter__lead"
            )
            self._step = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._step

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = self.step()
        if step.holder_id != self.user.pk or not step.is_open or not step.is_ready(self.at):
            return redirect(self.home())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (self.user.can(Can.WORK_STEPS) or self.user.can(Can.ANSWER_REFERRALS)):
            raise PermissionDenied
        if first := answer_of(request.POST.get("form_key", ""), self.user):
            return redirect(first)
        if request.POST.get("act") == "harm" and self.harm():
            return super().post(request, *args, **kwargs)  # a report needs no step in hand
        if self.step().holder_id != self.user.pk or not self.step().is_open:
            self._keep()  # what was typed is kept; what the step is about is not shown
            refuse_other_hands(self.step(), self.user)
        return super().post(request, *args, **kwargs)

    def home(self) -> str:
        """Where the step hangs: its case; for who sees no cases, the department's list."""
        if self.user.can(Can.SEE_CASES):
            return reverse("cases:case", args=[self.step().case_id])
        return reverse("cases:referrals")

    def after(self, data: dict[str, Any]) -> str:
        """Where one goes on when it is done: a case that was offered and refused is out of reach again."""
        matter = self.step().matter
        offered = matter and matter.kind == MatterKind.HANDOVER
        refused = offered and data.get("decision") == "refused"
        return reverse("cases:inbox") if refused else self.home()

    def form_class(self) -> type[RecordForm]:
        return form_of(self.step())

    def draft_key(self) -> str:
        return key_of_step(self.kwargs["pk"])

    def defaults(self) -> dict[str, Any]:
        return defaults_of(self.step(), self.user, self.at)

    def frame(self) -> dict[str, Any]:
        step = self.step()
        case = step.case
        trail.look("step", [case.pk], by=self.user, at=self.at)
        return {
            "step": step,
            "case": case,
            "pupil": case.pupil,
            "title": full_title(step),
            "home": self.home(),
            "may_undo": may_undo(step, self.user, self.at),
            "guardians": self.guardians(case),
            "beside": beside(step, self.user, self.at),
            "bound": bound(step),
            "sent_back": sent_back_before(step),
            "said": said_of(step),
            "by_hand": [(kind, PAPERS[kind].title) for kind in forms_of(step)],
            "shown": self.photos(step),
        }

    def others(self) -> list[Step]:
        """The siblings' steps that are done with this one: those ticked of a visit or draft, all whom a letter names."""
        step, ticked = self.step(), {number_in(pk) for pk in self.request.POST.getlist("also")}
        chosen = [each for each in beside(step, self.user, self.at) if each.pk in ticked]
        return chosen + bound(step)

    def photos(self, step: Step) -> Any:
        """Those of the request or letter that the step works on; none for a department."""
        seen = step.matter_id and self.user.can(Can.SEE_CASES)
        return (
            Photo.objects.there().filter(step__matter=step.matter_id)
            if seen
            else Photo.objects.none()
        )

    def harm(self) -> str:
        """The button stands on the forms of visits, talks and checks."""
        if self.step().kind in MEETS_THE_CHILD:
            return reverse("workflows:harm", args=[self.step().case_id])
        return ""

    def guardians(self, case: Case) -> list[tuple[Any, str]]:
        """Whom to call, numbers masked; none for a department, which learns the least it needs."""
        if not self.user.can(Can.SEE_CASES):
            return []
        return [(each, masked_phone(each.phone)) for each in case.pupil.guardians.order_by("rank")]

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        step, answer = self.step(), self.after(data)
        complete_together(
            step,
            self.others(),
            data,
            by=self.user,
            at=self.at,
            generation=number_in(self.request.POST.get("generation", "")),
            photos=photos,
            form_key=form_key,
            answer=answer,
        )
        messages.success(self.request, _("Done. The paper is made."))
        return answer


def full_title(step: Step) -> str:
    """The step in words for whoever does it: what is restricted is named to him."""
    if not step.restricted:
        return step.title
    return _("%(step)s: %(what)s") % {"step": step.spec.title, "what": step.about.full_title}


MEETS_THE_CHILD = frozenset({*VISITING, Kind.FOLLOW_UP, Kind.TEACH_AT_HOME})
WITH_CAUSE = frozenset(  # their form asks why the child is away
    {Kind.REGISTER, Kind.HOME_VISIT, Kind.PERSUASION, Kind.PERSUASION_LED, Kind.SEND_REPORT}
)


def defaults_of(step: Step, user: Any, at: Any) -> dict[str, Any]:
    """What a step's form starts with: today, the last visit, what the case knows already."""
    case, today = step.case, local_date(at)
    start: dict[str, Any] = {
        "day": today,
        "checked_on": today,
        "seen_on": today,
        "received_on": today,
        "marked_on": today,
        "served_on": today,
        "taught_on": today,
        "done_on": today,
        "reported_on": today,
        "asked_1": today,
    }
    start |= {"operator": user.display_name, "plan_by": user.display_name}
    if step.kind in WITH_CAUSE:
        start |= {"reason": case.reason or "OTHER", "measures": case.measures}
    start |= {
        "contacted_at": at.astimezone(LOCAL).replace(tzinfo=None),
        "class_placed": case.class_unit.name if case.class_unit else "",
    }
    if step.kind == Kind.PLATFORM_MARK:
        start["mark"] = mark_words(step)
    if step.kind == Kind.DRAFT_LETTER:
        with override(paper_language(rules_for(case.school, at), case.school)):
            start |= letters.proposal(case, step.about, by=user, at=at)
    if step.kind == Kind.SERVE_LETTER:
        start |= last_attempt(step)
    if step.kind == Kind.CONFERENCE:
        said = step.about.facts
        planned = date.fromisoformat(said["held_on"])
        start |= {
            "held_on": min(planned, today),
            "place": said["place"],
            "present": said["invited"],
        }
    finding = case_finding(step)
    if finding:
        start |= {"source": "attendance", "first_absent": finding.first_day}
    if step.kind in (Kind.HOME_VISIT, Kind.PERSUASION, Kind.PERSUASION_LED):
        start |= last_answers(case.pupil, user)
    if step.kind == Kind.SEND_REPORT and step.number > 1:
        start |= last_report(case)
    if step.kind == Kind.FOLLOW_UP:
        days, missed = attendance_since(case, at)
        start["attendance"] = _("%(days)s school days, %(missed)s missed without leave") % {
            "days": days,
            "missed": missed,
        }
    return start


def last_attempt(step: Step) -> dict[str, Any]:
    """What was said of this letter when it was last carried or tried: a receipt completes it."""
    tried = step.about.steps.filter(kind=Kind.SERVE_LETTER).exclude(finished_at=None)
    last = tried.order_by("-number").first()
    kept = ("method", "place", "recipient", "servers", "tracking", "posted_at", "entrusted_to")
    return {key: last.facts[key] for key in kept if last.facts.get(key)} if last else {}


def said_of(step: Step) -> list[tuple[Any, Any]]:
    """What the letter or request of a step says so far, in the words of its form; a draft is its own form."""
    if step.kind == Kind.CONFIRM_RETURN:
        return _reported(step)
    if step.matter is None or step.kind == Kind.DRAFT_LETTER:
        return []
    return facts_of(step.matter) + _beside(step)


def _child_of(number: str) -> str:
    """Whose case it is: name, day of birth and school, to be compared."""
    other = Case.objects.select_related("pupil", "school").filter(number=number.strip()).first()
    return (
        f"{other.pupil.name}，{full_day(other.pupil.born)}，{other.school.name}" if other else "—"
    )


def _reported(step: Step) -> list[tuple[Any, Any]]:
    """Who said that the child is back, since when, and what was seen."""
    said = step.facts
    since = day(date.fromisoformat(said["back_since"]))
    found = [(_("Reported by"), said["reported_by"]), (_("Back since"), since)]
    return [*found, (_("What was seen"), said["note"])] if said.get("note") else found


def _beside(step: Step) -> list[tuple[Any, Any]]:
    """Who asked and what follows; of a letter, when it was served and when its time is over."""
    matter = step.about
    found: list[tuple[Any, Any]] = []
    if matter.kind != MatterKind.LETTER:
        asker = matter.opened_by.display_name if matter.opened_by else "—"
        found.append((_("Asked by"), f"{asker}，{day(matter.opened_at)}"))
    if matter.kind == MatterKind.UNDOING:
        found.append((_("Step"), f"{matter.facts['wrong']} · {matter.facts['paper']}"))
    if number := matter.facts.get("other_case"):
        found.append((_("The other case is about"), _child_of(number)))
    if step.kind == Kind.DECIDE_REQUEST:
        found.append((_("If you agree"), FOLLOWS[ROADS[matter.code].effect]))
    if served := matter.facts.get("served_on"):
        found.append((_("Served on"), day(date.fromisoformat(served))))
    if matter.kind == MatterKind.LETTER and matter.wakes_at:
        found.append((_("Time is over after"), day(last_day(matter.wakes_at))))
    return found


def sent_back_before(step: Step) -> list[Step]:
    """The checks that sent this work back, the newest first: whoever mends it must know why."""
    checks = [kind for kind, (maker, _outcome, _field) in SENDS_BACK.items() if maker == step.kind]
    rows = step.case.steps.filter(kind__in=checks).select_related("finished_by")
    return [check for check in rows.order_by("-finished_at") if check.sent_back]


def last_report(case: Case) -> dict[str, Any]:
    """What the report said when it was sent before; empty if it never was."""
    sent = case.steps.filter(kind=Kind.SEND_REPORT, outcome__in=["sent", "resent"])
    last = sent.order_by("-number").first()
    return {k: v for k, v in last.facts.items() if k != "decision"} if last else {}


def case_finding(step: Step) -> Any:
    return Finding.objects.filter(decisions__case=step.case_id, rule="consecutive_absence").first()


class FlowPicture(Page):
    """The road of a case as an SVG picture, the open turn marked."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(Case.objects.visible_to(self.user), pk=pk)
        open_kinds = set(
            Step.objects.visible_to(self.user)
            .filter(case=pk, finished_at=None)
            .values_list("kind", flat=True)
        )
        done = set(
            Step.objects.visible_to(self.user)
            .filter(case=pk, cancelled=False)
            .exclude(finished_at=None)
            .values_list("kind", flat=True)
        )
        return HttpResponse(picture(now=open_kinds, done=done), content_type="image/svg+xml")
