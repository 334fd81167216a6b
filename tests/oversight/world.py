"""A county with two townships, made of rows: units, people, cases and steps drawn by a seed."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from casework.cases.kinds import KINDS, Kind
from casework.cases.models import Case, CaseScope, Step
from casework.core import clock
from casework.deadlines.calendar import load_official
from casework.deadlines.terms import add_default_terms
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.roles import Role
from casework.profiles.models import Profile
from casework.profiles.rules import baseline, publish
from casework.students.models import Pupil, RollCall

AT = clock.local_moment(date(2026, 11, 20), 9, 30)
HERE = {kind: spec for kind, spec in KINDS.items() if spec.level != UnitKind.DEPARTMENT}
BEGIN = clock.local_moment(date(2026, 9, 1), 8)


@dataclass
class World:
    county: Unit
    profile: Profile
    towns: list[Unit] = field(default_factory=list)
    schools: list[Unit] = field(default_factory=list)
    classes: list[Unit] = field(default_factory=list)
    people: list[User] = field(default_factory=list)

    def person(
        self, role: str, unit: Unit, *, active: bool = True, until: date | None = None
    ) -> User:
        """Someone new with that post."""
        n = 100_000 + len(self.people)
        user = User.objects.create(
            username=str(n), display_name=f"同事{n}", is_active=active, created_at=BEGIN
        )
        Post.objects.create(user=user, unit=unit, role=role, since=date(2026, 9, 1), until=until)
        self.people.append(user)
        return user


def add(parent: Unit | None, kind: str, name: str, code: str = "") -> Unit:
    fields = {"kind": kind, "name": name, "short": name, "code": code}
    made: Unit = Unit.objects.add_child(parent, fields) if parent else Unit.objects.add_root(fields)
    return made


def county() -> World:
    """Two townships with two schools of two classes each, with their days and rules; nobody works there yet."""
    root = add(None, UnitKind.COUNTY, "青岭县", code="990026")
    load_official(at=BEGIN, by=None)
    add_default_terms(root, at=BEGIN, by=None)
    profile = publish(
        root, baseline(), name="baseline", valid_from=date(2026, 1, 1), by=None, at=BEGIN
    )
    world = World(root, profile)
    for t in "甲乙":
        town = add(root, UnitKind.TOWNSHIP, f"{t}镇", code=f"9900260{len(world.towns)}")
        world.towns.append(town)
        for s in "一二":
            school = add(town, UnitKind.SCHOOL, f"{t}镇{s}校")
            world.schools.append(school)
            grade = add(school, UnitKind.GRADE, "七年级")
            world.classes += [add(grade, UnitKind.CLASS, f"{t}{s}（{n}）班") for n in (1, 2)]
    return world


def add_case(world: World, class_unit: Unit, opened: datetime, *, closed: bool = False) -> Case:
    """A case of a new pupil of that class, with its scope row."""
    pupil = Pupil.objects.create(
        name="周小兰", sex="f", born=date(2013, 5, 5), village=None, created_at=BEGIN
    )
    school = next(s for s in world.schools if s.holds(class_unit))
    case = Case.objects.create(
        number=f"KC-990026-2026A-{Case.objects.count() + 1:05d}",
        pupil=pupil,
        school=school,
        class_unit=class_unit,
        opened_at=opened,
        opened_by="同事",
        closed_at=AT - timedelta(days=1) if closed else None,
    )
    CaseScope.objects.create(case=case, path=class_unit.path)
    return case


def place(world: World, case: Case, kind: str) -> Unit:
    """Where a step of that kind is done."""
    level = KINDS[kind].level
    units = [case.class_unit, *world.schools, *world.towns, world.county]
    return next(u for u in units if u.kind == level and u.holds(case.class_unit))


def add_step(
    world: World,
    case: Case,
    kind: str,
    *,
    due: datetime,
    holder: User | None = None,
    opens: datetime | None = None,
    asked_by: User | None = None,
    finished: datetime | None = None,
) -> Step:
    spec = KINDS[kind]
    return Step.objects.create(
        case=case,
        kind=kind,
        shown_kind=kind,
        track=spec.track,
        number=case.steps.filter(kind=kind).count() + 1,
        role=spec.role,
        line=spec.line,
        unit=place(world, case, kind),
        begun_at=case.opened_at,
        opens_at=opens or case.opened_at,
        due_at=due,
        counted_from=case.opened_at,
        budget=1,
        budget_unit="working_days",
        profile=world.profile,
        calendar_version=1,
        holder=holder,
        held_since=case.opened_at if holder else None,
        asked_by=asked_by,
        finished_at=finished,
    )


def random_world(seed: int, cases: int = 12) -> World:
    """Cases of all ages, steps of all kinds, held or not, by people who are there, gone, inactive or missing."""
    draw, world = random.Random(seed), county()
    _people(world, draw)
    for _i in range(cases):
        _case(world, draw)
    _rolls(world, draw)
    return world


def _people(world: World, draw: random.Random) -> None:
    for spec in {(s.role, s.level) for s in HERE.values()} | {(Role.PRINCIPAL, UnitKind.SCHOOL)}:
        for unit in [world.county, *world.towns, *world.schools, *world.classes]:
            if unit.kind == spec[1] and draw.random() < 0.5:
                gone = date(2026, 11, 1) if draw.random() < 0.3 else None
                world.person(spec[0], unit, active=draw.random() < 0.8, until=gone)


def _case(world: World, draw: random.Random) -> None:
    opened = AT - timedelta(
        days=draw.choice([0, 1, 3, 4, 7, 8, 14, 15, 30, 31, 60]), hours=draw.randrange(10)
    )
    case = add_case(world, draw.choice(world.classes), opened, closed=draw.random() < 0.2)
    main = draw.choice([k for k, s in HERE.items() if s.track == "main"])
    side = [k for k, s in HERE.items() if s.track == "side"]
    people: list[User | None] = [None, *world.people]
    for kind in [
        main,
        *draw.sample(side, 2),
        Kind.REGISTER if main != Kind.REGISTER else Kind.VERIFY,
    ]:
        done = kind in (Kind.REGISTER, Kind.VERIFY) and kind != main
        add_step(
            world,
            case,
            kind,
            due=AT + timedelta(hours=draw.choice([-200, -1, 0, 1, 47, 48, 49, 200])),
            holder=draw.choice(people) if draw.random() < 0.5 else None,
            opens=AT + timedelta(hours=draw.choice([-48, 0, 24])),
            asked_by=draw.choice(people),
            finished=AT if done else None,
        )


def _rolls(world: World, draw: random.Random) -> None:
    for class_unit in world.classes:
        if draw.random() < 0.3:
            continue
        days = [date(2026, 9, 1) + timedelta(days=n) for n in range(90) if draw.random() < 0.6]
        RollCall.objects.bulk_create(
            RollCall(class_unit=class_unit, day=day, source="roll.xlsx") for day in days
        )
