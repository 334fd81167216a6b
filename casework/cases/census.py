"""Class sheets: what a class says of each of its pupils, signed by its teacher and the principal, with the progress for those above.

The census of whereabouts makes each missing child a finding (domain.md 004, B12, B14); learning records and the survey of
learning at home become signals (B19, B20).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases.asked import asked, asking, still_open
from casework.cases.kinds import Stage
from casework.cases.known import known_of
from casework.cases.models import Case, Census, CensusKind, Counted, SignOff, Whereabouts
from casework.cases.sheets import SHEETS, asks_whereabouts, needs_words, usual
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.by_hand import add_suspicion
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Can
from casework.students.models import UNEXCUSED, Absence, Pupil
from casework.students.movements import away_pupils

RULE = "check"
LONGEST = timedelta(days=120)
SEEING = (Can.CALL_ROLL, Can.SEE_BOARD)
Said = Mapping[int, tuple[Mapping[str, str], str]]  # of each pupil: answers by question, and words


@dataclass(frozen=True)
class Line:
    """A pupil to be answered for: in the class now (`here`), or of the class before and in none now; and what was said last."""

    pupil: Pupil
    here: bool
    answers: Mapping[str, str]
    note: str
    why: str  # it is not taken for granted


def censuses_of(user: User) -> QuerySet[Census]:
    """Those of a unit where the person works or sees the board, or of one above or below it."""
    near = Q(pk=None)
    for unit in {unit for each in SEEING for unit in user.units_with(each)}:
        near |= Q(unit__path__startswith=unit.path) | Q(unit__path__in=unit.paths_up())
    rows: QuerySet[Census] = Census.objects.filter(near)
    return rows.select_related("unit", "by")


def begin(said: Mapping[str, Any], *, unit: Unit, by: User, at: datetime) -> Census:
    """Open a census of all classes below a unit. `said`: kind, title, tasks, opens_on, due_on. DomainError: not hers, days that cannot be, one is open."""
    if not by.can(Can.DECIDE_FINDINGS, unit):
        raise DomainError(_("A class sheet is opened by the office of the unit."))
    if said["kind"] not in CensusKind.values:
        raise DomainError(_("Choose what is to begin."), fields={"kind": _("required")})
    if not timedelta() <= said["due_on"] - said["opens_on"] <= LONGEST:
        raise DomainError(
            _("It ends after it begins, and within four months."),
            fields={"due_on": _("check the day")},
        )
    if said["due_on"] < local_date(at):
        raise DomainError(_("The day has passed already."), fields={"due_on": _("before today")})
    try:
        with one_act():
            made: Census = Census.objects.create(unit=unit, by=by, at=at, **said)
            _note("census.begun", made, unit, by, at, kind=made.kind)
    except IntegrityError as error:
        raise DomainError(_("One of this kind is open for the unit: end it first.")) from error
    return made


def end(census: Census, *, by: User, at: datetime) -> None:
    """Close a census; what was not counted stays so. DomainError: not hers, or ended already."""
    if not by.can(Can.DECIDE_FINDINGS, census.unit):
        raise DomainError(_("A class sheet is ended by the office that opened it."))
    with one_act():
        if not Census.objects.filter(pk=census.pk, closed_at=None).update(closed_at=at):
            raise DomainError(_("This sheet has ended already."))
        _note("census.ended", census, census.unit, by, at)


def lines_of(census: Census, class_unit: Unit, at: datetime) -> list[Line]:
    """Whom a class answers for, with what was said; a census also asks about who left the class last and is in none now."""
    today = local_date(at)
    rows = asked(census.kind, Unit.objects.filter(pk=class_unit.pk), today)
    here = set(rows[0].values_list("pupil", flat=True))
    pupils = Pupil.objects.filter(
        pk__in={pk for each in rows for pk in each.values_list("pupil", flat=True)}
    )
    said = {each.pupil_id: each for each in Counted.objects.filter(census=census, pupil__in=pupils)}
    doubts = _doubts(census.kind, here, today)
    return [
        _line(census.kind, pupil, said.get(pupil.pk), doubts.get(pupil.pk), here=pupil.pk in here)
        for pupil in pupils.order_by("name", "pk")
    ]


def _doubts(kind: str, here: set[int], today: date) -> dict[int, tuple[dict[str, str], str]]:
    """Of whom a census does not take it that they are in class: what is proposed, and why."""
    if not asks_whereabouts(kind):
        return {}
    week = (today - timedelta(days=7), today)
    rolls = Absence.objects.filter(pupil__in=here, mark__in=UNEXCUSED, day__range=week)
    cases = Case.objects.open().filter(pupil__in=here).exclude(stage=Stage.FOLLOW_UP)
    away = ({"state": str(Whereabouts.SUSPENDED)}, str(Whereabouts.SUSPENDED.label))
    return {
        **{pk: ({}, _("absent these days")) for pk in rolls.values_list("pupil", flat=True)},
        **{pk: ({}, _("open case")) for pk in cases.values_list("pupil", flat=True)},
        **dict.fromkeys(away_pupils(here, today), away),
    }


def _line(
    kind: str,
    pupil: Pupil,
    said: Counted | None,
    doubt: tuple[dict[str, str], str] | None,
    *,
    here: bool,
) -> Line:
    """What was said; else the usual of who is in class, and nothing of whom the class has to ask about."""
    proposed, why = doubt or (usual(kind) if here else {}, "" if here else _("in no class now"))
    if said and (here or said.answers != usual(kind)):
        return Line(pupil, here, said.answers, said.note, why)
    return Line(pupil, here, proposed, "", why)


def count(census: Census, class_unit: Unit, said: Said, *, by: User, at: datetime) -> SignOff:
    """A class answers for each of its pupils and signs. Missing children become findings.

    DomainError: not her class, the sheet is over or not begun, the school is signed, a pupil without or with an unknown answer, or words missing.
    """
    if not by.can(Can.CALL_ROLL, class_unit):
        raise DomainError(_("The class is counted by its teacher."))
    with one_act():
        census = Census.objects.select_for_update().get(pk=census.pk)
        school = class_unit.above(UnitKind.SCHOOL) or class_unit
        _refuse_time(census, school, at)
        lines = lines_of(census, class_unit, at)
        kept = {each.pupil.pk: _answered(census.kind, each, said) for each in lines}
        elsewhere = _keep(census, class_unit, kept)
        if asks_whereabouts(census.kind):
            _suspect(lines, kept, school, by, at)
        for sign_off in SignOff.objects.filter(census=census, unit__in=elsewhere):
            sign_off.counts = _counts(census, sign_off.unit_id)
            sign_off.save(update_fields=["counts"])
        return _sign(census, class_unit, _counts(census, class_unit.pk), by, at)


def _answered(kind: str, line: Line, said: Said) -> tuple[dict[str, str], str]:
    """What was said of a pupil, complete and of the sheet's own words."""
    given, note = said.get(line.pupil.pk, ({}, ""))
    answers = {each.key: given.get(each.key, "") for each in SHEETS[kind]}
    for each in SHEETS[kind]:
        if answers[each.key] not in each.answers.values:
            raise DomainError(
                _("%(name)s: an answer is missing (%(question)s)."),
                name=line.pupil.name,
                question=each.label,
            )
    if answers.get("state") == Whereabouts.HERE and not line.here:
        raise DomainError(
            _("%(name)s is in no class now: say where the child is."), name=line.pupil.name
        )
    if needs_words(kind, answers) and not note.strip():
        raise DomainError(_("%(name)s: say in words what is known."), name=line.pupil.name)
    return answers, note.strip()


def _keep(
    census: Census, class_unit: Unit, kept: Mapping[int, tuple[dict[str, str], str]]
) -> set[int]:
    """One row a pupil. Returns the other classes that had answered for one of them."""
    before = Counted.objects.filter(Q(class_unit=class_unit) | Q(pupil__in=kept), census=census)
    classes = set(before.values_list("class_unit", flat=True)) - {class_unit.pk}
    before.delete()
    Counted.objects.bulk_create(
        Counted(census=census, class_unit=class_unit, pupil_id=pupil, answers=answers, note=note)
        for pupil, (answers, note) in kept.items()
    )
    return classes


def _counts(census: Census, class_unit: int) -> dict[str, int]:
    """How often each answer was given of a class."""
    rows = Counted.objects.filter(census=census, class_unit=class_unit)
    return dict(
        Counter(
            code for answers in rows.values_list("answers", flat=True) for code in answers.values()
        )
    )


def sign_school(census: Census, school: Unit, *, by: User, at: datetime) -> SignOff:
    """The principal answers for the school once every pupil is answered for. DomainError: not hers, classes are missing, signed already."""
    if school.kind != UnitKind.SCHOOL or school not in by.units_with(Can.APPROVE_STATUS):
        raise DomainError(_("The school is signed by its principal."))
    with one_act():
        census = Census.objects.select_for_update().get(pk=census.pk)
        _refuse_time(census, school, at)
        classes = Unit.objects.filter(kind=UnitKind.CLASS, path__startswith=school.path)
        if missing := len(still_open(census, classes, local_date(at))):
            raise DomainError(_("%(n)s classes are not counted yet."), n=missing)
        counts: Counter[str] = Counter()
        for each in SignOff.objects.filter(census=census, unit__in=classes):
            counts.update(each.counts)
        return _sign(census, school, counts, by, at)


def _sign(census: Census, unit: Unit, counts: Mapping[str, int], by: User, at: datetime) -> SignOff:
    values = {"counts": dict(counts), "by": by, "at": at}
    made: SignOff = SignOff.objects.update_or_create(census=census, unit=unit, defaults=values)[0]
    _note("census.signed", census, unit, by, at, **counts)
    return made


def _refuse_time(census: Census, school: Unit, at: datetime) -> None:
    if census.closed_at or local_date(at) < census.opens_on:
        raise DomainError(_("The sheet is over, or has not begun."))
    if not census.unit.holds(school):
        raise DomainError(_("The sheet does not reach this class."))
    if SignOff.objects.filter(census=census, unit=school).exists():
        raise DomainError(_("The school is signed already: nothing changes any more."))


def _suspect(lines: list[Line], kept: Said, school: Unit, by: User, at: datetime) -> None:
    """Each missing child is a finding, unless it has an open case or waits in the list already."""
    missing = [
        each.pupil for each in lines if kept[each.pupil.pk][0]["state"] == Whereabouts.MISSING
    ]
    known = known_of([pupil.pk for pupil in missing], local_date(at))
    for pupil in missing:
        if pupil.pk not in known:
            add_suspicion(
                pupil=pupil, child={}, unit=school, reason_text=kept[pupil.pk][1], by=by, at=at, rule=RULE
            )  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far a unit is: its classes, how many are counted, what they said, and whether it is signed."""

    unit: Unit
    classes: int
    counted: int
    counts: dict[str, int]
    signed: SignOff | None


def progress(census: Census, units: list[Unit], at: datetime) -> list[Progress]:
    """Of each of these units (schools, classes); a fixed number of queries."""
    classes = Unit.objects.filter(kind=UnitKind.CLASS, path__startswith=census.unit.path)
    today = local_date(at)
    signed = {each.unit_id: each for each in census.sign_offs.select_related("by")}
    asks, left = asking(census.kind, classes, today), still_open(census, classes, today)
    paths = dict(classes.filter(pk__in=asks | set(signed)).values_list("pk", "path"))
    found = []
    for unit in units:
        below = [pk for pk, path in paths.items() if path.startswith(unit.path)]
        counts: Counter[str] = Counter()
        for pk in below:
            counts.update(signed[pk].counts if pk in signed else {})
        done = sum(pk not in left for pk in below)
        own = signed.get(unit.pk) if unit.pk not in left else None
        found.append(Progress(unit, len(below), done, dict(counts), own))
    return found


def due_for(user: User, at: datetime) -> list[tuple[Census, list[int]]]:
    """The open sheets with those of the person's own classes that are still to be answered for; only where any is."""
    today: date = local_date(at)
    within = Q(pk=None)
    for unit in user.units_with(Can.CALL_ROLL):
        within |= Q(path__startswith=unit.path)
    mine = Unit.objects.filter(within, kind=UnitKind.CLASS)
    found = []
    for census in censuses_of(user).filter(closed_at=None, opens_on__lte=today):
        reached = mine.filter(path__startswith=census.unit.path)
        left = sorted(still_open(census, reached, today))
        if left:
            found.append((census, left))
    return found


def _note(verb: str, census: Census, unit: Unit, by: User, at: datetime, **facts: Any) -> None:
    trail.record(verb, by=by, at=at, unit_id=unit.pk, subject=f"census:{census.pk}", **facts)
