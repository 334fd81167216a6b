"""A person's open steps as a calendar: the days they are due, the child by one character of the name, the link without a name."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext
from icalendar import Calendar, Event

from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.deadlines.units import last_day
from casework.org.models import User

MOST = 500


def calendar_of(user: User, at: datetime) -> bytes:
    """The open steps in a person's hands as an iCalendar file (RFC 5545), one whole-day event each."""
    calendar = Calendar()
    calendar.add("prodid", "-//Casework//casework//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", gettext("Casework"))
    rows = Step.objects.open().filter(holder=user).select_related("case__pupil", "matter")
    for step in rows.order_by("due_at", "pk")[:MOST]:
        calendar.add_component(_event(step, at))
    data: bytes = calendar.to_ical()
    return data


def _event(step: Step, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"step-{step.pk}@casework")
    event.add("sequence", step.due_version)
    event.add("dtstamp", at)
    event.add("dtstart", last_day(step.due_at))
    event.add("summary", _summary(step))
    event.add("url", f"{settings.SITE_URL}/steps/{step.pk}/")
    return event


def _summary(step: Step) -> str:
    """What is to be done, about whom by an initial; of restricted work no more than its one name."""
    words = str(Kind(step.shown_kind).label)
    return words if step.restricted else f"{words} · {step.case.pupil.name[:1]}○"
