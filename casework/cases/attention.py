"""The standing attention list of a class: five key groups, each child with a dated check (domain.md D13, 1.9).

Who is back after a case, left behind, migrant or poor is known from cases and rosters and never typed again, what alarms in
a learning record or the survey of learning at home from there (B19, B20); what no roster says is a tag with its source.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.learning import signals
from casework.cases.models import Case
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Unit, User
from casework.profiles.rules import section
from casework.students.models import AttentionCheck, Enrolment, GroupTag, KeyGroup, Look, Pupil

BACK_WITHIN = timedelta(
    days=366
)  # so long a return is fragile (domain.md 2.3: a repeat case within 12 months)
POOR = {"aid", "subsidised"}


@dataclass(frozen=True)
class Child:
    """A pupil of the list: the groups with how each is known, the last check, and whether the next one is due."""

    pupil: Pupil
    groups: list[tuple[str, str]]
    last: AttentionCheck | None
    is_due: bool


def attention_list(class_unit: Unit, at: datetime) -> list[Child]:
    """The children of a class who are in a key group, those whose check is due first. A fixed number of queries."""
    today = local_date(at)
    enrolled = Enrolment.objects.running_on(today).filter(class_unit=class_unit)
    pupils = {row.pupil_id: row.pupil for row in enrolled.select_related("pupil")}
    groups = _groups(pupils, at)
    last = _last_checks(groups)
    days: int = section(class_unit, "term", at)["attention_days"]
    children = [
        Child(pupils[pk], known, last.get(pk), _is_due(last.get(pk), today, days))
        for pk, known in groups.items()
    ]
    return sorted(children, key=lambda each: (not each.is_due, each.pupil.name, each.pupil.pk))


def _is_due(last: AttentionCheck | None, today: date, days: int) -> bool:
    return last is None or last.day <= today - timedelta(days=days)


def _groups(pupils: dict[int, Pupil], at: datetime) -> dict[int, list[tuple[str, str]]]:
    """The groups of each pupil that is in any, each with its source in words."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    back = Case.objects.filter(
        pupil__in=pupils, returned_at__gt=at - BACK_WITHIN, returned_at__lte=at
    )
    for pk, number in back.values_list("pupil", "number"):
        found[pk].append((str(KeyGroup.RETURNED.label), number))
    roster = str(_("roster"))
    for pk, pupil in pupils.items():
        if pupil.left_behind:
            found[pk].append((str(KeyGroup.LEFT_BEHIND.label), roster))
        if "migrant" in pupil.groups:
            found[pk].append((str(KeyGroup.MIGRANT.label), roster))
        if POOR & set(pupil.groups):
            found[pk].append((str(KeyGroup.POOR.label), roster))
    for pk, signs in signals(pupils, at).items():
        found[pk] += signs
    for tag in GroupTag.objects.filter(pupil__in=pupils, until=None).order_by("pk"):
        found[tag.pupil_id].append((tag.get_group_display(), tag.source))
    return found


def _last_checks(pupils: Iterable[int]) -> dict[int, AttentionCheck]:
    rows = AttentionCheck.objects.filter(pupil__in=list(pupils)).select_related("by")
    return {each.pupil_id: each for each in rows.order_by("day", "pk")}


def check(
    pupils: QuerySet[Pupil], class_unit: Unit, look: str, note: str, *, by: User, at: datetime
) -> int:
    """Note that these children were looked after today; how many. DomainError: nobody, an unknown look, or one that needs words."""
    if look not in Look.values:
        raise DomainError(_("Say how the children are."))
    if look != Look.WELL and not note.strip():
        raise DomainError(_("Say in words what you have seen."), fields={"note": _("required")})
    keys = sorted(pupils.values_list("pk", flat=True))
    if not keys:
        raise DomainError(_("Tick the children whom you have looked after."))
    with one_act():
        for pk in keys:
            AttentionCheck(
                pupil_id=pk, day=local_date(at), look=look, note=note.strip(), by=by, at=at
            ).save()
        trail.record(
            "attention.checked", by=by, at=at, unit_id=class_unit.pk, subject=f"unit:{class_unit.pk}", children=len(keys)
        )  # fmt: skip
    return len(keys)


def tag(
    pupil: Pupil, group: str, source: str, *, class_unit: Unit, by: User, at: datetime
) -> GroupTag:
    """Put a pupil into a key group. DomainError: no source, an unknown group, one that is computed, or it is there already."""
    if group not in KeyGroup.values or group == KeyGroup.RETURNED:
        raise DomainError(_("Choose a group; who is back at school is known from the cases."))
    if not source.strip():
        raise DomainError(_("Say by what it is known."), fields={"source": _("required")})
    try:
        with one_act():
            made: GroupTag = GroupTag.objects.create(
                pupil=pupil, group=group, source=source.strip(), since=local_date(at), by=by
            )
            trail.record(
                "group.tagged", by=by, at=at, unit_id=class_unit.pk, subject=f"tag:{made.pk}"
            )
    except IntegrityError as error:
        raise DomainError(_("The pupil is in this group already.")) from error
    return made


def untag(made: GroupTag, *, class_unit: Unit, by: User, at: datetime) -> None:
    """End a tag; it stays in the history."""
    with one_act():
        if not GroupTag.objects.filter(pk=made.pk, until=None).update(until=local_date(at)):
            raise DomainError(_("This tag has ended already."))
        trail.record(
            "group.untagged", by=by, at=at, unit_id=class_unit.pk, subject=f"tag:{made.pk}"
        )
