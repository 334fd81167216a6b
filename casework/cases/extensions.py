"""More time for a step: asked for by whoever holds it, granted by a supervisor, within the cap of the rules."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import may_change_time
from casework.cases.holds import locked_step, refuse_change, refuse_reason
from casework.cases.models import Extension, Step
from casework.cases.redating import redate
from casework.cases.rule_words import UNIT_WORDS
from casework.cases.superiors import supervisors_of
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.notices.outbox import tell
from casework.org.models import User
from casework.profiles.rules import section


def ask_more_time(
    step: Step, *, more: int, reason: str, document: str = "", by: User, at: datetime
) -> Extension:
    """The holder asks for `more` units of the step's own counting; the supervisors of its unit are told.

    DomainError: not in his hands, beyond the cap, asked for already, no reason.
    """
    with one_act():
        step = locked_step(step)
        if not step.is_open or step.holder_id != by.pk:
            raise DomainError(_("This step is not in your hands."))
        refuse_reason(reason)
        refuse_beyond_cap(step, more, at)
        if step.extensions.filter(decided_at=None).exists():
            raise DomainError(_("More time is asked for already: it waits to be decided."))
        asked: Extension = Extension.objects.create(
            step=step, more=more, reason=reason.strip(), document=document.strip()[:80], asked_by=by, asked_at=at
        )  # fmt: skip
        _tell_supervisors(asked, at)
        _note("step.time_asked", asked, by, at)
    return asked


def decide_more_time(
    asked: Extension, *, grant: bool, opinion: str, by: User, at: datetime
) -> None:
    """A supervisor grants or refuses; whoever asked is told. DomainError when decided, one's own, or refused without a reason."""
    with one_act():
        step = locked_step(asked.step)
        asked = Extension.objects.select_for_update().get(pk=asked.pk)
        if asked.decided_at:
            raise DomainError(_("It is decided already."))
        if asked.asked_by_id == by.pk:
            raise DomainError(_("You asked for it: another person decides."))
        refuse_change(step, by, asked.reason if grant else opinion)
        if grant:
            refuse_beyond_cap(step, asked.more, at)
        _decide(asked, grant=grant, opinion=opinion, by=by, at=at)
        if grant:
            _give(step, asked, by, at)
        _tell(asked, [asked.asked_by], by, at)


def give_more_time(
    step: Step, *, more: int, reason: str, document: str = "", by: User, at: datetime
) -> Extension:
    """A supervisor gives more time unasked; the holder is told. DomainError while a request for the step waits: that is decided."""
    with one_act():
        step = locked_step(step)
        refuse_change(step, by, reason)
        refuse_beyond_cap(step, more, at)
        if step.extensions.filter(decided_at=None).exists():
            raise DomainError(_("More time is asked for already: decide that first."))
        given: Extension = Extension(
            step=step, more=more, reason=reason.strip(), document=document.strip()[:80], asked_by=by, asked_at=at
        )  # fmt: skip
        _decide(given, grant=True, opinion="", by=by, at=at)
        _give(step, given, by, at)
        _tell(given, [step.holder] if step.holder else [], by, at)
    return given


def _decide(asked: Extension, *, grant: bool, opinion: str, by: User, at: datetime) -> None:
    asked.decided_by, asked.decided_at = by, at
    asked.granted, asked.opinion = grant, opinion.strip()[:200]
    asked.save()
    if not grant:
        _note("step.time_refused", asked, by, at)


def _give(step: Step, given: Extension, by: User, at: datetime) -> None:
    step.budget += given.more
    redate(step, cause="extended", by=by, at=at, extension=given.pk, reason=given.reason)


def cap_of(step: Step, at: datetime) -> int:
    """How many units more the rules still allow for a step; 0 when it got more time as often as they do."""
    rules = section(step.case.school, "clock", at)
    granted = list(step.extensions.filter(granted=True).values_list("more", flat=True))
    if len(granted) >= rules["extensions"]:
        return 0
    first, percent = step.budget - sum(granted), int(rules["extension_percent"])
    return max(1, first * percent // 100) if percent else 0


def refuse_beyond_cap(step: Step, more: int, at: datetime) -> None:
    """DomainError for more time than the rules allow; an open step only."""
    if not step.is_open:
        raise DomainError(_("This step is finished already."))
    cap = cap_of(step, at)
    if not cap:
        raise DomainError(_("This step got more time already, as often as the rules allow."))
    if not 1 <= more <= cap:
        raise DomainError(
            _("The rules allow at most %(cap)s %(unit)s more."),
            fields={"more": _("at most %(cap)s") % {"cap": cap}},
            cap=cap,
            unit=UNIT_WORDS[step.budget_unit],
        )


def _tell_supervisors(asked: Extension, at: datetime) -> None:
    """Those of its own level who may give it; where none of them may, those above."""
    step = asked.step
    levels = (supervisors_of(step.unit, at, higher=higher) for higher in range(3))
    able = ([user for user in level if may_change_time(user, step)] for level in levels)
    tell(
        next((people for people in able if people), []),
        "time_asked",
        key=f"time_asked:{asked.pk}",
        at=at,
        link=f"/steps/{step.pk}/time/",
        step=step.shown_kind,
        by=asked.asked_by.display_name,
    )


def _tell(decided: Extension, people: list[User], by: User, at: datetime) -> None:
    tell(
        people,
        "time_granted" if decided.granted else "time_refused",
        key=f"time:{decided.pk}",
        at=at,
        link=f"/steps/{decided.step_id}/",
        step=decided.step.shown_kind,
        by=by.display_name,
    )


def _note(verb: str, asked: Extension, by: User, at: datetime) -> None:
    step = asked.step
    trail.record(
        verb, by=by, at=at, case_id=step.case_id, subject=f"step:{step.pk}", more=asked.more
    )
