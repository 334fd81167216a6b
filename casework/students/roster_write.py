"""Writing what a roster changes, many rows a statement: pupils, guardians, enrolments and their movements."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from casework.core.clock import local_date
from casework.core.rows import insert_many
from casework.deadlines.days import term_of
from casework.org.models import Unit
from casework.students import roster_undo
from casework.students.models import Enrolment, Guardian, Pupil, RollCall, StatusMovement
from casework.students.places import Places
from casework.students.roster_match import NUMBER_FIELDS, PUPIL_FIELDS, Match, chunks, wanted

BATCH = 1_000


def write(matches: Sequence[Match], places: Places, *, at: datetime) -> dict[str, Any]:
    """Make every record say what its row says, and return what an undo needs. Inside the caller's transaction."""
    changed = [made for made in matches if made.is_new or made.moves or made.changed]
    was = roster_undo.before([made for made in changed if not made.is_new])
    places.make(_units(changed, places))
    _pupils(changed, places, at)
    _guardians(changed)
    _enrolments(changed, at)
    return roster_undo.journal(changed, was) if changed else {}


def _units(changed: Sequence[Match], places: Places) -> Iterator[Unit | None]:
    for made in changed:
        row = made.placed.row
        yield made.placed.class_unit
        yield places.village(row.address) or places.village(row.household)


def _pupils(changed: Sequence[Match], places: Places, at: datetime) -> None:
    new = [made.pupil for made in changed if made.is_new]
    known = [made.pupil for made in changed if not made.is_new and made.changed]
    for made in changed:
        _fill(made, places, at)
    insert_many(Pupil, new)
    _learn_keys(new)
    Pupil.objects.bulk_update(known, [*PUPIL_FIELDS, *NUMBER_FIELDS], batch_size=BATCH)


def _learn_keys(new: Sequence[Pupil]) -> None:
    """The keys that the database gave, by the blind indexes."""
    for index in ("status_index", "id_index"):
        wanted = {getattr(pupil, index): pupil for pupil in new if getattr(pupil, index)}
        for some in chunks(list(wanted)):
            for value, pk in Pupil.objects.filter(**{f"{index}__in": some}).values_list(
                index, "pk"
            ):
                wanted[value].pk = pk
        new = [pupil for pupil in new if not pupil.status_index]


def _fill(made: Match, places: Places, at: datetime) -> None:
    row, pupil = made.placed.row, made.pupil
    for name, value in wanted(made.placed, places).items():
        setattr(pupil, name, value)
    pupil.hear()
    if made.is_new:
        pupil.created_at = at
    if made.is_new or "numbers" in made.changed:
        pupil.set_numbers(
            id_number=row.id_number or pupil.id_number,
            status_number=row.status_number or pupil.status_number,
        )


def _guardians(changed: Sequence[Match]) -> None:
    new, known = [], []
    for made in changed:
        row, guardian = made.placed.row, made.guardian
        if not row.guardian:
            continue
        if guardian is None:
            guardian = Guardian(pupil=made.pupil, rank=1)
            new.append(guardian)
        elif {"guardian", "relation", "phone"} & set(made.changed):
            known.append(guardian)
        guardian.name = row.guardian
        guardian.relation = row.relation or guardian.relation
        guardian.phone = row.phone or guardian.phone
    insert_many(Guardian, new)
    Guardian.objects.bulk_update(known, ["name", "relation", "phone"], batch_size=BATCH)


def _enrolments(changed: Sequence[Match], at: datetime) -> None:
    day = local_date(at)
    moved = [made for made in changed if made.moves]
    ended = [made.enrolment for made in moved if made.enrolment]
    for enrolment in ended:
        enrolment.until = max(enrolment.since, day)
    Enrolment.objects.bulk_update(ended, ["until"], batch_size=BATCH)
    StatusMovement.objects.bulk_create(
        (_movement(made, made.enrolment, at) for made in moved if made.enrolment), batch_size=BATCH
    )
    insert_many(Enrolment, _new_enrolments(moved, day))
    seated = [m.enrolment for m in changed if m.enrolment and not m.moves and "seat" in m.changed]
    for made in changed:
        if made.enrolment and not made.moves:
            made.enrolment.seat = made.placed.row.seat or made.enrolment.seat
    Enrolment.objects.bulk_update(seated, ["seat"], batch_size=BATCH)


def _movement(made: Match, old: Enrolment, at: datetime) -> StatusMovement:
    stays = old.school_id == made.placed.school.pk
    return StatusMovement(
        pupil=made.pupil,
        kind="class_moved" if stays else "school_moved",
        day=local_date(at),
        note=f"{old.class_unit_id} > {made.placed.class_unit.pk}",
        recorded_at=at,
    )


def _new_enrolments(moved: Sequence[Match], day: date) -> list[Enrolment]:
    classes = {made.placed.class_unit.pk for made in moved}
    called = set(RollCall.objects.values_list("class_unit_id", flat=True).distinct()) & classes
    schools = {made.placed.school.pk: made.placed.school for made in moved}
    terms = {pk: term_of(school, day) for pk, school in schools.items()}
    found = []
    for made in moved:
        row, school, class_unit = made.placed.row, made.placed.school, made.placed.class_unit
        term = terms[school.pk]
        fresh = made.enrolment is None and class_unit.pk not in called and term is not None
        found.append(
            Enrolment(
                pupil=made.pupil,
                class_unit=class_unit,
                school=school,
                seat=row.seat,
                entered=row.entered,
                since=_since(term.first, row.entered, day) if fresh and term else day,
            )
        )
    return found


def _since(term_first: date, entered: str, day: date) -> date:
    """A pupil new to the records is taken to be in the class since the term began, or since the month of entry.

    In a class whose roll was called before, the pupil counts from the day of the import: on the days before,
    the roll says nothing of the child, which must not be read as present.
    """
    if not entered:
        return term_first
    return min(max(term_first, date(int(entered[:4]), int(entered[4:]), 1)), day)
