"""The three ledgers as of a day (domain.md 5.1): school-age children (L1), suspected dropouts (L2), dropouts (L3).

They are read from rolls, steps and papers, never kept. Numbers and phones are masked: a ledger travels, and nobody calls from it. There
is no ethnic group in them, because no list may be made by it (design.md §7).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import CAUSES_APART, Kind, Stage, Track
from casework.cases.models import Case, IntakeDecision, Step
from casework.core.clock import local_date
from casework.core.crypto import masked_phone, starred
from casework.deadlines.units import last_day
from casework.detection.models import Finding
from casework.detection.words import rule_title
from casework.documents.models import Document
from casework.documents.papers.options import WHEREABOUTS
from casework.evidence.extent import About, Row, Table
from casework.evidence.sightings import with_last_seen
from casework.org.models import User
from casework.students.models import Enrolment, Group, Guardian, Pupil

BATCH = 200
LETTERS = (("P11",), ("P12",), ("P14A", "P14B", "P14C"), ("P15",))  # notice, order, penalty, court
NAMED = ("P06", "P09", "P17", "P32", *(kind for kinds in LETTERS for kind in kinds))
ByKind = dict[int, dict[str, list[Document]]]
_PUPIL = (_("Name"), _("Sex"), _("Born"))
_PLACE = (_("School"), _("Class"))
_GUARDIAN = (_("Guardian"), _("Relation"), _("Phone"))


def _child(pupil: Pupil) -> Row:
    return pupil.name, pupil.get_sex_display(), pupil.born


def _guardian(guardian: Guardian | None) -> Row:
    if guardian is None:
        return "", "", ""
    return guardian.name, guardian.relation, starred(masked_phone(guardian.phone))


# L1


def _children(a: About) -> Iterator[Row]:
    """A line a child."""
    serial = 0
    for batch in _batches(children_of(a).select_related("village").prefetch_related("guardians")):
        enrolled, cases = _enrolled(batch, a.last), _latest_cases(batch, a.until)
        for pupil in batch:
            serial += 1
            at = enrolled.get(pupil.pk)
            yield (
                serial, *_child(pupil), starred(pupil.masked_id), starred(pupil.masked_status), pupil.household_place,
                pupil.address, pupil.village.name if pupil.village else "", *_guardian(_first(pupil)), pupil.left_behind,
                _groups(pupil), _state(at, cases.get(pupil.pk), a.until), at.school.name if at else "", at.class_unit.name if at else "",
            )  # fmt: skip


def children_of(a: About) -> QuerySet[Pupil]:
    """Whoever is enrolled in the unit, or lives in one of its villages, on the last day."""
    ids = _at_school(a).values("pupil")
    rows = Pupil.objects.filter(Q(pk__in=ids) | Q(village__path__startswith=a.unit.path))
    found: QuerySet[Pupil] = rows.filter(created_at__lte=a.until).order_by("pk")
    return found


def _at_school(a: About) -> QuerySet[Enrolment]:
    rows: QuerySet[Enrolment] = Enrolment.objects.running_on(a.last)
    return rows.filter(class_unit__path__startswith=a.unit.path)


def _enrolled(pupils: list[Pupil], day: date) -> dict[int, Enrolment]:
    rows = Enrolment.objects.running_on(day).filter(pupil__in=pupils)
    return {row.pupil_id: row for row in rows.select_related("class_unit", "school")}


def _latest_cases(pupils: list[Pupil], at: datetime) -> dict[int, Case]:
    rows = Case.objects.filter(pupil__in=pupils, opened_at__lte=at).exclude(stage=Stage.CANCELLED)
    return {case.pupil_id: case for case in rows.order_by("opened_at", "pk")}


def _state(enrolled: Enrolment | None, case: Case | None, at: datetime) -> object:
    if case and _is_open(case, at):
        reported = case.reported_at and case.reported_at <= at
        back = case.returned_at and case.returned_at <= at
        return _("dropout") if reported and not back else _("case open")
    if case and case.outcome and not enrolled:
        return case.outcome_words
    return _("at school") if enrolled else _("not enrolled")


def _is_open(case: Case, at: datetime) -> bool:
    return case.closed_at is None or case.closed_at > at


def _groups(pupil: Pupil) -> str:
    """Without a disability: detail of health stands in no list that travels (design.md §7)."""
    words = {code: label for code, label in Group.choices if code != Group.DISABLED}
    return "、".join(str(words[code]) for code in pupil.groups if code in words)


def _first(pupil: Pupil) -> Guardian | None:
    return min(pupil.guardians.all(), key=lambda each: each.rank, default=None)


# L2 and L3


@dataclass(frozen=True)
class Entry:
    """A case as a ledger tells it at the moment `at`."""

    case: Any  # with `seen_on`, `talks` and `last_talk`
    at: datetime
    finding: Finding | None
    steps: list[Step]
    papers: dict[str, list[Document]]

    def suspicion(self) -> Row:
        """The part that both ledgers have."""
        case, finding = self.case, self.finding
        return (
            case.number, *_child(case.pupil), case.school.name, case.class_unit.name if case.class_unit else "",
            *_guardian(_first(case.pupil)), case.seen_on or "", finding.first_day if finding else "",
            self._days_absent(), rule_title(finding.rule) if finding else "", self._reason(), self._whereabouts(),
            _name(case.owner), _name(case.village_owner), case.talks, self._day(case.last_talk), *self._marks(), *self._now(),
        )  # fmt: skip

    def road(self) -> Row:
        """What a dropout has beyond: report, letters, service, persuasion, follow-up, end."""
        closing = self.papers.get("P32", [])
        return (
            self._day(self.case.reported_at), _numbers(self.papers.get("P09", [])),
            *(_numbers([p for kind in kinds for p in self.papers.get(kind, [])]) for kinds in LETTERS),
            self._served(), len(self.papers.get("P06", [])), len(self.papers.get("P17", [])),
            _numbers(closing), self._day(self.case.closed_at) if not self._open else "", self.case.episode,
        )  # fmt: skip

    @property
    def _open(self) -> bool:
        return _is_open(self.case, self.at)

    def _day(self, moment: datetime | None) -> object:
        return local_date(moment) if moment and moment <= self.at else ""

    def _reason(self) -> str:
        """A cause of the restricted compartment is not told."""
        told = self.case.reason and self.case.reason not in CAUSES_APART
        return str(self.case.get_reason_display()) if told else ""

    def _days_absent(self) -> object:
        """Of the run that opened it, up to the day."""
        last = str(local_date(self.at))
        return sum(str(day["day"]) <= last for day in self.finding.days) if self.finding else ""

    def _whereabouts(self) -> object:
        found = [s for s in self._done_of(Kind.VERIFY) if s.facts.get("found")]
        return WHEREABOUTS.get(found[-1].facts["found"], "") if found else ""

    def _marks(self) -> Row:
        """The first and the last day on which it was marked on the platform."""
        days = [
            s.facts["marked_on"]
            for s in self._done_of(Kind.PLATFORM_MARK)
            if s.facts.get("marked_on")
        ]
        return (days[0], days[-1]) if days else ("", "")

    def _served(self) -> object:
        """The last day on which a letter reached the family; none for one that did not."""
        days = [
            s.facts["served_on"]
            for s in self._done_of(Kind.SERVE_LETTER)
            if s.facts.get("served_on") and s.facts.get("served") != "no"
        ]
        return days[-1] if days else ""

    def _done_of(self, kind: Kind) -> list[Step]:
        return [s for s in self.steps if s.kind == kind and self._done(s) and not s.cancelled]

    def _now(self) -> Row:
        """Where it stands, until when, and how it ended."""
        if not self._open:
            return "", "", self.case.outcome_words
        main = [s for s in self.steps if s.track == Track.MAIN and not self._done(s)]
        return (main[-1].title, last_day(main[-1].due_at), "") if main else (_("parked"), "", "")

    def _done(self, step: Step) -> bool:
        return step.finished_at is not None and step.finished_at <= self.at


def _name(person: User | None) -> str:
    return person.display_name if person else ""


def _numbers(papers: list[Document]) -> str:
    return " ".join(paper.number for paper in papers)


def reported(a: About) -> QuerySet[Case]:
    """The cases of the third ledger."""
    return a.cases.filter(reported_at__lte=a.until)


def _suspected(a: About) -> Iterator[Row]:
    for serial, entry in enumerate(_entries(a.cases, a), 1):
        yield serial, *entry.suspicion()


def _dropouts(a: About) -> Iterator[Row]:
    for serial, entry in enumerate(_entries(reported(a), a, papers=_papers), 1):
        yield serial, *entry.suspicion(), *entry.road()


def _entries(
    cases: QuerySet[Case], a: About, papers: Callable[..., ByKind] = lambda *_batch: {}
) -> Iterator[Entry]:
    """Cases by number, none that was struck out; few queries for a batch of them."""
    held = Q(visits__recorded_at__lte=a.until, visits__struck=False)
    there = cases.exclude(stage=Stage.CANCELLED, closed_at__lte=a.until)
    rows = with_last_seen(there, a.last).annotate(
        talks=Count("visits", filter=held), last_talk=Max("visits__began", filter=held)
    )
    for batch in _batches(rows.order_by("number").prefetch_related("pupil__guardians")):
        findings, steps, made = _findings(batch), _steps(batch, a.until), papers(batch, a.until)
        for case in batch:
            yield Entry(case, a.until, findings.get(case.pk), steps[case.pk], made.get(case.pk, {}))


def _findings(cases: list[Case]) -> dict[int | None, Finding]:
    rows = IntakeDecision.objects.filter(case__in=cases).select_related("finding")
    return {row.case_id: row.finding for row in rows.order_by("-at")}


def _steps(cases: list[Case], at: datetime) -> dict[int, list[Step]]:
    """The steps as they stood: one that was cancelled later was open then. None of a restricted matter: no list tells of it."""
    found: dict[int, list[Step]] = defaultdict(list)
    rows = Step.objects.filter(case__in=cases, begun_at__lte=at)
    then = rows.exclude(cancelled=True, finished_at__lte=at).select_related("matter")
    for step in then.order_by("begun_at", "pk"):
        if not step.restricted:
            found[step.case_id].append(step)
    return found


def _papers(cases: list[Case], at: datetime) -> ByKind:
    """By case and kind those that a ledger names, oldest first; none that another replaced."""
    found: dict[int, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
    rows = Document.objects.filter(
        chain__in=[f"case:{case.pk}" for case in cases], kind__in=NAMED, frozen_at__lte=at
    )
    current = Q(superseded_by=None) | Q(superseded_by__frozen_at__gt=at)
    for paper in rows.filter(current).defer("record").order_by("place"):
        found[int(paper.chain.removeprefix("case:"))][paper.kind].append(paper)
    return found


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    found = rows.iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        yield batch


_SUSPICION = (
    _("Line"), _("Case"), *_PUPIL, *_PLACE, *_GUARDIAN, _("Last seen at school"), _("First day absent"), _("Days absent"), _("Rule"),
    _("Cause"), _("Whereabouts"), _("Owner, school line"), _("Owner, village line"), _("Talks and visits"), _("Last talk or visit"),
    _("First marked on the national platform"), _("Last marked"), _("Stage"), _("Due"), _("Outcome"),
)  # fmt: skip
L1, L2, L3 = LEDGERS = (
    Table(
        "ledger-l1", _("Ledger of school-age children"),
        (
            _("Line"), *_PUPIL, _("ID number"), _("Status number"), _("Household"), _("Address"), _("Village"), *_GUARDIAN,
            _("Left behind"), _("Special groups"), _("State"), *_PLACE,
        ), _children, whole=True,
    ),
    Table("ledger-l2", _("Ledger of suspected dropouts"), _SUSPICION, _suspected, whole=True),
    Table(
        "ledger-l3", _("Ledger of dropouts"),
        (
            *_SUSPICION, _("Reported"), _("Written report"), _("Notice"), _("Order"), _("Penalty"), _("Court"), _("Served on"),
            _("Persuasion records"), _("Follow-up checks"), _("Closing paper"), _("Closed"), _("Episode"),
        ), _dropouts, whole=True,
    ),
)  # fmt: skip
