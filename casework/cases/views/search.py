"""Lists that are searched: cases and pupils."""

from typing import ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access
from casework.cases.kinds import Stage
from casework.cases.models import Case
from casework.cases.views.case import ROW
from casework.core.crypto import blind
from casework.core.pager import page
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Pupil


class SearchPage(Page):
    """The words of a search come by POST and stay in the session: a child's name is in no address (PRIV-07)."""

    slot: ClassVar[str]

    def words(self) -> str:
        """What was searched for; only the address that the search led to asks for it."""
        return (
            str(self.request.session.get(f"words:{self.slot}", ""))
            if "found" in self.request.GET
            else ""
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        request.session[f"words:{self.slot}"] = request.POST.get("q", "").strip()[:60]
        return redirect(f"{request.path}?found=1")


class Cases(SearchPage):
    """Cases in reach, newest first; by stage, and by words: name, case number, last four of a number."""

    capability = Can.SEE_CASES
    slot = "cases"

    def get(self, request: HttpRequest) -> HttpResponse:
        words = self.words()
        stage = request.GET.get("stage", "all" if words else "open")
        rows = Case.objects.visible_to(self.user).select_related(*ROW)
        rows = self._filtered(rows, words, stage)
        found = page(rows, ["-opened_at", "-id"], request.GET.get("after", ""))
        trail.look(
            "search" if words else "cases", [c.pk for c in found.rows], by=self.user, at=self.at
        )
        stages = [("open", _("open")), *Stage.choices, ("all", _("all"))]
        return self.show(
            "cases/cases.html", {"page": found, "q": words, "stage": stage, "stages": stages}
        )

    def _filtered(self, rows: QuerySet[Case], words: str, stage: str) -> QuerySet[Case]:
        if stage == "open":
            rows = rows.filter(closed_at=None)
        elif stage in Stage.values:
            rows = rows.filter(stage=stage)
        if words.upper().startswith("KC-"):
            return rows.filter(number=words.upper())
        if words:
            return rows.filter(pupil__in=matching(Pupil.objects.all(), words).values("pk"))
        return rows


def matching(pupils: QuerySet[Pupil], words: str) -> QuerySet[Pupil]:
    """By the last four of a number, a whole number, the beginning of the name in signs, sound or initials, or the home village."""
    if len(words) == 4 and words[:3].isdigit():
        return pupils.filter(last_four=blind(words))
    if len(words) >= 18:
        return pupils.filter(status_index=blind(words)) | pupils.filter(id_index=blind(words))
    letters = words.lower().replace(" ", "").replace("'", "")
    if letters.isascii() and letters.isalpha():
        return pupils.filter(Q(sound__startswith=letters) | Q(initials__startswith=letters))
    villages = Unit.objects.filter(kind=UnitKind.VILLAGE, name__in=[words, f"{words}村"])
    return pupils.filter(Q(name__startswith=words) | Q(village__in=villages))


class Pupils(SearchPage):
    """Search a pupil: only with words, every search logged with what it found."""

    capability = Can.SEARCH_PUPILS
    slot = "pupils"

    def get(self, request: HttpRequest) -> HttpResponse:
        words = self.words()
        pupils = (
            matching(access.pupils_visible_to(self.user), words) if words else Pupil.objects.none()
        )
        found = page(pupils, ["id"], request.GET.get("after", ""))
        if words:
            trail.look("pupils", [p.pk for p in found.rows], by=self.user, at=self.at)
        rows = Pupil.objects.filter(pk__in=[p.pk for p in found.rows]).prefetch_related(
            "enrolments__class_unit", "enrolments__school"
        )
        return self.show(
            "cases/pupils.html",
            {
                "page": found,
                "pupils": rows.order_by("id"),
                "q": words,
                "may_move": any(map(self.user.can, (Can.MOVE_STATUS, Can.APPROVE_STATUS))),
                "may_begin": self.user.can(Can.CALL_ROLL),
                "may_visit": self.user.can(Can.WORK_STEPS),
                "open_cases": {
                    case.pupil_id: case
                    for case in Case.objects.open()
                    .visible_to(self.user)
                    .filter(pupil__in=[p.pk for p in found.rows])
                },
            },
        )
