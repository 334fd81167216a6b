"""Looking for dropouts: every run of the term up to a day becomes a finding, once; a growing run updates its finding.

A finding whose days were corrected away is withdrawn unless it is decided; one that was set aside comes back to the
list when its run has grown by as many days as make a finding.
"""

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
from casework.detection.models import UNDECIDED, Finding, FindingState
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

    @property
    def unexcused(self) -> set[str]:
        return set(self.parameters["unexcused"])

    def covers(self, finding: Finding) -> bool:
        """Whether the days looked at hold all of the finding's."""
        return self.taught[0] <= finding.first_day and finding.last_day <= self.taught[-1]


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
    """The new, the grown and the returned findings of the schools of `unit` over the term up to `day`; a second time: none.

    Rule parameters, term and time limit come from profile and calendar of each school; where one is missing:
    DomainError with the remedy. A dry run writes nothing and gives the findings unsaved.
    """
    schools = Unit.objects.filter(kind=UnitKind.SCHOOL, path__startswith=unit.path)
    found: list[Finding] = []
    with nullcontext() if dry_run else one_act():
        if not dry_run:
            Latch.hold("scan")  # two scans at once would find twice
        for ground, members in _grounds(schools, day, at):
            found += _scan_schools(ground, list(members), at, lock=not dry_run)
        if not dry_run:
            _save(found)
            trail.record(
                "detection.run",
                by=by,
                at=at,
                unit_id=unit.pk,
                day=day.isoformat(),
                findings=len(found),
                withdrawn=sum(each.state == FindingState.WITHDRAWN for each in found),
            )
    return [each for each in found if each.state != FindingState.WITHDRAWN]


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
        rules_for(school, at).profile_of["detection"],
        due_at(at, limit["budget"], limit["unit"], days),
    )


def _scan_schools(
    ground: Ground, schools: Sequence[int], at: datetime, *, lock: bool
) -> list[Finding]:
    if not ground.taught:
        return []
    pupils = sorted(_suspects(ground, schools) | _undecided(ground, schools))
    marks, known = _marks(pupils, ground), _known(pupils, lock=lock)
    return [
        finding
        for pupil_id in pupils
        for finding in _scan_pupil(pupil_id, marks, known[pupil_id], ground, at)
    ]


def _scan_pupil(
    pupil_id: int, marks: Marks, known: Sequence[Finding], ground: Ground, at: datetime
) -> Iterator[Finding]:
    """What has changed of one pupil: findings new, grown or returned, and those that no run holds up any more."""
    said = marks.of(pupil_id, ground.taught)
    held: set[int | None] = set()
    for run in runs(
        said, ground.taught, days=ground.parameters["days"], unexcused=ground.unexcused
    ):
        free = [finding for finding in known if finding.pk not in held]
        finding = _overlapping(free, run) or _new(pupil_id, run, marks, ground, at)
        held.add(finding.pk)
        if _update(finding, run, marks.absences[pupil_id], ground, at):
            yield finding
    for finding in known:
        if finding.pk not in held and finding.state in UNDECIDED and ground.covers(finding):
            finding.state, finding.updated_at = FindingState.WITHDRAWN, at
            yield finding


def _suspects(ground: Ground, schools: Sequence[int]) -> set[int]:
    """Pupils of the schools with enough unexcused marks in the term to have a run at all."""
    rows = Absence.objects.filter(
        mark__in=ground.unexcused,
        day__range=(ground.taught[0], ground.taught[-1]),
        pupil__enrolments__school__in=schools,
        pupil__enrolments__until=None,
    )
    counted = rows.values("pupil").annotate(found=Count("pk"))
    enough = counted.filter(found__gte=ground.parameters["days"])
    return set(enough.values_list("pupil", flat=True))


def _undecided(ground: Ground, schools: Sequence[int]) -> set[int]:
    """Pupils of whom a finding of the term still waits: it is looked at again even where the marks are gone."""
    rows = Finding.objects.filter(
        rule=RULE,
        state__in=UNDECIDED,
        pupil__enrolments__school__in=schools,
        pupil__enrolments__until=None,
        first_day__range=(ground.taught[0], ground.taught[-1]),
    )
    return {pupil for pupil in rows.values_list("pupil", flat=True) if pupil is not None}


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


def _known(pupils: Sequence[int], *, lock: bool) -> dict[int, list[Finding]]:
    """The findings of the pupils, locked where they are to be written: a person may be deciding one right now."""
    found: dict[int, list[Finding]] = defaultdict(list)
    rows = Finding.objects.filter(rule=RULE).order_by("first_day", "pk").select_related("pupil")
    if lock:
        rows = rows.select_for_update(of=("self",))
    for start in range(0, len(pupils), CHUNK):
        for each in rows.filter(pupil__in=pupils[start : start + CHUNK]):
            if each.pupil_id is not None:
                found[each.pupil_id].append(each)
    return found


def _overlapping(known: Sequence[Finding], run: Run) -> Finding | None:
    """The finding of a run: best the one that begins with it, since no two may."""
    meeting = [f for f in known if f.first_day <= run.last_day and run.first_day <= f.last_day]
    return min(meeting, key=lambda f: f.first_day != run.first_day, default=None)


def _new(pupil_id: int, run: Run, marks: Marks, ground: Ground, at: datetime) -> Finding:
    return Finding(
        pupil=marks.absences[pupil_id][run.first_day].pupil,
        unit_id=marks.enrolments[pupil_id][0].school_id,
        rule=RULE,
        profile_id=ground.profile_id,
        found_at=at,
        due_at=ground.due,
    )


def _update(
    finding: Finding, run: Run, absences: dict[date, Absence], ground: Ground, at: datetime
) -> bool:
    """Bring a finding to what its run is now; False if it says so already, or was found on a later day than this."""
    days = [_evidence(absences[day]) for day in run.days]
    gaps = [day.isoformat() for day in run.gaps]
    back = _comes_back(finding, len(days), ground)
    if finding.pk and not ground.covers(finding):
        return False
    if (finding.days, finding.gaps) == (days, gaps) and not back:
        return False
    finding.first_day, finding.last_day = run.first_day, run.last_day
    finding.days, finding.gaps, finding.updated_at = days, gaps, at
    if back:
        finding.state, finding.due_at = FindingState.WAITING, ground.due
    return True


def _comes_back(finding: Finding, days: int, ground: Ground) -> bool:
    """Withdrawn but there again; or set aside, and since then absent for as long as makes a finding."""
    if finding.state == FindingState.SET_ASIDE:
        return days >= finding.days_decided + int(ground.parameters["days"])
    return finding.state == FindingState.WITHDRAWN


def _evidence(absence: Absence) -> dict[str, Any]:
    said = {
        "day": absence.day.isoformat(),
        "mark": absence.mark,
        "source": absence.source,
        "row": absence.row,
    }
    return said | ({"sha256": absence.file_sha256} if absence.file_sha256 else {})


def _save(found: Sequence[Finding]) -> None:
    Finding.objects.bulk_create([each for each in found if each.pk is None])
    Finding.objects.bulk_update(
        [each for each in found if each.pk is not None],
        ["first_day", "last_day", "days", "gaps", "updated_at", "state", "due_at"],
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
