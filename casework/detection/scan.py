"""Looking for dropouts: every run of the term up to a day becomes a finding, once; a growing run updates its finding."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from casework.audit import trail
from casework.core.transaction import one_act
from casework.deadlines.days import DayTable, days_for, school_days, term_of
from casework.deadlines.engine import due_at
from casework.deadlines.models import LocalDay, Term
from casework.detection.models import Finding
from casework.detection.rules import Run, runs
from casework.org.models import Latch, Unit, UnitKind, User
from casework.profiles.models import Profile
from casework.profiles.rules import rules_for, section
from casework.students.models import Absence, Enrolment, Mark, RollCall

RULE = "consecutive_absence"
CHUNK = 5_000


@dataclass(frozen=True)
class Ground:
    """What holds alike for a group of schools: days, rule parameters, the time limit of the decision."""

    days: DayTable
    taught: list[date]
    parameters: dict[str, Any]
    profile_id: int
    due: datetime


@dataclass
class Marks:
    """What the rolls say of the suspected: absences by pupil and day, enrolments, calls by class and day."""

    absences: dict[int, dict[date, Absence]]
    enrolments: dict[int, list[Enrolment]]
    calls: set[tuple[int, date]]

    def of(self, pupil_id: int, taught: Sequence[date]) -> dict[date, str | None]:
        """The mark of each school day; None where the roll says nothing."""
        marks: dict[date, str | None] = {}
        for day in taught:
            absence = self.absences[pupil_id].get(day)
            if absence is not None:
                marks[day] = None if absence.mark == Mark.BLANK else absence.mark
            elif (self.class_on(pupil_id, day), day) in self.calls:
                marks[day] = Mark.PRESENT
        return marks

    def class_on(self, pupil_id: int, day: date) -> int | None:
        for each in self.enrolments[pupil_id]:
            if each.since <= day and (each.until is None or day <= each.until):
                return each.class_unit_id
        return None


def scan(
    unit: Unit, day: date, *, at: datetime, by: User | None = None, dry_run: bool = False
) -> list[Finding]:
    """The new and the grown findings of the schools of `unit` over the term up to `day`; a second time: none.

    Rule parameters, term and time limit come from profile and calendar of each school; where one is missing:
    DomainError with the remedy. A dry run writes nothing and gives the findings unsaved.
    """
    schools = Unit.objects.filter(kind=UnitKind.SCHOOL, path__startswith=unit.path)
    found: list[Finding] = []
    with nullcontext() if dry_run else one_act():
        if not dry_run:
            Latch.hold("scan")  # two scans at once would find twice
        for ground, members in _grounds(schools, day, at):
            found += _scan_schools(ground, members, at)
        if not dry_run:
            _save(found)
            trail.record(
                "detection.run",
                by=by,
                at=at,
                unit_id=unit.pk,
                day=day.isoformat(),
                findings=len(found),
            )
    return found


def _grounds(
    schools: Iterable[Unit], day: date, at: datetime
) -> Iterator[tuple[Ground, dict[int, Unit]]]:
    """The schools in groups that share terms, local days and profile: what is theirs is worked out once a group."""
    special = {
        path
        for model in (Term, LocalDay, Profile)
        for path in model._default_manager.values_list("unit__path", flat=True).distinct()
    }
    groups: dict[str, dict[int, Unit]] = defaultdict(dict)
    for school in schools:
        nearest = next((path for path in school.paths_up() if path in special), "")
        groups[nearest][school.pk] = school
    for members in groups.values():
        ground = _ground(next(iter(members.values())), day, at)
        if ground is not None:
            yield ground, members


def _ground(school: Unit, day: date, at: datetime) -> Ground | None:
    days = days_for(school)
    term = term_of(days, day)
    if term is None:
        return None
    limit = section(school, "intake", at)
    return Ground(
        days,
        school_days(days, term.first, day),
        section(school, "detection", at)[RULE],
        rules_for(school, at).profile_id,
        due_at(at, limit["budget"], limit["unit"], days),
    )


def _scan_schools(ground: Ground, schools: dict[int, Unit], at: datetime) -> list[Finding]:
    unexcused = set(ground.parameters["unexcused"])
    marks = _marks(_suspects(ground, list(schools), unexcused), ground)
    known = _known(marks.absences)
    found = []
    for pupil_id in sorted(marks.absences):
        said = marks.of(pupil_id, ground.taught)
        for run in runs(said, ground.taught, days=ground.parameters["days"], unexcused=unexcused):
            finding = _finding(pupil_id, run, marks, known[pupil_id], ground, at)
            if finding is not None:
                found.append(finding)
    return found


def _suspects(ground: Ground, schools: Sequence[int], unexcused: set[str]) -> list[int]:
    """Pupils of the schools with enough unexcused marks in the term to have a run at all."""
    if not ground.taught:
        return []
    rows = Absence.objects.filter(
        mark__in=unexcused,
        day__range=(ground.taught[0], ground.taught[-1]),
        pupil__enrolments__school__in=schools,
        pupil__enrolments__until=None,
    )
    counted = rows.values("pupil").annotate(found=Count("pk"))
    return list(
        counted.filter(found__gte=ground.parameters["days"]).values_list("pupil", flat=True)
    )


def _marks(pupils: Sequence[int], ground: Ground) -> Marks:
    absences: dict[int, dict[date, Absence]] = defaultdict(dict)
    enrolments: dict[int, list[Enrolment]] = defaultdict(list)
    calls: set[tuple[int, date]] = set()
    for start in range(0, len(pupils), CHUNK):
        some = pupils[start : start + CHUNK]
        span = (ground.taught[0], ground.taught[-1])
        for absence in Absence.objects.filter(pupil__in=some, day__range=span).select_related(
            "pupil"
        ):
            absences[absence.pupil_id][absence.day] = absence
        for each in Enrolment.objects.filter(pupil__in=some).order_by("-since", "-pk"):
            enrolments[each.pupil_id].append(each)
        classes = {each.class_unit_id for pupil in some for each in enrolments[pupil]}
        called = RollCall.objects.filter(class_unit__in=classes, day__range=span)
        calls.update(called.values_list("class_unit_id", "day"))
    return Marks(absences, enrolments, calls)


def _known(pupils: Iterable[int]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = defaultdict(list)
    wanted = sorted(pupils)
    for start in range(0, len(wanted), CHUNK):
        rows = Finding.objects.filter(rule=RULE, pupil__in=wanted[start : start + CHUNK])
        for each in rows.order_by("first_day", "pk").select_related("pupil"):
            if each.pupil_id is not None:
                found[each.pupil_id].append(each)
    return found


def _finding(
    pupil_id: int, run: Run, marks: Marks, known: Sequence[Finding], ground: Ground, at: datetime
) -> Finding | None:
    """The finding of a run: a new one, the known one with what has grown, or None when it says so already."""
    finding = next(
        (f for f in known if f.first_day <= run.last_day and run.first_day <= f.last_day), None
    )
    days = [_evidence(marks.absences[pupil_id][day]) for day in run.days]
    gaps = [day.isoformat() for day in run.gaps]
    if finding is None:
        finding = Finding(
            pupil=marks.absences[pupil_id][run.first_day].pupil,
            unit_id=marks.enrolments[pupil_id][0].school_id,
            rule=RULE,
            profile_id=ground.profile_id,
            found_at=at,
            due_at=ground.due,
        )
    elif (finding.days, finding.gaps) == (days, gaps):
        return None
    finding.first_day, finding.last_day = run.first_day, run.last_day
    finding.days, finding.gaps, finding.updated_at = days, gaps, at
    return finding


def _evidence(absence: Absence) -> dict[str, Any]:
    return {
        "day": absence.day.isoformat(),
        "mark": absence.mark,
        "source": absence.source,
        "row": absence.row,
    }


def _save(found: Sequence[Finding]) -> None:
    Finding.objects.bulk_create([each for each in found if each.pk is None])
    Finding.objects.bulk_update(
        [each for each in found if each.pk is not None],
        ["first_day", "last_day", "days", "gaps", "updated_at"],
        batch_size=500,
    )


def as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The answer of `detect --json`: status number, rule and days (ISO dates) of each finding."""
    return [
        {
            "status_number": each.pupil.status_number if each.pupil else "",
            "rule": each.rule,
            "days": [said["day"] for said in each.days],
        }
        for each in findings
    ]
