"""What the rolls say of the pupils that a rule may find, read in a few statements and without what is encrypted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from casework.detection.models import UNDECIDED, Finding
from casework.detection.registry import ROLL_RULES, Parameters, Rule, Span
from casework.detection.rules import Run
from casework.detection.standing import Ground
from casework.org.models import Unit
from casework.students.models import Absence, Enrolment, Mark, RollCall
from casework.students.movements import spans_away

CHUNK = 5_000


class Said(NamedTuple):
    """What a roll says of a pupil on a day, and where."""

    mark: str
    source: str
    sha256: str
    row: int


class Stay(NamedTuple):
    """A pupil in a class; `until` as in the enrolment."""

    class_id: int
    school_id: int
    since: date
    until: date | None


@dataclass
class Rolls:
    """What the rolls say of the suspected: absences by pupil and day, stays, calls by class and day."""

    absences: dict[int, dict[date, Said]] = field(default_factory=lambda: defaultdict(dict))
    stays: dict[int, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    calls: set[tuple[int, date]] = field(default_factory=set)
    away: dict[int, list[tuple[date, date]]] = field(default_factory=dict)

    def of(self, pupil_id: int, taught: Sequence[date]) -> dict[date, str | None]:
        """The mark of each school day; None where the roll says nothing."""
        marks: dict[date, str | None] = {}
        said = self.absences[pupil_id]
        for day in taught:
            if day in said:
                marks[day] = None if said[day].mark == Mark.BLANK else said[day].mark
            elif (self.class_on(pupil_id, day), day) in self.calls and not self.is_away(
                pupil_id, day
            ):
                marks[day] = Mark.PRESENT
        return marks

    def is_away(self, pupil_id: int, day: date) -> bool:
        """Suspended or a guest elsewhere: nobody called the pupil, so the roll says nothing."""
        return any(first <= day <= last for first, last in self.away.get(pupil_id, ()))

    def class_on(self, pupil_id: int, day: date) -> int | None:
        for stay in self.stays[pupil_id]:
            if stay.since <= day and (stay.until is None or day < stay.until):
                return stay.class_id
        return None

    def evidence(self, pupil_id: int, run: Run) -> list[dict[str, Any]]:
        """Each day of a run as a finding keeps it: mark, source, row, and the hash of the file where there was one."""
        return [_evidence(day, self.absences[pupil_id][day]) for day in run.days]


def _evidence(day: date, said: Said) -> dict[str, Any]:
    kept = {"day": day.isoformat(), "mark": said.mark, "source": said.source, "row": said.row}
    return kept | ({"sha256": said.sha256} if said.sha256 else {})


def span_of(rule: Rule, ground: Ground) -> list[date]:
    """The school days that a rule looks at."""
    return ground.year if rule.span == Span.YEAR else ground.taught


def suspects(ground: Ground, schools: Sequence[int], within: str) -> dict[str, set[int]]:
    """By rule in use, the pupils below the path `within` with enough counted marks to be found at all, and those of whom a finding still waits."""
    rules = [rule for rule in ROLL_RULES if ground.parameters[rule.code]["on"]]
    here = Enrolment.objects.filter(
        school__in=schools, until=None, class_unit__path__startswith=within
    )
    narrow = (
        len(within) > Unit.steplen
    )  # of a county every mark is counted, and strangers are left out afterwards
    spans = {(days[0], days[-1]) for days in (span_of(rule, ground) for rule in rules)}
    least = min((_least(ground.parameters[rule.code]) for rule in rules), default=1)
    counted = {span: _counted(span, here if narrow else None, least) for span in spans}
    asked: dict[str, set[int]] = {}
    for rule in rules:
        said, days = ground.parameters[rule.code], span_of(rule, ground)
        marks = set(rule.counted(said))
        asked[rule.code] = {
            pupil
            for pupil, found in counted[(days[0], days[-1])].items()
            if sum(found[mark] for mark in marks & found.keys()) >= _least(said)
        }
    for code, pupil in _waiting(asked, ground):
        asked[code].add(pupil)
    ours = _of(here, set().union(*asked.values()))
    return {code: pupils & ours for code, pupils in asked.items()}


def _least(said: Parameters) -> int:
    """How many counted marks a pupil needs before a rule is asked."""
    return max(int(said["days"]), 1)


def _counted(
    span: tuple[date, date], here: QuerySet[Enrolment] | None, least: int
) -> dict[int, dict[str, int]]:
    """How often each mark stands in the rolls of each pupil who has `least` of any; one pass over the rows."""
    rows = Absence.objects.filter(day__range=span)
    if here is not None:
        rows = rows.filter(pupil__in=here.values("pupil"))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    counts = rows.order_by().values_list("pupil", "mark").annotate(n=Count("pk"))
    for pupil, mark, number in counts.iterator(10_000):
        found[pupil][mark] = number
    return {pupil: marks for pupil, marks in found.items() if sum(marks.values()) >= least}


def _of(here: QuerySet[Enrolment], pupils: set[int]) -> set[int]:
    """Those who are enrolled there."""
    ours: set[int] = set()
    for some in pieces(sorted(pupils)):
        ours.update(here.filter(pupil__in=some).values_list("pupil", flat=True))
    return ours


def _waiting(asked: Iterable[str], ground: Ground) -> Iterator[tuple[str, int]]:
    """Rule and pupil of each undecided finding of the days looked at."""
    rows = Finding.objects.filter(
        rule__in=list(asked),
        state__in=UNDECIDED,
        pupil__isnull=False,
        first_day__range=(min(ground.year[0], ground.taught[0]), ground.taught[-1]),
    )
    for code, pupil in rows.values_list("rule", "pupil").distinct():
        assert pupil is not None
        yield code, pupil


def read_rolls(pupils: Sequence[int], first: date, last: date) -> Rolls:
    """All that the rolls say of these pupils from `first` to `last`."""
    rolls = Rolls()
    for some in pieces(pupils):
        absences = Absence.objects.filter(pupil__in=some, day__range=(first, last))
        for pupil, day, mark, source, sha256, row in absences.values_list(
            "pupil", "day", "mark", "source", "file_sha256", "row"
        ):
            rolls.absences[pupil][day] = Said(mark, source, sha256, row)
        stays = Enrolment.objects.filter(pupil__in=some).order_by("-since", "-pk")
        for pupil, class_id, school, since, until in stays.values_list(
            "pupil", "class_unit", "school", "since", "until"
        ):
            rolls.stays[pupil].append(Stay(class_id, school, since, until))
        rolls.away.update(spans_away(some))
        classes = {stay.class_id for pupil in some for stay in rolls.stays[pupil]}
        called = RollCall.objects.filter(class_unit__in=classes, day__range=(first, last))
        rolls.calls.update(called.values_list("class_unit", "day"))
    return rolls


def pieces(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Small enough for one statement."""
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
