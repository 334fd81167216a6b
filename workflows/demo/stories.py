"""How each child's case was played: the steps its people did, on days counted from its opening."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from casework.cases import helping
from casework.cases.kinds import Kind
from casework.cases.models import Case, MatterKind, Step
from casework.cases.protection import report_harm
from casework.cases.side_roads import SIDE_ROADS
from casework.cases.supervision import raise_notice
from casework.core.clock import local_date, local_moment, moved_to
from casework.core.crypto import blind
from casework.detection.by_hand import add_suspicion
from casework.detection.models import Finding, FindingState
from casework.org.models import User
from casework.org.people import candidates
from casework.org.roles import Role
from workflows.demo import typed
from workflows.demo.fates import BACK, Plan
from workflows.demo.teller import Teller
from workflows.start import start_case

Tell = Callable[[str], object]


def closed(tell: Teller) -> None:
    returned = BACK["closed"]
    tell.register_and_verify()
    tell.promise(Kind.HOME_VISIT, tell.at(3, 18))
    tell.back(returned)
    tell.confirm(returned)
    tell.follow(returned, 4)
    tell.do(Kind.PROPOSE_CLOSURE, local_moment(date(2026, 10, 23), 10))
    tell.do(Kind.APPROVE_CLOSURE, local_moment(date(2026, 10, 27), 11))


def followed(tell: Teller) -> None:
    tell.register_and_verify()
    tell.do(Kind.HOME_VISIT, tell.at(3, 18), result="not_yet")
    tell.promise(Kind.PERSUASION, tell.at(6))
    tell.back(BACK["followed"])
    tell.confirm(BACK["followed"])
    tell.follow(BACK["followed"], 3)


def reported(tell: Teller, *, accept: bool = True) -> None:
    tell.register_and_verify()
    tell.do(Kind.HOME_VISIT, tell.at(3, 18), result="not_yet")
    tell.do(Kind.PERSUASION, tell.at(6), result="not_yet")
    tell.propose(7)
    tell.do(Kind.SEND_REPORT, tell.at(10), decision="send")
    tell.do(Kind.ACCEPT_COUNTY, tell.at(11), decision="accepted")
    if accept:
        tell.do(Kind.ACCEPT_TOWNSHIP, tell.at(11, 15), decision="accepted")


def talked_first(tell: Teller) -> None:
    """The township tries once more before it writes."""
    reported(tell)
    tell.do(
        Kind.DRAFT_LETTER, tell.at(12), decision="talk_first", reason="已约监护人到镇教育办面谈。"
    )
    tell.do(Kind.PERSUASION_LED, tell.at(17), result="not_yet")


def write(tell: Teller, days: int) -> None:
    """A letter drafted and signed off on one day, served on the next."""
    tell.do(Kind.DRAFT_LETTER, tell.at(days))
    tell.do(Kind.SIGN_LETTER, tell.at(days, 16))
    tell.do(Kind.SERVE_LETTER, tell.at(days + 1, 17))


def written(tell: Teller) -> None:
    """The notice to return was served, and its time is over."""
    reported(tell)
    write(tell, 12)


def drafted(tell: Teller) -> None:
    reported(tell)
    tell.do(Kind.DRAFT_LETTER, tell.at(12))


def signed(tell: Teller) -> None:
    drafted(tell)
    tell.do(Kind.SIGN_LETTER, tell.at(12, 16))


def ordered(tell: Teller) -> None:
    """The notice was not obeyed; the time that the order gives is over, too."""
    written(tell)
    tell.do(Kind.ANSWER_LETTER, tell.at(28), decision="next")
    write(tell, 31)


def court(tell: Teller) -> None:
    """The whole ladder: notice, order, court."""
    ordered(tell)
    tell.do(Kind.ANSWER_LETTER, tell.at(43), decision="next")
    write(tell, 45)


def side_road(code: str, tell: Teller) -> None:
    """Asked for by the class teacher on the third day, agreed to on the fourth; an appeal against an order once it is signed."""
    first = 2
    if code == "APPEAL_OFFICE":
        written(tell)
        tell.do(Kind.ANSWER_LETTER, tell.at(28), decision="next")
        tell.do(Kind.DRAFT_LETTER, tell.at(31))
        tell.do(Kind.SIGN_LETTER, tell.at(31, 16))
        first = 32
    elif code == "APPEAL_REVIEW":
        side_road("APPEAL_SCHOOL", tell)
        first = 4
    else:
        tell.register_and_verify()
    tell.ask(code, tell.at(first))
    if SIDE_ROADS[code].kind == MatterKind.APPEAL:
        tell.do(Kind.ACCEPT_APPEAL, tell.at(first, 16))
    tell.do(Kind.DECIDE_REQUEST, tell.at(first + 1))
    tell.mark(tell.at(first + 1, 17))
    if later := LATER.get(code):
        later(tell)


def reopened(tell: Teller) -> None:
    """Closed in October, away again without a new finding: the county opened it again."""
    closed(tell)
    tell.case.refresh_from_db()
    asked = local_moment(date(2026, 11, 12), 10)
    tell.ask("REOPENING", asked, reason="销号时的点名记录有误，学生并未返校。")
    tell.do(Kind.DECIDE_REQUEST, local_moment(date(2026, 11, 13), 10))


def found_at_last(tell: Teller) -> None:
    """The receipt of the other school came: the county closed the case."""
    tell.do(Kind.BRANCH_REVIEW, tell.at(18), result="settled", proof="接收学校回执")
    tell.do(Kind.PROPOSE_CLOSURE, tell.at(19))
    tell.do(Kind.APPROVE_CLOSURE, tell.at(21))


def harmed(tell: Teller) -> None:
    """On the first visit the teacher sees what she has to report; the principal tells the police the same day."""
    tell.register_and_verify()
    seen = tell.at(2, 17)
    with moved_to(seen):
        report_harm(tell.case, typed.HARM, by=tell.teacher(seen), at=seen)
    tell.do(Kind.PROTECT, tell.at(2, 18))


def helped(tell: Teller) -> None:
    """The conference gives the child's teacher two measures; one is done, one runs."""
    tell.register_and_verify()
    at = tell.at(2, 10)
    with moved_to(at):
        by = tell.teacher(at)
        said = {**typed.CONFERENCE, "held_on": local_date(at)}
        helping.call_conference(tell.case, said, by=by, at=at)
    tell.do(Kind.CONFERENCE, tell.at(2, 17))
    given = tell.at(2, 18)
    for measure, days in (("TUTORING", 1), ("AID", 21)):
        with moved_to(given):
            said = {
                "measure": measure,
                "owner": by.current_posts[0],
                "until": local_date(given) + timedelta(days=days),
                "aim": "能跟上课堂。",
            }
            helping.give_help(tell.case, said, by=by, at=given)
    first = Step.objects.open().filter(case=tell.case, kind=Kind.HELP).order_by("number")[0]
    tell.finish(first, tell.at(3, 18))


def referral_waits(tell: Teller) -> None:
    """The police have the letter and have not answered yet."""
    tell.register_and_verify()
    tell.ask("REFERRAL", tell.at(2))
    tell.do(Kind.DECIDE_REQUEST, tell.at(3))


LATER: dict[str, Callable[[Teller], None]] = {
    "HOME_TEACHING": lambda tell: tell.do(Kind.TEACH_AT_HOME, tell.at(4)),
    "WHEREABOUTS_UNKNOWN": lambda tell: tell.do(Kind.BRANCH_REVIEW, tell.at(34)),
    "EARLY_MARRIAGE": lambda tell: tell.do(Kind.ANSWER_REFERRAL, tell.at(10)),
    "REFERRAL": lambda tell: tell.do(Kind.REPLY_REFERRAL, tell.at(10)),
    "TRANSFER_OUT": found_at_last,
}


def sent_back(tell: Teller) -> None:
    reported(tell, accept=False)
    tell.do(Kind.ACCEPT_TOWNSHIP, tell.at(12), decision="returned")
    tell.do(Kind.SEND_REPORT, tell.at(13), decision="send")
    tell.do(Kind.ACCEPT_TOWNSHIP, tell.at(14), decision="accepted")


def back_after_report(tell: Teller) -> None:
    talked_first(tell)
    tell.back(BACK["back_after_report"])
    tell.confirm(BACK["back_after_report"])


def relapsed(tell: Teller) -> None:
    """Back in September, away again in October: the next episode, visited three times, then reported."""
    tell.register_and_verify()
    tell.promise(Kind.HOME_VISIT, tell.at(3, 18))
    tell.back(BACK["relapsed"])
    tell.confirm(BACK["relapsed"])
    tell.follow(BACK["relapsed"], 3)
    again = Finding.objects.filter(pupil=tell.case.pupil, state=FindingState.WAITING).order_by(
        "first_day"
    )[0]
    at = local_moment(date(2026, 10, 16), 21)
    with moved_to(at):
        officer = candidates(Role.SCHOOL_CASE_OFFICER, again.unit, at)[1][0]
        second = Teller(start_case(again, by=officer, at=at))
    second.register_and_verify()
    for days in (3, 4):
        second.do(Kind.HOME_VISIT, second.at(days, 18), result="nobody")
    second.do(Kind.HOME_VISIT, second.at(5, 18), result="not_yet")
    second.do(Kind.PERSUASION, second.at(7), result="not_yet")
    second.do(Kind.SEND_REPORT, second.at(10), decision="send")
    for kind in (Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY):
        second.do(kind, second.at(11), decision="accepted")


def unknown(tell: Teller) -> None:
    tell.register_and_verify(found="unknown")


def visited(tell: Teller) -> None:
    tell.register_and_verify()
    tell.do(Kind.HOME_VISIT, tell.at(3, 18), result="nobody")


def persuaded(tell: Teller) -> None:
    tell.register_and_verify()
    tell.do(Kind.HOME_VISIT, tell.at(2, 18), result="not_yet")
    tell.do(Kind.PERSUASION, tell.at(3), result="not_yet")


def waiting_confirmation(tell: Teller) -> None:
    persuaded(tell)
    tell.back(BACK["waiting_confirmation"])


def stuck(tell: Teller) -> None:
    tell.do(Kind.REGISTER, tell.at(0, 21))


def supervised(tell: Teller) -> None:
    """Nothing happened, the county's supervisor raised a notice, the school answered."""
    stuck(tell)
    at = tell.at(7)
    with moved_to(at):
        late = Step.objects.open().select_related("unit").get(case=tell.case, kind=Kind.VERIFY)
        supervisor = User.objects.get(username="supervisor")
        demand = {"demand": "请立即核实去向并补办手续。", "reply_by": local_date(tell.at(10))}
        raise_notice(late, demand, by=supervisor, at=at)
    tell.do(Kind.ANSWER_NOTICE, tell.at(9))


def opened_twice(tell: Teller) -> None:
    """The village noted by hand a child that has a case already; the second one is found out and joined to it."""
    tell.register_and_verify()
    at, child = tell.at(1, 15), tell.case.pupil
    with moved_to(at):
        officer = tell.officer(at)
        said = {"name": child.name, "born": child.born.isoformat(), "sex": child.sex}
        finding = add_suspicion(
            pupil=None, child=said, unit=tell.case.school, reason_text="村里反映孩子多日未上学。", by=officer, at=at
        )  # fmt: skip
        again = Teller(start_case(finding, by=officer, at=at))
    again.ask("DUPLICATE", at + timedelta(days=1), other_case=tell.case.number)
    again.do(Kind.DECIDE_REQUEST, at + timedelta(days=2))


STORIES: dict[str, Callable[[Teller], None]] = {
    "closed": closed,
    "followed": followed,
    "reported": reported,
    "sent_back": sent_back,
    "back_after_report": back_after_report,
    "relapsed": relapsed,
    "unknown": unknown,
    "visited": visited,
    "persuaded": persuaded,
    "waiting_confirmation": waiting_confirmation,
    "stuck": stuck,
    "supervised": supervised,
    "HARM": harmed,
    "CONFERENCE": helped,
    "REFERRAL_WAITS": referral_waits,
    "written": written,
    "drafted": drafted,
    "signed": signed,
    "court": court,
    "ordered": ordered,
    **{code: partial(side_road, code) for code in SIDE_ROADS},
    "REOPENING": reopened,
    "DUPLICATE": opened_twice,
}


def live(plans: list[Plan], tell: Tell) -> None:
    """Play every case to where its fate has brought it."""
    for number, each in enumerate(plans, 1):
        case = Case.objects.filter(pupil__status_index=blind(each.status)).first()
        story = STORIES.get(each.fate)
        if case and story:
            story(Teller(case))
        if number % 15 == 0:
            tell(f"cases {number}/{len(plans)}")
