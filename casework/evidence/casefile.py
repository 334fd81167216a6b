"""A case as its file tells it: steps, papers as the anchor knows them, photos, and the rows of its tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.audit.models import Entry
from casework.cases.kinds import Kind
from casework.cases.models import NEVER_DONE, Case, IntakeDecision, Photo, Step
from casework.cases.side_roads import RESTRICTED
from casework.cases.story import Moment, Said, told
from casework.core.crypto import starred
from casework.core.errors import DomainError
from casework.deadlines.days import DayTable, days_of
from casework.deadlines.units import last_day
from casework.documents.attachments import kept_rows
from casework.documents.models import Anchor, Attachment, Document, SealedFile
from casework.documents.papers.register import PAPERS
from casework.evidence.histories import History, read_histories

DESTROYED_MEANWHILE = gettext_lazy("A paper was destroyed meanwhile. Make the evidence file again.")
ROW = ("pupil", "school", "class_unit", "owner", "village_owner")  # what is read with a case
EVERY = 2**62  # an id beyond all
AT_ONCE = 200  # records
BATCH = 25  # cases read at once: few queries, little memory


class Gone(NamedTuple):
    """When a paper was destroyed, and by which list."""

    at: datetime
    listed: str


@dataclass(frozen=True)
class Paper:
    """A paper with its sealed file, if it had one when the anchor was made; of a destroyed one the hashes are left (`sealed`)."""

    document: Document
    sealed: SealedFile | None
    destroyed: Gone | None

    @property
    def file(self) -> SealedFile | None:
        return None if self.destroyed else self.sealed

    @property
    def stem(self) -> str:
        """Its name in the bundle: place, kind, year, number of its kind."""
        d = self.document
        return f"{d.place:03d}-{d.kind}-{d.year}-{d.sequence}"

    @property
    def title(self) -> str:
        """The form's title in the edition of the paper."""
        return PAPERS[self.document.kind].title.spoken(self.document.language)


@dataclass(frozen=True)
class Row:
    """A line of the timeline: `late` in working days past the last day, 0 when in time; `when_due`: who had it then."""

    step: Step
    title: str
    who: str
    last_day: date
    late: int
    when_due: str
    history: History

    def reminders(self) -> list[str]:
        """The reminders that went out for it, none of restricted work."""
        return self.history.reminded(self.step)


@dataclass(frozen=True)
class Traces:
    """What is enough to say what a case's file lacks: its steps and papers as of `at`."""

    case: Case
    at: datetime
    steps: list[Step]
    papers: list[Paper]


@dataclass(frozen=True)
class CaseFile(Traces):
    """All that a bundle says of one case. `absences`: the days that opened it, with source and row.

    `records`: those of its papers in their order, read as they are asked for, once.
    """

    photos: list[Photo]
    files: list[Attachment]
    histories: dict[int, History]
    days: DayTable
    absences: list[dict[str, Any]]
    entries: list[Said]
    records: Iterator[str]

    @property
    def folder(self) -> str:
        """Its place in the bundle."""
        return f"data/{self.case.number}"

    def timeline(self) -> list[Row]:
        """Every step in order with due and done (domain.md 6.1, 19)."""
        return [self._row(step) for step in self.steps]

    def _row(self, step: Step) -> Row:
        history = History() if step.restricted else self.histories.get(step.pk, History())
        return Row(
            step,
            _title(step),
            "" if step.restricted else who_of(step),
            last_day(step.due_at),
            history.late(step, self.at, self.days),
            history.held_when_due(step.due_at, step.finished_at or self.at),
            history,
        )

    def scans(self) -> dict[int, list[Attachment]]:
        """By paper its signed sheets."""
        found: dict[int, list[Attachment]] = defaultdict(list)
        for each in self.files:
            if each.document_id:
                found[each.document_id].append(each)
        return found

    def story(self, most: int) -> list[Moment]:
        """The audit trail as sentences, oldest first; of a long one the last `most` (domain.md 6.1, 20)."""
        papers = [paper.document for paper in self.papers]
        return told(self.entries[-most:], self.steps, papers)

    def facts(self) -> dict[str, Any]:
        """What cover and case sheet say of the pupil: the numbers masked (PRIV-03)."""
        pupil, class_unit = self.case.pupil, self.case.class_unit
        guardians = sorted(pupil.guardians.all(), key=lambda each: each.rank)
        return {
            "name": pupil.name,
            "sex": pupil.get_sex_display(),
            "ethnic_group": pupil.ethnic_group,
            "born": pupil.born,
            "status_number": starred(pupil.masked_status),
            "class_name": class_unit.name if class_unit else "",
            "guardian": guardians[0].name if guardians else "",
        }


def _title(step: Step) -> str:
    """Of a step that was undone, that it was."""
    if not step.undone:
        return step.title
    return _("%(step)s: %(what)s") % {"step": step.title, "what": _("undone")}


def read_cases(cases: QuerySet[Case], anchor: Anchor, *, at: datetime) -> Iterator[CaseFile]:
    """The cases, in batches, each with the papers and files that the anchor knows."""
    ids = list(cases.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        yield from _read(cases.filter(pk__in=ids[start : start + BATCH]), anchor, at)


def _read(cases: QuerySet[Case], anchor: Anchor, at: datetime) -> Iterator[CaseFile]:
    found = list(cases.prefetch_related("pupil__guardians"))
    chains = [f"case:{case.pk}" for case in found]
    papers, steps = papers_of(chains, anchor), _steps(found, at)
    photos, absences, entries = _photos(found, at), _absences(found), _entries(chains, anchor)
    records = Records(paper for chain in chains for paper in papers[chain])
    files = files_of(chains, at)
    histories = read_histories([step for of_case in steps.values() for step in of_case], at)
    tables = days_of({case.school.path for case in found})
    for case, chain in zip(found, chains, strict=True):
        yield CaseFile(
            case=case,
            at=at,
            steps=steps[case.pk],
            papers=papers[chain],
            photos=photos[case.pk],
            files=files[chain],
            histories=histories,
            days=tables[case.school.path],
            absences=absences[case.pk],
            entries=entries[chain],
            records=records.of(papers[chain]),
        )


def read_now(case: Case, *, at: datetime) -> CaseFile:
    """One case as it stands, whatever the last anchor knows."""
    newest = Anchor(last_document=EVERY, last_file=EVERY, last_entry=EVERY)
    rows = Case.objects.filter(pk=case.pk).select_related(*ROW)
    return next(_read(rows, newest, at))


def read_traces(cases: list[Case], *, at: datetime) -> list[Traces]:
    """The steps and papers of `cases` as they stand, without files or tables: two queries for all of them."""
    rows = Document.objects.filter(chain__in=[f"case:{case.pk}" for case in cases])
    steps, papers = _steps(cases, at), _by_chain(rows, lambda d: getattr(d, "file", None))
    return [Traces(case, at, steps[case.pk], papers[f"case:{case.pk}"]) for case in cases]


def papers_of(chains: list[str], anchor: Anchor) -> dict[str, list[Paper]]:
    """The papers of each chain in their order, without their records: those are read when they are written out."""
    rows = Document.objects.filter(chain__in=chains, pk__lte=anchor.last_document)
    return _by_chain(rows, lambda document: _known(document, anchor))


def _by_chain(
    rows: QuerySet[Document], file_of: Callable[[Document], SealedFile | None]
) -> dict[str, list[Paper]]:
    papers: dict[str, list[Paper]] = defaultdict(list)
    rows = rows.annotate(gone_at=F("destroyed__at"), gone_by=F("destroyed__listed"))
    rows = rows.select_related("file").defer("record", "previous", "token", "file__made_with")
    for document in rows.order_by("place"):
        gone = Gone(document.gone_at, document.gone_by) if document.gone_at else None
        papers[document.chain].append(Paper(document, file_of(document), gone))
    return papers


class Records:
    """The records of papers, some hundred at a time: no read stays open while signs of life are written, and little is held."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.keys = [paper.document.pk for paper in papers]
        self.held: dict[int, str] = {}

    def of(self, papers: Iterable[Paper]) -> Iterator[str]:
        """Those of some of the papers, in their order."""
        for key in (paper.document.pk for paper in papers):
            if key not in self.held:
                begin = self.keys.index(key)
                rows = Document.objects.filter(pk__in=self.keys[begin : begin + AT_ONCE])
                self.held = dict(rows.values_list("pk", "record"))
            yield self.held[key]


def refuse_emptied(record: str) -> None:
    """DomainError for a paper that was destroyed since the list of papers was read."""
    if not record:
        raise DomainError(DESTROYED_MEANWHILE)


def _steps(cases: list[Case], at: datetime) -> dict[int, list[Step]]:
    """The steps as they stood at `at`: what was finished later was open then."""
    rows = Step.objects.filter(case__in=cases, begun_at__lte=at)
    rows = rows.exclude(cancelled=True, outcome__in=NEVER_DONE)
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in rows.select_related("holder", "finished_by", "unit", "matter__lead").order_by(
        "begun_at", "pk"
    ):
        if step.finished_at and step.finished_at > at:
            step.finished_at = None
        steps[step.case_id].append(step)
    return steps


def photos_of(case: Case, at: datetime) -> list[Photo]:
    """The photos that a file of the case shows."""
    return _photos([case], at)[case.pk]


def _photos(cases: list[Case], at: datetime) -> dict[int | None, list[Photo]]:
    of_visits = Q(visit__case__in=cases, visit__recorded_at__lte=at)
    taken = (
        Q(step__finished_at__lte=at) | Q(step__finished_at=None) | Q(step__kind=Kind.DECIDE_REQUEST)
    )
    of_steps = taken & Q(step__case__in=cases, step__begun_at__lte=at, step__cancelled=False)
    rows = (
        Photo.objects.there()
        .filter(of_visits | of_steps)
        .exclude(step__matter__code__in=RESTRICTED)
    )
    rows = rows.exclude(visit__step__matter__code__in=RESTRICTED)
    photos: dict[int | None, list[Photo]] = defaultdict(list)
    for photo in rows.select_related("visit", "step").order_by("visit__began", "pk"):
        owner = photo.step or photo.visit
        photos[owner.case_id if owner else None].append(photo)
    return photos


def files_of(chains: list[str], at: datetime) -> dict[str, list[Attachment]]:
    """What was handed in at each chain up to `at`, oldest first."""
    found: dict[str, list[Attachment]] = defaultdict(list)
    rows = kept_rows().filter(chain__in=chains, at__lte=at, given_to=None)
    for each in rows.order_by("at", "pk"):
        found[each.chain].append(each)
    return found


def _absences(cases: list[Case]) -> dict[int | None, list[dict[str, Any]]]:
    rows = IntakeDecision.objects.filter(case__in=cases)
    days: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for decision in rows.select_related("finding").order_by("at"):
        days[decision.case_id] += decision.finding.days
    return days


def _entries(chains: list[str], anchor: Anchor) -> dict[str, list[Said]]:
    entries: dict[str, list[Said]] = defaultdict(list)
    rows = Entry.objects.filter(chain__in=chains, pk__lte=anchor.last_entry)
    for chain, *said in rows.order_by("chain", "number").values_list("chain", *Said._fields):
        entries[chain].append(Said(*said))
    return entries


def _known(document: Document, anchor: Anchor) -> SealedFile | None:
    file: SealedFile | None = getattr(document, "file", None)
    return file if file and file.pk <= anchor.last_file else None


def who_of(step: Step) -> str:
    """Who did it, or holds it; empty when nobody has it yet."""
    person = step.finished_by if step.finished_at else step.holder
    return person.display_name if person else ""
