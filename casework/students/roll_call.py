"""Calling the roll on a page: one row a part of a day, exceptions only; a called roll is corrected with a reason (domain.md B1).

What the parts of a day come to is written to `RollCall` and `Absence`, which all rules and papers read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import LOCAL, local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.days import days_for, is_school_day
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.students.attendance import Policy, day_mark, policy
from casework.students.models import (
    Absence,
    Enrolment,
    LeaveSlip,
    LeaveState,
    Mark,
    MarkCorrection,
    Part,
    Pupil,
    RollCall,
    RollTaking,
    TakenMark,
    Way,
    Why,
)
from casework.students.movements import away_pupils

CALLED = (Mark.PRESENT, Mark.ABSENT, Mark.SICK, Mark.LEAVE, Mark.LATE, Mark.LEFT_EARLY)
Marks = Mapping[int, str]


def members(class_unit: Unit, day: date) -> list[Enrolment]:
    """Who is in a class on a day, with their pupils, by seat and name; whose study is suspended, or who is a guest elsewhere, is not called."""
    rows = Enrolment.objects.running_on(day).filter(class_unit=class_unit).select_related("pupil")
    away = away_pupils([row.pupil_id for row in rows], day)
    return sorted((row for row in rows if row.pupil_id not in away), key=by_seat)


def by_seat(each: Enrolment) -> tuple[int, str, str, int]:
    """The order of a class list: seats by their number, then names."""
    number = int(each.seat) if each.seat.isdecimal() else 10**9
    return (number, each.seat, each.pupil.name, each.pupil_id)


def on_leave(pupils: Sequence[int], day: date) -> dict[int, str]:
    """The mark of those who have a granted leave slip for a day."""
    rows = LeaveSlip.objects.filter(
        pupil__in=pupils, state=LeaveState.GRANTED, first__lte=day, last__gte=day
    )
    return dict(rows.order_by("pk").values_list("pupil", "mark"))


def take_roll(
    *, class_unit: Unit, day: date, part: Part, marks: Marks, way: Way, by: User, at: datetime
) -> RollTaking:
    """Keep the roll of a class as it was called: `marks` are the pupils who were not simply present.

    Sent again with the same marks it is the same roll. DomainError: no school day, a day or part that lies ahead, a
    roll that a file brought, one that somebody else called otherwise, or a pupil who is not in the class.
    """
    rules = policy(class_unit, at)
    _refuse_day(class_unit, day, part, rules, at)
    said = _exceptions(class_unit, day, marks)
    with one_act():
        Unit.objects.select_for_update(no_key=True).get(pk=class_unit.pk)
        taking = RollTaking.objects.filter(class_unit=class_unit, day=day, part=part).first()
        if taking:
            _refuse_other(taking, said)
            return taking
        _refuse_imported(class_unit, day)
        taking = RollTaking.objects.create(
            class_unit=class_unit, day=day, part=part, way=way, by=by, at=at
        )
        TakenMark.objects.bulk_create(
            TakenMark(taking=taking, pupil_id=pupil, mark=mark) for pupil, mark in said.items()
        )
        _settle_day(taking, rules, by, at)
        _note("roll.called", taking, by, at, exceptions=len(said))
    return taking


def correct_roll(
    taking: RollTaking,
    marks: Marks,
    *,
    why: Why = Why.OTHER,
    reason: str = "",
    by: User,
    at: datetime,
    seen: int | None = None,
) -> list[MarkCorrection]:
    """Make a called roll say `marks` of these pupils; what it said before is kept with the reason. Nothing changed: no rows.

    `seen`: how many corrections the person knew of. DomainError for another reason without words, for a pupil who is not in the class,
    for a day before this term, or when somebody has corrected the roll meanwhile.
    """
    with one_act():
        Unit.objects.select_for_update(no_key=True).get(pk=taking.class_unit_id)
        _refuse_closed(taking.class_unit, taking.day, at)
        said = _after(taking, marks)
        made = _corrections(taking, said)
        if not made:
            return []
        if seen is not None and taking.corrections.count() != seen:
            raise DomainError(
                _("Somebody has corrected this roll meanwhile: look at it again, then correct it.")
            )
        if why == Why.OTHER and not reason.strip():
            raise DomainError(_("Say why the roll is corrected."), fields={"reason": _("required")})
        for each in made:
            each.why, each.reason, each.by, each.at = why, reason.strip(), by, at
            each.save()
        taking.marks.all().delete()
        TakenMark.objects.bulk_create(
            TakenMark(taking=taking, pupil_id=pupil, mark=mark) for pupil, mark in said.items()
        )
        _settle_day(taking, policy(taking.class_unit, at), by, at)
        _note("roll.corrected", taking, by, at, pupils=len(made))
    return made


def _after(taking: RollTaking, marks: Marks) -> dict[int, str]:
    """What the roll says once `marks` hold: of a pupil who has left the class since, what it said; only who is changed must be in it."""
    before = said_by(taking)
    changed = {p: mark for p, mark in marks.items() if before.get(p, Mark.PRESENT) != mark}
    _exceptions(taking.class_unit, taking.day, changed)
    after = before | changed
    return {pupil: mark for pupil, mark in after.items() if mark != Mark.PRESENT}


def excuse(pupil: Pupil, first: date, last: date, mark: str, *, by: User, at: datetime) -> None:
    """A leave slip came: called rolls of its days in this term that miss the pupil without leave say so from now on (inside one_act); those of classes that are not this person's matter stay."""
    missed = TakenMark.objects.filter(
        pupil=pupil, mark=Mark.ABSENT, taking__day__range=(first, last)
    ).select_related("taking__class_unit")
    for each in missed.order_by("taking__day", "pk"):
        class_unit = each.taking.class_unit
        theirs = by.can(Can.CALL_ROLL, class_unit) or by.can(Can.GRANT_LEAVE, class_unit)
        if theirs and not _is_closed(class_unit, each.taking.day, at):
            correct_roll(each.taking, {pupil.pk: mark}, why=Why.SLIP, by=by, at=at)


def said_by(taking: RollTaking) -> dict[int, str]:
    """What a called roll says of those who were not simply present."""
    return dict(taking.marks.values_list("pupil", "mark"))


def _refuse_day(class_unit: Unit, day: date, part: Part, rules: Policy, at: datetime) -> None:
    if day > local_date(at) or part not in rules.called_for(day, at):
        raise DomainError(_("The roll of that part of the day cannot be called yet."))
    days = days_for(class_unit)
    if not is_school_day(days, day):
        raise DomainError(
            _(
                "This is no school day by the calendar. If it is taught, in class or online, have it entered as one."
            )
        )
    _refuse_closed(class_unit, day, at)


def _is_closed(class_unit: Unit, day: date, at: datetime) -> bool:
    """Whether the day lies before this term, or there is no term now."""
    term = days_for(class_unit).term_of(local_date(at))
    return term is None or day < term.first


def _refuse_closed(class_unit: Unit, day: date, at: datetime) -> None:
    if _is_closed(class_unit, day, at):
        raise DomainError(_("That day lies before this term: its roll is closed."))


def _exceptions(class_unit: Unit, day: date, marks: Marks) -> dict[int, str]:
    """The marks without those present; DomainError for anyone who is not in the class, or an unknown mark."""
    here = {each.pupil_id for each in members(class_unit, day)}
    if strangers := set(marks) - here:
        raise DomainError(
            _("The class has changed meanwhile: %(n)s pupils are not in it. Load the page anew."),
            n=len(strangers),
        )
    if not set(marks.values()) <= set(CALLED):
        raise DomainError(_("A mark is not known. Load the page anew."))
    return {pupil: mark for pupil, mark in marks.items() if mark != Mark.PRESENT}


def _refuse_other(taking: RollTaking, said: Marks) -> None:
    if said_by(taking) != said:
        raise DomainError(
            _("%(who)s has called this roll at %(when)s. Open it and correct it with a reason."),
            who=taking.by.display_name,
            when=f"{taking.at.astimezone(LOCAL):%H:%M}",
        )


def _refuse_imported(class_unit: Unit, day: date) -> None:
    known = RollCall.objects.filter(class_unit=class_unit, day=day).first()
    if known and not RollTaking.objects.filter(class_unit=class_unit, day=day).exists():
        raise DomainError(
            _(
                "The roll of this day came with a file (%(source)s). Mend the file and import it again."
            ),
            source=known.source,
        )


def _corrections(taking: RollTaking, said: Marks) -> list[MarkCorrection]:
    """What has to be said of whom, unsaved."""
    before = said_by(taking)
    return [
        MarkCorrection(
            taking=taking,
            pupil_id=pupil,
            was=before.get(pupil, Mark.PRESENT),
            now=said.get(pupil, Mark.PRESENT),
        )
        for pupil in sorted({*before, *said})
        if before.get(pupil) != said.get(pupil)
    ]


def _settle_day(taking: RollTaking, rules: Policy, by: User, at: datetime) -> None:
    """Write what the called parts of the day come to: the day is called, and who was not present all of it."""
    class_unit, day = taking.class_unit, taking.day
    source = f"{by.display_name} {at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    RollCall.objects.get_or_create(class_unit=class_unit, day=day, defaults={"source": source})
    here = [each.pupil_id for each in members(class_unit, day)]
    wanted = _day_marks(class_unit, day, here, rules)
    known = {each.pupil_id: each for each in Absence.objects.filter(pupil__in=here, day=day)}
    gone = [row.pk for pupil, row in known.items() if pupil not in wanted]
    Absence.objects.filter(pk__in=gone).delete()
    Absence.objects.bulk_create(
        [
            Absence(pupil_id=pupil, day=day, mark=mark, source=source, row=0)
            for pupil, mark in wanted.items()
            if pupil not in known or known[pupil].mark != mark
        ],
        update_conflicts=True,
        unique_fields=["pupil", "day"],
        update_fields=["mark", "source", "file_sha256", "row"],
    )


def _day_marks(class_unit: Unit, day: date, here: list[int], rules: Policy) -> dict[int, str]:
    """What the day comes to for who was not present all of it; a roll of the class where a pupil was before counts, too."""
    called = RollTaking.objects.filter(class_unit=class_unit, day=day)
    parts = set(called.values_list("part", flat=True))
    rows = TakenMark.objects.filter(Q(taking__in=called) | Q(pupil__in=here), taking__day=day)
    said: dict[int, dict[str, str]] = defaultdict(dict)
    for pupil, _unit, part, mark in sorted(
        rows.values_list("pupil", "taking__class_unit", "taking__part", "mark"),
        key=lambda row: row[1] == class_unit.pk,  # the class's own word is the last
    ):
        said[pupil][part] = mark
    marks = {
        pupil: day_mark(
            [of_pupil.get(part, Mark.PRESENT) for part in parts | set(of_pupil)],
            half_counts=rules.half_counts,
        )
        for pupil, of_pupil in said.items()
    }
    return {pupil: mark for pupil, mark in marks.items() if mark != Mark.PRESENT}


def _note(verb: str, taking: RollTaking, by: User, at: datetime, **facts: int) -> None:
    trail.record(
        verb,
        by=by,
        at=at,
        unit_id=taking.class_unit_id,
        subject=f"roll:{taking.pk}",
        day=taking.day.isoformat(),
        part=str(taking.part),
        **facts,
    )
