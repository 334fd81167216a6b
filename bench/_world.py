"""A county with as many steps as asked, a tenth of them open, written in bulk; it can be made to grow."""

import random
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from casework.audit.models import Entry
from casework.cases.kinds import KINDS, Kind, Stage, Track
from casework.cases.models import Case, CaseScope, Step, StepDue, StepHolder
from casework.core import clock
from casework.deadlines.calendar import load_official
from casework.deadlines.terms import add_default_terms
from casework.documents.models import Document
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.roles import Role
from casework.profiles.models import Profile
from casework.profiles.rules import baseline, publish
from casework.students.models import Pupil, RollCall

AT = clock.local_moment(date(2026, 11, 20), 9, 30)
BEGIN = clock.local_moment(date(2026, 9, 1), 8)
TOWNS, SCHOOLS, CLASSES, ROLL_DAYS = 5, 10, 4, 40
ROAD = [
    Kind.REGISTER,
    Kind.VERIFY,
    Kind.HOME_VISIT,
    Kind.PERSUASION,
    Kind.PERSUASION_LED,
    Kind.FOLLOW_UP,
    Kind.PROPOSE_CLOSURE,
]
PAGE_ROWS = 26  # a full page and one more, so that there is a next page
POSTS = {
    UnitKind.COUNTY: [Role.COUNTY_CASE_OFFICER],
    UnitKind.TOWNSHIP: [Role.TOWNSHIP_CASE_OFFICER] * 2,
    UnitKind.SCHOOL: [Role.SCHOOL_CASE_OFFICER] * 2 + [Role.PRINCIPAL, Role.STATUS_OFFICER],
    UnitKind.CLASS: [Role.CLASS_TEACHER],
}


@dataclass
class World:
    """The units by path, the people by (role, path of unit), and how many cases are written."""

    profile: Profile
    units: dict[str, Unit] = field(default_factory=dict)
    classes: list[Unit] = field(default_factory=list)
    people: dict[tuple[str, str], User] = field(default_factory=dict)
    cases: int = 0
    draw: random.Random = field(default_factory=lambda: random.Random(1))

    def someone(self, role: str, unit: Unit) -> User:
        return self.people[role, unit.path]


def county() -> World:
    """Townships, schools and classes with their staff, days, rules and roll calls; no case yet."""
    root = Unit.objects.add_root({"kind": UnitKind.COUNTY, "name": "青岭县", "code": "990026"})
    load_official(at=BEGIN, by=None)
    add_default_terms(root, at=BEGIN, by=None)
    profile = publish(
        root, baseline(), name="baseline", valid_from=date(2026, 1, 1), by=None, at=BEGIN
    )
    _below(root)
    world = World(profile, units={unit.path: unit for unit in Unit.objects.all()})
    world.classes = [u for u in world.units.values() if u.kind == UnitKind.CLASS]
    for unit in world.units.values():
        _staff(world, unit)
    days = [date(2026, 9, 7) + timedelta(days=n) for n in range(ROLL_DAYS)]
    RollCall.objects.bulk_create(
        [RollCall(class_unit=c, day=day, source="roll.xlsx") for c in world.classes for day in days]
    )
    return world


def _below(root: Unit) -> None:
    for t in range(TOWNS):
        town = Unit.objects.add_child(root, {"kind": UnitKind.TOWNSHIP, "name": f"{t}镇"})
        for s in range(SCHOOLS):
            school = Unit.objects.add_child(town, {"kind": UnitKind.SCHOOL, "name": f"{t}镇{s}校"})
            grade = Unit.objects.add_child(school, {"kind": UnitKind.GRADE, "name": "七年级"})
            for c in range(CLASSES):
                Unit.objects.add_child(grade, {"kind": UnitKind.CLASS, "name": f"七（{c}）班"})


def _staff(world: World, unit: Unit) -> None:
    for role in POSTS.get(UnitKind(unit.kind), []):
        number = User.objects.count()
        user = User.objects.create(username=f"{number:06d}", display_name=f"同事{number}")
        Post.objects.create(user=user, unit=unit, role=role, since=BEGIN.date())
        world.people[role, unit.path] = user


def school_of(world: World, class_unit: Unit) -> Unit:
    """The school of a class."""
    return world.units[class_unit.path[: Unit.steplen * 3]]


def grow(world: World, steps: int) -> None:
    """Add cases with so many steps: 8 of 100 open main ones, 2 open beside them, 90 finished."""
    running = steps * 8 // 100
    plans = [(open_index, 4) for open_index in range(running)]
    plans += [(-1, 10)] * ((steps - running * 5 - running // 4) // 10)
    for first in range(0, len(plans), 2000):
        _write(world, plans[first : first + 2000])


def _write(world: World, plans: list[tuple[int, int]]) -> None:
    first = world.cases
    world.cases += len(plans)
    pupils = [
        Pupil(name="周小兰", sex="f", born=date(2013, 5, 5), created_at=BEGIN) for _plan in plans
    ]
    Pupil.objects.bulk_create(pupils)
    cases = [
        _case(world, first + n, pupils[n], is_open=plan[0] >= 0) for n, plan in enumerate(plans)
    ]
    Case.objects.bulk_create(cases)
    CaseScope.objects.bulk_create(
        [CaseScope(case=case, path=case.class_unit.path) for case in cases if case.class_unit]
    )
    steps = [
        step
        for case, (index, done) in zip(cases, plans, strict=True)
        for step in _steps(world, case, index, done)
    ]
    Step.objects.bulk_create(steps)
    _history(steps)


def _case(world: World, number: int, pupil: Pupil, *, is_open: bool) -> Case:
    special = is_open and number < 2 * PAGE_ROWS
    class_unit = world.classes[0 if special else 4 + number % (len(world.classes) - 4)]
    opened = AT - timedelta(days=world.draw.randrange(0, 45))
    case: Case = Case(
        number=f"KC-990026-2026A-{number:06d}",
        pupil=pupil,
        school=world.units[class_unit.path[: Unit.steplen * 3]],
        class_unit=class_unit,
        stage=Stage.HOME_VISIT if is_open else Stage.CLOSED,
        opened_at=opened,
        opened_by="同事",
        closed_at=None if is_open else AT - timedelta(hours=1),
    )
    return case


def _steps(world: World, case: Case, index: int, done: int) -> list[Step]:
    rows = [_step(world, case, ROAD[n % 7], n // 7 + 1, finished=True) for n in range(done)]
    if index < 0:
        return rows
    if case.class_unit == world.classes[0]:
        kind, held = (Kind.HOME_VISIT, True) if index < PAGE_ROWS else (Kind.REGISTER, False)
    else:
        kind, held = ROAD[index % 7], world.draw.random() > 0.1
    rows.append(_step(world, case, kind, 9, finished=False, held=held))
    if index % 4 == 3:
        rows.append(_step(world, case, Kind.PLATFORM_MARK, 1, finished=False, held=True))
    return rows


def _step(
    world: World, case: Case, kind: str, number: int, *, finished: bool, held: bool = True
) -> Step:
    spec = KINDS[kind]
    depth = {UnitKind.TOWNSHIP: 2, UnitKind.SCHOOL: 3, UnitKind.CLASS: 5}[spec.level]
    assert case.class_unit is not None
    unit = world.units[case.class_unit.path[: Unit.steplen * depth]]
    holder = world.someone(spec.role, unit) if held else None
    return Step(
        case=case,
        kind=kind,
        shown_kind=kind,
        track=spec.track if finished or spec.track == Track.SIDE else Track.MAIN,
        number=number,
        role=spec.role,
        line=spec.line,
        unit=unit,
        begun_at=case.opened_at,
        opens_at=case.opened_at,
        due_at=AT + timedelta(hours=world.draw.randrange(-240, 240)),
        counted_from=case.opened_at,
        budget=1,
        budget_unit="school_days",
        profile=world.profile,
        calendar_version=1,
        rule=kind if kind != Kind.FOLLOW_UP else "follow_up_3",
        holder=holder,
        held_since=case.opened_at if holder else None,
        generation=1 if holder else 0,
        finished_at=AT - timedelta(hours=2) if finished else None,
        finished_by=holder if finished else None,
    )


def _history(steps: list[Step]) -> None:
    """Holders, due moments, audit entries and papers of the steps."""
    holders = [
        StepHolder(step=s, generation=1, user=s.holder, since=s.begun_at, how="only", by_name="")
        for s in steps
        if s.holder
    ]
    StepHolder.objects.bulk_create(holders)
    StepDue.objects.bulk_create(
        [
            StepDue(step=s, version=1, due_at=s.due_at, since=s.begun_at, cause="begun")
            for s in steps
        ]
    )
    done = [s for s in steps if s.finished_at]
    StepDue.objects.bulk_create([_ended(s) for s in done])
    numbers: dict[int, int] = {}
    entries, papers = [], []
    for step in done:
        place = numbers[step.case_id] = numbers.get(step.case_id, 0) + 1
        entries.append(_entry(step, place))
        papers.append(_paper(step, place))
    Entry.objects.bulk_create(entries)
    Document.objects.bulk_create(papers)


def _ended(step: Step) -> StepDue:
    at: Any = step.finished_at
    return StepDue(
        step=step,
        version=1,
        due_at=step.due_at,
        since=at,
        cause="finished",
        ended=True,
        late_days=0,
    )


def _entry(step: Step, place: int) -> Entry:
    at: Any = step.finished_at
    return Entry(
        chain=f"case:{step.case_id}",
        number=place,
        at=at,
        actor_id=step.holder_id,
        actor_name="同事",
        verb="step.finished",
        subject=f"step:{step.pk}",
        previous="0" * 64,
        hash="0" * 64,
    )


def _paper(step: Step, place: int) -> Document:
    at: datetime = step.begun_at
    return Document(
        chain=f"case:{step.case_id}",
        place=place,
        kind="SR",
        number=f"校控辍SR〔2026〕{step.pk}号",
        unit_id=step.unit_id,
        year=2026,
        sequence=step.pk,
        subject=f"step:{step.pk}",
        language="zh-hans",
        template_version=1,
        record="{" + " " * 1500 + "}",
        hash="0" * 64,
        token=secrets.token_urlsafe(16),
        frozen_at=at,
        frozen_by="同事",
    )
