"""Every page of the house, opened by someone whose page it is, in a county where something has happened."""

import zipfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from casework.cases import matters
from casework.cases.extensions import ask_more_time
from casework.cases.kinds import Kind
from casework.cases.models import Case, HarmReport, Matter, Step
from casework.cases.protection import report_harm, report_harm_of
from casework.cases.rule_forms import RulesForm
from casework.core.clock import local_date, local_moment, moved_to
from casework.detection.models import Finding
from casework.documents.models import Document
from casework.evidence.bundle import make as make_bundle
from casework.evidence.models import Bundle, CheckKind, Inspection, Rehearsal, State
from casework.evidence.rehearsals import rehearse
from casework.evidence.scope import order
from casework.notices.outbox import tell
from casework.org.models import User
from casework.profiles.proposals import propose
from casework.profiles.shipped import shipped
from casework.students.models import Absence, ImportRun, RollCall
from tests.evidence.conftest import stand_in
from tests.i18n.discovery_pages import of_discovery
from tests.i18n.evidence_pages import let_in, of_evidence
from tests.i18n.register_pages import of_registers
from tests.i18n.time_pages import hold_once, of_time
from tests.world import World, day, do, holder_of, open_case, open_step, walk
from workflows.demo import typed
from workflows.side_forms import ask_form

DAYS = (date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11))


@dataclass
class House:
    """The county, and what a page needs to have something to show."""

    world: World
    at: datetime
    talked: Case
    closed: Case
    free: Step
    held: Step
    asked: Matter
    referred: Step
    kept: Matter
    report: HarmReport
    run: ImportRun
    bundles: list[Bundle]
    newcomer: User
    rehearsal: Rehearsal
    inspection: Inspection


def settle(world: World) -> House:
    """A case in persuasion, one closed, one just opened; findings, notices, an import with faults, evidence."""
    closed = walk(world, open_case(world, world.lan))
    talked = walk(world, open_case(world, world.yun), until=Kind.PERSUASION)
    held, at = open_step(talked, Kind.PERSUASION), day(closed, 40)
    with moved_to(at):
        holder_of(held, at)
        fresh = open_case(world, world.far_hua, at=at)
        said = {"signs": ["neglect"], "danger": "no", "seen": "数日无人照料。"}
        kept = report_harm(talked, said, by=world.teacher, at=at).about
        report = report_harm_of(world.an, said, by=world.teacher, at=at)
        reason = {"reason": "与另一案件重复。"}
        asked = matters.ask(talked, "FALSE_ALARM", reason, by=world.teacher, at=at).about
        hold_once(open_step(fresh, Kind.REGISTER), world, at)
        ask_more_time(held, more=2, reason="家长外出。", by=held.holder, at=at)
    _refer(world, fresh, at)
    _find(world, at)
    _absent(world, at)
    for code in ("yours", "nudge", "rung_soon", "rung_due", "rung_late_1", "rung_late_3"):
        tell([world.principal], code, key=code, at=at, link="/")
    newcomer = User.objects.create(
        username="99099001", display_name="新来", must_set_password=True, created_at=at
    )
    return House(
        world, at, talked, closed, open_step(fresh, Kind.REGISTER), held, asked,
        open_step(fresh, Kind.REPLY_REFERRAL), kept, report, _run(world, at), _bundles(world, talked, at), newcomer,
        rehearse(world.school, CheckKind.DOOR, 5, "20261013", "督导组", "检查", by=world.officer, at=at),
        let_in(world, talked, at),
    )  # fmt: skip


def _refer(world: World, case: Case, at: datetime) -> None:
    """A department with a liaison has something to answer."""
    with moved_to(at):
        form = ask_form("CHILD_LABOUR")(typed.asked(case, "CHILD_LABOUR", at))
        assert form.is_valid()
        matters.ask(case, "CHILD_LABOUR", form.cleaned_data, by=world.far_teacher, at=at)
    do(case, Kind.DECIDE_REQUEST, at)


def _find(world: World, at: datetime) -> None:
    """A finding of the rule with its days, and one about a child on no roster."""
    run = [{"day": each.isoformat(), "mark": "旷课", "source": "考勤表", "row": 3} for each in DAYS]
    facts: list[dict[str, Any]] = [
        {"pupil": world.qi, "rule": "consecutive_absence", "days": run, "gaps": ["2026-11-12"]},
        {"child": {"name": "龚小军"}, "rule": "heard", "note": "听村里人说没有上学。"},
    ]
    for each in facts:
        Finding.objects.create(
            unit=world.school, first_day=DAYS[0], last_day=DAYS[-1], found_at=at, updated_at=at,
            due_at=at + timedelta(days=1), **each,
        )  # fmt: skip


def _absent(world: World, at: datetime) -> None:
    """The last roll says that one child was not there."""
    today = local_date(at)
    RollCall.objects.create(class_unit=world.units["class"], day=today, source="考勤表")
    Absence.objects.create(pupil=world.an, day=today, mark="absent", source="考勤表", row=4)


def _run(world: World, at: datetime) -> ImportRun:
    place = {"file": "名册", "sheet": "八年级", "row": 4}
    problem = {**place, "field": "姓名", "message": "住址缺村名。", "count": 2}
    kinds = ("new", "moved", "missing", "changed")
    changes = [{**place, "kind": kind, "who": "罗小兰", "fields": ["住址"]} for kind in kinds]
    outcome = {
        "read": 9, "applied": 5, "unchanged": 2, "refused": 2, "error_count": 1,
        "errors": [problem], "warnings": [problem], "changes": changes,
    }  # fmt: skip
    return ImportRun.objects.create(
        kind="roster", by=world.officer, at=at, files=[{"name": "名册"}], outcome=outcome
    )


def _bundles(world: World, case: Case, at: datetime) -> list[Bundle]:
    """One of each state."""
    bundles = [
        order(
            case=case, reason="督导检查", receiver="督导组", by=world.officer, at=at, queued=False
        )
        for _ in State
    ]
    for bundle, state in zip(bundles, State, strict=True):
        bundle.state = state
        if state == State.ASKED:
            bundle.case, bundle.unit, bundle.first, bundle.last = None, world.school, *DAYS[:2]
        bundle.gaps = [[case.number, "家访登记表", "尚未办结", "林秀英", "2026-10-20"]]
        bundle.anchor, bundle.gap_count, bundle.anchored_at = "ab" * 32, 1, at
        bundle.save()
    return bundles


def evidence(house: House, language: str, folder: Path) -> dict[str, str]:
    """The pages inside an evidence file, papers standing in."""
    for paper in Document.objects.filter(chain=f"case:{house.talked.pk}", file=None):
        stand_in(paper)
    with moved_to(house.at):
        scope: list[dict[str, Any]] = [
            {"case": house.talked},
            {"unit": house.world.town, "first": DAYS[0], "last": local_date(house.at)},
            {"case": house.talked, "purpose": "court"},
            {"case": house.talked, "purpose": "redacted"},
        ]
        found: dict[str, str] = {}
        for number, each in enumerate(scope):
            bundle = order(
                reason="督导检查", merged=False, by=None, at=house.at, queued=False, **each
            )
            bundle.language = language
            bundle.save()
            target = folder / f"{language}-{number}.zip"
            assert make_bundle(bundle, at=house.at, target=target), bundle.error
            with zipfile.ZipFile(target) as packed:
                names = [name for name in packed.namelist() if name.endswith(".html")]
                if language == "en":  # the guide is Chinese in every edition
                    names = [name for name in names if not name.endswith("guide.html")]
                pages = {
                    f"evidence file: {number} {i}": packed.read(n).decode()
                    for i, n in enumerate(names)
                }
            found |= pages
    return found


Visit = tuple[str, User | None, str, dict[str, Any] | None, int]


def visits(house: House) -> list[Visit]:
    """Page, who opens it, where, what is sent (None: a GET), and the status of where that leads."""
    return [
        *_of_cases(house),
        *_of_the_compartment(house),
        *_of_offices(house),
        *_of_anybody(house),
        *of_time(house),
        *of_discovery(house.world, house.at),
        *of_registers(house),
        *of_evidence(house),
    ]


def _of_cases(house: House) -> list[Visit]:
    w, case, closed, held, free = (
        house.world, house.talked.pk, house.closed.pk, house.held.pk, house.free.pk
    )  # fmt: skip
    return [
        ("cases:inbox", w.principal, "/", None, 200),
        ("cases:queue", w.far_officer, "/queue/", None, 200),
        ("cases:queue empty", w.status, "/queue/", None, 200),
        ("cases:claim lost", w.far_status, f"/steps/{free}/claim/", {}, 409),
        ("cases:pass_on", w.principal, f"/steps/{held}/pass-on/", None, 200),
        ("cases:pass_on refused", w.principal, f"/steps/{held}/pass-on/", {"reason": ""}, 409),
        ("cases:notices", w.principal, "/notices/", None, 200),
        ("cases:cases", w.officer, "/cases/?stage=all", None, 200),
        ("cases:case", w.principal, f"/cases/{case}/", None, 200),
        ("cases:case asked", w.teacher, f"/cases/{case}/", None, 200),
        ("cases:withdraw refused", w.teacher, f"/matters/{house.asked.pk}/withdraw/", {}, 409),
        ("cases:case closed", w.principal, f"/cases/{closed}/", None, 200),
        ("cases:reveal", w.principal, f"/cases/{case}/numbers/", None, 200),
        ("cases:reveal open", w.principal, f"/cases/{case}/numbers/", {"reason": "核对"}, 200),
        ("cases:report_return refused", w.principal, f"/cases/{case}/back/", {"note": "见到"}, 409),
        ("cases:call", w.principal, f"/guardians/{_guardian(house)}/call/", {}, 200),
        ("cases:cases found", w.officer, "/cases/", {"q": "罗", "stage": "all"}, 200),
        ("cases:cases none", w.officer, "/cases/", {"q": "无此人"}, 200),
        ("cases:pupils", w.officer, "/pupils/", None, 200),
        ("cases:pupils found", w.officer, "/pupils/", {"q": "罗"}, 200),
        ("cases:pupils none", w.officer, "/pupils/", {"q": "无此人"}, 200),
        ("cases:general_visit", w.teacher, f"/pupils/{w.lan.pk}/visit/", None, 200),
        ("cases:general_visit wrong", w.teacher, f"/pupils/{w.lan.pk}/visit/", {}, 422),
        ("cases:quota", w.officer, "/visits/", None, 200),
        ("cases:intake", w.officer, "/findings/", None, 200),
        ("cases:intake later", w.officer, "/findings/?show=later", None, 200),
        ("cases:intake decided", w.officer, "/findings/?show=decided", None, 200),
        ("cases:suspicion", w.teacher, "/findings/new/", None, 200),
        ("cases:suspicion pupil", w.teacher, f"/findings/new/?pupil={w.lan.pk}", None, 200),
        ("cases:village", w.cadre, "/village/", None, 200),
        ("cases:village_contact", w.cadre, f"/village/{case}/contact/", None, 200),
        ("cases:absent", w.teacher, "/absent/", None, 200),
        ("cases:absence_call", w.officer, f"/absent/{w.an.pk}/", None, 200),
        ("cases:absence_call wrong", w.officer, f"/absent/{w.an.pk}/", {}, 422),
        ("cases:away", w.teacher, "/away/", None, 200),
        ("cases:away preview", w.teacher, "/away/", _absence(w), 200),
        ("cases:away wrong", w.teacher, "/away/", {"act": "arrange"}, 422),
        ("cases:away_of", w.officer, f"/away/{w.teacher.pk}/", None, 200),
        ("cases:referrals", w.liaison, "/referrals/", None, 200),
        ("cases:referrals none", w.liaison, "/referrals/?show=answered", None, 200),
        ("workflows:step of a department", w.liaison, f"/steps/{house.referred.pk}/", None, 200),
        ("cases:letters", w.township, "/letters/", None, 200),
        ("cases:numbers", w.township, "/letters/numbers/", None, 200),
        ("cases:numbers wrong", w.township, "/letters/numbers/", {"kind": "P11", "up_to": 0}, 409),
        ("evidence:print_letters none", w.township, "/letters/print/", {}, 200),
        ("workflows:side_roads", w.principal, f"/cases/{case}/ask/", None, 200),
        ("workflows:ask", w.principal, f"/cases/{case}/ask/REFERRAL/", None, 200),
        ("workflows:notice", w.supervisor, f"/steps/{held}/notice/", None, 200),
        ("workflows:notice wrong", w.supervisor, f"/steps/{held}/notice/", {}, 422),
        ("workflows:ask wrong", w.principal, f"/cases/{case}/ask/SUSPENSION/", {}, 422),
        ("workflows:step", w.principal, f"/steps/{held}/", None, 200),
        ("workflows:picture", w.principal, f"/cases/{case}/road.svg", None, 200),
    ]


def _of_the_compartment(house: House) -> list[Visit]:
    w, case = house.world, house.talked.pk
    return [
        ("cases:glass", w.officer, "/glass/", None, 200),
        ("cases:glass refused", w.officer, "/glass/", {"number": "KC-0"}, 409),
        ("workflows:help", w.officer, f"/cases/{case}/help/", None, 200),
        ("workflows:help wrong", w.officer, f"/cases/{case}/help/", {}, 422),
        ("workflows:conference", w.officer, f"/cases/{case}/conference/", None, 200),
        ("workflows:harm", w.principal, f"/cases/{case}/harm/", None, 200),
        ("workflows:harm wrong", w.principal, f"/cases/{case}/harm/", {}, 422),
        ("workflows:harm_of", w.teacher, f"/pupils/{w.lan.pk}/harm/", None, 200),
        ("workflows:harm_of wrong", w.teacher, f"/pupils/{w.lan.pk}/harm/", {}, 422),
        ("workflows:harm_reports", w.principal, "/harm/", None, 200),
        ("workflows:harm_report", w.principal, f"/harm/{house.report.pk}/", None, 200),
        ("workflows:harm_report wrong", w.principal, f"/harm/{house.report.pk}/", {}, 422),
        ("workflows:harm_report read", w.teacher, f"/harm/{house.report.pk}/", None, 200),
        ("workflows:matter", w.officer, f"/matters/{house.asked.pk}/", None, 200),
        ("workflows:matter restricted", w.principal, f"/matters/{house.kept.pk}/", None, 200),
        ("workflows:matter closed", w.officer, f"/matters/{house.kept.pk}/", None, 403),
    ]


def _rules() -> dict[str, Any]:
    """The form of the shipped profile, as it stands."""
    form = RulesForm(shipped()["guizhou"].rules, today=date(2026, 12, 1))
    typed = {
        name: field.initial for name, field in form.fields.items() if field.initial is not None
    }
    return {**typed, "name": "新版", "valid_from": "2026-12-01"}


def _proposal(world: World) -> dict[str, Any]:
    """One that waits, sent to be approved by whoever proposed it."""
    at = local_moment(date(2026, 11, 20), 9)
    proposal = propose(
        world.county, shipped()["wenshan"].rules, name="新版", valid_from=date(2026, 12, 1),
        by=world.county_officer, at=at,
    )  # fmt: skip
    return {"proposal": proposal.pk, "act": "approve"}


def _absence(world: World) -> dict[str, Any]:
    days = {"since": "2026-12-01", "until": "2026-12-03"}
    return {**days, "substitute": world.teacher_two.pk, "act": "preview"}


def _guardian(house: House) -> int:
    return int(house.talked.pupil.guardians.get().pk)


def _of_offices(house: House) -> list[Visit]:
    w = house.world
    code = {"act": "code"}
    return [
        ("oversight:board", w.county_officer, "/board/", None, 200),
        ("oversight:steps", w.county_officer, "/board/steps/", None, 200),
        ("oversight:load", w.county_officer, "/board/load/", None, 200),
        ("oversight:hand_out", w.officer, "/board/hand-out/", None, 200),
        (
            "oversight:hand_out of one",
            w.officer,
            f"/board/hand-out/?who={w.principal.pk}",
            None,
            200,
        ),
        (
            "oversight:hand_out proposed",
            w.officer,
            "/board/hand-out/",
            {"step": house.held.pk},
            200,
        ),
        ("oversight:hand_out none", w.officer, "/board/hand-out/", {}, 200),
        ("oversight:cases", w.county_officer, "/board/cases/", None, 200),
        ("students:import", w.officer, "/import/", None, 200),
        ("students:import_run", w.officer, f"/import/{house.run.pk}/", None, 200),
        ("students:words", w.officer, f"/import/{house.run.pk}/words/", None, 200),
        ("org:people", w.admin, "/people/", None, 200),
        ("org:person", w.admin, f"/people/{w.teacher.pk}/", None, 200),
        ("org:person slip", w.admin, f"/people/{w.teacher_two.pk}/", code, 200),
        ("org:new_person", w.admin, "/people/new/", None, 200),
        ("org:units", w.admin, "/units/", None, 200),
        ("org:unit", w.admin, f"/units/{w.school.pk}/", None, 200),
        ("cases:rules", w.county_officer, "/rules/", None, 200),
        ("cases:rules proposed", w.county_officer, "/rules/", _proposal(w), 409),
        ("cases:edit_rules", w.county_officer, "/rules/edit/?from=guizhou", None, 200),
        ("cases:edit_rules preview", w.county_officer, "/rules/edit/?from=guizhou", _rules(), 200),
        ("cases:edit_rules wrong", w.county_officer, "/rules/edit/", {}, 422),
        ("cases:edit_rules no file", w.county_officer, "/rules/edit/", {"act": "upload"}, 409),
        ("cases:terms", w.admin, "/terms/", None, 200),
        ("403", w.teacher, "/people/", None, 403),
    ]


def _of_anybody(house: House) -> list[Visit]:
    paper = Document.objects.filter(chain=f"case:{house.talked.pk}")[0]
    return [
        ("404", None, "/nowhere/", None, 404),
        ("org:sign_in", None, "/sign-in/", None, 200),
        ("org:sign_in wrong", None, "/sign-in/", {"username": "x", "password": "y"}, 200),
        ("org:set_password", house.newcomer, "/password/", None, 200),
        (
            "org:set_password wrong",
            house.newcomer,
            "/password/",
            {"password": "1", "again": "1"},
            200,
        ),
        ("org:set_password own", house.world.teacher, "/password/", None, 200),
        ("org:set_password own wrong", house.world.teacher, "/password/", {"old": "1"}, 200),
        ("documents:verify", None, reverse("documents:verify", args=[paper.token]), None, 200),
        ("documents:anchors", None, reverse("documents:anchors"), None, 200),
        ("documents:empty_form", None, "/f/P13/step-12/", None, 200),
        ("documents:verify unknown", None, "/v/nothing/", None, 404),
    ]


def open_pages(house: House, language: str) -> dict[str, str]:
    """Every page as HTML, by its name, in one language."""
    found = {}
    with moved_to(house.at), override_settings(DEMO=True):
        for name, person, address, sent, status in visits(house):
            client = Client(headers={"accept-language": language})
            if person:
                client.force_login(person, "django.contrib.auth.backends.ModelBackend")
            answer = (
                client.get(address) if sent is None else client.post(address, sent, follow=True)
            )
            assert answer.status_code == status, (name, answer.status_code)
            found[name] = answer.content.decode()
    with translation.override(language):
        found["locked"] = render_to_string("org/locked.html")
    return found
