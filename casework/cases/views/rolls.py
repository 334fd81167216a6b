"""Calling the roll on a phone: the classes of today, the roll of one class and part of the day, leave slips (domain.md B1)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from casework.audit import trail
from casework.cases import access
from casework.cases.alerts import alerts_for, told_in, told_on
from casework.cases.census import due_for
from casework.cases.drafts import note_sent
from casework.cases.forms import FIRST, LAST, RecordForm, day_field, one_of, text_field
from casework.cases.leave_slips import leaves_to_decide, record_leave, settle_leave
from casework.cases.photos import Taken
from casework.cases.views.record import RecordPage
from casework.core.clock import day_in, local_date
from casework.core.downloads import handed_out
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.core.transaction import one_act
from casework.detection.scan import scan
from casework.org.models import Unit, UnitKind, User
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.attendance import Policy, policy, same_again
from casework.students.class_diary import class_diary
from casework.students.models import (
    Enrolment,
    LeaveState,
    Mark,
    MarkCorrection,
    Part,
    Pupil,
    RollTaking,
    Way,
    Why,
)
from casework.students.roll_call import (
    CALLED,
    correct_roll,
    members,
    on_leave,
    said_by,
    take_roll,
)
from casework.students.rollbook_out import roll_book
from casework.students.templates_xlsx import XLSX
from casework.students.uncalled import days_open, todays_classes

SIGNS: dict[str, Any] = {
    Mark.PRESENT: "√",
    Mark.ABSENT: "×",
    Mark.SICK: "○",
    Mark.LEAVE: "△",
    Mark.LATE: lazy("L"),
    Mark.LEFT_EARLY: lazy("E"),
}


def classes_of(user: User) -> QuerySet[Unit]:
    """The classes whose roll a person calls."""
    within = Q(pk=None)
    for unit in user.units_with(Can.CALL_ROLL):
        within |= Q(path__startswith=unit.path)
    rows: QuerySet[Unit] = Unit.objects.filter(within, kind=UnitKind.CLASS)
    return rows


class Rolls(Page):
    """The classes of today: which roll was called and which is late; a teacher of one class is led on to its roll."""

    capability = Can.CALL_ROLL

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(classes_of(self.user), ["path", "id"], request.GET.get("after", ""))
        today = local_date(self.at)
        rows = todays_classes(found.rows, today, self.at)
        if found.first and len(found.rows) == 1 and rows[0].parts:
            due = next((p for p in rows[0].parts if not p.taking), rows[0].parts[-1])
            return redirect("cases:roll", found.rows[0].pk, today.isoformat(), due.part)
        late = sum(part.late for row in rows for part in row.parts)
        context = {"page": found, "rows": rows, "today": today, "late": late}
        more = {"leaves": self._leaves(), "counting": due_for(self.user, self.at)}
        return self.show("cases/rolls.html", {**context, **more})

    def _leaves(self) -> int:
        return leaves_to_decide(self.user).count()


@dataclass(frozen=True)
class Line:
    """A pupil on the roll: the mark that is ticked, and whether a leave slip ticked it."""

    enrolment: Enrolment
    mark: str
    on_leave: bool


class ClassPage(Page):
    """Base: a page of one class whose roll the person calls."""

    capability = Can.CALL_ROLL

    @cached_property
    def class_unit(self) -> Unit:
        found: Unit = get_object_or_404(classes_of(self.user), pk=self.kwargs["pk"])
        return found


class Roll(ClassPage):
    """The roll of one class: one tap a pupil who is not there, everyone else is present."""

    @cached_property
    def day(self) -> date:
        try:
            return date.fromisoformat(self.kwargs["day"])
        except ValueError as error:
            raise Http404 from error

    @cached_property
    def part(self) -> Part:
        if self.kwargs["part"] not in Part.values:
            raise Http404
        return Part(self.kwargs["part"])

    @cached_property
    def rules(self) -> Policy:
        return policy(self.class_unit, self.at)

    def taking(self, part: Part) -> RollTaking | None:
        rows = RollTaking.objects.filter(class_unit=self.class_unit, day=self.day, part=part)
        return rows.select_related("by").first()

    def get(self, request: HttpRequest, pk: int, day: str, part: str) -> HttpResponse:
        return self._page(self._ticked())

    def _ticked(self) -> dict[int, str]:
        """What is ticked when the page opens: the roll as it was called, else the leave slips."""
        taking = self.taking(self.part)
        pupils = [each.pupil_id for each in self.enrolled]
        return said_by(taking) if taking else on_leave(pupils, self.day)

    @cached_property
    def enrolled(self) -> list[Enrolment]:
        return members(self.class_unit, self.day)

    def _page(
        self, ticked: dict[int, str], error: DomainError | None = None, reason: str = ""
    ) -> HttpResponse:
        leaves = on_leave([each.pupil_id for each in self.enrolled], self.day)
        lines = [
            Line(each, ticked.get(each.pupil_id, Mark.PRESENT), each.pupil_id in leaves)
            for each in self.enrolled
        ]
        trail.look("roll", [each.pupil_id for each in self.enrolled], by=self.user, at=self.at)
        context = {
            "class_unit": self.class_unit,
            "day": self.day,
            "part": self.part,
            "lines": lines,
            "marks": [(mark, SIGNS[mark], Mark(mark).label) for mark in CALLED],
            "taking": (taking := self.taking(self.part)),
            "away": self._away() if taking else [],
            "slips": leaves,
            "to_call": {each.pupil.pk for each in alerts_for(self.user, self.at)} if taking else (),
            "told": told_on(self.class_unit, self.day) if taking else (),
            "corrections": _corrections(taking) if taking else [],
            "morning": self.part == Part.AFTERNOON and self.taking(Part.MORNING),
            "ways": Way.choices,
            "why": Why.choices,
            "seen": taking.corrections.count() if taking else 0,
            "reason": reason,
            "error": error,
            "open_days": days_open(self.class_unit, self.at),
            "counting": due_for(self.user, self.at),
            "several": classes_of(self.user)[:2].count() > 1,
        }
        return self.show("cases/roll.html", context, status=409 if error else 200)

    def _away(self) -> list[Line]:
        """Who was not simply present, as the roll says: not what somebody ticks just now."""
        said = self._ticked()
        return [
            Line(e, said[e.pupil_id], on_leave=False) for e in self.enrolled if e.pupil_id in said
        ]

    def post(self, request: HttpRequest, pk: int, day: str, part: str) -> HttpResponse:
        marks = self._typed()
        try:
            self._keep(marks)
        except DomainError as error:
            return self._page(marks, error, request.POST.get("reason", ""))
        scan(self.class_unit, local_date(self.at), at=self.at, by=self.user)
        return redirect("cases:roll", pk, day, part)

    def _typed(self) -> dict[int, str]:
        """The marks that were sent; for 'same as the morning' those that the morning leaves."""
        if self.request.POST.get("act") == "same" and (morning := self.taking(Part.MORNING)):
            here = {each.pupil_id for each in self.enrolled}
            return {p: same_again(mark) for p, mark in said_by(morning).items() if p in here}
        return {e.pupil_id: self.request.POST.get(f"m{e.pupil_id}", "") for e in self.enrolled}

    def _keep(self, marks: dict[int, str]) -> None:
        if not all(marks.values()):
            raise DomainError(
                _("The class has changed, or not all of the page came: look at it again.")
            )
        taking = self.taking(self.part)
        if taking and self.request.POST.get("act") == "correct":
            made = self._correct(taking, marks)
            words = ngettext("%(n)s mark corrected.", "%(n)s marks corrected.", len(made))
            messages.success(self.request, words % {"n": len(made)})
            return
        way = self.request.POST.get("way", "")
        take_roll(
            class_unit=self.class_unit,
            day=self.day,
            part=self.part,
            marks=marks,
            way=Way(way) if way in Way.values else Way.CLASSROOM,
            by=self.user,
            at=self.at,
        )
        messages.success(self.request, _("The roll is kept."))

    def _correct(self, taking: RollTaking, marks: dict[int, str]) -> list[MarkCorrection]:
        said = self.request.POST
        why = said.get("why", "")
        return correct_roll(
            taking,
            marks,
            why=Why(why) if why in Why.values else Why.OTHER,
            reason=said.get("reason", "")[:160],
            seen=number_in(said.get("seen", "")),
            by=self.user,
            at=self.at,
        )


def _corrections(taking: RollTaking) -> Any:
    return taking.corrections.select_related("pupil", "by").order_by("-at", "-pk")[:20]


class RollBook(ClassPage):
    """The month's roll-book as a workbook, to be printed or handed on."""

    what = "roll_book"

    def get(self, request: HttpRequest, pk: int, month: str) -> HttpResponse:
        first = day_in(f"{month}-01")
        if first is None or not FIRST <= first <= LAST:
            raise Http404
        data = self.made(first)
        trail.look(self.what, [pk], by=self.user, at=self.at, reason=month)
        return handed_out(data, XLSX, f"{self.what}-{pk}-{month}.xlsx")

    def made(self, first: date) -> bytes:
        """The workbook of the month that begins on `first`."""
        return roll_book(self.class_unit, first)


class ClassDiary(RollBook):
    """The month's class diary as a workbook, with the families that were called."""

    what = "class_diary"

    def made(self, first: date) -> bytes:
        return class_diary(self.class_unit, first, told_in(self.class_unit, first))


class LeaveForm(RecordForm):
    """A leave slip."""

    mark = one_of(
        lazy("Kind"), [(Mark.SICK, Mark.SICK.label), (Mark.LEAVE, Mark.LEAVE.label)], short=True
    )
    first = day_field(lazy("First day"))
    last = day_field(lazy("Last day"))
    reason = text_field(lazy("Reason"), long=True, most=300)
    asked_by = text_field(lazy("Who asked: the guardian's name"), most=60)
    proof = text_field(lazy("What shows it: slip, message, certificate"))
    groups: ClassVar[list[tuple[Any, list[str]]]] = [
        (lazy("Leave slip"), ["mark", "first", "last", "reason", "asked_by", "proof"])
    ]


class Leave(RecordPage):
    """Note a leave slip of a pupil."""

    capability = Can.CALL_ROLL

    def pupil(self) -> Pupil:
        within = Enrolment.objects.filter(class_unit__in=classes_of(self.user), until=None)
        rows = access.pupils_visible_to(self.user).filter(pk__in=within.values("pupil"))
        found: Pupil = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def form_class(self) -> type[RecordForm]:
        return LeaveForm

    def draft_key(self) -> str:
        return f"leave:{self.kwargs['pk']}"

    def defaults(self) -> dict[str, Any]:
        guardian = self.pupil().guardians.order_by("rank").first()
        today = local_date(self.at)
        return {"first": today, "last": today, "asked_by": guardian.name if guardian else ""}

    def frame(self) -> dict[str, Any]:
        pupil = self.pupil()
        trail.look("pupil", [pupil.pk], by=self.user, at=self.at)
        return {"pupil": pupil, "title": _("Leave slip"), "home": reverse("cases:rolls")}

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        answer = reverse("cases:rolls")
        with one_act():
            slip = record_leave(self.pupil(), data, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        granted = slip.state == LeaveState.GRANTED
        told = _("Granted. The paper is made.") if granted else _("Noted. The principal decides.")
        messages.success(self.request, told)
        return answer


class Leaves(Page):
    """The leave slips that wait for the principal."""

    capability = Can.GRANT_LEAVE

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(leaves_to_decide(self.user), ["first", "id"], request.GET.get("after", ""))
        trail.look("leaves", [each.pupil_id for each in found.rows], by=self.user, at=self.at)
        return self.show("cases/leaves.html", {"page": found})

    def post(self, request: HttpRequest) -> HttpResponse:
        number = request.POST.get("slip", "")
        slip = get_object_or_404(leaves_to_decide(self.user), pk=number_in(number))
        granted = {"grant": True, "refuse": False}.get(request.POST.get("act", ""))
        if granted is None:
            raise Http404
        settle_leave(slip, granted=granted, by=self.user, at=self.at)
        messages.success(request, _("Decided and noted."))
        return redirect("cases:leaves")
