"""What a bundle says beside its cases, as tables: what is not there, denominators, rules, posts, late entries (domain.md 6.1, 6.2)."""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from casework.cases.event_days import HAPPENED
from casework.cases.facts.spelling import day_of
from casework.cases.kinds import Stage
from casework.cases.models import Case, IntakeDecision, Step, Visit
from casework.cases.side_roads import RESTRICTED
from casework.core.clock import end_of
from casework.core.errors import DomainError
from casework.deadlines.days import DayTable, days_for, days_of, is_working_day, school_days
from casework.detection.models import UNDECIDED, Finding, FindingState
from casework.detection.words import rule_title
from casework.documents.models import NumberNote
from casework.documents.papers.register import PAPERS
from casework.evidence.calendars import CALENDAR
from casework.evidence.drawing import draw
from casework.evidence.extent import About, Row, Table, moment_of, offices_of, school_years
from casework.evidence.folder import FOLDER, STATES
from casework.evidence.ledgers import LEDGERS
from casework.evidence.models import Bundle, State
from casework.evidence.rehearsals import REHEARSED
from casework.evidence.seven import SEVEN
from casework.evidence.sightings import LAST_SEEN
from casework.evidence.uploads import UPLOADS
from casework.org.models import Post, Unit, UnitKind
from casework.org.units import school_path
from casework.profiles.models import Profile
from casework.registers.models import Problem
from casework.registers.shelf import checklist
from casework.students.models import Enrolment, RollCall

LATE_ENTRY = timedelta(days=1)


def _findings(a: About) -> Iterator[Row]:
    """Findings that became no case of their own, the undecided too; the child is not named: an inspector asks by the number."""
    rows = IntakeDecision.objects.exclude(decision__in=[FindingState.OPENED, FindingState.LATER])
    waiting = Finding.objects.filter(state__in=UNDECIDED, found_at__lt=a.ends)
    if a.of_case:
        rows = rows.filter(Q(case=a.of_case) | Q(finding__pupil=a.of_case.pupil_id))
        waiting = waiting.filter(pupil=a.of_case.pupil_id)
    else:
        rows = rows.filter(finding__unit__path__startswith=a.unit.path)
        waiting = waiting.filter(unit__path__startswith=a.unit.path)
    rows = rows.filter(at__gte=a.begins, at__lt=a.ends).select_related("finding__unit", "case")
    for row in rows.order_by("at", "pk").iterator():
        number = row.case.number if row.case else ""
        yield (
            *_found(row.finding),
            row.get_decision_display(),
            number,
            row.reason,
            row.by_name,
            moment_of(row.at),
        )
    for finding in waiting.select_related("unit").order_by("found_at", "pk").iterator():
        yield *_found(finding), finding.get_state_display(), "", "", "", ""


def _found(finding: Finding) -> Row:
    return (
        finding.pk,
        finding.unit.name,
        rule_title(finding.rule),
        finding.first_day,
        finding.last_day,
    )


def _struck_out(a: About) -> Iterator[Row]:
    for case in a.cases.filter(stage=Stage.CANCELLED).select_related("merged_into").iterator(100):
        yield (
            case.number, case.school.name, moment_of(case.opened_at), moment_of(case.closed_at),
            case.outcome_words, case.merged_into.number if case.merged_into else "",
        )  # fmt: skip


def _voids(a: About) -> Iterator[Row]:
    units = dict(Unit.objects.filter(path__startswith=a.unit.path).values_list("pk", "name"))
    for note in NumberNote.objects.order_by("at", "pk").iterator():
        unit, kind, year = note.key.split(":")
        if int(unit) in units:
            yield (
                units[int(unit)], kind, PAPERS[kind].title, year, note.first, note.last, note.reason, note.by_name, moment_of(note.at),
            )  # fmt: skip


def _classes(a: About) -> Iterator[Row]:
    """Pupils and rolls of each class and month: the denominators of every rate."""
    rows = Unit.objects.filter(path__startswith=a.unit.path, kind=UnitKind.CLASS)
    classes = list(rows.order_by("path"))
    schools = Unit.objects.in_bulk({school_path(each.path) for each in classes}, field_name="path")
    tables = days_of(schools)
    for first, last in months(a.first, a.last):
        pupils = _pupils(a.unit, last)
        called = _called(a.unit, first, last)
        for each in classes:
            place = school_path(each.path)
            due = _school_days(tables[place], first, last)
            yield (
                f"{first:%Y-%m}", schools[place].name, each.name, pupils.get(each.pk, 0), due, called.get(each.pk, 0),
            )  # fmt: skip


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The months of a period, the first and the last cut to it."""
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first, min(last, following - timedelta(days=1))
        first = following


def _pupils(unit: Unit, day: date) -> dict[int, int]:
    rows = Enrolment.objects.running_on(day).filter(class_unit__path__startswith=unit.path)
    return dict(rows.values_list("class_unit").annotate(n=Count("pk")))


def _called(unit: Unit, first: date, last: date) -> dict[int, int]:
    rows = RollCall.objects.filter(class_unit__path__startswith=unit.path, day__range=(first, last))
    return dict(rows.values_list("class_unit").annotate(n=Count("pk")))


def _sample(a: About) -> Iterator[Row]:
    """Every case that could have been drawn, with its lot: sort by the last column, and the first ones are the sample."""
    assert a.drawn_from is not None
    drawn = set(a.cases.values_list("pk", flat=True))
    order = draw(a.drawn_by, len(a.drawn_from), len(a.drawn_from))
    places = {serial: n for n, serial in enumerate(order, 1)}
    for begin in range(0, len(a.drawn_from), 500):
        some = a.drawn_from[begin : begin + 500]
        rows = Case.objects.filter(pk__in=some).values_list("pk", "number", "school__name")
        named = {pk: (number, school) for pk, number, school in rows}
        for serial, pk in enumerate(some, begin + 1):
            lot = sha256(f"{a.drawn_by}:{serial}".encode()).hexdigest()
            yield serial, *named[pk], places[serial] if pk in drawn else "", lot


def _late_entries(a: About) -> Iterator[Row]:
    """Visits and contacts that were typed in more than a day after they happened."""
    rows = Visit.objects.filter(case__in=a.cases.values("pk"), recorded_at__lte=a.at)
    late = rows.filter(recorded_at__gt=F("ended") + LATE_ENTRY).select_related("case", "visitor")
    for visit in late.order_by("recorded_at", "pk").iterator():
        hours = (visit.recorded_at - visit.ended) // timedelta(hours=1)
        yield (
            visit.case.number, visit.get_form_display(), moment_of(visit.began), moment_of(visit.recorded_at),
            hours, visit.visitor.display_name,
        )  # fmt: skip
    yield from _late_steps(a)


def _late_steps(a: About) -> Iterator[Row]:
    """The same of steps that name the day on which something happened; of restricted ones nothing is said."""
    rows = Step.objects.filter(
        case__in=a.cases.values("pk"), finished_at__lte=a.at, cancelled=False
    )
    rows = rows.exclude(matter__code__in=RESTRICTED).select_related("case", "finished_by", "matter")
    for step in rows.order_by("finished_at", "pk").iterator(500):
        days = [day for key in HAPPENED if (day := day_of(step.facts.get(key)))]
        if days and step.finished_at > end_of(min(days)) + LATE_ENTRY:
            hours = (step.finished_at - end_of(min(days))) // timedelta(hours=1)
            who = step.finished_by.display_name if step.finished_by else ""
            yield step.case.number, step.title, min(days), moment_of(step.finished_at), hours, who


def _rules(a: About) -> Iterator[Row]:
    """Every version of the rules that was in force in the period at the unit, above or below it; their texts lie beside."""
    for profile in profiles_of(a):
        yield (
            f"rules-{profile.pk}.json", profile.unit.name, profile.version, profile.name, profile.valid_from,
            profile.created_by, moment_of(profile.created_at),
        )  # fmt: skip


def profiles_of(a: About) -> Iterator[Profile]:
    """A version holds until the next of its unit begins."""
    near = Q(unit__path__in=a.unit.paths_up()) | Q(unit__path__startswith=a.unit.path)
    rows = Profile.objects.filter(near, valid_from__lte=a.last).select_related("unit")
    by_unit: dict[int, list[Profile]] = {}
    for profile in rows.order_by("unit__depth", "unit_id", "version"):
        by_unit.setdefault(profile.unit_id, []).append(profile)
    for versions in by_unit.values():
        before = [each for each in versions if each.valid_from <= a.first]
        yield from [*before[-1:], *(each for each in versions if each.valid_from > a.first)]


def _days(a: About) -> Iterator[Row]:
    """Each day of the period: whether offices work and whether the schools of the unit teach."""
    table = days_for(a.unit)
    day = a.first
    while day <= a.last:
        teaches = _school_days(table, day, day)
        yield day, int(is_working_day(table, day)), teaches
        day += timedelta(days=1)


def _school_days(table: DayTable, first: date, last: date) -> object:
    """How many school days, or that no term of that time was entered here."""
    try:
        return len(school_days(table, first, last))
    except DomainError:
        return _("not known: no term entered")


def _posts(a: About) -> Iterator[Row]:
    place = Q(unit__path__startswith=a.unit.path) | Q(unit__path__in=a.unit.paths_up())
    if a.of_case:
        place = Q(unit__path__in=(a.of_case.class_unit or a.unit).paths_up())
    held = Q(until=None) | Q(until__gte=a.first)
    rows = Post.objects.filter(place, held, since__lte=a.last).select_related("unit", "user")
    for post in rows.order_by("unit__path", "role", "since", "pk").iterator():
        yield (
            post.unit.name,
            post.get_role_display(),
            post.user.display_name,
            post.since,
            post.until or "",
        )


def _shelf(a: About) -> Iterator[Row]:
    for unit in offices_of(a.unit):
        for year in school_years(a):
            for line in checklist(unit, year, at=a.at):
                for due in line.dues:
                    filed = due.filed
                    yield (
                        unit.name, f"{year}-{year + 1}", line.slot.part, line.slot.title, due.day, STATES[due.state],
                        filed.title if filed else "", filed.day if filed else "",
                    )  # fmt: skip


def _problems(a: About) -> Iterator[Row]:
    rows = Problem.objects.filter(unit__path__startswith=a.unit.path, raised_at__lt=a.ends)
    open_then = Q(signed_at=None) | Q(signed_at__gte=a.begins)
    for each in (
        rows.filter(open_then).select_related("unit", "done_by").order_by("raised_at", "pk")
    ):
        yield (
            each.unit.name, each.get_source_display(), each.what, each.measure, each.owner, each.due, each.proof,
            each.done_by.display_name if each.done_by else "", moment_of(each.done_at), each.signed_by, moment_of(each.signed_at),
        )  # fmt: skip


def _bundles(a: About) -> Iterator[Row]:
    """Evidence that was taken before of one of these cases, or of a unit around or within this one in days that both are about."""
    around = Q(unit__path__in=a.unit.paths_up())
    around |= Q(pk=None) if a.of_case else Q(unit__path__startswith=a.unit.path)
    same = Q(case__in=a.cases.values("pk")) | (around & Q(first__lte=a.last, last__gte=a.first))
    rows = Bundle.objects.filter(same, state=State.DONE, at__lt=a.at).select_related("case", "unit")
    for each in rows.order_by("at", "pk"):
        of = each.case.number if each.case else each.unit.name if each.unit else ""
        yield (
            moment_of(each.at), of, each.by_name, each.receiver, each.reason, each.first or "", each.last or "", each.cases, each.decided_by, each.anchor, each.sha256,
        )  # fmt: skip


_CASE, _UNIT, _WHO, _WHEN, _REASON = _("Case"), _("Unit"), _("Who"), _("When"), _("Reason")
_OWN = (
    Table(
        "findings", _("Findings that became no case"),
        (_("Number of the finding"), _UNIT, _("Rule"), _("From"), _("To"), _("Decision"), _CASE, _REASON, _WHO, _WHEN), _findings,
    ),
    Table(
        "struck-out", _("Cases that were struck out"),
        (_CASE, _("School"), _("Opened"), _("Struck out"), _REASON, _("Goes on as")), _struck_out, whole=True,
    ),
    Table(
        "voids", _("Numbers that were not given"),
        (_UNIT, _("Number of the form"), _("Paper"), _("Year"), _("From"), _("To"), _REASON, _WHO, _WHEN), _voids, whole=True,
    ),
    Table(
        "classes", _("Pupils and rolls of each class and month"),
        (_("Month"), _("School"), _("Class"), _("Pupils at its end"), _("School days"), _("Rolls called")), _classes, whole=True,
    ),
    Table(
        "late-entries", _("What was entered more than a day after it happened"),
        (_CASE, _("What"), _("Happened"), _("Entered"), _("Hours later"), _WHO), _late_entries,
    ),
    Table(
        "rules", _("Rules in force"),
        (_("File"), _UNIT, _("Version"), _("Name of the version"), _("Valid from"), _WHO, _WHEN), _rules,
    ),
    Table(
        "sample", _("Random sample: the full list"),
        (_("Serial number"), _CASE, _("School"), _("Place in the draw"), _("SHA-256 of seed, colon and serial number")), _sample, sampled=True,
    ),
    Table("days", _("Days that counted"), (_("Day"), _("Offices work"), _("Schools teach")), _days),
    Table("posts", _("Who held which post"), (_UNIT, _("Post"), _WHO, _("Since"), _("Until")), _posts),
    Table(
        "shelf", _("The shelf: due, filed, missing"),
        (_UNIT, _("School year"), _("Part"), _("Kept there"), _("Due"), _("State"), _("Filed"), _("Filed on")), _shelf, whole=True,
    ),
    Table(
        "problems", _("Problems and their rectification"),
        (
            _UNIT, _("Where it came up"), _("Problem"), _("Measure"), _("Who sees to it"), _("By when"), _("Proof"),
            _("Done by"), _("Done"), _("Signed off by"), _("Signed off"),
        ), _problems, whole=True,
    ),
    Table(
        "bundles", _("Evidence taken before"),
        (_WHEN, _("Of what"), _WHO, _("For whom"), _REASON, _("From"), _("To"), _("Cases"), _("Agreed to by"), _("Anchor"), _("Value of the lists")), _bundles,
    ),
)  # fmt: skip


TABLES = (*LEDGERS, SEVEN, LAST_SEEN, REHEARSED, UPLOADS, FOLDER, CALENDAR, *_OWN)


def tables_of(a: About) -> list[Table]:
    """Those that belong into a bundle of a case, of a unit, or of some of its cases."""
    part = a.of_case is not None or a.narrowed
    fitting = (table for table in TABLES if not (table.whole and part))
    return [table for table in fitting if a.drawn_from is not None or not table.sampled]
