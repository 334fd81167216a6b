"""The pages of the registers: papers written by hand, the shelf, problems, files handed in."""

from datetime import date, timedelta
from typing import Any

from casework.core.clock import local_date
from casework.documents.models import Attachment, Document
from casework.registers.models import DestructionList, Filing, Listed
from casework.registers.problems import raise_problem, report_done, send_back
from casework.registers.sheets import SHEETS
from tests.world import World


def of_registers(house: Any) -> list[Any]:
    """Who opens which of these pages with what, and the status, in the house of tests/i18n/pages.py."""
    w, case, school = house.world, house.talked.pk, house.world.school.pk
    _keep(house)
    wrong = {"act": "done", "words": ""}
    return [
        ("registers:offices", w.township, "/registers/", None, 200),
        ("registers:blanks", w.teacher, "/registers/blank/", None, 200),
        ("registers:of_unit", w.officer, f"/registers/unit/{school}/", None, 200),
        ("registers:shelf", w.officer, f"/registers/unit/{school}/shelf/", None, 200),
        (
            "registers:shelf wrong",
            w.officer,
            f"/registers/unit/{school}/shelf/",
            {"slot": "x"},
            409,
        ),
        *_of_retention(house),
        ("registers:problems", w.officer, f"/registers/unit/{school}/problems/", None, 200),
        (
            "registers:problems of another",
            w.principal,
            f"/registers/unit/{school}/problems/",
            None,
            200,
        ),
        ("registers:problems wrong", w.officer, f"/registers/unit/{school}/problems/", {}, 409),
        ("registers:problem wrong", w.officer, f"/registers/problems/{_problem(w)}/", wrong, 409),
        ("registers:of_pupil", w.teacher, f"/registers/pupil/{w.an.pk}/", None, 200),
        ("registers:writable", w.teacher, f"/registers/case/{case}/write/", None, 200),
        ("registers:files", w.teacher, f"/registers/case/{case}/files/", None, 200),
        ("registers:files of a unit", w.officer, f"/registers/unit/{school}/files/", None, 200),
        (
            "registers:files wrong",
            w.teacher,
            f"/registers/case/{case}/files/",
            {"purpose": "proof"},
            409,
        ),
        (
            "registers:give wrong",
            w.officer,
            f"/registers/files/{_sheet(w)}/give/",
            {"number": "x"},
            409,
        ),
        *(each for sheet in SHEETS for each in _written(sheet, house)),
    ]


def _written(sheet: Any, house: Any) -> list[Any]:
    """The form of a sheet, and what it says of nothing."""
    w = house.world
    pk, person = {
        "case": (house.talked.pk, w.officer),
        "pupil": (w.an.pk, w.officer),
        "unit": (
            _unit(sheet, w),
            w.township if {"township", "village"} & set(sheet.levels[:1]) else w.officer,
        ),
    }[sheet.of]
    place = f"/registers/{sheet.of}/{pk}/write/{sheet.code}/"
    shown = [(f"registers:write {sheet.code} {sheet.of}", person, place, None, 200)]
    if any(field.required for field in _fields(sheet)):
        shown.append(
            (f"registers:write {sheet.code} {sheet.of} wrong", person, place, {"x": ""}, 422)
        )
    return shown


def _fields(sheet: Any) -> Any:
    from casework.registers.forms import form_for

    return form_for(sheet).base_fields.values()


def _unit(sheet: Any, world: World) -> int:
    names = {"school": "school", "township": "town", "village": "village"}
    return int(world.units[names[sheet.levels[0]]].pk) if sheet.levels else 0


def _keep(house: Any) -> None:
    """Something on the shelf, problems in each state, files of each kind."""
    w, at = house.world, house.at
    kept = {
        "sha256": "ab" * 32,
        "size": 1,
        "original": "o",
        "copy": "c.jpg",
        "kind": "photo",
        "by_name": "赵敏",
        "at": at,
    }
    place = f"unit:{w.school.pk}"
    filed = Attachment.objects.create(chain=place, purpose="filed", title="计划", **kept)
    Filing.objects.create(
        unit=w.school, year=2026, slot="plan", title="计划", version=Filing.objects.count() + 1, day=date(2026, 9, 1), approver="周建民",
        attachment=filed, filed_at=at, filed_by="赵敏",
    )  # fmt: skip
    for purpose in ("signed", "proof", "survey"):
        Attachment.objects.create(chain=place, purpose=purpose, **kept)
        Attachment.objects.create(chain=f"case:{house.talked.pk}", purpose=purpose, **kept)
    said = {
        "source": "inspection",
        "what": "记录不全",
        "measure": "补访",
        "owner": "林秀英",
        "by": w.officer,
        "at": at,
    }
    _open, done, back = (
        raise_problem(w.school, due=local_date(at) + timedelta(days=n), **said) for n in range(3)
    )
    for each in (done, back):
        report_done(each, "已补访。", by=w.officer, at=at)
    send_back(back, "没有佐证。", by=w.principal, at=at)


def _problem(world: World) -> int:
    return int(world.school.problems.order_by("pk")[0].pk)


def _sheet(world: World) -> int:
    found = Attachment.objects.filter(chain=f"unit:{world.school.pk}", purpose="signed")
    return int(found.order_by("pk")[0].pk)


def _of_retention(house: Any) -> list[Any]:
    """A list that was refused, and one that waits for the principal; nothing of the township."""
    w, page = house.world, "/registers/unit/{}/retention/"
    said = {
        "unit": w.school,
        "basis": "档案管理规定",
        "by": w.officer,
        "by_name": w.officer.display_name,
        "at": house.at,
    }
    if not DestructionList.objects.exists():
        DestructionList.objects.create(
            decided_by=w.principal.display_name, decided_at=house.at, refused="检查未结束", **said
        )
        waits = DestructionList.objects.create(**said)
        paper = Document.objects.filter(chain=f"case:{house.closed.pk}").order_by("pk")[0]
        Listed.objects.create(on=waits, document=paper, years=30)
    return [
        ("registers:destruction", w.officer, page.format(w.school.pk), None, 200),
        ("registers:destruction second", w.principal, page.format(w.school.pk), None, 200),
        ("registers:destruction of the town", w.township, page.format(w.town.pk), None, 200),
    ]
