"""What became of the demo's suspected dropouts: each plan names the days of absence and the story of its case."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework.cases import intake
from casework.cases.side_roads import SIDE_ROADS
from casework.core.clock import local_date
from casework.core.crypto import blind
from casework.detection.models import Finding, FindingState
from casework.detection.scan import RULE
from casework.org.people import candidates
from casework.org.roles import Role
from workflows.demo.rosters import School
from workflows.start import start_case

SEPTEMBER, OCTOBER, NOVEMBER, LAST = (
    date(2026, 9, 3),
    date(2026, 10, 8),
    date(2026, 11, 11),
    date(2026, 11, 17),
)
HOW_MANY = {
    "closed": 9, "followed": 9, "reported": 5, "sent_back": 1, "relapsed": 1, "unknown": 2, "back_after_report": 2,
    "persuaded": 8, "visited": 7, "waiting_confirmation": 2, "stuck": 5, "fresh": 6, "undecided": 5, "set_aside": 2, "later": 1,
    "supervised": 1, "written": 2, "drafted": 2, "signed": 2, "court": 1, "ordered": 1, "HARM": 1, "CONFERENCE": 1, "REFERRAL_WAITS": 1, **dict.fromkeys(SIDE_ROADS, 1),
}  # fmt: skip
BEGINS = {
    "closed": SEPTEMBER, "followed": OCTOBER, "reported": OCTOBER, "sent_back": OCTOBER, "relapsed": SEPTEMBER,
    "back_after_report": OCTOBER, "unknown": NOVEMBER, "persuaded": NOVEMBER, "visited": NOVEMBER,
    "waiting_confirmation": NOVEMBER, "stuck": date(2026, 11, 3), "supervised": date(2026, 11, 3), "written": OCTOBER, "court": SEPTEMBER, "ordered": SEPTEMBER, "drafted": OCTOBER, "signed": OCTOBER,
    **dict.fromkeys(SIDE_ROADS, NOVEMBER), "WHEREABOUTS_UNKNOWN": OCTOBER, "APPEAL_OFFICE": OCTOBER, "REOPENING": SEPTEMBER, "REFERRAL": OCTOBER, "EARLY_MARRIAGE": OCTOBER, "HARM": NOVEMBER, "CONFERENCE": NOVEMBER, "REFERRAL_WAITS": NOVEMBER, "APPEAL_REVIEW": OCTOBER, "TRANSFER_OUT": OCTOBER,
}  # fmt: skip
BACK = {
    "closed": date(2026, 9, 21), "followed": date(2026, 10, 26), "back_after_report": date(2026, 11, 18),
    "waiting_confirmation": date(2026, 11, 19), "REOPENING": date(2026, 9, 21), "relapsed": date(2026, 9, 21), "set_aside": LAST + timedelta(days=30),
}  # fmt: skip


@dataclass
class Plan:
    """One child's fate: when it is away, and the story of its case."""

    status: str
    fate: str
    begins: date
    back: date | None

    def absent_on(self, day: date) -> bool:
        again = self.fate == "relapsed" and day >= OCTOBER
        return again or (day >= self.begins and (self.back is None or day < self.back))


def plan(schools: list[School]) -> list[Plan]:
    """Children drawn for each fate, older ones more often; the demo teacher's class gets its share."""
    chance = random.Random(2026)
    every = [child for school in schools for child in school.children]
    weights = [4 if child.grade[0] in "七八九" else 1 for child in every]
    mine = [
        c.status
        for s in schools
        for c in s.children
        if (s.name, c.class_name) == ("青石镇中学", "八年级2班")
    ]
    drawn = list(dict.fromkeys(c.status for c in chance.choices(every, weights, k=400)))
    plans, taken = [], set[str]()
    for fate, count in HOW_MANY.items():
        for number in range(count):
            own = number == 0 and fate in ("followed", "visited", "persuaded", "fresh", "closed")
            here = number == 0 and fate in ("written", "drafted", "signed")
            pool = mine[7:] if own else mine[::-1] if here else drawn
            status = next(each for each in pool if each not in taken)
            taken.add(status)
            plans.append(Plan(status, fate, BEGINS.get(fate, LAST), BACK.get(fate)))
    return plans


def open_cases(found: list[Finding], plans: list[Plan], at: datetime) -> None:
    """What the case officers decided of a night's findings on the next morning."""
    by_index = {blind(each.status): each for each in plans}
    for finding in found:
        if finding.rule != RULE:  # of the others, those about a child with a case join it
            continue
        fate = by_index[finding.pupil.status_index].fate if finding.pupil else ""
        officer = candidates(Role.SCHOOL_CASE_OFFICER, finding.unit, at)[1][0]
        if (
            finding.state != FindingState.WAITING
            or fate == "undecided"
            or (fate == "relapsed" and local_date(at) > OCTOBER)
        ):
            continue
        if fate == "set_aside":
            intake.set_aside(
                finding, reason="监护人当日已补请假条，班主任已核实。", by=officer, at=at
            )
        elif fate == "later":
            intake.put_off(
                finding, until=at + timedelta(days=4), reason="等医院证明。", by=officer, at=at
            )
        else:
            start_case(finding, by=officer, at=at)
