"""What supervisors did on the demo's last afternoon: a clock put on hold, more time asked for and granted, a reminder."""

from datetime import datetime, timedelta

from casework.cases.extensions import ask_more_time, decide_more_time
from casework.cases.holds import hold
from casework.cases.kinds import Kind
from casework.cases.models import Extension, Step, StepQuerySet
from casework.cases.steps import nudge
from casework.core.clock import local_date, moved_to
from casework.org.models import Unit, User

TOWN = "青石镇"

LATER = "监护人在外陪护住院老人，已电话约定返家后入户。"
FAR = "家住外乡，监护人周末才返家，需再约时间面谈。"


def look_after(at: datetime) -> None:
    """A visit waits for the parents, another is asked after; of two talks that need more time one is given it."""
    officer, township = (User.objects.get(username=name) for name in ("officer", "township"))
    visits = _held(Kind.HOME_VISIT).exclude(holder__username="teacher")
    talks = _held(Kind.PERSUASION).order_by("holder", "pk")
    with moved_to(at):
        until = local_date(at) + timedelta(days=7)
        hold(
            visits.filter(due_at__gt=at)[0],
            until=until,
            reason=LATER,
            document="",
            by=officer,
            at=at,
        )
        nudge(visits.filter(due_at__lt=at)[0], by=township, at=at)
        _ask(talks[0], at)
        decide_more_time(_ask(talks.reverse()[0], at), grant=True, opinion="", by=township, at=at)


def _held(kind: Kind) -> StepQuerySet:
    """The open steps of a kind that somebody of the first township holds, in their order."""
    town = Unit.objects.get(name=TOWN)
    rows = Step.objects.open().filter(kind=kind, unit__path__startswith=town.path)
    return rows.exclude(holder=None).select_related("holder", "unit", "case__school").order_by("pk")


def _ask(step: Step, at: datetime) -> Extension:
    assert step.holder
    return ask_more_time(step, more=5, reason=FAR, by=step.holder, at=at)
