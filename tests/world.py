"""A small county with a story: two townships, a school each, people in every role, pupils, and what they do with cases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from casework.cases import side
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.cases.steps import take_step
from casework.core.clock import local_date, local_moment, moved_to
from casework.deadlines.setting_up import make_county
from casework.detection.by_hand import add_suspicion
from casework.detection.models import Finding
from casework.documents.models import Document
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.people import candidates
from casework.org.roles import Role
from casework.org.units import add_unit
from casework.students.models import Enrolment, Pupil
from workflows.complete import complete
from workflows.demo import typed
from workflows.said import form_of
from workflows.start import start_case

BEGIN = local_moment(date(2026, 8, 25), 9)
OPENED = local_moment(date(2026, 10, 12), 10)  # a Monday after the October holiday
FAST_HASH = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
PASSWORD = "right-horse-26"


@dataclass
class World:
    """Units, people and pupils by the names that the tests use."""

    county: Unit
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    pupils: dict[str, Pupil] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        for table in ("people", "units", "pupils"):
            if name in self.__dict__[table]:
                return self.__dict__[table][name]
        raise AttributeError(name)


def make_world() -> World:
    """The county of the tests: made by the services where one exists, by rows where only imports would do."""
    with override_settings(**FAST_HASH):
        made = make_county(name="示范县", code="990026", admin="admin", password=PASSWORD, at=BEGIN)
    world = World(made.unit, units={"root": made.unit}, people={"admin": made.admin})
    for prefix, name in (("", "青石"), ("far_", "龙泉")):
        _add_township(world, prefix, name)
    _add_department(world)
    _add_staff(world)
    _add_pupils(world)
    return world


def _add_township(world: World, prefix: str, name: str) -> None:
    def unit(parent: Unit, kind: str, key: str, words: str) -> Unit:
        made = add_unit(parent=parent, kind=kind, name=words, by=None, at=BEGIN)
        world.units[prefix + key] = made
        return made

    town = unit(world.county, UnitKind.TOWNSHIP, "town", f"{name}镇")
    school = unit(town, UnitKind.SCHOOL, "school", f"{name}镇中学")
    grade = unit(school, UnitKind.GRADE, "grade", "八年级")
    unit(grade, UnitKind.CLASS, "class", "八年级1班")
    unit(grade, UnitKind.CLASS, "class_two", "八年级2班")
    unit(town, UnitKind.VILLAGE, "village", f"{name}村")


def _add_department(world: World) -> None:
    world.units["labour"] = add_unit(
        parent=world.county, kind=UnitKind.DEPARTMENT, name="人力资源和社会保障局", code="social_security", by=None, at=BEGIN
    )  # fmt: skip


STAFF = [
    ("county_officer", "root", Role.COUNTY_CASE_OFFICER, "何志远"),
    ("supervisor", "root", Role.COUNTY_SUPERVISOR, "孟祥和"),
    ("township", "town", Role.TOWNSHIP_CASE_OFFICER, "吴玉兰"),
    ("leader", "town", Role.TOWNSHIP_LEADER, "钱国栋"),
    ("officer", "school", Role.SCHOOL_CASE_OFFICER, "赵敏"),
    ("principal", "school", Role.PRINCIPAL, "周建民"),
    ("status", "school", Role.STATUS_OFFICER, "冯晓"),
    ("teacher", "class", Role.CLASS_TEACHER, "林秀英"),
    ("teacher_two", "class_two", Role.CLASS_TEACHER, "郑海"),
    ("teacher_three", "class_two", Role.CLASS_TEACHER, "韩梅"),
    ("cadre", "village", Role.VILLAGE_CADRE, "陈志刚"),
    ("liaison", "labour", Role.LIAISON, "马超"),
    ("far_township", "far_town", Role.TOWNSHIP_CASE_OFFICER, "许文"),
    ("far_leader", "far_town", Role.TOWNSHIP_LEADER, "唐俊"),
    ("far_officer", "far_school", Role.SCHOOL_CASE_OFFICER, "曹雪"),
    ("far_principal", "far_school", Role.PRINCIPAL, "彭勇"),
    ("far_status", "far_school", Role.STATUS_OFFICER, "魏静"),
    ("far_teacher", "far_class", Role.CLASS_TEACHER, "蒋丽"),
    ("far_cadre", "far_village", Role.VILLAGE_CADRE, "沈强"),
]


def _add_staff(world: World) -> None:
    for number, (key, unit, role, name) in enumerate(STAFF, 1):
        user = User.objects.create(
            username=f"990{number:05d}",
            display_name=name,
            phone=f"1000000{number:04d}",
            created_at=BEGIN,
        )
        Post.objects.create(user=user, unit=world.units[unit], role=role, since=date(2026, 8, 25))
        world.people[key] = user


PUPILS = [
    ("lan", "罗小兰", "", "class", "0021"),
    ("ming", "易大明", "", "class_two", "0038"),
    ("yun", "田小云", "", "class", "0053"),
    ("qi", "潘思琪", "", "class", "0067"),
    ("an", "董小安", "", "class", "0079"),
    ("far_hua", "庞春华", "far_", "far_class", "0046"),
]


def _add_pupils(world: World) -> None:
    for key, name, prefix, class_unit, last in PUPILS:
        pupil = Pupil(
            name=name,
            sex="f",
            born=date(2013, 3, 8),
            ethnic_group="汉族",
            address=f"{world.units[prefix + 'village'].name}3组",
            village=world.units[f"{prefix}village"],
            township=world.units[f"{prefix}town"],
            created_at=BEGIN,
        )
        number = f"99002620130308{last}"
        pupil.set_numbers(id_number=number, status_number=f"G{number}")
        pupil.save()
        pupil.guardians.create(name=f"{name[0]}建国", relation="父亲", phone=f"1000009{last}")
        Enrolment.objects.create(
            pupil=pupil,
            class_unit=world.units[class_unit],
            school=world.units[f"{prefix}school"],
            since=date(2026, 9, 1),
        )
        world.pupils[key] = pupil


def client_of(user: User) -> Client:
    """A browser with that person signed in, reading English: the language of the msgids."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def fresh(user: User) -> User:
    """The same person as the next request would load it, with the posts of then."""
    return User.objects.get(pk=user.pk)


def suspect(world: World, pupil: Pupil, *, at: datetime = OPENED) -> Finding:
    """The class teacher's suspicion about a pupil of the roster."""
    enrolled = pupil.enrolments.select_related("school").get(until=None)
    return add_suspicion(
        pupil=pupil,
        child={},
        unit=enrolled.school,
        reason_text="三天没有到校。",
        by=world.teacher,
        at=at,
    )


def open_case(world: World, pupil: Pupil, *, at: datetime = OPENED) -> Case:
    """The school's case officer opens a case of that suspicion."""
    with moved_to(at):
        finding = suspect(world, pupil, at=at)
        officer = candidates(Role.SCHOOL_CASE_OFFICER, finding.unit, at)[1][0]
        return start_case(finding, by=officer, at=at)


def day(case: Case, days: int, hour: int = 15) -> datetime:
    """That many days after the case was opened."""
    return local_moment(local_date(case.opened_at) + timedelta(days=days), hour)


def open_step(case: Case, kind: str) -> Step:
    """The open step of a kind, as a page loads it."""
    rows = Step.objects.open().select_related("unit", "holder", "case__school", "case__pupil")
    step: Step = rows.get(case=case, kind=kind)
    return step


def holder_of(step: Step, at: datetime) -> User:
    """Who holds a step; when nobody does, the first candidate takes it."""
    if step.holder is None:
        people = candidates(step.role, step.unit, at)[1]
        take_step(step, by=next(p for p in people if p.pk != step.asked_by_id), at=at)
    assert step.holder is not None
    return fresh(step.holder)


def answers(step: Step, person: User, at: datetime, **more: Any) -> dict[str, Any]:
    """What the holder types into the form of a step."""
    seen = {"seen_on": local_date(at).isoformat()} if step.kind == Kind.CONFIRM_RETURN else {}
    return typed.answers(step, person, at, {**seen, **more})


def cleaned(step: Step, person: User, at: datetime, **more: Any) -> dict[str, Any]:
    """The same, through the step's real form."""
    form = form_of(step)(answers(step, person, at, **more))
    assert form.is_valid(), (step.kind, form.errors.as_json())
    return dict(form.cleaned_data)


def do(case: Case, kind: str, at: datetime, **more: Any) -> list[Document]:
    """Play one step: its holder fills the form and finishes it. Returns its papers."""
    with moved_to(at):
        step = open_step(case, kind)
        person = holder_of(step, at)
        return complete(step.pk, cleaned(step, person, at, **more), by=person, at=at)


def decide(case: Case, at: datetime, **more: Any) -> list[Document]:
    """Whoever decides a request does so; an appeal is accepted first."""
    if Step.objects.open().filter(case=case, kind=Kind.ACCEPT_APPEAL).exists():
        do(case, Kind.ACCEPT_APPEAL, at)
    return do(case, Kind.DECIDE_REQUEST, at, **more)


def report_back(world: World, case: Case, at: datetime) -> Step:
    """The class teacher says that the child is back; nothing is confirmed yet."""
    with moved_to(at):
        return side.report_return(
            case, day=local_date(at), note="早读时已在教室。", by=fresh(world.teacher), at=at
        )


BACK = 8  # the day of the return on the straight road, counted from the opening
ROAD: list[tuple[str, int, dict[str, Any]]] = [
    (Kind.REGISTER, 0, {}),
    (Kind.PLATFORM_MARK, 0, {}),
    (Kind.VERIFY, 1, {"found": "local"}),
    (Kind.HOME_VISIT, 2, {"result": "not_yet"}),
    (Kind.PERSUASION, 4, {"result": "agreed", "promised_day": "2026-10-20"}),
    (Kind.CONFIRM_RETURN, BACK, {"seen_on": "2026-10-20"}),
    (Kind.PLATFORM_MARK, BACK, {}),
    (Kind.FOLLOW_UP, BACK + 3, {}),
    (Kind.FOLLOW_UP, BACK + 7, {}),
    (Kind.FOLLOW_UP, BACK + 14, {}),
    (Kind.FOLLOW_UP, BACK + 30, {}),
    (Kind.PROPOSE_CLOSURE, BACK + 31, {}),
    (Kind.APPROVE_CLOSURE, BACK + 32, {"decision": "approved"}),
]


def walk(world: World, case: Case, until: str = "") -> Case:
    """Play the straight road up to (not with) the first step of the kind `until`; without it, to the closure."""
    for kind, days, more in ROAD:
        if kind == Kind.CONFIRM_RETURN:
            report_back(world, case, day(case, days, 9))
        if kind == until:
            break
        do(case, kind, day(case, days), **more)
    played: Case = Case.objects.get(pk=case.pk)
    return played


def page_of(case: Case, kind: str) -> str:
    """The address of the open step of a kind."""
    return reverse("workflows:step", args=[open_step(case, kind).pk])


def send(case: Case, kind: str, at: datetime, **more: Any) -> HttpResponse:
    """Do one step over HTTP: its holder opens the page, fills the form that it shows and sends it."""
    with moved_to(at):
        step = open_step(case, kind)
        person = holder_of(step, at)
        client, place = client_of(person), reverse("workflows:step", args=[step.pk])
        shown = client.get(place)
        assert shown.status_code == 200, (kind, shown.status_code)
        hidden = {
            "form_key": shown.context["form_key"],
            "generation": shown.context["step"].generation,
        }
        posted = {**answers(step, person, at, **more), **hidden}
        response: HttpResponse = client.post(place, posted)  # type: ignore[assignment]
    return response


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is written in here serves many tests and is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def prepared(blocker: Any, build: Callable[[], Case]) -> Iterator[int]:
    """For a fixture of a module: the id of a case that many tests begin with."""
    with blocker.unblock(), rolled_back():
        yield build().pk


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world a module; each test takes back what it wrote. Imported by the conftest of a folder."""
    with django_db_blocker.unblock(), rolled_back():
        yield make_world()
