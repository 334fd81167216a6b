"""Every rule by its code: what it looks at, which parameters of the profile it takes, what it finds. One entry a rule."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.detection import rules, standing
from casework.detection.rules import Marks, Run
from casework.detection.standing import Found, Ground
from casework.students.models import Mark

Parameters = Mapping[str, Any]
Find = Callable[[Marks, Sequence[date], Parameters], list[Run]]
AWAY = (Mark.ABSENT, Mark.HALF, Mark.SICK, Mark.LEAVE, Mark.BLANK)
LATE = (Mark.LATE, Mark.LEFT_EARLY)


class Span(StrEnum):
    """How far back a rule looks."""

    TERM = "term"
    YEAR = "year"


@dataclass(frozen=True)
class Rule:
    """A rule about rolls. `version` grows when what it finds changes; its parameters are the section of its code.

    `counted`: the marks of which a pupil needs `days` before the rule is asked at all. `keeps`: what it found stays
    for a person to decide as long as its days stand, even where the weeks since have made a share smaller.
    """

    code: str
    title: Promise
    find: Find
    counted: Callable[[Parameters], Collection[str]] = lambda said: said["unexcused"]
    span: Span = Span.TERM
    keeps: bool = False
    version: int = 1


@dataclass(frozen=True)
class StandingRule:
    """A rule about enrolments and status numbers: asked of the database for all schools at once; None where it is not its time."""

    code: str
    title: Promise
    find: Callable[[Sequence[int], Ground, Parameters], list[Found] | None]
    version: int = 1


def _consecutive(marks: Marks, days: Sequence[date], said: Parameters) -> list[Run]:
    return rules.runs(marks, days, days=said["days"], unexcused=said["unexcused"])


def _in_days(marks: Marks, days: Sequence[date], said: Parameters) -> list[Run]:
    return rules.within(
        marks, days, days=said["days"], span=said["within"], counted=said["unexcused"]
    )


def _of_month(marks: Marks, days: Sequence[date], said: Parameters) -> list[Run]:
    return rules.share_of_month(
        marks, days, days=said["days"], percent=said["percent"], counted=said["unexcused"]
    )


def _of_year(marks: Marks, days: Sequence[date], said: Parameters) -> list[Run]:
    return rules.share(
        marks, days, days=said["days"], percent=said["percent"], counted=said["unexcused"]
    )


def _late(marks: Marks, days: Sequence[date], said: Parameters) -> list[Run]:
    return rules.within(marks, days, days=said["days"], span=said["within"], counted=LATE)


def _after_leave(marks: Marks, days: Sequence[date], said: Parameters) -> list[Run]:
    return rules.after_leave(marks, days, days=said["days"], unexcused=said["unexcused"])


def _never(marks: Marks, days: Sequence[date], said: Parameters) -> list[Run]:
    return rules.never_there(marks, days, days=said["days"])


ROLL_RULES = (
    Rule("consecutive_absence", _("absence without a break"), _consecutive),
    Rule("absence_in_days", _("absent again and again"), _in_days),
    Rule("absence_share_month", _("share of a month missed"), _of_month, keeps=True),
    Rule(
        "absence_share_year",
        _("share of the school year missed"),
        _of_year,
        span=Span.YEAR,
        keeps=True,
    ),
    Rule("repeated_lateness", _("late or gone early again and again"), _late, lambda said: LATE),
    Rule("leave_over", _("leave over and not back"), _after_leave),
    Rule("never_present", _("on the roll and never there"), _never, lambda said: AWAY, keeps=True),
)
STANDING_RULES = (
    StandingRule("not_registered", _("not registered in the new term"), standing.not_registered),
    StandingRule("not_in_junior", _("finished primary school and in no junior school"), standing.not_in_junior),
    StandingRule("no_status", _("no status number"), standing.no_status),
    StandingRule("left_over_status", _("status number left over"), standing.left_over),
    StandingRule("suspension_over", _("suspension over and not resumed"), standing.suspension_over),
)  # fmt: skip
RULES: dict[str, Rule | StandingRule] = {rule.code: rule for rule in (*ROLL_RULES, *STANDING_RULES)}
