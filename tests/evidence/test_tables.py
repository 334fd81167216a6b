"""What a bundle says beside its cases: what is not there, denominators, rules, posts; offices; how each step went."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook

from casework.audit.models import Entry
from casework.cases.extensions import give_more_time
from casework.cases.kinds import Kind
from casework.cases.models import Case, IntakeDecision, RungFired
from casework.core.clock import local_date, local_moment, moved_to
from casework.core.crypto import encrypt_bytes
from casework.documents import numbers
from casework.documents.models import Attachment, Document
from casework.documents.papers.register import PAPERS
from casework.evidence import verify
from casework.evidence.bundle import make
from casework.evidence.contents import POINTS
from casework.evidence.histories import read_histories
from casework.evidence.scope import order
from casework.evidence.tables import TABLES, months
from casework.evidence.workbook import Book
from casework.registers.places import Of
from casework.registers.sheets import SHEETS
from casework.registers.shelf import file_on_shelf
from casework.students.models import Absence, ImportRun, RollCall
from tests.cases.test_photos import picture
from tests.evidence.conftest import stand_in
from tests.registers.conftest import case, case_pk, own_media, world
from tests.registers.test_writing import place_of, sheet_of, written
from tests.world import World, day, open_case, open_step

__all__ = ["case", "case_pk", "own_media", "world"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def packed(target: Path, at: Any, **scope: Any) -> dict[str, bytes]:
    """The files of a bundle made at `at`, by their path inside it; checked by the verifier."""
    for document in Document.objects.filter(file=None):
        stand_in(document)
    with moved_to(at):
        bundle = order(reason="督导检查", merged=False, by=None, at=at, queued=False, **scope)
        assert make(bundle, at=at, target=target), bundle.error
    assert verify.check(verify.Zip(target), bundle.anchor).problems == []
    with zipfile.ZipFile(target) as files:
        return {name.split("/", 1)[1]: files.read(name) for name in files.namelist()}


def of_unit(world: World, at: Any, target: Path) -> dict[str, bytes]:
    return packed(target, at, unit=world.county, first=date(2026, 10, 1), last=date(2026, 11, 30))


def rows(files: dict[str, bytes], code: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"data/scope/{code}.csv"].decode("utf-8-sig"))))


def test_a_unit_s_bundle_tells_what_is_not_in_it(world: World, case: Case, tmp_path: Path) -> None:
    at = day(case, 5)
    decision = IntakeDecision.objects.get(case=case)
    IntakeDecision(
        finding=decision.finding, decision="set_aside", reason="已返校", by_name="赵敏", at=at - timedelta(hours=2)
    ).save()  # fmt: skip
    numbers.pass_over(world.town, "P11", 4, "手写作废", by=world.township, at=at)
    RollCall.objects.create(
        class_unit=world.units["class"], day=date(2026, 10, 13), source="考勤表"
    )
    files = of_unit(world, at, tmp_path / "out.zip")
    (aside,) = rows(files, "findings")
    assert (aside["Decision"], aside["Reason"], aside["Who"]) == ("set aside", "已返校", "赵敏")
    assert case.pupil.name not in files["data/scope/findings.csv"].decode()
    (void,) = rows(files, "voids")
    assert (void["Unit"], void["From"], void["To"], void["Reason"]) == (
        "青石镇",
        "1",
        "4",
        "手写作废",
    )
    october = next(
        r for r in rows(files, "classes") if r["Class"] == "八年级1班" and r["Month"] == "2026-10"
    )
    assert (october["Pupils at its end"], october["Rolls called"]) == ("4", "1")
    assert october["School days"] == "8", "up to the day it was made"
    assert {r["State"] for r in rows(files, "shelf")} == {"due, missing", "not due yet"}
    held = {(r["Unit"], r["Post"], r["Who"]) for r in rows(files, "posts")}
    assert ("青石镇中学", "principal", "周建民") in held
    days = rows(files, "days")
    assert (days[0]["Offices work"], days[0]["Schools teach"]) == ("0", "0"), (
        "1 October is a holiday"
    )
    assert len(days) == (local_date(at) - date(2026, 10, 1)).days + 1


def test_a_visit_typed_in_late_is_told_with_both_times(
    world: World, case: Case, tmp_path: Path
) -> None:
    at = day(case, 5)
    visit = case.visits.first()
    assert visit is not None
    visit.began = visit.ended = visit.recorded_at - timedelta(days=2, hours=1)
    visit.save(update_fields=["began", "ended"])
    (late,) = rows(packed(tmp_path / "out.zip", at, case=case), "late-entries")
    assert (late["Case"], late["Hours later"]) == (case.number, "49")


def test_the_rules_of_the_time_lie_beside_as_texts(
    world: World, case: Case, tmp_path: Path
) -> None:
    files = packed(tmp_path / "out.zip", day(case, 5), case=case)
    (rule,) = rows(files, "rules")
    assert json.loads(files[f"data/scope/{rule['File']}"])["guards"]["days_before_report"] == 7


def test_a_case_s_bundle_tells_nothing_of_others(world: World, case: Case, tmp_path: Path) -> None:
    files = packed(tmp_path / "out.zip", day(case, 5), case=case)
    there = {name for name in files if name.startswith("data/scope/") and name.endswith(".csv")}
    assert there == {
        f"data/scope/{table.code}.csv" for table in TABLES if not (table.whole or table.sampled)
    }
    assert not any(name.startswith("data/unit-") for name in files)


def test_earlier_evidence_of_the_same_case_is_listed(
    world: World, case: Case, tmp_path: Path
) -> None:
    packed(tmp_path / "one.zip", day(case, 5), case=case)
    files = packed(tmp_path / "two.zip", day(case, 6), case=case)
    (before,) = rows(files, "bundles")
    made = Entry.objects.filter(verb="evidence.made").order_by("pk").first()
    assert made and before["Anchor"] == made.facts["anchor"]


def test_an_office_hands_in_its_papers_and_its_shelf(
    world: World, case: Case, tmp_path: Path
) -> None:
    at = day(case, 5)
    sheet = sheet_of("P25B")
    paper = written(sheet, place_of(sheet, world, case), world.officer, at)
    filing = file_on_shelf(
        world.school, year=2026, slot="plan", title="工作计划", day=date(2026, 9, 1), approver="周建民",
        file=io.BytesIO(picture()), by=world.officer, at=at,
    )  # fmt: skip
    files = of_unit(world, at, tmp_path / "out.zip")
    folder = f"data/unit-{world.school.pk}"
    assert json.loads(files[f"{folder}/records.jsonl"])["number"] == paper.number
    assert f"{folder}/files/{filing.attachment_id}.jpg" in files
    page = files[f"{folder}/index.html"].decode()
    assert "工作计划" in page and paper.number in page
    assert f"{folder}/index.html" in files["index.html"].decode()


def test_the_index_is_a_workbook_too(world: World, case: Case, tmp_path: Path) -> None:
    book = load_workbook(
        io.BytesIO(packed(tmp_path / "out.zip", day(case, 5), case=case)["index.xlsx"])
    )
    heads, *papers = list(book["index"].iter_rows(values_only=True))
    assert len(papers) == Document.objects.filter(chain=f"case:{case.pk}").count()
    assert {row[heads.index("case")] for row in papers} == {case.number}
    assert all(row[heads.index("signed")] for row in papers)


def test_a_workbook_holds_any_text_and_no_formula() -> None:
    book = Book()
    book.begin("甲: a/b?", ["头"])
    book.add("甲: a/b?", [["=1+1"], ["<&>\x07"], [7], [date(2026, 9, 1)], ["𠮷"]])
    with book.complete() as file:
        sheet = load_workbook(file).worksheets[0]
    assert [cell.value for (cell,) in sheet.iter_rows(min_row=2)] == [
        "=1+1",
        "<&>",
        7,
        "2026-09-01",
        "𠮷",
    ]
    assert all(cell.data_type != "f" for (cell,) in sheet.iter_rows())


def test_a_period_is_cut_into_its_months() -> None:
    assert list(months(date(2026, 9, 15), date(2026, 11, 3))) == [
        (date(2026, 9, 15), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 11, 3)),
    ]


class TestFiles:
    @pytest.fixture
    def scan(self, world: World, case: Case, own_media: Path) -> Attachment:
        """The signed sheet of the visit."""
        (own_media / "x.jpg").write_bytes(encrypt_bytes(picture(), "attachment"))
        paper = Document.objects.get(chain=f"case:{case.pk}", kind="P04")
        row = Attachment(
            chain=paper.chain, document=paper, purpose="signed", kind="photo", sha256="ab" * 32, size=1,
            original="x.jpg", copy="x.jpg", by_name="赵敏", at=day(case, 4),
        )  # fmt: skip
        row.save()
        return row

    def test_a_signed_sheet_goes_along_and_stands_in_the_index(
        self, scan: Attachment, case: Case, tmp_path: Path
    ) -> None:
        files = packed(tmp_path / "out.zip", day(case, 5), case=case)
        path = f"data/{case.number}/files/{scan.pk}.jpg"
        assert files[path] == picture()
        listed = list(csv.DictReader(io.StringIO(files["index.csv"].decode("utf-8-sig"))))
        assert [row["signed_sheets"] for row in listed if row["form"] == "P04"] == [path]

    def test_a_lost_one_is_a_gap(
        self, scan: Attachment, case: Case, tmp_path: Path, own_media: Path
    ) -> None:
        (own_media / "x.jpg").unlink()
        files = packed(tmp_path / "out.zip", day(case, 5), case=case)
        assert "The file is missing or damaged" in files["index.html"].decode()


class TestHistories:
    def test_hands_dates_and_reminders_are_told(self, world: World, case: Case) -> None:
        step, at = open_step(case, Kind.PERSUASION), day(case, 5)
        give_more_time(step, more=2, reason="家长外出", by=world.county_officer, at=day(case, 3, 9))
        step.refresh_from_db()
        RungFired(step=step, rung="late_1", due_version=step.due_version, at=at).save()
        history = read_histories([step], at)[step.pk]
        assert history.held()[-1].startswith("周建民 since")
        (moved,) = history.moved()
        assert "more time was given: 家长外出" in moved and "→" in moved
        assert history.reminded(step)[0].endswith("at least 1 working day late")
        late = step.due_at + timedelta(days=1)
        assert history.held_when_due(step.due_at, late) == "周建民"
        assert history.held_when_due(step.due_at, step.due_at) == "", "done in time: nobody kept it"

    def test_what_came_later_is_not_told(self, world: World, case: Case) -> None:
        step = open_step(case, Kind.PERSUASION)
        give_more_time(step, more=2, reason="家长外出", by=world.county_officer, at=day(case, 5))
        assert read_histories([step], day(case, 4))[step.pk].moved() == []

    def test_lateness_is_that_of_the_house(self, world: World, case: Case) -> None:
        """Working days: a weekend does not count."""
        from casework.deadlines.days import days_for

        step = open_step(case, Kind.PERSUASION)
        step.due_at = local_moment(date(2026, 10, 24))  # 24:00 of Friday
        history = read_histories([step], day(case, 30))[step.pk]
        days = days_for(world.school)
        assert history.late(step, local_moment(date(2026, 10, 25), 12), days) == 0
        assert history.late(step, local_moment(date(2026, 10, 27), 12), days) == 1


def test_a_case_whose_registration_is_open_can_be_handed_out(
    world: World, case: Case, tmp_path: Path
) -> None:
    """Nobody knows yet whether there will be an extract of the rolls; the registration itself is the gap."""
    fresh = open_case(world, world.yun, at=day(case, 5))
    Absence.objects.create(
        pupil=world.yun, day=day(case, 4).date(), mark="absent", source="考勤表", row=3
    )
    files = packed(tmp_path / "out.zip", day(case, 6), case=fresh)
    assert "Not done yet: register the suspected dropout." in files["index.html"].decode()


def test_every_paper_of_a_case_stands_under_a_point_of_its_contents() -> None:
    """Only papers of an office, of no case, stand in none."""
    listed = {kind for point in POINTS for kind in point.kinds}
    office = {sheet.code for sheet in SHEETS if sheet.of == Of.UNIT}
    assert set(PAPERS) - listed == office and listed <= set(PAPERS)


def test_each_absence_leads_to_its_file_its_hash_and_whoever_uploaded_it(
    world: World, case: Case, tmp_path: Path
) -> None:
    finding = IntakeDecision.objects.get(case=case).finding
    sources = ["十月.xlsx / 三年级1班", "十月.xlsx / 三年级2班", "手工.xlsx / 1"]
    finding.days = [{"day": "2026-10-12", "source": each, "row": 4} for each in sources]
    finding.days.append(
        {"day": "2026-10-13", "source": "十月.xlsx / 1", "row": 5, "sha256": "d" * 64}
    )
    finding.save()
    at = day(case, 5)
    came = {"kind": "attendance", "by": world.officer, "at": at - timedelta(days=2)}
    applied = {"a": at - timedelta(days=1), "b": None, "d": at - timedelta(days=1)}
    for sha256, moment in applied.items():
        files = [
            {"name": "十月.xlsx", "sha256": sha256 * 64},
            {"name": "别的.xlsx", "sha256": "c" * 64},
        ]
        ImportRun.objects.create(files=files, applied_at=moment, **came)
    found = rows(packed(tmp_path / "case.zip", at, case=case), "uploads")
    told = [
        (
            row["File"],
            row["SHA-256 of the file"],
            row["Who"],
            row["Absences of these cases under this name"],
        )
        for row in found
    ]
    assert told == [
        ("十月.xlsx", "a" * 64, world.officer.display_name, "2"),
        ("十月.xlsx", "d" * 64, world.officer.display_name, "3"),
        ("手工.xlsx", "", "", "1"),
    ]
