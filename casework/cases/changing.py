"""Changes of days and rules: what they would move is shown first; entered, they are carried over to the open steps."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from casework.cases.models import Restatement
from casework.cases.recounting import Moves, Recount, preview
from casework.cases.restating import Cause, restate, touched
from casework.core.transaction import one_act
from casework.deadlines.calendar import Official, Source, add_version, from_package
from casework.deadlines.days import Override, Span, basis
from casework.deadlines.models import CalendarVersion, LocalDay, OfficeHours, Term
from casework.deadlines.notice_file import read_notice
from casework.deadlines.office import Hours
from casework.deadlines.terms import (
    add_local_day,
    check_local_day,
    check_term,
    set_hours,
    set_term,
)
from casework.notices.outbox import read_one, tell
from casework.org.models import Unit, User
from casework.org.people import holders
from casework.org.roles import CAPABILITIES, Can
from casework.org.units import county
from casework.profiles.models import Profile, Proposal
from casework.profiles.proposals import decide, propose
from casework.profiles.rules import rules_if

MANAGERS = [role for role, able in CAPABILITIES.items() if Can.MANAGE_RULES in able]
Effect = dict[str, Moves]  # by the path of a school; the sum under the empty path


def term_would_move(unit: Unit, span: Span, at: datetime) -> Effect:
    """What a term entered for `unit` would do to the open steps below it. DomainError where it could not be entered."""
    check_term(unit, span.code, span.first, span.last)
    now = basis()
    then = replace(now, entered=now.entered.with_term(unit, span))
    return preview(touched(unit, Cause.TERM), Recount(then), at)


def day_would_move(unit: Unit, day: Override, at: datetime) -> Effect:
    """What a day that differs would do to the open steps below `unit`. DomainError where it could not be entered."""
    check_local_day(unit, day.day, day.reason)
    now = basis()
    then = replace(now, entered=now.entered.with_day(unit, day))
    return preview(touched(unit, Cause.DAY), Recount(then), at)


def hours_would_move(unit: Unit, hours: Hours, valid_from: date, at: datetime) -> Effect:
    """What other office hours of `unit` from a day on would do to the open steps below it that are counted in hours."""
    now = basis()
    then = replace(now, entered=now.entered.with_hours(unit, hours, valid_from))
    return preview(touched(unit, Cause.HOURS), Recount(then), at)


def calendar_would_move(source: Source, at: datetime) -> Effect:
    """What loading these official days would do to all open steps."""
    now = basis()
    then = replace(now, official=source.as_official(now.official.number + 1))
    return preview(touched(county(), Cause.CALENDAR), Recount(then), at)


def rules_would_move(unit: Unit, rules: dict[str, Any], at: datetime) -> Effect:
    """What rules of `unit` would do to the open steps below it, if they held for running clocks too."""
    if "steps" not in rules:
        return {"": Moves()}
    recount = Recount(basis(), lambda path: rules_if(Unit(path=path), unit, rules, at))
    return preview(touched(unit, Cause.POLICY), recount, at)


def enter_term(
    unit: Unit, code: str, first_day: date, last_day: date, *, by: User, at: datetime
) -> Term:
    """`set_term`, carried over to the open steps."""
    with one_act():
        term = set_term(unit, code, first_day, last_day, by=by, at=at)
        restate(Cause.TERM, term.pk, f"{unit.name} {code}", unit=unit, by=by, at=at)
    return term


def enter_day(
    unit: Unit, day: date, *, school: bool, reason: str, by: User, at: datetime
) -> LocalDay:
    """`add_local_day`, carried over to the open steps."""
    with one_act():
        local = add_local_day(unit, day, school=school, reason=reason, by=by, at=at)
        words = f"{unit.name} {day.isoformat()} {local.reason}"
        restate(Cause.DAY, local.pk, words, unit=unit, by=by, at=at)
    return local


def enter_hours(
    unit: Unit, hours: Hours, valid_from: date, *, by: User, at: datetime
) -> OfficeHours:
    """`set_hours`, carried over to the open steps."""
    with one_act():
        row = set_hours(unit, hours, valid_from, by=by, at=at)
        restate(Cause.HOURS, row.pk, f"{unit.name} {row.spans}", unit=unit, by=by, at=at)
    return row


def calendar_source(notice: Path | None, year: int | None, at: datetime) -> Source:
    """The days to load: of the installed package, or of the notice of `year` in a file."""
    if notice is None or year is None:
        return from_package(at)
    source, before = read_notice(notice, year, _known()), _newest_source()
    named = before if source.name in before else f"{before}; {source.name}"
    return replace(source, name=named[-120:])  # the newest is never cut off


def _newest_source() -> str:
    """Where the days in force are from: those of other years stay from there."""
    source: str = CalendarVersion.objects.order_by("-number").values_list("source", flat=True)[0]
    return source


def _known() -> Official:
    return basis().official


def load_calendar(source: Source, *, by: User | None, at: datetime) -> Restatement | None:
    """Load official days as a new version, carried over to the open steps; None where they are those in force, or the first."""
    with one_act():
        before = CalendarVersion.objects.order_by("-number").first()
        version = add_version(source, at=at, by=by)
        if before is None or version.number == before.number:
            return None
        return restate(Cause.CALENDAR, version.number, version.source, unit=county(), by=by, at=at)


def propose_rules(
    unit: Unit, rules: dict[str, Any], *, by: User, at: datetime, **said: Any
) -> None:
    """`proposals.propose`; whoever may decide it is told."""
    with one_act():
        proposal = propose(unit, rules, by=by, at=at, **said)
        held = holders(MANAGERS, at, unit.paths_up()).values()
        others = {user for users in held for user in users} - {by.pk}
        _tell("rules_proposed", proposal, others, by=by, at=at)


def _tell(code: str, proposal: Proposal, users: Iterable[int], *, by: User, at: datetime) -> None:
    tell(
        User.objects.filter(pk__in=users),
        code,
        key=f"{code}:{proposal.pk}",
        link=f"/rules/?unit={proposal.unit_id}",
        at=at,
        by=by.display_name,
    )


def decide_rules(proposal: Proposal, *, approve: bool, reason: str, by: User, at: datetime) -> None:
    """`proposals.decide`; whoever proposed it is told. If clocks that run are to follow, they do, from the first day of the version on."""
    with one_act():
        profile = decide(proposal, approve=approve, reason=reason, by=by, at=at)
        code = "rules_published" if profile else "rules_refused"
        _tell(code, proposal, [proposal.proposed_by_id], by=by, at=at)
        read_one(f"rules_proposed:{proposal.pk}", at=at)
        if profile and proposal.running and "steps" in profile.rules:
            _carry_over(profile, by=by, at=at)


def _carry_over(profile: Profile, *, by: User, at: datetime) -> None:
    words = f"{profile.unit.name} {profile.name} ({profile.version})"
    restate(
        Cause.POLICY, profile.pk, words, unit=profile.unit, by=by, at=at, valid_from=profile.valid_from
    )  # fmt: skip
