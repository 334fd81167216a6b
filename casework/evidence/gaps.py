"""What a case's file lacks, each with the reason and who must act; gaps are named and never block a bundle (domain.md 6.1)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from casework.cases import letters
from casework.cases.facts import kinds_of
from casework.cases.kinds import Kind, Outcome
from casework.cases.models import Case, Step
from casework.core.clock import local_date
from casework.deadlines.units import last_day
from casework.documents.papers.register import PAPERS
from casework.evidence.casefile import Traces, who_of

UNSEALED = "unsealed"  # in place of a paper's kind: it is made, its seal is not
FOLLOW_UPS = 4  # after 3, 7, 14 and 30 days (domain.md 2.2)


@dataclass(frozen=True)
class Gap:
    """One thing missing: what, why, who must act, and by which day: of an open step its last one, else that on which it was to be there.

    `step`: where it is mended, if there is one.
    """

    case: str
    kind: str
    what: str
    why: str
    who: str = ""
    due: date | None = None
    step: Step | None = None


def gaps_of(file: Traces, language: str) -> list[Gap]:
    """Steps without their paper, papers not sealed, open steps, and what the path taken asks for beyond."""
    made = Counter((paper.document.subject, paper.document.kind) for paper in file.papers)
    found = [gap for step in file.steps for gap in _of_step(file, step, made, language)]
    found += _unsealed(file)
    accounted = Counter(paper.document.kind for paper in file.papers)
    accounted.update(gap.kind for gap in found if gap.kind not in (UNSEALED, ""))
    return found + list(_of_path(file, accounted, language))


def _of_step(
    file: Traces, step: Step, made: Counter[tuple[str, str]], language: str
) -> Iterator[Gap]:
    if step.restricted:
        why = _("Kept apart: it is shown to those who work on it, and leaves with no file.")
        yield Gap(file.case.number, "", step.title, why)
        return
    for kind in _asked_of(step):
        if made[f"step:{step.pk}", kind]:
            continue
        what, words = PAPERS[kind].title.spoken(language), {"step": step.title}
        if step.is_open:
            yield Gap(
                file.case.number,
                kind,
                what,
                _("Not done yet: %(step)s.") % words,
                who_of(step) or _("nobody yet"),
                last_day(step.due_at),
                step,
            )
        else:
            why = _("The step is done but its paper was not made: %(step)s.") % words
            yield Gap(file.case.number, kind, what, why, who_of(step), _day(step.finished_at), step)


def _asked_of(step: Step) -> tuple[str, ...]:
    """The papers that a step makes; of one that is open and only prepares another paper, that one."""
    if step.is_open and step.kind in (Kind.DRAFT_LETTER, Kind.SIGN_LETTER):
        return (letters.of(step).paper,)
    if step.is_open and step.kind == Kind.PROPOSE_CLOSURE:
        return ("P32",)
    return kinds_of(step)


def _unsealed(file: Traces) -> Iterator[Gap]:
    for paper in file.papers:
        if paper.sealed is None:
            why = _("Recorded, but not sealed yet: the bundle holds its record only.")
            yield Gap(file.case.number, UNSEALED, paper.document.number, why)


def _day(moment: datetime | None) -> date | None:
    return local_date(moment) if moment else None


def required(case: Case) -> dict[str, tuple[int, date | None]]:
    """How many papers of which kind the path taken by the case asks for, and since which day (domain.md 2.2, 2.3)."""
    needed = {"P35": (1, _day(case.opened_at))}
    if case.reported_at:
        needed |= {
            kind: (n, _day(case.reported_at)) for kind, n in (("P05", 1), ("P09", 1), ("AR", 2))
        }
    if case.returned_at:
        needed["P16"] = (1, _day(case.returned_at))
    if case.outcome == Outcome.RETURNED:
        needed |= {kind: (n, _day(case.closed_at)) for kind, n in (("P17", FOLLOW_UPS), ("P32", 1))}
    return needed


def _of_path(file: Traces, accounted: Counter[str], language: str) -> Iterator[Gap]:
    for kind, (count, since) in required(file.case).items():
        missing = count - accounted[kind]
        if missing > 0:
            yield Gap(
                file.case.number,
                kind,
                PAPERS[kind].title.spoken(language),
                _("Mandatory on the path of this case; missing: %(count)s.") % {"count": missing},
                file.case.owner.display_name if file.case.owner else "",
                since,
            )
