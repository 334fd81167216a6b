"""A step's life: begun with its due moment, held by one person, finished once. The engine is not asked who holds it."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases import letters
from casework.cases.access import is_candidate, may_nudge, may_reassign
from casework.cases.holds import note_pause
from casework.cases.kinds import KINDS, Kind
from casework.cases.models import Case, Matter, PauseCause, Step, StepDue, StepHolder
from casework.cases.redating import facts_of, outcome_of, recount_elsewhere
from casework.cases.reminding import nudge_key
from casework.cases.step_clock import set_deadline
from casework.cases.takers import maker, not_checking, takers
from casework.core.clock import LOCAL
from casework.core.errors import DomainError
from casework.core.rows import insert_one, update_if
from casework.core.transaction import one_act
from casework.notices.models import Notice
from casework.notices.outbox import read_one, tell
from casework.org.models import Unit, User
from casework.org.people import candidates
from casework.org.roles import Role
from casework.profiles.rules import section

OF_THE_BRANCH = (
    Kind.BRANCH_REVIEW, Kind.TEACH_AT_HOME, Kind.PROPOSE_CLOSURE, Kind.APPROVE_CLOSURE,
)  # fmt: skip
UNDO_WITHIN = timedelta(minutes=10)
LONGEST_REASON = 200


def begin_step(
    case: Case,
    kind: str,
    *,
    at: datetime,
    by: User | None = None,
    turn_ref: int | None = None,
    asked_by: User | None = None,
    role: Role | None = None,
    matter: Matter | None = None,
) -> Step:
    """Open a step: its candidates, its due moment by the profile in force, its holder if only one can take it."""
    spec = KINDS[kind]
    matter = matter or letters.letter_for(case, kind, by=by, at=at) or _branch_for(case, kind)
    asked_by = asked_by or maker(case, kind, matter)
    role, unit, people = takers(case, spec, matter, role, asked_by, at)
    number = Step.objects.filter(case=case, kind=kind).count() + 1
    step = Step(
        case=case,
        kind=kind,
        shown_kind=Kind.PROTECT if matter and matter.restricted else kind,
        track=spec.track,
        number=number,
        role=role,
        line=spec.line,
        unit=unit,
        begun_at=at,
        asked_by=asked_by,
        matter=matter,
        turn_ref=turn_ref,
    )
    awaited = set_deadline(step, at)
    others = [person for person in people if person.pk not in not_checking(asked_by, at)]
    if len(others) == 1:
        step.holder, step.held_since, step.generation = others[0], at, 1
    step.pauses = 1 if awaited else 0
    insert_one(step)
    StepDue(
        step=step, version=1, due_at=step.due_at, since=at, cause="begun", facts=facts_of(step)
    ).save()
    if awaited:
        note_pause(step, PauseCause.MAIL, until=awaited, by=by, at=at)
    trail.record("step.begun", by=by, at=at, case_id=case.pk, subject=f"step:{step.pk}", kind=kind)
    if step.holder:
        _note_move(step, how="only", by=None, at=at)
    return step


def _branch_for(case: Case, kind: str) -> Matter | None:
    """The parked branch that a look at it, a lesson at home, or the closure belongs to."""
    if kind not in OF_THE_BRANCH:
        return None
    found: Matter | None = case.matters.open().filter(parks=True).first()
    return found


def take_step(step: Step, *, by: User, at: datetime) -> None:
    """Claim an unclaimed step. When another was faster: DomainError saying who and when (REL-01)."""
    if not is_candidate(by, step):
        raise DomainError(_("This step belongs to another post."))
    refuse_unopened(step, at)
    refuse_overload(step, by, at)
    with one_act():
        _move(step, to=by, how="claim", by=by, at=at)


def refuse_overload(step: Step, by: User, at: datetime) -> None:
    """Nobody takes more than the profile lets a role hold; 0 is no limit (features 40)."""
    limit = section(step.case.school, "load", at)["limit"].get(step.role, 0)
    if limit and Step.objects.open().filter(holder=by).count() >= limit:
        raise DomainError(
            _(
                "You hold %(limit)s open steps, as many as the rules allow: finish or pass on one first."
            ),
            limit=limit,
        )


def refuse_unopened(step: Step, at: datetime) -> None:
    """A step that waits is neither claimed nor finished before its day (design.md §3)."""
    if not step.is_ready(at):
        raise DomainError(
            _("This step opens on %(day)s."),
            day=step.opens_at.astimezone(LOCAL).strftime("%Y-%m-%d"),
        )


def refuse_other_hands(step: Step, by: User) -> None:
    """A step is done by who holds it, while it is open. DomainError saying how it stands."""
    if not step.is_open:
        raise DomainError(_("This step is finished already."))
    if step.holder_id != by.pk:
        name = step.holder.display_name if step.holder else "—"
        raise DomainError(_("This step is in the hands of %(name)s now."), name=name)


def release_step(step: Step, *, reason: str, by: User, at: datetime) -> None:
    """Give a step back to the queue, with the reason."""
    _only_holder(step, by)
    _need(reason)
    with one_act():
        _move(step, to=None, how="release", by=by, at=at, reason=reason)


def undo_take(step: Step, *, by: User, at: datetime) -> None:
    """Take back a wrong tap: only one's own claim, only for ten minutes; no reason asked."""
    if not may_undo(step, by, at):
        raise DomainError(_("It is too late to undo. Give the step back with a reason instead."))
    with one_act():
        _move(step, to=None, how="undo", by=by, at=at)


def may_undo(step: Step, by: User, at: datetime) -> bool:
    """Whether the step came by one's own claim within the last ten minutes."""
    last = step.holders.order_by("-generation").first()
    mine = step.is_open and step.holder_id == by.pk
    return bool(mine and last and last.how == "claim" and at - last.since <= UNDO_WITHIN)


def undo_pass(step: Step, *, by: User, at: datetime) -> None:
    """Take back a passing on, or a giving back: for ten minutes, by whoever did it. It goes where it was, or to the queue if he who had it cannot take it any more."""
    rows = list(step.holders.select_related("user").order_by("-generation")[:2])
    if not rows or not _may_undo_pass(step, rows, by, at):
        raise DomainError(_("It is too late to undo. Pass the step on with a reason instead."))
    before = rows[1].user if len(rows) > 1 else None
    there = candidates(step.role, step.unit, at)[1]
    able = before in there and is_candidate(before, step) if before else False
    with one_act():
        read_one(f"yours:{step.pk}:{step.generation}", at=at)
        _move(step, to=before if able else None, how="undo", by=by, at=at)


def _may_undo_pass(step: Step, rows: list[StepHolder], by: User, at: datetime) -> bool:
    """By name and right: the row of a passing on keeps the name of who did it."""
    last = rows[0]
    mine = last.by_name == by.display_name and at - last.since <= UNDO_WITHIN
    had = len(rows) > 1 and rows[1].user == by
    own = may_reassign(by, step) if last.how == "reassign" else had
    return step.is_open and mine and own and last.how in ("reassign", "hand_over", "release")


def hand_over(step: Step, *, to: User, reason: str, by: User, at: datetime) -> None:
    """The holder gives a step to another candidate, with the reason."""
    _only_holder(step, by)
    _pass_on(step, to=to, how="hand_over", reason=reason, by=by, at=at)


def reassign(step: Step, *, to: User, reason: str, by: User, at: datetime) -> None:
    """A supervisor of the unit gives a step to a candidate, with the reason."""
    if not may_reassign(by, step):
        raise DomainError(_("This step is outside your unit."))
    _pass_on(step, to=to, how="reassign", reason=reason, by=by, at=at)


def _pass_on(step: Step, *, to: User, how: str, reason: str, by: User, at: datetime) -> None:
    _need(reason)
    there = candidates(step.role, step.unit, at)[1]
    if to not in there or not is_candidate(to, step):
        raise DomainError(
            _("%(name)s cannot take this step: another post is needed, or he is away."),
            name=to.display_name,
        )
    with one_act():
        _move(step, to=to, how=how, by=by, at=at, reason=reason)


def move_unasked(step: Step, *, to: User | None, how: str, at: datetime, reason: str = "") -> bool:
    """The system gives a step to somebody else, or to the queue. True if nobody was faster."""
    try:
        with one_act():
            _move(step, to=to, how=how, by=None, at=at, reason=reason)
    except DomainError:
        return False
    return True


def rehome(step: Step, *, at: datetime) -> None:
    """An open step goes where its case is now: to the only one who can take it there, else to that queue (inside one_act)."""
    role, unit, people = takers(step.case, step.spec, step.matter, None, step.asked_by, at)
    if (role, unit) == (step.role, step.unit):
        recount_elsewhere(step, at=at)
        return
    others = [person for person in people if person.pk not in not_checking(step.asked_by, at)]
    to = others[0] if len(others) == 1 else None
    changes = {"role": role, "unit_id": unit.pk}
    if not update_if(step, changes, finished_at=None, generation=step.generation):
        raise _too_late(step)
    left, step.role, step.unit = step.unit, role, unit
    _move(step, to=to, how="moved", by=None, at=at, left=left)
    recount_elsewhere(step, at=at)


def nudge(step: Step, *, by: User, at: datetime) -> None:
    """Remind the holder (or, unclaimed, the candidates), once a day."""
    if not may_nudge(by, step):
        raise DomainError(_("This step is outside your unit."))
    people = [step.holder] if step.holder else candidates(step.role, step.unit, at)[1]
    if not people:
        raise DomainError(
            _(
                "There is nobody to remind: %(unit)s has no %(post)s. Ask the administrator to fill the post."
            ),
            unit=step.unit.name,
            post=Role(step.role).label,
        )
    key = nudge_key(step.pk, at)
    if Notice.objects.filter(key=key).exists():
        raise DomainError(_("A reminder was sent today already."))
    with one_act():
        tell(
            people,
            "nudge",
            key=key,
            at=at,
            link=f"/steps/{step.pk}/",
            step=step.shown_kind,
            by=by.display_name,
        )
        trail.record("step.nudged", by=by, at=at, case_id=step.case_id, subject=f"step:{step.pk}")


def _only_holder(step: Step, by: User) -> None:
    if step.holder_id != by.pk or not step.is_open:
        raise DomainError(_("This step is not in your hands."))


def _need(reason: str) -> None:
    if not reason.strip():
        raise DomainError(_("Say why, in a few words."), fields={"reason": _("required")})
    if len(reason) > LONGEST_REASON:
        raise DomainError(
            _("Say why in at most %(most)s characters."),
            fields={"reason": _("too long")},
            most=LONGEST_REASON,
        )


def _move(
    step: Step,
    *,
    to: User | None,
    how: str,
    by: User | None,
    at: datetime,
    reason: str = "",
    left: Unit | None = None,
) -> None:
    """The one change of holder: a conditional UPDATE behind the fence, and what it leaves behind."""
    held_since, generation = at if to else None, step.generation + 1
    changes = {"holder_id": to and to.pk, "held_since": held_since, "generation": generation}
    if to is None:  # unclaimed, it has a rung of its own
        changes["rung_at"] = at
    taken = how == "claim" and step.holder_id is not None
    if taken or not update_if(
        step, changes, finished_at=None, generation=step.generation, holder_id=step.holder_id
    ):
        raise _too_late(step)
    step.holder, step.held_since, step.generation = to, held_since, generation
    _note_move(step, how=how, by=by, at=at, reason=reason, left=left)


def _note_move(
    step: Step,
    *,
    how: str,
    by: User | None,
    at: datetime,
    reason: str = "",
    left: Unit | None = None,
) -> None:
    """What a new holder leaves behind: a row of its own, an audit entry, a notice to whom it comes unasked."""
    to = step.holder
    StepHolder(
        step=step,
        generation=step.generation,
        user=to,
        since=at,
        how=how,
        reason=reason,
        by_name=by.display_name if by else trail.SYSTEM,
        from_unit=left,
    ).save()
    trail.record(
        f"step.{how}",
        by=by,
        at=at,
        case_id=step.case_id,
        subject=f"step:{step.pk}",
        to=to.pk if to else None,
        to_name=to.display_name if to else "",
        reason=reason,
    )
    if to and to != by:
        tell(
            [to],
            "yours",
            key=f"yours:{step.pk}:{step.generation}",
            at=at,
            link=f"/steps/{step.pk}/",
            step=step.shown_kind,
        )


def _too_late(step: Step) -> DomainError:
    """Who was faster, and when."""
    now = Step.objects.select_related("holder").get(pk=step.pk)
    if now.finished_at:
        return DomainError(_("This step is finished already."))
    if now.holder is None or now.held_since is None:
        return DomainError(_("This step has changed meanwhile. Please look at it again."))
    return DomainError(
        _("%(name)s took this step at %(time)s."),
        name=now.holder.display_name,
        time=now.held_since.astimezone(LOCAL).strftime("%H:%M"),
    )


def finish_step(
    step: Step,
    *,
    outcome: str,
    facts: dict[str, object],
    by: User | None,
    at: datetime,
    cancelled: bool = False,
) -> None:
    """Close a step behind the fence (REL-02): a holder or generation that is no longer true closes nothing."""
    ended = outcome_of(step, at)
    changes = {
        "finished_at": at,
        "finished_by_id": by and by.pk,
        "outcome": outcome,
        "facts": facts,
        "cancelled": cancelled,
    }
    holder = {} if cancelled else {"holder_id": by and by.pk}
    fence = {"finished_at": None, "generation": step.generation, "due_version": step.due_version}
    if not update_if(step, changes, **fence, **holder):
        raise _too_late(step)
    step.finished_at, step.finished_by, step.outcome, step.facts = at, by, outcome, facts
    ended.save()
    verb = "step.cancelled" if cancelled else "step.finished"
    trail.record(
        verb, by=by, at=at, case_id=step.case_id, subject=f"step:{step.pk}", outcome=outcome
    )
