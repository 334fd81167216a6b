"""Asking for a side road, what its approval begins, and how it ends. A second person always decides (domain.md 2.3, 2.4)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases import letters, undoing
from casework.cases.access import may_ask, may_hand_over
from casework.cases.handover import hide_from, show_to, take_over
from casework.cases.kinds import Kind, Stage, Track
from casework.cases.models import Case, CaseScope, Matter, MatterKind, Step
from casework.cases.opening import refuse_second_case
from casework.cases.side_roads import (
    HALTING,
    SIDE_ROADS,
    Effect,
    SideRoad,
    department_of,
    limits,
    open_to,
)
from casework.cases.steps import begin_step, finish_step
from casework.cases.takers import place_of
from casework.cases.visits import plain
from casework.core.clock import end_of, local_date, local_moment
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org import departments
from casework.org.models import Unit, User
from casework.org.people import LEVEL_OF

Data = dict[str, Any]
AT_ONCE = (
    Effect.NOTE,
    Effect.CANCEL,
    Effect.REOPEN,
    Effect.HAND_OVER,
    Effect.UNDO,
)  # the decision is their end
BRACKETS = str.maketrans("()[]（）【】", "〔〕〔〕〔〕〔〕")
Wrong = Iterator[tuple[str, Any, Any]]


def ask(case: Case, code: str, data: Data, *, by: User, at: datetime) -> Step:
    """Ask for a side road; the step of whoever decides it is begun.

    DomainError when it cannot be asked for now, or not by this person.
    """
    road, data = SIDE_ROADS[code], dict(data)
    _refuse_asker(case, road, by)
    with one_act():
        case = Case.objects.select_for_update().get(pk=case.pk)
        _refuse_closed(case, road)
        refuse_facts(list(_wrong(case, road, data, at)))
        receiver = data.pop("receiver", None)
        place = receiver or place_of(case, LEVEL_OF[road.decider])
        if paper := paper_in(case, data.get("paper", "")):
            data["paper"], place = paper.number, paper.unit
        if road.code == "APPEAL_OFFICE" and (against := letters.last_order(case)):
            data["letter"] = against.pk
        if road.effect == Effect.UNDO:
            data |= undoing.facts_of(undoing.refuse_begun(case))
        matter = Matter.objects.create(
            case=case,
            kind=road.kind,
            code=code,
            unit=place,
            opened_at=at,
            opened_by=by,
            ends_on=data.get("ends"),
            facts={key: plain(value) for key, value in data.items() if value},
        )
        if receiver:
            show_to(matter)
        trail.record(
            "matter.asked",
            by=by,
            at=at,
            case_id=case.pk,
            subject=f"matter:{matter.pk}",
            code="restricted" if road.restricted else code,
        )
        first = Kind.ACCEPT_APPEAL if road.kind == MatterKind.APPEAL else Kind.DECIDE_REQUEST
        return begin_step(case, first, at=at, by=by, asked_by=by, matter=matter)


def _refuse_asker(case: Case, road: SideRoad, by: User) -> None:
    """Whoever works on the case asks; it is handed over by the office that has it: the receiver sees it from then on."""
    if not may_ask(by, case):
        raise DomainError(_("This case is not in your reach."))
    if road.effect == Effect.HAND_OVER and not may_hand_over(by, case):
        raise DomainError(
            _("A case is handed over by the office that has it: ask the school's case officer.")
        )


def _refuse_closed(case: Case, road: SideRoad) -> None:
    """An open case, the same thing asked for once, and one parked branch at a time."""
    if case.stage == Stage.CANCELLED and road.effect == Effect.REOPEN:
        raise DomainError(_("This case was struck out: open a new one if the child is away."))
    if road not in open_to(case):
        raise DomainError(_("This case is open.") if case.is_open else _("This case is closed."))
    if road.effect == Effect.REOPEN:
        refuse_second_case(case.pupil_id)
    running = case.matters.open().exclude(kind=MatterKind.LETTER)
    if (
        road.kind in (MatterKind.BRANCH, MatterKind.REOPENING) or road.code == "APPEAL_OFFICE"
    ) and running.filter(code=road.code).exists():
        raise DomainError(_("This is asked for already, or runs."))
    alone = (MatterKind.HANDOVER, MatterKind.UNDOING)
    if road.kind in alone and running.filter(kind=road.kind).exists():
        raise DomainError(_("This is asked for already: let that one be decided first."))
    if road.code in HALTING and running.filter(code__in=HALTING).exists():
        raise DomainError(_("The case is on a side branch already: let that one end first."))


def _wrong(case: Case, road: SideRoad, data: Data, at: datetime) -> Wrong:
    """What cannot be so: the field, the sentence for the page, the words beside the field."""
    today, starts, ends = local_date(at), data.get("starts"), data.get("ends")
    for name in ("proof_day", "received_on"):
        if data.get(name) and data[name] > today:
            yield name, _("A day lies in the future."), _("later than today")
    if starts and starts > today and road.effect == Effect.PARK:
        words = _("It begins today or earlier: until then the road goes on.")
        yield "starts", words, _("later than today")
    if starts and ends and ends < starts:
        yield "ends", _("It ends before it begins."), _("before the beginning")
    if ends and ends < today:
        yield "ends", _("Its last day has passed already."), _("before today")
    longest = limits(case, road.code, at).get("longest_days")
    if starts and ends and longest and (ends - min(starts, today)).days > longest:
        allowed = _("The policy profile allows at most %(days)s days.") % {"days": longest}
        yield "ends", allowed, _("too far ahead")
    yield from _wrong_references(case, road, data)
    if "reply_by" in data and data["reply_by"] <= today:
        yield "reply_by", _("Give the department a day that lies ahead."), _("check the day")


def _wrong_references(case: Case, road: SideRoad, data: Data) -> Wrong:
    """What a request points to is there: another case, another place, a paper of this one, a decision, an order."""
    number = data.get("other_case", "").strip()
    there = Case.objects.open().exclude(pk=case.pk).filter(number=number).select_related("pupil")
    other = there.first() if number else None
    if number and (other is None or not _same_child(case, other)):
        words = _("There is no other open case of this child with this number.")
        yield "other_case", words, _("check the number")
    if data.get("receiver") in (case.school, case.lead):
        yield "receiver", _("The case is theirs already."), _("choose another")
    decided = case.matters.filter(code="APPEAL_SCHOOL", outcome__in=["decided", "refused"])
    if road.code == "APPEAL_REVIEW" and not decided.exists():
        yield "demand", _("No appeal was decided in this case."), _("nothing to review")
    if "paper" in data and paper_in(case, data["paper"]) is None:
        yield "paper", _("This case has no paper with this number."), _("check the number")
    if road.code == "APPEAL_OFFICE" and letters.last_order(case) is None:
        yield (
            "demand",
            _("No order of the township was signed off in this case."),
            _("nothing to appeal against"),
        )


def paper_in(case: Case, number: str) -> Document | None:
    """The paper of a case with that number, however its brackets were typed."""
    typed = number.strip().translate(BRACKETS)
    return Document.objects.filter(chain=f"case:{case.pk}", number=typed).first() if typed else None


def _same_child(case: Case, other: Case) -> bool:
    """Whether two cases can be about one child: the same name, or born on the same day and of the same sex."""
    one, two = case.pupil, other.pupil
    return one.name == two.name or (one.born, one.sex) == (two.born, two.sex)


def may_withdraw(user: User, matter: Matter) -> bool:
    """A request may be taken back by whoever asked, as long as nobody has decided it."""
    asked = matter.code in SIDE_ROADS and matter.opened_by_id == user.pk
    return asked and matter.is_open and matter.decided_at is None


def withdraw(matter: Matter, reason: str, *, by: User, at: datetime) -> None:
    """Take a request back; its reason stays in the trail. DomainError without one, or when it is too late."""
    with one_act():
        Case.objects.select_for_update().get(pk=matter.case_id)
        matter.refresh_from_db()
        if not may_withdraw(by, matter):
            raise DomainError(
                _("Only who asked takes a request back, and only until it is decided.")
            )
        if not reason.strip():
            raise DomainError(_("Say why you take it back."), fields={"reason": _("required")})
        trail.record(
            "matter.withdrawn",
            by=by,
            at=at,
            case_id=matter.case_id,
            subject=f"matter:{matter.pk}",
            reason="" if matter.restricted else reason.strip(),
        )
        settle(matter, "withdrawn", by=by, at=at)


def raised(
    case: Case,
    road: SideRoad,
    data: Data,
    *,
    unit: Unit,
    by: User,
    at: datetime,
    wakes_at: datetime | None = None,
) -> Matter:
    """Something that nobody decides on: it runs from now on (inside one_act, the case locked)."""
    matter = Matter.objects.create(
        case=case,
        kind=road.kind,
        code=road.code,
        unit=unit,
        opened_at=at,
        opened_by=by,
        decided_at=at,
        wakes_at=wakes_at,
        facts={key: plain(value) for key, value in data.items() if value},
    )
    trail.record("matter.raised", by=by, at=at, case_id=case.pk, subject=f"matter:{matter.pk}")
    return matter


def refuse_facts(wrong: list[tuple[str, Any, Any]]) -> None:
    """All that is wrong in one refusal, led by the first."""
    if wrong:
        raise DomainError(wrong[0][1], fields={field: words for field, _sentence, words in wrong})


def road_of(step: Step) -> SideRoad:
    """The side road that a step works on."""
    return SIDE_ROADS[step.about.code]


def has_liaison(step: Step, at: datetime) -> bool:
    """Whether the department that a referral goes to answers here itself."""
    referred = road_of(step).effect == Effect.REFER
    return referred and departments.unit_of(department_of(step.about), at) is not None


def agreed(step: Step, by: User, at: datetime) -> None:
    """The second person agreed: the matter runs; a road without more to it is settled at once."""
    matter, road = step.about, road_of(step)
    matter.decided_at, matter.parks = at, road.code in HALTING
    if road.effect == Effect.PARK:
        matter.wakes_at = next_look(step.case, matter, at)
    matter.save(update_fields=["decided_at", "parks", "wakes_at"])
    if matter.parks:
        end_letter(step.case, "branch", at)
    if road.effect == Effect.REOPEN:
        step.case.reopened_at = at
    if road.effect == Effect.REFER and matter.facts.get("reply_by"):
        until = date.fromisoformat(matter.facts["reply_by"])
        matter.wakes_at = local_moment(max(until, local_date(at) + timedelta(days=1)))
        matter.save(update_fields=["wakes_at"])
    if road.effect == Effect.UNDO:
        undoing.undo(matter, by=by, at=at)
    if road.effect == Effect.HAND_OVER:
        take_over(step.case, matter.unit, by=by, at=at)
    if road.code == "DUPLICATE":
        merge(step.case, _other_case(matter), by=by, at=at)
    if road.effect in AT_ONCE:
        settle(matter, "decided", by=by, at=at, doing=step)


def _other_case(matter: Matter) -> Case:
    """The open case that goes on, locked; one that somebody works on this very moment is not waited for: two joined crosswise would wait for ever."""
    there = Case.objects.filter(number=matter.facts["other_case"].strip())
    other: Case | None = there.select_for_update(skip_locked=True).first()
    if other is None:
        raise DomainError(_("Somebody works on the other case at this moment. Please try again."))
    if not other.is_open:
        raise DomainError(_("The other case is not open any more: nothing would go on."))
    return other


def merge(case: Case, other: Case, *, by: User, at: datetime) -> None:
    """A case opened twice goes on as the other one: both histories stay, and whoever sees one sees both.

    A hand-over that waits shows a case to nobody but its receiver: it ends first.
    """
    for waiting in Matter.objects.open().filter(case__in=[case, other], kind=MatterKind.HANDOVER):
        settle(waiting, "overtaken", by=by, at=at)
    case.merged_into = other
    case.save(update_fields=["merged_into", "stage"])
    case.merged.update(merged_into=other)
    trail.record("case.joined", by=by, at=at, case_id=other.pk, subject=f"case:{case.pk}")
    for one, two in ((case, other), (other, case)):
        for scope in one.scopes.all():
            CaseScope.objects.get_or_create(
                case=two, path=scope.path, defaults={"village": scope.village}
            )


def give_again(referral: Matter, at: datetime) -> None:
    """A department that was reminded has as many days as its letter gave (inside one_act)."""
    until = referral.facts.get("reply_by")
    if until:
        days = date.fromisoformat(until) - local_date(referral.opened_at)
        referral.wakes_at = local_moment(local_date(at) + days)
        referral.save(update_fields=["wakes_at"])


def end_letter(case: Case, outcome: str, at: datetime) -> None:
    """A letter under way ends with a branch or an appeal; after it the township writes anew if it must."""
    for letter in case.matters.open().filter(kind=MatterKind.LETTER):
        letter.settle(outcome, at)


def next_look(case: Case, matter: Matter, at: datetime) -> datetime:
    """When the branch is looked at again: after the profile's days, some days before its term ends, at the end."""
    found, today = limits(case, matter.code, at), local_date(at)
    looks = [local_moment(today + timedelta(days=found["review_days"]))]
    if matter.ends_on:
        before = matter.ends_on - timedelta(days=found["remind_days"])
        looks += [local_moment(before)] if before > today else []
        looks.append(end_of(matter.ends_on))
    return min(looks)


def ended(at: datetime) -> QuerySet[Matter]:
    """The parked branches whose last day has passed."""
    rows = Matter.objects.open().filter(parks=True, ends_on__lt=local_date(at))
    return rows.order_by("pk")


def settle(
    matter: Matter, outcome: str, *, by: User | None, at: datetime, doing: Step | None = None
) -> None:
    """The end of a matter: what it still had under way beside the road ends with it, but for the step being done."""
    matter.settle(outcome, at)
    if matter.kind == MatterKind.HANDOVER and outcome != "decided":
        hide_from(matter)
    for step in (
        Step.objects.open()
        .filter(matter=matter, track=Track.SIDE)
        .exclude(pk=doing and doing.pk)
        .exclude(kind=Kind.PLATFORM_MARK)
    ):
        finish_step(step, outcome="needless", facts={}, by=by, at=at, cancelled=True)
    case = matter.case
    trail.record(
        "matter.settled",
        by=by,
        at=at,
        case_id=case.pk,
        subject=f"matter:{matter.pk}",
        outcome=outcome,
    )


def parked(case: Case) -> Matter | None:
    """The branch that the main road waits for."""
    found: Matter | None = case.matters.open().filter(parks=True).first()
    return found


def blocking(case: Case) -> Matter | None:
    """A matter without whose end the case is not closed: a referral not answered, an appeal not decided."""
    beside = (MatterKind.LETTER, MatterKind.SUPERVISION, MatterKind.CONFERENCE, MatterKind.MEASURE)
    rows = case.matters.open().exclude(kind__in=beside).filter(parks=False)
    found: Matter | None = rows.order_by("opened_at").first()
    return found
