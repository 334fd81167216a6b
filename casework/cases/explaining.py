"""Why this date: the policy and the calendar that made it, and day by day what counted and what did not (features 63)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.cases import letters
from casework.cases.kinds import VISITING, Kind
from casework.cases.models import PauseCause, Step, StepDue, Suspension
from casework.cases.redating import current
from casework.cases.rule_words import UNIT_WORDS, value_words
from casework.cases.step_clock import counted_by, said_of
from casework.core.clock import LOCAL, end_of, local_date, local_moment
from casework.deadlines.days import days_as_of
from casework.deadlines.engine import explain
from casework.deadlines.models import CalendarVersion
from casework.deadlines.office import written
from casework.deadlines.reasons import DayLine
from casework.deadlines.units import WORKING_HOURS

CAUSES: dict[str, Promise] = {
    "begun": _("the step was begun"),
    "held": _("the clock was put on hold"),
    "resumed": _("the clock runs again"),
    "extended": _("more time was given"),
    "calendar": _("the official calendar changed"),
    "term": _("the dates of a school term changed"),
    "day": _("a day that differs was entered"),
    "hours": _("the office hours changed"),
    "policy": _("the rules changed"),
    "elsewhere": _("the case went to another school"),
    "finished": _("finished"),
}


@dataclass(frozen=True)
class Past:
    """A due moment that the step had, from when on and why; `late` of the last one: working days, None while it runs."""

    row: StepDue
    words: str
    late: int | None


@dataclass(frozen=True)
class Why:
    """All that the page and the JSON say of a step's date."""

    step: Step
    calendar: CalendarVersion
    lines: list[DayLine]
    pauses: list[Suspension]
    past: list[Past]
    term: list[DayLine]
    office: str

    @property
    def unit_words(self) -> str:
        return str(UNIT_WORDS[self.step.budget_unit])

    @property
    def event(self) -> str:
        """The event from which the limit runs, in words."""
        step = self.step
        said = said_of(step).get("from", "begun")
        if step.kind in VISITING and step.counted_from > step.begun_at:
            return value_words("promised")
        if step.counted_from == step.begun_at or said == "begun":
            return value_words("begun")
        if said == "wakes" and step.matter and not step.restricted:
            facts = {"what": step.matter.title, "event": value_words(said)}
            return gettext("%(what)s: %(event)s") % facts
        return value_words(said)


def why(step: Step) -> Why:
    """The explanation of a step's present date, worked out anew from its row: nine queries, however long it ran."""
    dues = list(step.dues.select_related("restatement").order_by("pk"))
    last = next(due for due in reversed(dues) if not due.ended)
    days = days_as_of(counted_by(step), last.since, step.calendar_version)
    pauses = current(step) if step.pauses else []
    lines = explain(
        step.counted_from,
        step.budget,
        step.budget_unit,
        days,
        [(each.since, each.until) for each in pauses],
        roll_forward=step.roll_forward,
    )
    return Why(
        step=step,
        calendar=CalendarVersion.objects.get(number=step.calendar_version),
        lines=_with_reasons(lines, pauses),
        pauses=pauses,
        past=[Past(due, cause_words(due), due.late_days if due.ended else None) for due in dues],
        term=_term_of(step, dues[0]),
        office=written(days.office_on(local_date(step.due_at)))
        if step.budget_unit == WORKING_HOURS
        else "",
    )


def _with_reasons(lines: Sequence[DayLine], pauses: list[Suspension]) -> list[DayLine]:
    """A paused day says why the clock stood."""
    return list(lines) if not pauses else [_paused(line, pauses) for line in lines]


def _paused(line: DayLine, pauses: list[Suspension]) -> DayLine:
    standing = (each for each in pauses if _covers(each, line.day))
    found = None if line.counted else next(standing, None)
    if found is None or line.reason != gettext("paused"):
        return line
    hold = {"cause": line.reason, "what": found.reason}
    words = found.get_cause_display()
    if found.cause == PauseCause.HOLD:
        words = gettext("%(cause)s: %(what)s") % hold
    return DayLine(line.day, line.counted, line.number, str(words), line.provisional)


def _covers(pause: Suspension, day: date) -> bool:
    first = pause.since.astimezone(LOCAL).date()
    return first <= day and local_moment(day) < pause.until


def cause_words(due: StepDue) -> str:
    words = str(CAUSES.get(due.cause, due.cause))
    what = due.restatement.words if due.restatement else due.facts.get("reason")
    return gettext("%(cause)s: %(what)s") % {"cause": words, "what": what} if what else words


def _term_of(step: Step, begun: StepDue) -> list[DayLine]:
    """The days that a letter gave to the family before the township looks: from its service, by the law (Civil Code art. 201, 203)."""
    matter = step.matter
    if step.kind != Kind.ANSWER_LETTER or matter is None or "counts_from" not in matter.facts:
        return []
    said = letters.rules(step.case, step.begun_at)[matter.code]
    version = begun.facts.get("calendar", step.calendar_version)
    days = days_as_of(counted_by(step), begun.since, version)
    start = local_moment(date.fromisoformat(matter.facts["counts_from"]), 12)
    lines = explain(
        start, matter.facts["term"], said["unit"], days, roll_forward=bool(said.get("roll_forward"))
    )
    given_longer = end_of(lines[-1].day) != step.counted_from  # somebody chose a later look since
    return [] if given_longer else lines


def as_json(found: Why) -> dict[str, Any]:
    """The same for a machine: ISO dates, codes and words."""
    step = found.step
    return {
        "step": step.pk,
        "due": _iso(step.due_at),
        "target": _iso(step.target_at),
        "counted_from": _iso(step.counted_from),
        "event": found.event,
        "budget": step.budget,
        "unit": step.budget_unit,
        "roll_forward": step.roll_forward,
        "provisional": step.provisional,
        "policy": {"rule": step.rule, "name": step.profile.name, "version": step.profile.version},
        "calendar": {"version": found.calendar.number, "source": found.calendar.source},
        "pauses": [
            {"cause": each.cause, "from": _iso(each.since), "to": _iso(each.until), "reason": each.reason}
            for each in found.pauses
        ],
        "days": [
            {"day": line.day.isoformat(), "counted": line.counted, "number": line.number, "reason": str(line.reason)}
            for line in found.lines
        ],
        "history": [
            {"due": _iso(past.row.due_at), "since": _iso(past.row.since), "cause": past.row.cause, "words": past.words}
            for past in found.past
        ],
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(LOCAL).isoformat() if at else None
