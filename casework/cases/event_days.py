"""Days that are typed for what happened: never later than today, never before what they are about began (issue: dates that cannot be)."""

from datetime import date, datetime
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import ACCEPTING, Kind
from casework.cases.models import Case, Step
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.detection.models import Finding

Data = dict[str, Any]
PAST = (
    "last_day", "first_absent", "asked_1", "asked_2", "received_on", "seen_on", "checked_on", "marked_on", "proof_day",
    "served_on", "taught_on", "reported_on", "held_on", "done_on",
)  # fmt: skip
HAPPENED = (  # on that day something was done, which should be entered then
    "received_on", "seen_on", "checked_on", "marked_on", "served_on", "taught_on", "reported_on", "held_on", "done_on",
)  # fmt: skip
# with a bound below; a proof may be older than the case, the police may have known before
SINCE = (
    "day", "asked_1", "asked_2", "received_on", "checked_on", "marked_on", "taught_on", "held_on", "done_on",
)  # fmt: skip


def refuse_days_to_come(data: Data, at: datetime) -> None:
    """What is recorded as having happened did not happen later than today. DomainError naming the fields."""
    today = local_date(at)
    wrong = {name: _("later than today") for name in PAST if (data.get(name) or today) > today}
    if (data.get("contacted_at") or at) > at:
        wrong["contacted_at"] = _("later than now")
    if wrong:
        raise DomainError(_("A day lies in the future."), fields=wrong)


def refuse_days_before(step: Step, data: Data) -> None:
    """What is recorded of a step did not happen before what it is about. DomainError naming the day and the fields."""
    typed: dict[str, date] = {name: data[name] for name in SINCE if data.get(name)}
    floor = _begun(step)
    if typed and min(typed.values()) < floor and _is_suspicion(step):
        floor = first_absence(step.case, floor)
    wrong = {name: _("before it began") for name, day in typed.items() if day < floor}
    if wrong:
        raise DomainError(
            _("A day lies before %(day)s, when this began."), fields=wrong, day=floor.isoformat()
        )


def _begun(step: Step) -> date:
    """The matter was begun, the report sent, the child came back; else the case was opened."""
    if step.matter:
        starts = step.matter.facts.get("starts")  # it may have begun before it was entered
        opened = local_date(step.matter.opened_at)
        return min(opened, date.fromisoformat(starts)) if starts else opened
    if step.kind in ACCEPTING:
        return local_date(step.begun_at)
    if step.kind == Kind.FOLLOW_UP and step.case.returned_at:
        return local_date(step.case.returned_at)
    return local_date(step.case.begun_at)


def _is_suspicion(step: Step) -> bool:
    """Whether the step is about the absence itself: that began before the case was opened."""
    return step.matter is None and step.kind not in (*ACCEPTING, Kind.FOLLOW_UP)


def first_absence(case: Case, otherwise: date) -> date:
    """The first day of absence that the findings of a case tell."""
    findings = Finding.objects.filter(decisions__case=case)
    first: date | None = findings.aggregate(day=Min("first_day"))["day"]
    return min(first or otherwise, otherwise, local_date(case.opened_at))
