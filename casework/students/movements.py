"""Movements of a pupil's status: asked for with proof, approved by a second person, and what they do to the enrolment (domain.md E1–E9).

After the approval two things stay open until they are done: the entry on the national platform, and for whoever goes
to another school the receipt that proves the arrival (E3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.engine import due_at
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Can
from casework.profiles.rules import section
from casework.students.models import Enrolment, MovementState, Pupil, StatusMovement
from casework.students.models import MovementKind as M

LONGEST_TERM = 366  # days of a suspension or guest study; then it is asked for anew


@dataclass(frozen=True)
class Kind:
    """A kind of movement. `level`: who decides; `leaves` and `enters`: what it does to the enrolment; `term`: it has a last day."""

    code: M
    level: UnitKind = UnitKind.SCHOOL
    leaves: bool = False
    enters: bool = False
    term: bool = False
    receipt: bool = False
    platform: bool = True


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(M.TRANSFER_OUT, leaves=True, receipt=True),
        Kind(M.TRANSFER_IN, enters=True),
        Kind(M.GUEST_STUDY, term=True, receipt=True),
        Kind(M.SUSPENSION, UnitKind.COUNTY, term=True),
        Kind(M.RESUMPTION),
        Kind(M.CLASS_CHANGE, enters=True, platform=False),
        Kind(M.GRADUATED, leaves=True),
        Kind(M.DECEASED, UnitKind.COUNTY, leaves=True),
        Kind(M.EMIGRATED, UnitKind.COUNTY, leaves=True),
    )
}
ENDING = (M.RESUMPTION, M.TRANSFER_OUT, M.TRANSFER_IN, M.GRADUATED, M.DECEASED, M.EMIGRATED)
AWAY = (M.SUSPENSION, M.GUEST_STUDY)  # enrolled, and in no class of ours until it ends


def ask_movement(pupil: Pupil, said: dict[str, Any], *, by: User, at: datetime) -> StatusMovement:
    """Ask for a movement (inside one_act). `said`: kind, day, ends_on, class_unit, other_school, note, proof, proof_number.

    DomainError: no such movement from where the pupil is, days that cannot be, proof missing, one asked for already.
    """
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    kind = KINDS[said["kind"]]
    enrolled = _enrolment_of(pupil)
    _refuse_place(kind, pupil, enrolled, said)
    _refuse_days(kind, enrolled, said, at)
    if StatusMovement.objects.filter(pupil=pupil, state=MovementState.ASKED).exists():
        raise DomainError(_("A movement of this pupil waits for its approval already."))
    school = _school_of(kind, enrolled, said)
    if not by.can(Can.MOVE_STATUS, school):
        raise DomainError(_("The status of this pupil is kept by another school."))
    movement: StatusMovement = StatusMovement.objects.create(
        pupil=pupil,
        school=school,
        state=MovementState.ASKED,
        asked_by=by,
        recorded_at=at,
        **said,
    )
    _note("movement.asked", movement, by, at)
    return movement


def decide_movement(
    movement: StatusMovement, *, approved: bool, opinion: str, by: User, at: datetime
) -> StatusMovement:
    """Approve or refuse (inside one_act); approved, the enrolment follows and receipt and platform get their days.

    DomainError: decided already, not this person's to decide, by who asked, or a refusal without words.
    """
    movement = StatusMovement.objects.select_for_update().get(pk=movement.pk)
    if movement.state != MovementState.ASKED:
        raise DomainError(_("This movement was decided already."))
    Pupil.objects.select_for_update(no_key=True).get(pk=movement.pupil_id)
    if not may_decide(by, movement):
        raise DomainError(
            _("This movement is decided by another person: whoever asks does not approve.")
        )
    if not approved and not opinion.strip():
        raise DomainError(_("Say why it is refused."), fields={"opinion": _("required")})
    movement.state = MovementState.APPROVED if approved else MovementState.REFUSED
    movement.decided_by, movement.decided_at, movement.opinion = by, at, opinion.strip()
    if approved:
        _refuse_changed(movement, at)
        _set_days(movement, at)
        _follow(movement)
    movement.save()
    _note(f"movement.{movement.state}", movement, by, at)
    return movement


def may_decide(user: User, movement: StatusMovement) -> bool:
    """Whether the person may decide: a post at the level that the kind asks for, and neither who asked nor by a post lent from that person."""
    if movement.school is None:
        return False
    by_county = KINDS[movement.kind].level == UnitKind.COUNTY
    return user.can_apart_from(
        movement.asked_by_id, Can.APPROVE_STATUS, movement.school, at_root=by_county
    )


def confirm_receipt(
    movement: StatusMovement, day: date, number: str, *, by: User, at: datetime
) -> None:
    """The receipt of the other school came. DomainError: none is awaited, a day that cannot be, no number."""
    _refuse_future(day, "day", at)
    if not number.strip():
        raise DomainError(
            _("Write the number of the receipt, or what identifies it."),
            fields={"number": _("required")},
        )
    with one_act():
        movement = StatusMovement.objects.select_for_update().get(pk=movement.pk)
        if movement.receipt_due is None or movement.receipt_on:
            raise DomainError(_("No receipt is awaited for this movement."))
        _refuse_before(movement, day)
        movement.receipt_on, movement.receipt_number = day, number.strip()
        movement.save(update_fields=["receipt_on", "receipt_number"])
        _note("movement.receipt", movement, by, at)


def done_on_platform(movement: StatusMovement, day: date, *, by: User, at: datetime) -> None:
    """The movement was entered on the national platform (E7). DomainError: it was, or is not due."""
    _refuse_future(day, "day", at)
    with one_act():
        movement = StatusMovement.objects.select_for_update().get(pk=movement.pk)
        if movement.platform_due is None or movement.platform_on:
            raise DomainError(_("Nothing is to be entered on the platform for this movement."))
        _refuse_before(movement, day)
        movement.platform_on, movement.platform_by = day, by.display_name
        movement.save(update_fields=["platform_on", "platform_by"])
        _note("movement.platform", movement, by, at)


def _enrolment_of(pupil: Pupil) -> Enrolment | None:
    rows = Enrolment.objects.filter(pupil=pupil, until=None)
    return rows.select_related("school", "class_unit").first()


def _refuse_place(
    kind: Kind, pupil: Pupil, enrolled: Enrolment | None, said: dict[str, Any]
) -> None:
    """What a movement begins with is there."""
    class_unit = said.get("class_unit")
    if kind.enters and class_unit is None:
        raise DomainError(_("Choose the class."), fields={"class_unit": _("required")})
    if kind.code == M.TRANSFER_IN and enrolled:
        raise DomainError(
            _("The pupil is enrolled at %(school)s: that school transfers it out first."),
            school=enrolled.school.name,
        )
    latest = pupil.enrolments.aggregate(day=Max("until"))["day"]
    if kind.code == M.TRANSFER_IN and latest and said["day"] < latest:
        raise DomainError(
            _("The pupil was in a class until %(day)s: nothing begins before."),
            fields={"day": _("check the day")},
            day=latest.isoformat(),
        )
    if kind.code != M.TRANSFER_IN and enrolled is None:
        raise DomainError(_("The pupil is in no class: only a transfer to a class is possible."))
    if kind.code == M.CLASS_CHANGE and not _is_other_class(enrolled, class_unit):
        raise DomainError(_("Choose another class of the same school."))
    if kind.code == M.GRADUATED and not _is_last(enrolled):
        raise DomainError(
            _("Graduation is noted of the last junior grade: who leaves primary school goes on.")
        )
    if kind.code in AWAY and _overlaps(pupil, said):
        raise DomainError(
            _("Another suspension or guest study lies within these days: choose others.")
        )
    is_away = away_on(pupil.movements.all(), said["day"]).exists()
    if (kind.code == M.RESUMPTION) != is_away and kind.code in (M.RESUMPTION, *AWAY):
        words = {
            True: _(
                "The study is suspended, or the pupil a guest elsewhere: let it be resumed first."
            ),
            False: _("The study is not suspended: there is nothing to resume."),
        }
        raise DomainError(words[is_away])
    if kind.receipt and not said.get("other_school", "").strip():
        raise DomainError(_("Name the other school."), fields={"other_school": _("required")})
    if not said.get("proof", "").strip():
        raise DomainError(_("Name what proves it."), fields={"proof": _("required")})


def _overlaps(pupil: Pupil, said: dict[str, Any]) -> bool:
    """Whether an approved suspension or guest study begins later within the days asked for."""
    first, last = said["day"], said.get("ends_on") or date.max
    spans = spans_away([pupil.pk]).get(pupil.pk, [])
    return any(first <= begins <= last and begins <= ends for begins, ends in spans)


def _is_other_class(enrolled: Enrolment | None, class_unit: Unit | None) -> bool:
    if enrolled is None or class_unit is None:
        return False
    return enrolled.school.holds(class_unit) and class_unit != enrolled.class_unit


def _is_last(enrolled: Enrolment | None) -> bool:
    """Whether the pupil is in the ninth year, the end of compulsory education."""
    return enrolled is not None and enrolled.class_unit.name.startswith("九")


def _school_of(kind: Kind, enrolled: Enrolment | None, said: dict[str, Any]) -> Unit:
    """The school whose matter it is: that of the new class for one who comes in, else where the pupil is."""
    if kind.code == M.TRANSFER_IN or enrolled is None:
        found: Unit | None = said["class_unit"].above(UnitKind.SCHOOL)
        assert found is not None
        return found
    return enrolled.school


def _refuse_changed(movement: StatusMovement, at: datetime) -> None:
    """What was asked for is asked again: the pupil may be elsewhere by now, or in no class any more."""
    kind, enrolled = KINDS[movement.kind], _enrolment_of(movement.pupil)
    said = {
        name: getattr(movement, name)
        for name in ("day", "ends_on", "class_unit", "other_school", "proof")
    }
    _refuse_place(kind, movement.pupil, enrolled, said)
    _refuse_days(kind, enrolled, said, at)
    if _school_of(kind, enrolled, said) != movement.school:
        raise DomainError(
            _("The pupil is at another school by now: this request does not hold any more.")
        )


def _refuse_days(
    kind: Kind, enrolled: Enrolment | None, said: dict[str, Any], at: datetime
) -> None:
    day, ends = said["day"], said.get("ends_on")
    moves = kind.leaves or kind.enters
    if moves and day > local_date(at):
        raise DomainError(
            _("It is asked for on its day, not before."), fields={"day": _("later than today")}
        )
    if enrolled and day < enrolled.since:
        raise DomainError(
            _("The pupil is in the class since %(day)s: nothing moves before."),
            fields={"day": _("check the day")},
            day=enrolled.since.isoformat(),
        )
    if abs((day - local_date(at)).days) > LONGEST_TERM:
        raise DomainError(_("This day lies too far away."), fields={"day": _("check the day")})
    if kind.term and ends is None:
        raise DomainError(_("Say until when."), fields={"ends_on": _("required")})
    if kind.term and not timedelta() < ends - day <= timedelta(days=LONGEST_TERM):
        raise DomainError(
            _("It ends after it begins, and within a school year."),
            fields={"ends_on": _("check the day")},
        )
    if not kind.term and ends is not None:
        raise DomainError(_("This movement has no end."), fields={"ends_on": _("check the day")})


def _refuse_future(day: date, field: str, at: datetime) -> None:
    if day > local_date(at):
        raise DomainError(_("A day lies in the future."), fields={field: _("later than today")})
    if day < local_date(at) - timedelta(days=LONGEST_TERM):
        raise DomainError(_("This day lies too far away."), fields={field: _("check the day")})


def _refuse_before(movement: StatusMovement, day: date) -> None:
    if day < movement.day:
        raise DomainError(
            _("The movement holds from %(day)s: nothing of it was done before."),
            fields={"day": _("check the day")},
            day=movement.day.isoformat(),
        )


def _set_days(movement: StatusMovement, at: datetime) -> None:
    kind, said = KINDS[movement.kind], section(movement.school, "status", at)  # type: ignore[arg-type]
    for wanted, field, key in (
        (kind.receipt, "receipt_due", "receipt_days"),
        (kind.platform, "platform_due", "platform_days"),
    ):
        if wanted:
            due = due_at(at, said[key], "working_days", movement.school)  # type: ignore[arg-type]
            setattr(movement, field, local_date(due - timedelta(seconds=1)))


def _follow(movement: StatusMovement) -> None:
    """The enrolment does what was approved: it ends on the day, and a new one begins."""
    kind = KINDS[movement.kind]
    running = Enrolment.objects.filter(pupil=movement.pupil_id, until=None).first()
    if running and (kind.leaves or kind.enters):
        running.until = max(running.since, movement.day)
        running.save(update_fields=["until"])
    if kind.enters and movement.class_unit and movement.school:
        Enrolment.objects.create(
            pupil_id=movement.pupil_id,
            class_unit=movement.class_unit,
            school=movement.school,
            since=movement.day,
        )


def away_on(movements: QuerySet[StatusMovement], day: date) -> QuerySet[StatusMovement]:
    """Suspensions and guest studies that run on a day: begun, and ended by no later movement; one whose last day has passed runs on until it is."""
    ended = StatusMovement.objects.filter(
        Q(day__gt=OuterRef("day")) | Q(day=OuterRef("day"), pk__gt=OuterRef("pk")),
        pupil=OuterRef("pupil"),
        kind__in=ENDING,
        state=MovementState.APPROVED,
        day__lte=day,
    )
    running = movements.filter(kind__in=AWAY, state=MovementState.APPROVED, day__lte=day)
    return running.exclude(Exists(ended))


def spans_away(pupils: Iterable[int]) -> dict[int, list[tuple[date, date]]]:
    """First and last day of each suspension and guest study of these pupils; who is away is on no roll."""
    rows = StatusMovement.objects.filter(
        pupil__in=list(pupils), kind__in=(*AWAY, *ENDING), state=MovementState.APPROVED
    ).order_by("pupil", "day", "pk")
    found: dict[int, list[tuple[date, date]]] = {}
    for row in rows:
        spans = found.setdefault(row.pupil_id, [])
        if row.kind in AWAY:
            spans.append((row.day, row.ends_on or date.max))
        else:  # it ends all that run
            before = row.day - timedelta(days=1)
            found[row.pupil_id] = [(first, min(last, before)) for first, last in spans]
    return found


def away_pupils(pupils: Iterable[int], day: date) -> set[int]:
    """Those of the pupils who are enrolled and, suspended or guests elsewhere, not in class that day."""
    spans = spans_away(pupils)
    return {pk for pk, each in spans.items() if any(first <= day <= last for first, last in each)}


def _note(verb: str, movement: StatusMovement, by: User, at: datetime) -> None:
    trail.record(
        verb,
        by=by,
        at=at,
        unit_id=movement.school_id,
        subject=f"movement:{movement.pk}",
        kind=movement.kind,
    )
