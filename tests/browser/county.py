"""A small demo county for the browser: the demo's own making, with fewer classes, children and cases."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from unittest import mock

from django.db.models import Q

from casework.cases.census import begin as begin_census
from casework.cases.changing import enter_day
from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, Census, HarmReport, Matter, Procedure, Restatement, Step
from casework.cases.procedures import begin
from casework.cases.restating import run, waiting
from casework.core.clock import local_moment
from casework.detection.models import Tip, TipDoor
from casework.detection.tips import open_door, take_tip
from casework.documents.models import Document
from casework.evidence.models import Chosen, Inspection, Rehearsal
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.people import add_person
from casework.org.roles import Role
from casework.students.lists import import_list
from casework.students.models import Absence, Enrolment, OtherList, Pupil, RollCall
from casework.students.workbook import Upload
from tests.students.books import workbook
from workflows import demo
from workflows.demo import fates, looking_after, rosters

VILLAGES = {"青石镇": ["青石村", "岩头村"], "龙泉乡": ["龙泉村", "河坝村"]}
SHAPES = [
    ("中学", "31", range(8, 9), 2, 14),
    ("中心小学", "21", range(6, 7), 1, 12),
    ("", "21", range(6, 7), 1, 12),
]
HOW_MANY = {
    "closed": 1, "followed": 1, "reported": 1, "relapsed": 1, "unknown": 1, "persuaded": 2, "visited": 2,
    "waiting_confirmation": 1, "REFERRAL_WAITS": 1, "HARM": 1, "stuck": 1, "ordered": 1, "fresh": 2, "undecided": 4, "written": 1, "drafted": 1, "signed": 1,
}  # fmt: skip
CUTS = [date(2026, 9, 30), date(2026, 10, 30), date(2026, 11, 16), demo.TODAY]
HELD = {"principal": Kind.PERSUASION, "officer": Kind.REGISTER, "teacher": Kind.HOME_VISIT}


def make() -> None:
    """Load it into the empty database of the environment."""
    with ExitStack() as patches:
        for module, name, value in [
            (rosters, "VILLAGES", VILLAGES),
            (rosters, "SHAPES", SHAPES),
            (fates, "HOW_MANY", HOW_MANY),
            (demo, "CUTS", CUTS),
            (looking_after, "look_after", lambda at: None),  # it needs more steps than are here
        ]:
            patches.enter_context(mock.patch.object(module, name, value))
        demo.make(print)
    _deputy()
    _snow()
    _open_doors()
    _tell()
    _plan()
    _compare()
    _forget_rolls()
    _fill_class()


FULL = 49  # pupils: as large as classes are


def _fill_class() -> None:
    """The teacher's class is as large as classes are."""
    unit = Post.objects.get(user__username="teacher").unit
    school, at = unit.above("school"), local_moment(demo.TODAY, 17)
    for number in range(FULL - unit.enrolments.filter(until=None).count()):
        name = "蒙" + "一二三四五六七八九十"[number // 10] + "安宁秀文春华玉林海山"[number % 10]
        child = Pupil.objects.create(name=name, sex="m", born=date(2013, 3, 3), created_at=at)
        Enrolment.objects.create(
            pupil=child, class_unit=unit, school=school, since=date(2026, 9, 1)
        )


UNCALLED = (date(2026, 11, 18), date(2026, 11, 19))


def _forget_rolls() -> None:
    """Two days of the teacher's class whose roll nobody called."""
    unit = Post.objects.get(user__username="teacher").unit
    RollCall.objects.filter(class_unit=unit, day__in=UNCALLED).delete()
    gone = Absence.objects.filter(pupil__enrolments__class_unit=unit, day__in=UNCALLED)
    Absence.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).delete()


def _compare() -> None:
    """A household register of the village: a pupil under another sign, and a child on no roll."""
    village, at = Unit.objects.get(name="岩头村"), local_moment(demo.TODAY, 17)
    pupil = Pupil.objects.filter(village=village).order_by("pk")[0]
    rows = [
        ["姓名", "性别", "出生日期", "监护人", "住址"],
        [
            pupil.name,
            "男" if pupil.sex == "m" else "女",
            f"{pupil.born:%Y%m%d}",
            "毛某",
            "青石镇岩头村",
        ],
        ["龚小军", "男", "20140506", "龚军", "青石镇岩头村"],
    ]
    files = [Upload("户口册.xlsx", workbook({"登记": rows}))]
    by, unit = User.objects.get(username="township"), village.get_parent()
    import_list(files, kind="household", unit=unit, by=by, at=at, dry_run=False)


def _plan() -> None:
    """A support plan that waits for its class teacher, and a census of her school."""
    teacher, at = User.objects.get(username="teacher"), local_moment(demo.TODAY, 17)
    class_unit = Post.objects.get(user=teacher).unit
    pupil = class_unit.enrolments.filter(until=None).order_by("pk")[0].pupil
    begin("support", pupil, "学习困难。", by=teacher, at=at)
    officer = User.objects.get(username="officer")
    days = {"opens_on": demo.TODAY, "due_on": demo.TODAY}
    for kind, title in (
        ("census", "秋季学期摸排"),
        ("learning", "期中学习记录"),
        ("home", "停课居家学习"),
    ):
        said = {"kind": kind, "title": title, "tasks": "", **days}
        begin_census(said, unit=class_unit.above("school"), by=officer, at=at)


def _tell() -> None:
    """A tip came in."""
    village, at = Unit.objects.get(name="岩头村"), local_moment(demo.TODAY, 17)
    door = open_door(village, by=User.objects.get(username="township"), at=at)
    take_tip(door, {"what": "一周没有上学。", "name": "何小"}, address="198.51.100.7", at=at)


def _open_doors() -> None:
    """Everybody of the other township signs in as the demo's own logins do."""
    admin = User.objects.get(username="admin")
    everyone = User.objects.filter(
        posts__unit__path__startswith=Unit.objects.get(name="龙泉乡").path
    )
    everyone.update(password=admin.password, must_set_password=False)


def _snow() -> None:
    """A day without school moves what is counted by it."""
    school, at = Unit.objects.get(name="青石镇中学"), local_moment(demo.TODAY, 17)
    admin = User.objects.get(username="admin")
    enter_day(school, date(2026, 11, 23), school=False, reason="大雪", by=admin, at=at)
    for each in waiting(at):
        run(each, at=at)


def _deputy() -> None:
    """A second case officer at the school: someone to give a step to."""
    at, admin = local_moment(demo.TODAY, 17), User.objects.get(username="admin")
    school = Unit.objects.get(name="青石镇中学")
    deputy = add_person(username="99009999", display_name="韩冬梅", by=admin, at=at)
    Post.objects.create(  # as in an office from before a school had one officer only
        user=deputy, unit=school, role=Role.SCHOOL_CASE_OFFICER, since=demo.TODAY
    )


def places() -> dict[str, object]:
    """Ids of what the tests open, by what it is: the children are drawn by a fixed seed."""
    steps = {kind: list(_held_by(login, kind)) for login, kind in HELD.items()}
    case = steps[Kind.PERSUASION][0].case
    paper = Document.objects.filter(chain=f"case:{case.pk}").order_by("place")[0]
    return {
        "case": case.pk,
        "restated": Restatement.objects.latest("pk").pk,
        "number": case.number,
        "pupil": case.pupil_id,
        "school": case.school_id,
        "village": (door := TipDoor.objects.get(closed_at=None)).village_id,
        "door": door.token,
        "list": OtherList.objects.get().pk,
        "tip": Tip.objects.get().finding_id,
        "plan": Procedure.objects.get().pk,
        "census": Census.objects.get(kind="census").pk,
        "learning": Census.objects.get(kind="learning").pk,
        "home": Census.objects.get(kind="home").pk,
        "class": Post.objects.get(user__username="teacher").unit_id,
        "persuasion": steps[Kind.PERSUASION][0].pk,
        "register": steps[Kind.REGISTER][0].pk,
        "visit": steps[Kind.HOME_VISIT][0].pk,
        "draft": _first("township", Kind.DRAFT_LETTER),
        "serve": _first("township", Kind.SERVE_LETTER),
        "sign": _first("leader", Kind.SIGN_LETTER),
        "answer": _first("township", Kind.ANSWER_LETTER),
        "referred": _first("liaison", Kind.REPLY_REFERRAL),
        "matter": Matter.objects.get(code="HARM").pk,
        "report": (report := HarmReport.objects.get(answered_at=None)).pk,
        "child": report.pupil_id,
        "token": paper.token,
        "teacher": User.objects.get(username="teacher").pk,
        "stranger": Post.objects.get(unit=case.school, role=Role.STATUS_OFFICER).user_id,
        "children": {
            step.case.village.name: step.case.pupil.name for step in steps[Kind.HOME_VISIT]
        },
        "rehearsal": Rehearsal.objects.latest("pk").pk,
        "inspection": Inspection.objects.latest("pk").pk,
        "shown": Chosen.objects.latest("pk").case_id,
        "roads": _roads(case.school),
        "returning": [case.pk, steps[Kind.REGISTER][0].case_id],
    }


def _roads(school: Unit) -> dict[str, object]:
    """Cases for the roads beside the main one, each touched by one test; the logins of the school that has some of them."""
    near = Case.objects.open().filter(school=school).order_by("pk")
    far = Case.objects.open().exclude(school=school).order_by("pk")
    back, taught = near.get(stage=Stage.FOLLOW_UP), far.filter(stage=Stage.PERSUASION).latest("pk")
    appeal, ordered = far.get(stage=Stage.RETURN_NOTICE), Case.objects.get(stage=Stage.ORDER)
    town = ordered.school.above(UnitKind.TOWNSHIP)
    return {
        "transfer": near.filter(stage=Stage.PERSUASION)[0].pk,
        "unknown": far.get(stage=Stage.VERIFY).pk,
        "taught": taught.pk,
        "ordered": ordered.pk,
        "lawyer": _login(Role.TOWNSHIP_LEGAL, town),
        "head": _login(Role.TOWNSHIP_LEADER, town),
        "appeal": appeal.pk,
        "appealed": _login(Role.PRINCIPAL, appeal.school),
        "back": back.pk,
        "left": back.pupil_id,
        "name": back.pupil.name,
        "officer": _login(Role.SCHOOL_CASE_OFFICER, taught.school),
        "teacher": _login(Role.CLASS_TEACHER, taught.class_unit),
        "township": _login(Role.TOWNSHIP_CASE_OFFICER, taught.school.above(UnitKind.TOWNSHIP)),
    }


def _login(role: Role, unit: Unit | None) -> str:
    return Post.objects.get(unit=unit, role=role).user.username


def _first(login: str, kind: str) -> int:
    """The first open step of a kind that a login holds."""
    return Step.objects.open().filter(kind=kind, holder__username=login).order_by("pk")[0].pk


def _held_by(login: str, kind: str) -> Iterable[Step]:
    steps = Step.objects.open().filter(kind=kind, holder__username=login).order_by("pk")
    return steps.select_related("case__pupil", "case__school", "case__village").filter(
        Q(case__village_owner__username="cadre") | Q(kind=Kind.HOME_VISIT)
    )
