"""Filing on the shelf, and the checklist of what is due, filed and late in a school year (domain.md 6.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents import attachments
from casework.documents.models import Document, Purpose
from casework.documents.uploads import LARGEST, look_at
from casework.org.models import Latch, Post, Unit, User
from casework.org.roles import CAPABILITIES, Can
from casework.profiles.rules import section
from casework.profiles.shelf import SLOTS, Slot, due_days, slots_of
from casework.registers.models import Filing

FILED, LATE, MISSING, AHEAD = "filed", "late", "missing", "ahead"


@dataclass(frozen=True)
class Filed:
    """Something in a slot: a filed document or a paper made here. `day`: when it came on the shelf."""

    day: date
    title: str
    filing: Filing | None = None
    paper: Document | None = None


@dataclass(frozen=True)
class Due:
    """One day on which a slot is due, and what answers it."""

    day: date
    state: str
    filed: Filed | None = None


@dataclass(frozen=True)
class Line:
    """A slot with what is due in it and all that lies in it."""

    slot: Slot
    dues: list[Due]
    filed: list[Filed]

    @property
    def state(self) -> str:
        """The worst of its days."""
        states = {due.state for due in self.dues}
        return next((each for each in (MISSING, LATE, AHEAD) if each in states), FILED)


def checklist(unit: Unit, year: int, *, at: datetime) -> list[Line]:
    """All slots of an office with their days in the school year that begins in `year`. Three queries."""
    days: dict[str, str] = section(unit, "shelf", at)
    filed = _filed(unit, year)
    return [
        Line(
            slot,
            list(_dues(due_days(days[slot.code], year), filed.get(slot.code, []), local_date(at))),
            filed.get(slot.code, []),
        )
        for slot in slots_of(unit.kind)
    ]


@dataclass(frozen=True)
class Missing:
    """A slot with a day that went by without a document; `who` keeps the office's registers."""

    slot: Slot
    day: date
    who: str = ""


KEEPERS = [role for role, may in CAPABILITIES.items() if Can.REGISTERS in may]


def _keepers_of(unit: Unit, at: datetime) -> str:
    """Whoever keeps the registers of an office, by name."""
    posts = Post.objects.held_on(local_date(at)).filter(unit=unit, role__in=KEEPERS)
    names = posts.order_by("user__display_name").values_list("user__display_name", flat=True)
    return "、".join(dict.fromkeys(names))


def missing_of(unit: Unit, year: int, *, at: datetime) -> list[Missing]:
    """What an office's shelf lacks in the school year that begins in `year`, the oldest first; nothing where no shelf is kept."""
    lines = checklist(unit, year, at=at) if slots_of(unit.kind) else []
    gone = [(due.day, line.slot) for line in lines for due in line.dues if due.state == MISSING]
    who = _keepers_of(unit, at) if gone else ""
    return [Missing(slot, day, who) for day, slot in sorted(gone, key=lambda each: each[0])]


def _filed(unit: Unit, year: int) -> dict[str, list[Filed]]:
    """By slot what lies in it, oldest first."""
    found: dict[str, list[Filed]] = {}
    for row in Filing.objects.filter(unit=unit, year=year).select_related("attachment"):
        filed = Filed(local_date(row.filed_at), row.title, filing=row)
        found.setdefault(row.slot, []).append(filed)
    slot_of = {kind: slot.code for slot in slots_of(unit.kind) for kind in slot.papers}
    bounds = [local_moment(date(each, 9, 1)) for each in (year, year + 1)]
    papers = Document.objects.filter(chain=f"unit:{unit.pk}", kind__in=slot_of)
    for paper in papers.filter(frozen_at__gte=bounds[0], frozen_at__lt=bounds[1]):
        filed = Filed(local_date(paper.frozen_at), paper.title, paper=paper)
        found.setdefault(slot_of[paper.kind], []).append(filed)
    return {code: sorted(rows, key=lambda each: each.day) for code, rows in found.items()}


def _dues(days: list[date], filed: list[Filed], today: date) -> Iterator[Due]:
    """Each due day takes the first document that came after the day before it; one that came later than its day is late."""
    rest = list(filed)
    before = date.min
    for day in days:
        answer = next((each for each in rest if each.day > before), None)
        if answer:
            rest.remove(answer)
            yield Due(day, FILED if answer.day <= day else LATE, answer)
        else:
            yield Due(day, MISSING if day < today else AHEAD)
        before = day


def file_on_shelf(
    unit: Unit,
    *,
    year: int,
    slot: str,
    title: str,
    day: date,
    approver: str,
    file: IO[bytes] | None,
    by: User,
    at: datetime,
) -> Filing:
    """File a document as the next version of its title. DomainError: no such slot here, a day ahead, or a file that cannot be kept."""
    _refuse(unit, slot, day, at)
    if file is None:
        raise DomainError(_("Choose a file first."), fields={"file": _("required")})
    kept = attachments.store(look_at(file.read(LARGEST + 1), str(getattr(file, "name", ""))[-60:]))
    with one_act():
        Latch.hold(f"shelf:{unit.pk}")  # two at once make two versions
        rows = Filing.objects.filter(unit=unit, year=year, slot=slot, title=title)
        filing = Filing(
            unit=unit,
            year=year,
            slot=slot,
            title=title,
            version=(rows.aggregate(last=Max("version"))["last"] or 0) + 1,
            day=day,
            approver=approver,
            attachment=attachments.enter(
                kept, chain=f"unit:{unit.pk}", purpose=Purpose.FILED, title=title, by=by, at=at
            ),
            filed_at=at,
            filed_by=by.display_name,
        )
        filing.save()
    return filing


def _refuse(unit: Unit, slot: str, day: date, at: datetime) -> None:
    if slot not in SLOTS or unit.kind not in SLOTS[slot].levels:
        raise DomainError(_("This office has no such part."), fields={"slot": _("choose another")})
    if day > local_date(at):
        raise DomainError(_("A day lies in the future."), fields={"day": _("later than today")})
