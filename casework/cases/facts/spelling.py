"""How a fact is spelled on a paper, in the language that is active: days, lists, coded words."""

from datetime import date, datetime

from django.utils.translation import get_language, gettext

from casework.cases.kinds import Measure
from casework.core.clock import LOCAL
from casework.core.templatetags.look import day as spoken_day
from casework.documents.papers.options import REASONS


def day_of(text: str | None) -> date | None:
    """The day of a stored fact."""
    return date.fromisoformat(text[:10]) if text else None


def written(day: date | None) -> str:
    """A day in words; nothing for none."""
    return spoken_day(day) if day else ""


def month_of(day: date) -> str:
    """A month in words."""
    return gettext("%(month)s/%(year)s") % {"year": day.year, "month": day.month}


def when(moment: datetime) -> list[str]:
    """A moment in two lines: day and time."""
    local = moment.astimezone(LOCAL)
    return [written(local.date()), local.strftime("%H:%M")]


def lines_of(text: str) -> list[str]:
    """Names or things that someone typed in a row."""
    for mark in "，,;；\n":
        text = text.replace(mark, "、")
    return [each.strip() for each in text.split("、") if each.strip()]


def measures(codes: list[str], more: str) -> str:
    """Help measures in words, with what was typed beside them."""
    words = [str(Measure(code).label) for code in codes]
    return joined(*words, more) or "—"


def joined(*texts: str | None) -> str:
    """Texts in a row as one: a full stop before the mark between two of them goes. Empty ones are left out."""
    *before, last = filter(None, texts) if any(texts) else [""]
    return "；".join([*(text.rstrip("。；; ") for text in before), last])


def sentence(text: str) -> str:
    """What stands in running text ends with a full stop."""
    stop = "." if get_language() == "en" else "。"
    return text if text.endswith((".", "。", "！", "？")) else text + stop


def spoken_reason(code: str) -> str:
    """A reason code in words."""
    return str(REASONS[code])
