"""Pages that begin something beside the road of a case: a request, a notice, a conference, help."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases import helping, matters
from casework.cases.drafts import note_sent
from casework.cases.forms import RecordForm
from casework.cases.models import Case, Step
from casework.cases.photos import Taken, attach
from casework.cases.side_roads import CONFERENCE, SIDE_ROADS
from casework.cases.supervision import raise_notice, refuse_second
from casework.cases.undoing import undoable
from casework.cases.views.record import RecordPage
from casework.core.clock import local_date
from casework.core.transaction import one_act
from casework.org.models import Post
from casework.org.roles import Can
from workflows.side_forms import (
    ConferenceCallForm,
    GiveHelpForm,
    NoticeForm,
    ask_form,
)


class OnCase(RecordPage):
    """Base: a form on a case. Subclasses say the form, what sending does (`begin`), and the words around it."""

    capability: ClassVar[Can | tuple[Can, ...] | None] = Can.WORK_STEPS
    form: ClassVar[type[RecordForm]]
    key: ClassVar[str]
    title: ClassVar[Promise]
    finish: ClassVar[Promise]
    done: ClassVar[Promise]

    def form_class(self) -> type[RecordForm]:
        return self.form

    def draft_key(self) -> str:
        return f"{self.key}:{self.kwargs['pk']}"

    def case(self) -> Case:
        rows = Case.objects.visible_to(self.user, Can.WORK_STEPS)
        found: Case = get_object_or_404(
            rows.select_related("pupil", "school", "class_unit"), pk=self.kwargs["pk"]
        )
        return found

    def frame(self) -> dict[str, Any]:
        case = self.case()
        trail.look("case", [case.pk], by=self.user, at=self.at)
        words = {"title": self.heading(), "finish": self.finish, "home": self.home()}
        return {"case": case, "pupil": case.pupil, **words}

    def begin(self, case: Case, data: dict[str, Any]) -> Step:
        """The service that takes it in; the step that it begins."""
        raise NotImplementedError

    def heading(self) -> Promise:
        """What the form is called."""
        return self.title

    def home(self) -> str:
        """The case; for who sees only his village, its list."""
        if self.user.can(Can.SEE_CASES):
            return reverse("cases:case", args=[self.kwargs["pk"]])
        return reverse("cases:village")

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        case, answer = self.case(), self.home()
        with one_act():
            begun = self.begin(case, data)
            if photos:
                attach(photos, step=begun, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(self.request, str(self.done))
        return answer


class CallConference(OnCase):
    """Call a case conference; its minutes are a step."""

    form, key = ConferenceCallForm, "conference"
    title, finish = CONFERENCE.title, lazy("Call it")
    done = lazy("Called. The minutes are a step of their own.")

    def begin(self, case: Case, data: dict[str, Any]) -> Step:
        return helping.call_conference(case, data, by=self.user, at=self.at)


class GiveHelp(OnCase):
    """Give a measure of the catalogue to somebody until a day."""

    form, key = GiveHelpForm, "help"
    title, finish = lazy("help for the child"), lazy("Give it")
    done = lazy("Given. It stands in the owner's inbox until it is done.")

    def form_class(self) -> type[RecordForm]:
        """The form with the people who may be given a measure of this case."""
        posts = [post.pk for post in helping.owners_for(self.case(), self.at)]
        people = Post.objects.filter(pk__in=posts).select_related("user", "unit")

        class Form(GiveHelpForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.fields["owner"].queryset = people.order_by("-unit__depth", "role", "pk")  # type: ignore[attr-defined]

        return Form

    def begin(self, case: Case, data: dict[str, Any]) -> Step:
        return helping.give_help(case, data, by=self.user, at=self.at)


class AskSideRoad(OnCase):
    """Ask for a side road; a second person decides it."""

    finish, done = lazy("Ask for it"), lazy("Asked for. A second person decides.")

    def form_class(self) -> type[RecordForm]:
        return ask_form(self.code())

    def code(self) -> str:
        code: str = self.kwargs["code"]
        if code not in SIDE_ROADS:
            raise Http404
        return code

    def draft_key(self) -> str:
        return f"ask:{self.kwargs['pk']}:{self.code()}"

    def defaults(self) -> dict[str, Any]:
        today = local_date(self.at)
        days = {"starts": today, "proof_day": today, "received_on": today}
        return {**days, "department": self.case().group}

    def heading(self) -> Promise:
        return SIDE_ROADS[self.code()].title

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "road": SIDE_ROADS[self.code()], "warn": self.warning()}

    def warning(self) -> str:
        """Of an undoing: which step it would be, or that none can be undone now."""
        if self.code() != "UNDO":
            return ""
        last = undoable(self.case())
        if last is None:
            return _(
                "Nothing can be undone now: the last step is of a kind that stays, or work has begun on what came of it."
            )
        return _("This step would be undone: %(step)s.") % {"step": last.title}

    def begin(self, case: Case, data: dict[str, Any]) -> Step:
        return matters.ask(case, self.code(), data, by=self.user, at=self.at)


class RaiseNotice(RecordPage):
    """A supervision notice on a late step."""

    capability = (Can.NUDGE, Can.REASSIGN)

    def form_class(self) -> type[RecordForm]:
        return NoticeForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refuse_second(self.step())  # before anything is typed
        return super().get(request, *args, **kwargs)

    def draft_key(self) -> str:
        return f"notice:{self.kwargs['pk']}"

    def step(self) -> Step:
        rows = Step.objects.visible_to(self.user).select_related(
            "case__pupil", "case__school", "case__class_unit", "unit", "holder", "matter"
        )
        found: Step = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def frame(self) -> dict[str, Any]:
        step = self.step()
        trail.look("step", [step.case_id], by=self.user, at=self.at)
        title = _("Supervision notice: %(step)s") % {"step": step.title}
        return {
            "case": step.case,
            "pupil": step.case.pupil,
            "title": title,
            "finish": _("Serve the notice"),
        }

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        step = self.step()
        answer = reverse("cases:case", args=[step.case_id])
        with one_act():
            raise_notice(step, data, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(
            self.request, _("The notice is served; its answer is a step with a deadline.")
        )
        return self.back() or answer
