"""Looking for dropouts: what a rule of the registry finds up to a day becomes a finding, once; one that grows updates its finding.

A finding whose days were corrected away is withdrawn unless it is decided; one that was set aside comes back to the
list when it has grown by as many days as make a finding.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casework.audit import trail
from casework.core.rows import update_many
from casework.core.transaction import one_act
from casework.detection.grounds import grounds
from casework.detection.models import UNDECIDED, Finding, FindingState
from casework.detection.reading import Rolls, pieces, read_rolls, span_of, suspects
from casework.detection.registry import ROLL_RULES, RULES, STANDING_RULES, Rule
from casework.detection.standing import Ground
from casework.org.models import Latch, Unit, UnitKind, User

RULE = "consecutive_absence"
INSIDE_A_SCHOOL = (UnitKind.GRADE, UnitKind.CLASS)
Key = tuple[int, str]


@dataclass
class Hit:
    """What a rule found of a pupil: its days or rows as evidence."""

    rule: str
    pupil_id: int
    school_id: int
    first_day: date
    last_day: date
    days: list[dict[str, Any]]
    gaps: list[str] = field(default_factory=list)


def scan(
    unit: Unit, day: date, *, at: datetime, by: User | None = None, dry_run: bool = False
) -> list[Finding]:
    """The new, the grown and the returned findings of the schools of `unit` over the term up to `day`; a second time: none.

    `unit` may be a class, whose roll was just called: then only the rules about rolls are asked. Rule parameters, term
    and time limit come from profile and calendar of each school; where one is missing: DomainError with the remedy. A
    dry run writes nothing and gives the findings unsaved.
    """
    found: list[Finding] = []
    with nullcontext() if dry_run else one_act():
        if not dry_run:
            Latch.hold("scan")  # two scans at once would find twice
        for ground, schools in grounds(_schools(unit), day, at):
            found += _scan_group(ground, schools, unit, at, lock=not dry_run)
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


def _schools(unit: Unit) -> list[Unit]:
    school = unit.above(UnitKind.SCHOOL)
    if school is not None:
        return [school]
    return list(Unit.objects.filter(kind=UnitKind.SCHOOL, path__startswith=unit.path))


def hits_of(
    ground: Ground, schools: Sequence[int], within: str = ""
) -> tuple[list[Hit], dict[str, set[int]], Rolls]:
    """What the rules about rolls that are on find of the pupils below the path `within`; by rule which pupils were looked at, and the rolls that were read."""
    asked = suspects(ground, schools, within)
    pupils = sorted(set().union(*asked.values()))
    first = min(ground.year[0], ground.taught[0])
    rolls = read_rolls(pupils, first, ground.taught[-1])
    found = []
    for rule in (each for each in ROLL_RULES if each.code in asked):
        days, said = span_of(rule, ground), ground.parameters[rule.code]
        for pupil in sorted(asked[rule.code]):
            for run in rule.find(rolls.of(pupil, days), days, said):
                evidence, gaps = rolls.evidence(pupil, run), [day.isoformat() for day in run.gaps]
                school = rolls.stays[pupil][0].school_id
                found.append(
                    Hit(rule.code, pupil, school, run.first_day, run.last_day, evidence, gaps)
                )
    return found, asked, rolls


def standing_hits(ground: Ground, schools: Sequence[int]) -> dict[str, list[Hit]]:
    """By rule about enrolments and numbers what it finds; rules that are off, or whose time it is not, are left out."""
    found: dict[str, list[Hit]] = {}
    for rule in STANDING_RULES:
        said = ground.parameters[rule.code]
        rows = rule.find(schools, ground, said) if said["on"] else None
        if rows is not None:
            found[rule.code] = [
                Hit(rule.code, each.pupil_id, each.school_id, each.since, each.since, each.rows)
                for each in rows
            ]
    return found


def _scan_group(
    ground: Ground, schools: Sequence[int], within: Unit, at: datetime, *, lock: bool
) -> list[Finding]:
    hits, asked, rolls = hits_of(ground, schools, within.path)
    if within.kind not in INSIDE_A_SCHOOL:
        for code, more in standing_hits(ground, schools).items():
            hits += more
            asked[code] = _waiting(code, schools) | {hit.pupil_id for hit in more}
    known = _known(asked, lock=lock)
    by_key: dict[Key, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_key[(hit.pupil_id, hit.rule)].append(hit)
    return [
        finding
        for key in sorted(set(by_key) | set(known))
        for finding in _reconcile(by_key[key], known.get(key, []), ground, rolls, at)
    ]


def _waiting(rule: str, schools: Sequence[int]) -> set[int]:
    rows = Finding.objects.filter(rule=rule, state__in=UNDECIDED, unit__in=schools)
    return {pupil for pupil in rows.values_list("pupil", flat=True) if pupil is not None}


def _known(asked: dict[str, set[int]], *, lock: bool) -> dict[Key, list[Finding]]:
    """The findings of the pupils, locked where they are to be written: a person may be deciding one right now."""
    found: dict[Key, list[Finding]] = defaultdict(list)
    rows = Finding.objects.order_by("first_day", "pk")
    if lock:
        rows = rows.select_for_update(of=("self",))
    for rule, pupils in asked.items():
        for some in pieces(sorted(pupils)):
            for each in rows.filter(rule=rule, pupil__in=some):
                assert each.pupil_id is not None
                found[(each.pupil_id, rule)].append(each)
    return found


def _reconcile(
    hits: Sequence[Hit], known: Sequence[Finding], ground: Ground, rolls: Rolls, at: datetime
) -> Iterator[Finding]:
    """What has changed of one pupil and rule: findings new, grown or returned, and those that nothing holds up any more."""
    held: set[int] = set()
    for hit in hits:
        free = [finding for finding in known if id(finding) not in held]
        finding = _overlapping(free, hit) or _new(hit, ground, at)
        held.add(id(finding))
        if _update(finding, hit, ground, at):
            yield finding
    for finding in known:
        fallen = finding.state in UNDECIDED and _covers(ground, finding)
        if id(finding) not in held and fallen and not _stands(finding, rolls):
            finding.state, finding.updated_at = FindingState.WITHDRAWN, at
            yield finding


def _covers(ground: Ground, finding: Finding) -> bool:
    """Whether the days looked at hold all of the finding's; what is no matter of days is looked at whole."""
    rule = RULES[finding.rule]
    if rule in STANDING_RULES:
        return True
    days = span_of(rule, ground)  # type: ignore[arg-type]
    return days[0] <= finding.first_day and finding.last_day <= days[-1]


def _stands(finding: Finding, rolls: Rolls) -> bool:
    """Whether each day of a finding that its rule keeps is still on the roll as it was."""
    rule = RULES[finding.rule]
    if not isinstance(rule, Rule) or not rule.keeps or finding.pupil_id is None:
        return False
    said = rolls.absences[finding.pupil_id]
    days = [(date.fromisoformat(each["day"]), each["mark"]) for each in finding.days]
    return all(day in said and said[day].mark == mark for day, mark in days)


def _overlapping(known: Sequence[Finding], hit: Hit) -> Finding | None:
    """The finding of a hit: best the one that begins with it, since no two may."""
    meeting = [f for f in known if f.first_day <= hit.last_day and hit.first_day <= f.last_day]
    return min(meeting, key=lambda f: f.first_day != hit.first_day, default=None)


def _new(hit: Hit, ground: Ground, at: datetime) -> Finding:
    return Finding(
        pupil_id=hit.pupil_id,
        unit_id=hit.school_id,
        rule=hit.rule,
        found_at=at,
        due_at=ground.due,
    )


def _update(finding: Finding, hit: Hit, ground: Ground, at: datetime) -> bool:
    """Bring a finding to what its hit is now; False if it says so already, or was found on a later day than this."""
    back = _comes_back(finding, len(hit.days), ground)
    if finding.pk and not _covers(ground, finding):
        return False
    if (finding.days, finding.gaps) == (hit.days, hit.gaps) and not back:
        return False
    finding.first_day, finding.last_day = hit.first_day, hit.last_day
    finding.days, finding.gaps, finding.updated_at = hit.days, hit.gaps, at
    finding.parameters, finding.profile_id = ground.parameters[hit.rule], ground.profile_id
    finding.rule_version = RULES[hit.rule].version
    if back:
        finding.state, finding.due_at = FindingState.WAITING, ground.due
    return True


def _comes_back(finding: Finding, days: int, ground: Ground) -> bool:
    """Withdrawn but there again; or set aside, and since then away for as long as makes a finding."""
    if finding.state == FindingState.SET_ASIDE and RULES[finding.rule] not in STANDING_RULES:
        return days >= finding.days_decided + int(ground.parameters[finding.rule]["days"])
    return finding.state == FindingState.WITHDRAWN


def _save(found: Sequence[Finding]) -> None:
    known = [each for each in found if each.pk is not None]
    Finding.objects.bulk_create([each for each in found if each.pk is None], batch_size=500)
    update_many(
        known, "first_day", "last_day", "days", "gaps", "updated_at", "state", "due_at",
        "parameters", "profile_id", "rule_version",
    )  # fmt: skip


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
