"""The pages on which children are found: rolls, leave slips, how good the rules are."""

from datetime import date, datetime, timedelta
from typing import Any

from casework.cases.census import begin as begin_census
from casework.cases.census import count, lines_of
from casework.cases.models import Census, Procedure
from casework.cases.procedure_forms import DAYS
from casework.cases.procedures import begin, finish
from casework.cases.rule_forms import RulesForm
from casework.cases.stops import STOPS
from casework.cases.views.procedures import TABS
from casework.core.clock import local_date
from casework.detection.models import Tip, TipDoor
from casework.detection.tips import open_door, take_tip
from casework.org.models import User
from casework.profiles.shipped import shipped
from casework.registers.status import WORKLISTS, ask, decide
from casework.students.differences import explain
from casework.students.lists import import_list
from casework.students.models import MarkCorrection, OtherList
from casework.students.roll_call import members
from casework.students.workbook import Upload
from tests.students.books import workbook
from tests.world import World

Visit = tuple[str, User | None, str, dict[str, Any] | None, int]


def of_discovery(w: World, at: datetime) -> list[Visit]:
    """Rolls, leave slips, rules."""
    today, before = local_date(at), local_date(at) - timedelta(days=1)
    roll = f"/rolls/{w.units['class'].pk}/{today}"
    late = f"/rolls/{w.units['class_two'].pk}/{before}/afternoon/"
    here = {f"m{each.pupil_id}": "present" for each in members(w.units["class_two"], before)}
    missed = here | {f"m{w.ming.pk}": "absent"}
    seen = MarkCorrection.objects.filter(taking__class_unit=w.units["class_two"]).count()
    wrong = here | {"act": "correct", "why": "tap", "seen": seen}
    return [
        ("cases:rolls", w.officer, "/rolls/", None, 200),
        ("cases:roll with a file", w.teacher, f"{roll}/morning/", {}, 409),
        ("cases:roll", w.teacher_three, late, None, 200),
        ("cases:roll called", w.teacher_three, late, missed, 200),
        ("cases:roll not corrected", w.teacher_three, late, {"act": "correct"}, 409),
        ("cases:roll corrected", w.teacher_three, late, wrong, 200),
        (
            "cases:roll back",
            w.teacher_three,
            late,
            {**missed, "act": "correct", "why": "later", "seen": seen + 1},
            200,
        ),
        ("cases:leave", w.teacher, f"/pupils/{w.an.pk}/leave/", None, 200),
        ("cases:leave wrong", w.teacher, f"/pupils/{w.an.pk}/leave/", {}, 422),
        ("cases:attention_classes", w.officer, "/attention/", None, 200),
        (
            "cases:attention",
            w.teacher,
            f"/attention/{w.units['class'].pk}/",
            {"act": "tag", "pupil": w.an.pk, "group": "poor", "source": "x"},
            [200, 409][w.an.group_tags.exists()],
        ),
        (
            "cases:attention wrong",
            w.teacher,
            f"/attention/{w.units['class'].pk}/",
            {"act": "watch"},
            409,
        ),
        ("cases:talks", w.teacher, "/talks/", None, 200),
        ("cases:tallies", w.officer, "/findings/rules/", None, 200),
        ("cases:edit_rules trial", w.county_officer, "/rules/edit/?from=wenshan", _rules(), 200),
        *_of_tips(w, at),
        *_of_procedures(w, at),
        *_of_census(w, at),
        *_of_lists(w, at),
        *_of_status(w, at),
        ("cases:leaves", w.principal, "/rolls/leaves/", None, 200),
    ]


def _of_procedures(w: World, at: datetime) -> list[Visit]:
    """Every step of the three small flows, done by whoever it is given to, and what ends."""
    said = {name: "说明。" for stop in STOPS.values() for name in stop.fields}
    days = {name: local_date(at) for name in DAYS}
    if not Procedure.objects.filter(pupil=w.yun).exists():
        made = begin("warning", w.yun, "多次早退。", by=w.teacher, at=at)
        finish(made.duties.get(), {**said, **days, "outcome": "planned"}, by=w.teacher, at=at)
        begin("support", w.yun, "学习困难。", by=w.teacher, at=at)
        ended = begin("truancy", w.yun, "旷课。", by=w.teacher, at=at)
        finish(ended.duties.get(), {**said, **days, "outcome": "unfounded"}, by=w.officer, at=at)
    one = {each.code: f"/plans/{each.pk}/" for each in Procedure.objects.filter(pupil=w.yun)}
    begins = f"/pupils/{w.yun.pk}/plan/"
    return [
        *((f"cases:duties {tab}", w.officer, f"/plans/?show={tab}", None, 200) for tab in TABS),
        *((f"cases:procedure {code}", w.officer, place, None, 200) for code, place in one.items()),
        ("cases:finish_duty", w.teacher, f"{one['support']}next/", None, 200),
        ("cases:finish_duty wrong", w.officer, f"{one['warning']}next/", {}, 422),
        ("cases:begin_procedure", w.teacher, begins, None, 200),
        ("cases:begin_procedure wrong", w.teacher, begins, {}, 422),
    ]


def _of_census(w: World, at: datetime) -> list[Visit]:
    """A census of the school with a class that is counted, one that is not, and a pupil who is in no class any more."""
    today = local_date(at)
    said = {
        "kind": "census",
        "title": "秋季摸排",
        "tasks": "核对台账",
        "opens_on": today,
        "due_on": today,
    }
    census, learning, home = (
        Census.objects.filter(kind=kind).first()
        or begin_census(said | {"kind": kind}, unit=w.school, by=w.officer, at=at)
        for kind in ("census", "learning", "home")
    )
    one = w.units["class"]
    lines = {each.pupil.pk: ({"state": "here"}, "") for each in lines_of(census, one, at)}
    count(census, one, lines | {w.an.pk: ({"state": "missing"}, "无人知道")}, by=w.teacher, at=at)
    place = f"/census/{census.pk}/"
    return [
        ("cases:censuses", w.officer, "/census/", None, 200),
        ("cases:censuses wrong", w.officer, "/census/", {"title": "x"}, 422),
        ("cases:census", w.principal, place, None, 200),
        ("cases:census of the county", w.county_officer, f"{place}?unit={w.school.pk}", None, 200),
        ("cases:count_class", w.teacher, f"{place}class/{one.pk}/", None, 200),
        ("cases:count_class wrong", w.teacher, f"{place}class/{one.pk}/", {}, 409),
        (
            "cases:count_class learning",
            w.teacher,
            f"/census/{learning.pk}/class/{one.pk}/",
            None,
            200,
        ),
        ("cases:count_class home", w.teacher, f"/census/{home.pk}/class/{one.pk}/", {}, 409),
        ("cases:rolls counting", w.principal, "/rolls/", None, 200),
    ]


def _of_tips(w: World, at: datetime) -> list[Visit]:
    door = TipDoor.objects.filter(village=w.village, closed_at=None).first()
    door = door or open_door(w.village, by=w.township, at=at)
    told = {"what": "一周没有上学。", "home": "村口", "age": "十岁", "reporter": "何某"}
    tip = Tip.objects.first() or take_tip(door, told, address="198.51.100.9", at=at)
    who = f"/findings/{tip.finding_id}/child/"
    return [
        ("cases:tip", None, f"/t/{door.token}/", None, 200),
        ("cases:tip wrong", None, f"/t/{door.token}/", {}, 422),
        ("cases:tip taken", None, f"/t/{door.token}/", told, 200),
        ("cases:tip_asked", None, "/t/", None, 200),
        ("cases:tip_asked waits", None, "/t/", {"number": tip.number}, 200),
        ("cases:tip_asked wrong", None, "/t/", {"number": "X"}, 404),
        ("cases:tip_doors", w.township, "/tips/", None, 200),
        ("cases:tip_poster", w.township, f"/tips/{w.village.pk}/", None, 200),
        ("cases:identify", w.township, who, None, 200),
        ("cases:identify found", w.township, who, {"act": "search", "q": "罗"}, 200),
        ("cases:identify wrong", w.township, who, {"name": "何小"}, 422),
    ]


def _of_lists(w: World, at: datetime) -> list[Visit]:
    """A household register with a child whose name sounds alike, one on no roll, and one that is explained."""
    header = ["姓名", "性别", "出生日期", "监护人", "住址"]
    rows = [
        ["罗晓兰", "女", "20130308", "罗建国", "青石镇青石村"],
        ["龚小军", "男", "20140506", "龚军", "青石镇青石村"],
        ["龚小华", "女", "20150506", "龚军", "青石镇青石村"],
    ]
    files = [Upload("户口册.xlsx", workbook({"登记": [header, *rows]}))]
    import_list(files, kind="household", unit=w.town, by=w.township, at=at, dry_run=False)
    other = OtherList.objects.get(replaced_at=None)
    told = other.rows.get(name="龚小华")
    explain(other, row=told, reason="elsewhere", note="就读证明", by=w.township, at=at)
    place = f"/lists/{other.pk}/"
    return [
        ("cases:lists", w.township, "/lists/", None, 200),
        *(
            (f"cases:differences {tab}", w.township, f"{place}?show={tab}", None, 200)
            for tab in ("ask", "list", "roll", "told")
        ),
        (
            "cases:say_difference",
            w.township,
            f"{place}say/",
            {"row": told.pk, "act": "explain"},
            409,
        ),
        ("students:import lists", w.township, "/import/", None, 200),
    ]


def _of_status(w: World, at: datetime) -> list[Visit]:
    """A transfer that waits, one whose receipt and platform entry are open, one of an import, and what refuses."""
    for pupil, approved in ((w.qi, True), (w.an, False)):
        if pupil.movements.exists():
            continue
        said: dict[str, Any] = {
            "kind": "guest_study", "day": local_date(at), "ends_on": local_date(at) + timedelta(days=30), "class_unit": None,
            "other_school": "外县第一中学", "note": "家人迁居。", "proof": "申请", "proof_number": "12",
        }  # fmt: skip
        movement = ask(pupil, said, by=w.status, at=at)
        if approved:
            decide(movement, approved=True, opinion="同意", by=w.principal, at=at)
    of_one, waits = f"/status/pupil/{w.qi.pk}/", w.an.movements.get()
    return [
        *(
            (f"registers:status {code}", w.status, f"/status/?show={code}", None, 200)
            for code in WORKLISTS
        ),
        ("registers:status", w.principal, "/status/", None, 200),
        ("registers:pupil_status", w.status, of_one, None, 200),
        ("registers:pupil_status to decide", w.principal, f"/status/pupil/{w.an.pk}/", None, 200),
        ("registers:pupil_status wrong", w.status, of_one, {"kind": "suspension"}, 422),
        (
            "registers:movement refused",
            w.principal,
            f"/status/movements/{waits.pk}/",
            {"act": "refuse"},
            409,
        ),
    ]


def _rules() -> dict[str, Any]:
    """The form of a shipped profile with another rule of detection than the one in force."""
    form = RulesForm(shipped()["wenshan"].rules, today=date(2026, 12, 1))
    typed = {name: each.initial for name, each in form.fields.items() if each.initial is not None}
    return {**typed, "name": "新版", "valid_from": "2026-12-01", "act": "preview"}
