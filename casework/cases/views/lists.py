"""Comparing lists with the rolls on pages: the lists in force, the same-person cards, the differences and their explanations."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases.views.intake import schools_near
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.core.transaction import one_act
from casework.detection.compared import suspect_pupil, suspect_row
from casework.detection.undoing import undo_import
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.compare import (
    ask,
    compare,
    explanations_of,
    joined,
    only_listed,
    only_on_roll,
)
from casework.students.differences import explain, say_same
from casework.students.likeness import Who, likeness
from casework.students.models import Enrolment, Explained, ImportRun, ListRow, OtherList, Pupil
from casework.students.runs import may_see

REASONS: dict[str, Any] = {
    "same_name": lazy("same name"),
    "name_sounds_alike": lazy("names sound alike"),
    "name_nearly": lazy("one sign of the name differs"),
    "same_birth": lazy("same date of birth"),
    "birth_swapped": lazy("day and month of birth swapped"),
    "birth_one_digit": lazy("one digit of the birth date differs"),
    "birth_unknown": lazy("a birth date is unknown"),
    "same_guardian": lazy("same guardian"),
    "guardian_sounds_alike": lazy("guardians sound alike"),
    "guardian_unknown": lazy("a guardian is unknown"),
    "same_place": lazy("same village"),
    "other_sex": lazy("another sex"),
    "other_number": lazy("another number"),
}
AGAINST = {"other_sex", "other_number"}
Card = tuple[Pupil, str, int, list[tuple[str, bool]]]
TABS = [
    ("ask", lazy("The same child?")),
    ("list", lazy("Only on the list")),
    ("roll", lazy("Only on the roll")),
    ("told", lazy("Explained, on the list")),
    ("told_roll", lazy("Explained, on the roll")),
    ("joined", lazy("Joined by hand")),
]
OF_PUPILS = ("roll", "told_roll")
SAME = {"same": True, "other": False, "undo": None}


def lists_of(user: Any) -> QuerySet[OtherList]:
    """The lists in force of the units where a person compares."""
    within = Q(pk=None)
    for unit in user.units_with(Can.COMPARE):
        within |= Q(unit__path__startswith=unit.path)
    rows: QuerySet[OtherList] = OtherList.objects.filter(within, replaced_at=None)
    return rows.select_related("unit")


class Lists(Page):
    """The lists in force, each with what is still open."""

    capability = Can.COMPARE

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(lists_of(self.user), ["-at", "-id"], request.GET.get("after", ""), size=10)
        rows = [(each, self._counts(each)) for each in found.rows]
        return self.show("cases/lists.html", {"page": found, "rows": rows})

    def _counts(self, other: OtherList) -> dict[str, int]:
        return {
            "rows": other.rows.count(),
            "matched": other.rows.exclude(pupil=None).count(),
            "ask": ask(other).count(),
            "list": only_listed(other, self.at).count(),
            "roll": only_on_roll(other, self.at).count(),
        }


REASONED = [each for each in Explained.choices if each[0] != Explained.SUSPECTED]


def _rows_of(other: OtherList, shown: str, at: datetime) -> QuerySet[Any]:
    """The rows, or pupils, of a tab."""
    tabs: dict[str, Callable[[], QuerySet[Any]]] = {
        "ask": lambda: ask(other).select_related("village"),
        "list": lambda: only_listed(other, at).select_related("village"),
        "roll": lambda: only_on_roll(other, at),
        "told": lambda: only_listed(other, at, explained=True).select_related("village"),
        "told_roll": lambda: only_on_roll(other, at, explained=True),
        "joined": lambda: joined(other).select_related("village"),
    }
    if shown not in tabs:
        raise Http404
    return tabs[shown]()


class Differences(Page):
    """One list beside the rolls: what is asked, who is on one side only, what was said of it."""

    capability = Can.COMPARE

    def other(self) -> OtherList:
        return get_object_or_404(lists_of(self.user), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.other())

    def _show(self, other: OtherList, error: DomainError | None = None) -> HttpResponse:
        query = self._query()
        shown = query.get("show", "ask")
        rows = _rows_of(other, shown, self.at)
        found = page(rows, ["id"], query.get("after", ""))
        context = {
            "other": other,
            "page": found,
            "shown": shown,
            "tabs": TABS,
            "of_pupils": shown in OF_PUPILS,
            "reasons": REASONED,
            "schools": schools_near(self.user),
            "error": error,
            **self._beside(other, shown, found.rows),
        }
        return self.show("cases/differences.html", context, status=409 if error else 200)

    def _query(self) -> QueryDict:
        """Which tab is shown: a refusal stays on the one from which it came."""
        back = self.back() if self.request.method == "POST" else None
        return QueryDict(urlsplit(back).query) if back else self.request.GET

    def _beside(self, other: OtherList, shown: str, rows: Any) -> dict[str, Any]:
        """What stands beside the rows: the cards of those who may be meant, or what was said; every look is logged."""
        keys = [row.pk for row in rows]
        trail.look(f"list_{shown}", keys, by=self.user, at=self.at, reason=f"list:{other.pk}")
        if shown == "ask":
            return self._cards(other, rows)
        if shown == "joined":
            return {"places": self._places(other, {row.pupil_id for row in rows})}
        if shown == "told":
            told = {
                each.key: each for each in explanations_of(other, key__in=[r.key for r in rows])
            }
            return {"said": {row.pk: told[row.key] for row in rows}}
        said = explanations_of(other, pupil__in=keys) if shown == "told_roll" else []
        places = self._places(other, keys) if shown in OF_PUPILS else {}
        return {"said": {each.pupil_id: each for each in said}, "places": places}

    def _cards(self, other: OtherList, rows: Any) -> dict[str, Any]:
        """By row the pupils who may be it, each with its class and the reasons for and against; and how many more are no matter of this office."""
        possible = {row.pk: row.possible for row in rows}
        places = self._places(other, {pk for keys in possible.values() for pk in keys})
        cards = {
            row.pk: [_card(row, *places[pk]) for pk in row.possible if pk in places] for row in rows
        }
        beyond = {key: len(pks) - len(cards[key]) for key, pks in possible.items()}
        return {"cards": cards, "beyond": beyond}

    def _places(self, other: OtherList, keys: Any) -> dict[int, tuple[Pupil, str]]:
        """Of these pupils those in reach, with the words of their school and class; the look is logged."""
        places = _places(in_reach(other, keys))
        trail.look("list_pupils", list(places), by=self.user, at=self.at, reason=f"list:{other.pk}")
        return places


def in_reach(other: OtherList, keys: Any) -> QuerySet[Pupil]:
    """Those of the pupils who live, or go to school, below the list's unit: of others its people are not told."""
    running = Enrolment.objects.filter(until=None, school__path__startswith=other.unit.path)
    near = Q(village__path__startswith=other.unit.path) | Q(pk__in=running.values("pupil"))
    return Pupil.objects.filter(near, pk__in=list(keys))


def _card(row: ListRow, pupil: Pupil, place: str) -> Card:
    guardian = next((each.name for each in pupil.guardians.all() if each.rank == 1), "")
    found = likeness(_listed(row), _enrolled(pupil, guardian))
    words = [(str(REASONS[each]), each in AGAINST) for each in found.reasons]
    return pupil, place, found.points, words


def _listed(row: ListRow) -> Who:
    return Who(
        row.pk, row.name, row.sex, row.born, row.guardian, str(row.village_id or ""), row.id_index, row.status_index
    )  # fmt: skip


def _enrolled(pupil: Pupil, guardian: str) -> Who:
    return Who(
        pupil.pk, pupil.name, pupil.sex, pupil.born, guardian, str(pupil.village_id or ""), pupil.id_index, pupil.status_index
    )  # fmt: skip


def _places(pupils: QuerySet[Pupil]) -> dict[int, tuple[Pupil, str]]:
    """Pupils with the words of their school and class, by id."""
    rows = pupils.prefetch_related("enrolments__school", "enrolments__class_unit", "guardians")
    found = {}
    for pupil in rows:
        running = [each for each in pupil.enrolments.all() if each.until is None]
        place = f"{running[0].school.name} {running[0].class_unit.name}" if running else ""
        found[pupil.pk] = (pupil, place)
    return found


class UndoImport(Page):
    """Take back an import of one's own as a whole."""

    capability = Can.IMPORT

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(ImportRun, pk=pk, by=self.user)
        if not may_see(run, self.user):
            raise Http404
        undo_import(run, by=self.user, at=self.at)
        messages.success(request, _("The import was taken back: everything is what it was before."))
        return redirect("students:import_run", pk)


class SayDifference(Differences):
    """One word about one row: the same child or not, an explanation, a suspicion, or taking one back."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect("cases:differences", pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        other, act = self.other(), request.POST.get("act", "")
        try:
            with one_act():
                self._do(other, act)
        except DomainError as error:
            return self._show(other, error)
        messages.success(request, _("Noted."))
        return redirect(self.back() or reverse("cases:differences", args=[pk]))

    def _do(self, other: OtherList, act: str) -> None:
        if act == "compare":
            compare(other, by=self.user, at=self.at)
        elif act in SAME:
            self._say_same(other, same=SAME[act])
        elif act in ("explain", "untell", "suspect"):
            self._tell(other, act)
        else:
            raise Http404

    def _say_same(self, other: OtherList, *, same: bool | None) -> None:
        row, number = self._row(other), self._number("pupil")
        if row is None:
            raise Http404
        pupil = get_object_or_404(in_reach(other, {*row.possible, row.pupil_id}), pk=number)
        say_same(row, pupil, same=same, by=self.user, at=self.at)

    def _tell(self, other: OtherList, act: str) -> None:
        row = self._row(other)
        pupil = None if row else self._only_on_roll(other)
        note = self.request.POST.get("note", "")[:200]
        reason = "" if act == "untell" else self.request.POST.get("reason", "")
        if act == "suspect" and row:
            suspect_row(row, self._school(), note, by=self.user, at=self.at)
        elif act == "suspect" and pupil:
            suspect_pupil(pupil, other, note, by=self.user, at=self.at)
        elif act == "explain" and reason not in dict(REASONED):
            raise DomainError(_("Choose one of the reasons."))
        else:
            explain(other, row=row, pupil=pupil, reason=reason, note=note, by=self.user, at=self.at)

    def _number(self, name: str) -> int:
        return number_in(self.request.POST.get(name, ""))

    def _row(self, other: OtherList) -> ListRow | None:
        number = self._number("row")
        return get_object_or_404(other.rows, pk=number) if number else None

    def _only_on_roll(self, other: OtherList) -> Pupil:
        """A pupil whom the list does not name, explained or not."""
        number = self._number("pupil")
        missing = only_on_roll(other, self.at).filter(pk=number).first()
        told = only_on_roll(other, self.at, explained=True)
        return missing or get_object_or_404(told, pk=number)

    def _school(self) -> Unit:
        found: Unit | None = schools_near(self.user).filter(pk=self._number("unit")).first()
        if found is None:
            raise DomainError(_("Choose the school that sees to it."))
        return found
