"""What a finding says in one sentence, by its rule."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, ngettext

from casework.core.templatetags.look import day as said_day
from casework.detection.models import BY_PEOPLE, Finding
from casework.detection.registry import RULES
from casework.students.models import ListKind

SIGNS = {"absent": "×", "half": "½", "sick": "○", "leave": "△", "late": "›", "left_early": "‹"}


def rule_title(code: str) -> str:
    """What a rule is called; for the findings of people, how it was found."""
    if code in RULES:
        return str(RULES[code].title)
    return str(BY_PEOPLE.get(code, code))


def why(finding: Finding) -> str:
    """The reason of a finding as a sentence; empty for what a person noted in words of her own."""
    say = _SENTENCES.get(finding.rule)
    return say(finding) if say else ""


def days_told(finding: Finding) -> list[tuple[str, str]]:
    """Each day of a finding about rolls with the sign of its mark."""
    return [(each["day"], SIGNS[each["mark"]]) for each in finding.days if each["mark"] in SIGNS]


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        **finding.parameters,
        "n": len(finding.days),
        "first": said_day(finding.first_day),
        "last": said_day(finding.last_day),
    }


def _consecutive(finding: Finding) -> str:
    words = ngettext(
        "%(n)s school day without leave, %(first)s to %(last)s.",
        "%(n)s school days in a row without leave, %(first)s to %(last)s.",
        len(finding.days),
    )
    return words % _facts(finding)


def _in_days(finding: Finding) -> str:
    words = gettext(
        "%(n)s school days missed without leave, %(first)s to %(last)s; the rule: %(days)s within %(within)s."
    )
    return words % _facts(finding)


def _share(finding: Finding) -> str:
    words = gettext(
        "%(n)s school days missed without leave, %(first)s to %(last)s: at least %(percent)s percent."
    )
    return words % _facts(finding)


def _late(finding: Finding) -> str:
    words = gettext(
        "%(n)s times late or gone early, %(first)s to %(last)s; the rule: %(days)s within %(within)s."
    )
    return words % _facts(finding)


def _after_leave(finding: Finding) -> str:
    words = gettext("The leave is over; absent without leave since %(first)s, %(n)s school days.")
    return words % _facts(finding)


def _never(finding: Finding) -> str:
    words = gettext("On the roll, and on none of %(n)s called days in class.")
    return words % _facts(finding)


def _not_registered(finding: Finding) -> str:
    return gettext("In no class since %(first)s; nothing says where the child went.") % _facts(
        finding
    )


def _not_in_junior(finding: Finding) -> str:
    words = gettext("Was in the last grade of primary school; in no junior school since %(first)s.")
    return words % _facts(finding)


def _no_status(finding: Finding) -> str:
    return gettext("In class since %(first)s without a status number.") % _facts(finding)


def _left_over(finding: Finding) -> str:
    words = gettext("Has a status number and is in no class since %(first)s.")
    return words % _facts(finding)


def _suspension_over(finding: Finding) -> str:
    words = gettext("The suspension or guest study ended; not resumed since %(first)s.")
    return words % _facts(finding)


def _compared(finding: Finding) -> str:
    """By which list, and on which side of it the child is missing."""
    kind = finding.parameters.get("list", "")
    said = {
        "list": ListKind(kind).label if kind in ListKind.values else kind,
        "unit": finding.parameters.get("of", ""),
    }
    if finding.parameters.get("side") == "list":
        return gettext("On the list (%(list)s, %(unit)s) and on no roll.") % said
    return gettext("On the roll and not on the list (%(list)s, %(unit)s).") % said


_SENTENCES: dict[str, Callable[[Finding], str]] = {
    "consecutive_absence": _consecutive,
    "absence_in_days": _in_days,
    "absence_share_month": _share,
    "absence_share_year": _share,
    "repeated_lateness": _late,
    "leave_over": _after_leave,
    "never_present": _never,
    "not_registered": _not_registered,
    "not_in_junior": _not_in_junior,
    "no_status": _no_status,
    "left_over_status": _left_over,
    "suspension_over": _suspension_over,
    "compared": _compared,
}
