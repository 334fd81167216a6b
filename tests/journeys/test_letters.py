"""The legal ladder: letters drafted, signed off, served and looked at when their time is over (domain.md 2.2, 6–9)."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from casework.cases import checks, proposing
from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, Matter, PauseCause, Step
from casework.cases.redating import current
from casework.core.clock import end_of, local_moment
from casework.core.errors import DomainError
from casework.deadlines.engine import due_at
from casework.deadlines.units import WORKING_DAYS
from casework.documents.models import Document
from casework.students.models import RollCall
from tests.world import (
    World,
    answers,
    day,
    do,
    holder_of,
    open_case,
    open_step,
    prepared,
    report_back,
    walk,
)
from workflows.invariants import engine_problems
from workflows.said import form_of

pytestmark = pytest.mark.django_db


def accepted(world: World) -> Case:
    """Reported on day 8, accepted by the township on day 9."""
    case = walk(world, open_case(world, world.yun), until=Kind.PERSUASION)
    do(case, Kind.PERSUASION, day(case, 4), result="not_yet")
    proposing.propose_reports(day(case, 8, 8))
    do(case, Kind.SEND_REPORT, day(case, 8, 9), decision="send")
    for kind in (Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY):
        do(case, kind, day(case, 9), decision="accepted")
    return case


@pytest.fixture(scope="module")
def accepted_pk(world: World, django_db_blocker: object) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: accepted(world))


@pytest.fixture
def case(accepted_pk: int) -> Case:
    return Case.objects.get(pk=accepted_pk)


def open_main(case: Case) -> str:
    return Step.objects.open().get(case=case, track="main").kind


def letter_of(case: Case) -> Matter:
    return Matter.objects.filter(case=case).latest("opened_at")


def sign(case: Case, days: int, **said: object) -> None:
    """Drafted and signed off on that day."""
    do(case, Kind.DRAFT_LETTER, day(case, days, 10), **said)
    do(case, Kind.SIGN_LETTER, day(case, days, 11))


def serve(case: Case, days: int, **said: object) -> None:
    do(case, Kind.SERVE_LETTER, day(case, days, 16), **said)


def sound() -> None:
    assert [*checks.problems(), *engine_problems()] == []


def test_the_report_accepted_makes_the_township_write(case: Case, world: World) -> None:
    """domain.md 2.3: REPORTED → RETURN_NOTICE, a new owner and a new clock."""
    case.refresh_from_db()
    assert case.stage == Stage.RETURN_NOTICE
    draft = open_step(case, Kind.DRAFT_LETTER)
    assert (draft.holder, draft.unit, draft.line) == (world.township, world.town, "village")
    assert (draft.budget, draft.budget_unit, draft.counted_from) == (
        2,
        "working_days",
        day(case, 9),
    )
    assert letter_of(case).code == "return_notice"


def test_the_whole_ladder_to_the_court_and_back(case: Case, world: World) -> None:
    stages = [("return_notice", "P11"), ("order", "P12"), ("court", "P15")]
    days = 10
    for code, paper in stages:
        assert (letter_of(case).code, open_main(case)) == (code, Kind.DRAFT_LETTER)
        sign(case, days)
        serve(case, days)
        made = Document.objects.filter(chain=f"case:{case.pk}").order_by("place")
        assert [each.kind for each in made][-3:] == ["SR", paper, "P13"]
        case.refresh_from_db()
        assert case.stage == code
        days += 14
        if code != "court":
            do(case, Kind.ANSWER_LETTER, day(case, days), decision="next")
            days += 1
    with pytest.raises(DomainError, match="knows no further letter"):
        do(case, Kind.ANSWER_LETTER, day(case, days + 60), decision="next")
    report_back(world, case, day(case, days, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, days))
    assert open_main(case) == Kind.FOLLOW_UP
    assert letter_of(case).outcome == "returned"
    sound()


def test_the_number_is_taken_when_the_letter_is_signed_off(case: Case, world: World) -> None:
    """domain.md 4.0: 机关代字控返〔YYYY〕n号."""
    do(case, Kind.DRAFT_LETTER, day(case, 10))
    assert not Document.objects.filter(kind="P11").exists()
    signing = open_step(case, Kind.SIGN_LETTER)
    assert (signing.holder, signing.asked_by) == (world.leader, world.township)
    (paper,) = do(case, Kind.SIGN_LETTER, day(case, 10, 17))
    assert (paper.number, paper.unit) == ("青石镇控返〔2026〕1号", world.town)
    assert "自送达之日起7日内" in paper.record and world.leader.display_name in paper.record


def test_a_letter_sent_back_is_written_anew(case: Case) -> None:
    do(case, Kind.DRAFT_LETTER, day(case, 10), facts="第一稿。")
    do(case, Kind.SIGN_LETTER, day(case, 10, 16), decision="sent_back", reason="写明家访次数。")
    again = open_step(case, Kind.DRAFT_LETTER)
    assert (again.number, again.about) == (2, letter_of(case))
    do(case, Kind.DRAFT_LETTER, day(case, 11), facts="两次家访未果。")
    (paper,) = do(case, Kind.SIGN_LETTER, day(case, 11, 16))
    assert "两次家访未果" in paper.record and "第一稿" not in paper.record
    sound()


def test_the_clock_begins_with_the_service(case: Case) -> None:
    """Served two days after it was signed off: seven days from then, and the Saturday rolls on to Monday (Civil Code art. 203)."""
    sign(case, 10)
    serve(case, 12)
    waits = open_step(case, Kind.ANSWER_LETTER)
    ends = end_of(day(case, 21).date())
    assert (letter_of(case).wakes_at, waits.opens_at, waits.counted_from) == (ends, ends, ends)
    with pytest.raises(DomainError, match="opens on"):
        do(case, Kind.ANSWER_LETTER, day(case, 21), decision="next")
    do(case, Kind.ANSWER_LETTER, day(case, 22), decision="next")
    assert letter_of(case).code == "order"


def test_a_letter_s_time_that_ends_on_a_working_day_stays(case: Case) -> None:
    sign(case, 10)
    serve(case, 11)
    assert letter_of(case).wakes_at == end_of(day(case, 18).date())


def test_a_public_notice_has_days_of_its_own(case: Case) -> None:
    sign(case, 10)
    serve(case, 11, method="public", posted_at="村务公开栏")
    sunday = 11 + 30 + 7
    assert letter_of(case).wakes_at == end_of(day(case, sunday + 1).date())


@pytest.mark.parametrize(("method", "said", "days"), [
    ("mail", {"tracking": "EY1"}, 7), ("public", {"posted_at": "村务公开栏"}, 30),
])  # fmt: skip
def test_nobody_is_late_with_a_letter_on_its_way(
    case: Case, method: str, said: dict[str, str], days: int
) -> None:
    """The clock of the service stands until the receipt is awaited no longer, and then runs its three working days."""
    sign(case, 10)
    serve(case, 11, served="sent", method=method, **said)
    step = open_step(case, Kind.SERVE_LETTER)
    (pause,) = current(step)
    assert (pause.cause, pause.until) == (PauseCause.MAIL, end_of(day(case, 11 + days).date()))
    assert step.due_at == due_at(
        step.counted_from, 3, WORKING_DAYS, case.school, suspensions=[(pause.since, pause.until)]
    )
    assert step.due_at > pause.until


def test_a_letter_served_late_shows_late(case: Case) -> None:
    sign(case, 10)
    step = open_step(case, Kind.SERVE_LETTER)
    assert step.due_at < day(case, 20)
    serve(case, 20)
    step.refresh_from_db()
    assert step.finished_at and step.finished_at > step.due_at


def test_a_failed_service_is_tried_again(case: Case) -> None:
    sign(case, 10)
    serve(case, 10, served="no", note="家中无人。")
    assert (open_main(case), open_step(case, Kind.SERVE_LETTER).number) == (Kind.SERVE_LETTER, 2)
    serve(case, 11)
    made = Document.objects.filter(chain=f"case:{case.pk}", kind="P13")
    assert made.count() == 2
    sound()


REFUSED = [
    ({"method": "mail"}, "tracking"),
    ({"method": "refused"}, "witness"),
    ({"method": "left"}, "witness"),
    ({"method": "public"}, "posted_at"),
    ({"method": "entrusted"}, "entrusted_to"),
    ({"servers": "吴玉兰"}, "servers"),
    ({"served": "no"}, "note"),
]


@pytest.mark.parametrize(("said", "field"), REFUSED)
def test_a_proof_of_the_wrong_kind_is_refused(case: Case, said: dict[str, str], field: str) -> None:
    """The form names the field that the way of service needs."""
    sign(case, 10)
    with pytest.raises(AssertionError, match=field):
        serve(case, 10, **said)


def test_a_letter_is_not_served_before_it_was_signed(case: Case) -> None:
    sign(case, 10)
    with pytest.raises(DomainError, match="cannot have been served before"):
        serve(case, 12, served_on=day(case, 9).date().isoformat())


def test_a_child_whom_the_roll_calls_present_gets_no_further_letter(
    case: Case, world: World
) -> None:
    """domain.md 2.3: child still absent per roll-call."""
    sign(case, 10)
    serve(case, 10)
    RollCall.objects.create(class_unit=case.class_unit, day=day(case, 17).date(), source="8-1")
    with pytest.raises(DomainError, match="was in class"):
        do(case, Kind.ANSWER_LETTER, day(case, 18), decision="next")


def test_an_order_is_looked_at_by_the_justice_office(case: Case) -> None:
    sign(case, 10)
    serve(case, 10)
    do(case, Kind.ANSWER_LETTER, day(case, 18), decision="next")
    with pytest.raises(DomainError, match="justice office"):
        do(case, Kind.DRAFT_LETTER, day(case, 19), reviewed="")
    do(case, Kind.DRAFT_LETTER, day(case, 19), reviewed="司法所 郭明")


def test_the_township_may_talk_first_and_write_later(case: Case) -> None:
    do(case, Kind.DRAFT_LETTER, day(case, 10), decision="talk_first", reason="家长已约见。")
    assert open_main(case) == Kind.PERSUASION_LED
    do(case, Kind.PERSUASION_LED, day(case, 11), result="agreed", promised_day="2026-10-26")
    assert open_main(case) == Kind.PERSUASION_LED
    do(case, Kind.PERSUASION_LED, day(case, 14), result="not_yet")
    assert (open_main(case), letter_of(case).code) == (Kind.DRAFT_LETTER, "return_notice")
    assert Matter.objects.filter(case=case).count() == 2
    sound()


def test_a_little_longer_is_a_later_look(case: Case) -> None:
    sign(case, 10)
    serve(case, 10)
    until = day(case, 22).date()
    do(case, Kind.ANSWER_LETTER, day(case, 18), decision="wait", wait_until=until.isoformat())
    assert open_step(case, Kind.ANSWER_LETTER).opens_at == local_moment(until)
    late = (until + timedelta(days=60)).isoformat()
    with pytest.raises(DomainError, match="at most 30 days"):
        do(case, Kind.ANSWER_LETTER, day(case, 23), decision="wait", wait_until=late)


def test_a_child_back_at_any_rung_ends_the_letter(case: Case, world: World) -> None:
    sign(case, 10)
    report_back(world, case, day(case, 11, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 11))
    assert (letter_of(case).outcome, open_main(case)) == ("returned", Kind.FOLLOW_UP)
    cut = Step.objects.get(case=case, kind=Kind.SERVE_LETTER)
    assert (cut.cancelled, cut.outcome) == (True, "overtaken")
    sound()


def test_the_township_of_the_household_writes_where_the_profile_says_so(
    world: World, case: Case
) -> None:
    """domain.md 3.1: school and household in different townships."""
    from casework.profiles.rules import baseline, publish

    rules = baseline() | {"letters": baseline()["letters"] | {"issuer": "household"}}
    publish(
        world.county,
        rules,
        name="户籍地",
        valid_from=date(2026, 9, 1),
        by=None,
        at=day(case, 9, 16),
    )
    case.pupil.township = world.far_town
    case.pupil.save()
    do(case, Kind.DRAFT_LETTER, day(case, 10), decision="talk_first", reason="家长已约见。")
    do(case, Kind.PERSUASION_LED, day(case, 14), result="not_yet")
    assert open_step(case, Kind.DRAFT_LETTER).holder == world.far_township


STROKES = "[[[60, 200], [180, 60], [260, 240]], [[320, 150], [700, 90]]]"


def paper_of(case: Case, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        Document.objects.filter(chain=f"case:{case.pk}", kind=kind).latest("pk").record
    )
    return found


def test_whoever_receives_a_letter_signs_on_the_screen(case: Case) -> None:
    sign(case, 10)
    serve(case, 10, hand_recipient=STROKES)
    record = paper_of(case, "P13")
    drawn = {box["label"]: "strokes" in box for box in record["signatures"]}
    assert list(drawn.values()) == [True, False, False]
    assert record["sign_state"] == "屏幕上已签：受送达人；其余待手写签字"
    assert "hand_recipient" not in case.steps.get(kind=Kind.SERVE_LETTER).facts


def test_a_refused_letter_names_the_witness_though_he_drew(case: Case) -> None:
    sign(case, 10)
    serve(case, 10, method="refused", witness="龙明", hand_witness=STROKES)
    record = paper_of(case, "P13")
    assert "strokes" in record["signatures"][2]
    assert record["sign_state"] == "拒签，有见证人：龙明；屏幕上已签：见证人；其余待手写签字"


def test_servers_who_did_not_sign_a_refused_letter_are_awaited(case: Case) -> None:
    sign(case, 10)
    serve(case, 10, method="refused", witness="龙明")
    assert paper_of(case, "P13")["sign_state"] == "拒签，有见证人：龙明；待手写签字"


def test_an_order_names_its_evidence_and_where_the_child_reports(case: Case) -> None:
    sign(case, 10)
    serve(case, 10)
    do(case, Kind.ANSWER_LETTER, day(case, 18), decision="next")
    step = open_step(case, Kind.DRAFT_LETTER)
    form = form_of(step)(answers(step, holder_of(step, day(case, 18)), day(case, 18), evidence=""))
    assert not form.is_valid() and list(form.errors) == ["evidence"]
    sign(case, 19)
    said = "".join(paper_of(case, "P12")["letter"]["paragraphs"])
    served = Document.objects.get(chain=f"case:{case.pk}", kind="P13")
    assert f"送达回证（{served.number}）" in said and f"报到学校：{case.school.name}" in said
    stub, reply = paper_of(case, "P12")["slips"]
    assert case.pupil.name in stub["text"] and not reply["rows"][0][0]["value"]
