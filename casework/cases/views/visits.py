"""General visits (普访) and their quota, and the village cadre's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access, intake
from casework.cases.drafts import note_sent
from casework.cases.forms import GeneralVisitForm, RecordForm, VillageContactForm
from casework.cases.general_visits import record_general_visit
from casework.cases.kinds import Kind, Line, Track
from casework.cases.models import Case, Draft, Step, Visit
from casework.cases.photos import Taken, attach
from casework.cases.views.record import RecordPage, where_harm_is_reported
from casework.cases.visits import last_answers, quota, record_visit
from casework.core.clock import local_date
from casework.core.crypto import masked_phone
from casework.core.pager import page
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org.models import UnitKind, User
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Pupil

HEARD_SHOWN = BEGUN = 20
BEGUN_VISIT = "visit:"  # and the pupil: the key of the draft of a general visit


def begun_visits(user: User) -> list[int]:
    """The pupils of whose general visits a person keeps a draft."""
    keys = Draft.objects.filter(user=user, key__startswith=BEGUN_VISIT)
    return [int(key.removeprefix(BEGUN_VISIT)) for key in keys.values_list("key", flat=True)]


class GeneralVisit(RecordPage):
    """A visit to any pupil's home, without a case: the same form, a paper of its own, counted for the quota."""

    capability = Can.WORK_STEPS

    def form_class(self) -> type[RecordForm]:
        return GeneralVisitForm

    def draft_key(self) -> str:
        return f"{BEGUN_VISIT}{self.kwargs['pk']}"

    def pupil(self) -> Pupil:
        found: Pupil = get_object_or_404(access.pupils_visible_to(self.user), pk=self.kwargs["pk"])
        return found

    def defaults(self) -> dict[str, Any]:
        return {"day": local_date(self.at), **last_answers(self.pupil(), self.user)}

    def frame(self) -> dict[str, Any]:
        pupil = self.pupil()
        trail.look("pupil", [pupil.pk], by=self.user, at=self.at)
        return {"pupil": pupil, "title": _("Home visit without a case")}

    def harm(self) -> str:
        return where_harm_is_reported(self.user, self.kwargs["pk"])

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        pupil, answer = self.pupil(), reverse("cases:quota")
        with one_act():
            record_general_visit(pupil=pupil, data=data, photos=photos, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(self.request, _("The visit is recorded."))
        return answer


class VillageContact(RecordPage):
    """The village's visit or contact on a case: it joins the open step and its paper."""

    capability = Can.SEE_VILLAGE_CASES

    def form_class(self) -> type[RecordForm]:
        return VillageContactForm

    def draft_key(self) -> str:
        return f"village:{self.kwargs['pk']}"

    def case(self) -> Case:
        rows = (
            Case.objects.open()
            .of_village(self.user)
            .select_related("pupil", "school", "class_unit")
        )
        found: Case = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def defaults(self) -> dict[str, Any]:
        return {"day": local_date(self.at), "visitors": self.user.display_name}

    def frame(self) -> dict[str, Any]:
        case = self.case()
        trail.look("village", [case.pk], by=self.user, at=self.at)
        return {"pupil": case.pupil, "title": _("Visit or contact of the village")}

    def harm(self) -> str:
        return reverse("workflows:harm", args=[self.kwargs["pk"]])

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        case, answer = self.case(), reverse("cases:village")
        with one_act():
            step = Step.objects.open().filter(case=case, track=Track.MAIN).first()
            visit = record_visit(
                pupil=case.pupil, data=data, by=self.user, at=self.at, case=case, step=step
            )
            attach(photos, visit=visit, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(self.request, _("Recorded. It joins the paper of the open step."))
        return answer


class Village(Page):
    """Open cases of one's village: name, class, guardian, what is awaited; one button each."""

    capability = Can.SEE_VILLAGE_CASES

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = (
            Case.objects.open()
            .of_village(self.user)
            .select_related("pupil", "school", "class_unit")
        )
        found = page(
            rows.prefetch_related("pupil__guardians"),
            ["-opened_at", "-id"],
            request.GET.get("after", ""),
        )
        trail.look("village", [c.pk for c in found.rows], by=self.user, at=self.at)
        heard = list(intake.reported_by(self.user)[:HEARD_SHOWN])
        if heard:
            trail.look("findings", [finding.pk for finding in heard], by=self.user, at=self.at)
        shown = [case.pk for case in found.rows]
        every = Step.objects.open().filter(case__in=shown).select_related("holder", "matter")
        turns = {step.case_id: step for step in every if step.track == Track.MAIN}
        returning = {step.case_id for step in every if step.kind == Kind.CONFIRM_RETURN}
        visits = Visit.objects.filter(case__in=shown, line=Line.VILLAGE, struck=False).order_by(
            "began"
        )
        cards = [
            (
                case,
                turns.get(case.pk),
                [(g, masked_phone(g.phone)) for g in case.pupil.guardians.all()[:1]],
            )
            for case in found.rows
        ]
        return self.show(
            "cases/village.html",
            {
                "page": found,
                "cards": cards,
                "today": local_date(self.at),
                "returning": returning,
                "contacts": dict(visits.values_list("case_id", "began")),
                "heard": heard,
            },
        )


class Quota(Page):
    """Visits a term, for an office the shortfall list of its schools; and my own visits with their papers."""

    capability = Can.WORK_STEPS

    def get(self, request: HttpRequest) -> HttpResponse:
        seen = access.pupils_visible_to(self.user).values("pk")
        mine = Visit.objects.filter(visitor=self.user, pupil__in=seen).select_related("pupil")
        found = page(mine, ["-began", "-id"], request.GET.get("after", ""))
        begun = access.pupils_visible_to(self.user).filter(pk__in=begun_visits(self.user))[:BEGUN]
        shown = {visit.pupil_id for visit in found.rows} | {pupil.pk for pupil in begun}
        if shown:
            trail.look("pupils", shown, by=self.user, at=self.at)
        subjects = [f"visit:{visit.pk}" for visit in found.rows if visit.case_id is None]
        papers = Document.objects.filter(subject__in=subjects).only("subject")
        context = {
            "page": found,
            "begun": begun,
            "papers": {int(each.subject.removeprefix("visit:")): each.pk for each in papers},
        }
        return self.show("cases/quota.html", {"tables": self._tables(), **context})

    def _tables(self) -> list[Any]:
        schools = {
            unit.pk: unit
            for post in self.user.current_posts
            if (unit := post.unit.above(UnitKind.SCHOOL))
        }
        office = self.user.can(Can.SEE_BOARD)
        tables = []
        for school in schools.values():
            owed, teachers = quota(school, self.at)
            rows = [t for t in teachers if office or t.pk == self.user.pk]
            tables.append((school, owed, [(t, max(owed - t.done, 0)) for t in rows]))  # type: ignore[attr-defined]
        return tables
