"""Small tags of the look: icons, dates, chips. Available in every template."""

from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from casework.core.clock import LOCAL, local_date, now

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, hidden from readers: words always stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("vendor/icons.svg"),
        name,
    )


def _chinese() -> bool:
    return str(translation.get_language()).startswith("zh")


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as a page says it: 11月20日, or 20 Nov; with the year when it is not this one."""
    return _day(value, local_date(now()).year)


@register.filter
def full_day(value: date | datetime | None) -> str:
    """A day with its year always: what leaves the house is read in other years."""
    return _day(value, None)


def _day(value: date | datetime | None, this_year: int | None) -> str:
    if value is None:
        return "—"
    local = local_date(value) if isinstance(value, datetime) else value
    far = local.year != this_year
    if _chinese():
        return f"{f'{local.year}年' if far else ''}{local.month}月{local.day}日"
    return f"{local.day} {MONTHS[local.month - 1]}{f' {local.year}' if far else ''}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@register.filter
def moment(value: datetime | None) -> str:
    """A day with its time."""
    return f"{day(value)} {value.astimezone(LOCAL):%H:%M}" if value else "—"


@register.filter
def clock(value: datetime | None) -> str:
    """The time of a moment, where its day is plain."""
    return f"{value.astimezone(LOCAL):%H:%M}" if value else "—"


@register.filter
def full_moment(value: datetime | None) -> str:
    """A day with its year and time."""
    return f"{full_day(value)} {value.astimezone(LOCAL):%H:%M}" if value else "—"


@register.filter
def until(value: datetime | None) -> str:
    """A due moment: the end of a day is that day's 24:00, not the next day's 00:00."""
    if value is None:
        return "—"
    local = value.astimezone(LOCAL)
    return moment(value) if local.hour or local.minute else f"{day(local - RESOLUTION)} 24:00"


RESOLUTION = datetime.resolution


@register.inclusion_tag("components/due.html")
def due(step: Any, at: datetime, *, link: bool = True) -> dict[str, Any]:
    """The chip of a step's due moment: icon, words, colour; a tap leads to the reason (design.md §4)."""
    return {
        "step": step,
        "link": link,
        **due_words(step.due_at, at if step.is_ready(at) else step.opens_at, at, step.finished_at),
    }


@register.filter
def ready(step: Any, at: datetime) -> bool:
    """Whether the step may be begun at this moment."""
    return bool(step.is_ready(at))


def due_words(
    due_at: datetime, opens_at: datetime, at: datetime, finished_at: datetime | None
) -> dict[str, str]:
    """Words, icon and class of a due moment as seen at `at`; the due day belongs to the worker (24:00)."""
    if finished_at:
        late = finished_at > due_at
        return _chip("is-calm", "check", gettext("done late") if late else gettext("done in time"))
    days = (due_at.astimezone(LOCAL) - at.astimezone(LOCAL)).total_seconds() / 86400
    if days < 0:
        late_by = int(-days) + 1
        words = ngettext("%(days)s day overdue", "%(days)s days overdue", late_by)
        return _chip("is-late", "alert-triangle", words % {"days": late_by})
    if opens_at > at:
        return _chip("is-calm", "hourglass", gettext("opens %(day)s") % {"day": day(opens_at)})
    if days <= 1:
        return _chip(
            "is-soon", "clock", gettext("due today, 24:00") if days > 0 else gettext("due")
        )
    if days <= 2:
        return _chip("is-soon", "clock", gettext("due tomorrow, 24:00"))
    return _chip("is-ok", "clock", gettext("due %(day)s") % {"day": day(due_at - RESOLUTION)})


def _chip(look: str, icon_name: str, words: str) -> dict[str, str]:
    return {"look": look, "icon_name": icon_name, "words": words}


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present address with some parameters changed; an empty value drops one."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in ("", None):
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"


@register.filter
def lookup(table: dict[Any, Any], key: Any) -> Any:
    """`table[key]`, or nothing."""
    return table.get(key, "")


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A form control with the look of the theme, tied to its hint and error for readers."""
    is_select = isinstance(field.field.widget, forms.Select)
    attrs: dict[str, str | bool] = {"class": "form-select" if is_select else "form-control"}
    said = [
        f"{field.id_for_label}_{part}"
        for part, there in (("hint", field.help_text), ("err", field.errors))
        if there
    ]
    if said:
        attrs["aria-describedby"] = " ".join(said)
    return field.as_widget(attrs=attrs)
