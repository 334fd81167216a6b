"""Of which steps somebody reminded today, and on which a supervision notice is open: marks in a list, without a query of their own."""

from datetime import datetime

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat

from casework.cases.models import Matter, MatterKind, StepQuerySet
from casework.core.clock import local_date
from casework.notices.models import Notice


def with_reminders(rows: StepQuerySet, at: datetime) -> StepQuerySet:
    """The same with `reminded`: whether somebody reminded of the step on the day of `at`; `noticed`: a supervision notice on it is open."""
    key = Concat(
        Value(nudge_key("", at)), Cast(OuterRef("pk"), CharField()), output_field=CharField()
    )
    late_step = Cast(KT("facts__step"), BigIntegerField())
    open_notices = Matter.objects.open().filter(case=OuterRef("case"), kind=MatterKind.SUPERVISION)
    open_notices = open_notices.annotate(late_step=late_step).filter(late_step=OuterRef("pk"))
    found: StepQuerySet = rows.annotate(
        reminded=Exists(Notice.objects.filter(key=key)), noticed=Exists(open_notices)
    )
    return found


def nudge_key(step: object, at: datetime) -> str:
    """The key of the reminders of a step on the day of `at`."""
    return f"nudge:{local_date(at).isoformat()}:{step}"
