"""Making a bundle: papers sealed, an anchor taken, everything copied into one zip; who makes it, what is left of one that was killed."""

import os
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.audit.models import Entry
from casework.core import clock
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.issue import case_of
from casework.documents.models import Document
from casework.documents.render import RenderError
from casework.documents.seal import SealError
from casework.documents.sealing import file_of
from casework.evidence.bag import SAFE
from casework.evidence.casefile import DESTROYED_MEANWHILE
from casework.evidence.collecting import collected_less
from casework.evidence.editions import EDITIONS
from casework.evidence.extent import about
from casework.evidence.filling import fill
from casework.evidence.ledgers import children_of
from casework.evidence.models import Bundle, Purpose, State
from casework.evidence.packer import Made, Packer, PackError, Tick
from casework.evidence.proofs import Proofs, take_proofs
from casework.evidence.scope import cases_of
from casework.org.models import Unit

GIVEN_UP = timedelta(minutes=5)
SIGN_OF_LIFE = 2  # seconds
PART, ABANDONED = ".part", timedelta(hours=1)


def build(bundle_id: int) -> None:
    """Job: make the bundle unless it is made or being made. A killed maker is followed by the next."""
    make(Bundle.objects.get(pk=bundle_id), at=clock.now())


def make(bundle: Bundle, *, at: datetime, target: Path | None = None) -> bool:
    """Make `bundle` as of `at`, in `target` or among the media files; False if another is at it or it is done.

    What a person can mend ends in state `failed` with its reason; anything else is raised as well.
    """
    if not _claim(bundle, at):
        return False
    place = target or folder() / f"{bundle.pk}-{secrets.token_hex(8)}.zip"
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f"{place.name}{PART}")
    try:
        part.touch(0o600)
        with translation.override(bundle.language):
            proofs, made = _write(bundle, part, at)
        _into_place(part, place)
        if not _finish(bundle, proofs, made, place, kept=target is None, at=at):
            place.unlink()
            return False
    except DomainError as error:
        _fail(bundle, str(error))
    except BaseException as error:
        _fail(bundle, type(error).__name__)
        raise
    finally:
        part.unlink(missing_ok=True)
    return bundle.state == State.DONE


def folder() -> Path:
    """Where bundles wait to be fetched."""
    return Path(settings.MEDIA_ROOT) / "evidence"


def packed_in(bundle: Bundle) -> list[int]:
    """The cases that are in a bundle, as their trails say."""
    said = Entry.objects.filter(subject=f"bundle:{bundle.pk}", verb="evidence.made")
    return [int(chain.removeprefix("case:")) for chain in said.values_list("chain", flat=True)]


def sweep(*, at: datetime) -> int:
    """Remove what killed makers left, an hour later: parts, and files no bundle knows. `at`: the machine's time. Returns how many went."""
    known = set(Bundle.objects.exclude(path="").values_list("path", flat=True))
    old = [p for p in folder().glob("*") if p.stat().st_mtime < (at - ABANDONED).timestamp()]
    left = [path for path in old if path.name not in known]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _claim(bundle: Bundle, at: datetime) -> bool:
    """One maker at a time: a conditional UPDATE, with a number that a late one no longer has."""
    free = Q(state__in=[State.WAITING, State.FAILED]) | Q(touched_at__lt=at - GIVEN_UP)
    rows = Bundle.objects.filter(free, pk=bundle.pk).exclude(state=State.DONE)
    won = rows.update(
        state=State.BUILDING, touched_at=at, attempt=F("attempt") + 1, done=0, error=""
    )
    bundle.refresh_from_db()
    return won == 1


def _mine(bundle: Bundle, **changes: object) -> bool:
    """Write to the row unless another maker has taken over."""
    if not Bundle.objects.filter(pk=bundle.pk, attempt=bundle.attempt).update(**changes):
        return False
    for name, value in changes.items():
        setattr(bundle, name, value)
    return True


def _fail(bundle: Bundle, reason: str) -> None:
    _mine(bundle, state=State.FAILED, error=reason[:300])


def _into_place(part: Path, place: Path) -> None:
    """On the disk first, then under its name (REL-09)."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(place)


def name_of(bundle: Bundle, at: datetime) -> str:
    """The bundle's folder and file name: number or code, and day; no child's name (EXP-02), and of one without names not even these."""
    day = clock.local_date(at).strftime("%Y%m%d")
    if bundle.is_redacted:
        return f"redacted-{bundle.pk}_{day}"
    end = day if bundle.purpose == Purpose.INSPECTION else f"{day}_{bundle.purpose}"
    if bundle.case:
        return f"{bundle.case.number}_{end}"
    assert bundle.unit
    code = bundle.unit.code
    sample = f"sample-{bundle.sample}" if bundle.sample else ""
    part = "".join(f"_{each}" for each in (bundle.stage, bundle.outcome, sample) if each)
    return f"unit-{code if SAFE.fullmatch(code) else bundle.unit.pk}_{bundle.first}_{bundle.last}{part}_{end}"


def _write(bundle: Bundle, part: Path, at: datetime) -> tuple[Proofs, Made]:
    """The zip at `part`. The anchor is taken after sealing, so that it knows all that goes in."""
    chains = [f"case:{pk}" for pk in cases_of(bundle).values_list("pk", flat=True)]
    if not chains:
        raise DomainError(_("No case of this unit was open in the period."))
    papers = Document.objects.filter(chain__in=chains)
    name = name_of(bundle, at)
    with Packer(part, name, at=at, info=_info(bundle, at)) as bag:  # it starts meanwhile
        papers |= _of_offices(bundle)
        kinds = EDITIONS[bundle.purpose].kinds if bundle.purpose in EDITIONS else None
        papers = papers if kinds is None else papers.filter(kind__in=kinds)
        tick = _ticking(bundle, papers)
        _seal_missing(papers, tick)
        proofs = take_proofs(at=at)
        try:
            with collected_less():
                return proofs, fill(bag, bundle, name, proofs, tick)
        except PackError as error:
            raise _refusal(error) from error


def _of_offices(bundle: Bundle) -> QuerySet[Document]:
    """The papers that the offices of a unit's bundle wrote."""
    chosen = bundle.stage or bundle.outcome or bundle.sample
    part = chosen or bundle.purpose != Purpose.INSPECTION
    if bundle.unit is None or part:
        return Document.objects.none()
    units = Unit.objects.filter(path__startswith=bundle.unit.path).values_list("pk", flat=True)
    return Document.objects.filter(chain__in=[f"unit:{pk}" for pk in units])


def _refusal(error: PackError) -> DomainError:
    """Damage on our side is refused, not handed out: which paper it is, and what to do."""
    words = {
        "ended": _("The file could not be written. Is there room on the disk?"),
        "missing": _("The file of %(number)s is missing. Restore it from a backup."),
        "damaged": _("The file of %(number)s is damaged. Restore it from a backup."),
    }
    return DomainError(words[error.trouble], number=error.label)


def _ticking(bundle: Bundle, papers: QuerySet[Document]) -> Tick:
    """A function that is told how many papers were done; it writes that down now and then, as a sign of life."""
    _mine(bundle, total=papers.count())
    done, told = 0, monotonic()

    def tick(more: int) -> None:
        nonlocal done, told
        done += more
        if monotonic() >= told + SIGN_OF_LIFE:
            told = monotonic()
            _mine(bundle, done=done, touched_at=clock.now())

    return tick


def _seal_missing(papers: QuerySet[Document], tick: Tick) -> None:
    """Seal what no worker has sealed yet. Without a seal the rest is left: the gap report names it."""
    for pk in papers.filter(file=None).order_by("pk").values_list("pk", flat=True):
        tick(0)
        try:
            file_of(Document.objects.get(pk=pk))
        except SealError:
            return
        except RenderError:
            continue


def _info(bundle: Bundle, at: datetime) -> dict[str, str]:
    """Of a file without names neither the place, nor the person, nor the reason that somebody typed."""
    place = bundle.case.school if bundle.case else bundle.unit
    assert place
    told = {
        "Source-Organization": place.name,
        "Contact-Name": bundle.by_name,
        "External-Description": bundle.reason,
    }
    return ({} if bundle.is_redacted else told) | {
        "External-Identifier": name_of(bundle, at),
        "Bagging-Date": clock.local_date(at).isoformat(),
        "Bag-Software-Agent": f"Casework {settings.VERSION}",
        "Receiver": bundle.receiver,
    }


def forget(papers: Sequence[Document]) -> None:
    """The made files that hold one of these papers are handed out no longer (inside one_act), nor is who is who in them; the nightly sweep removes them. What is being made fails with words: its maker may hold one already."""
    cases = [f"case:{pk}" for pk in {case_of(paper.chain) for paper in papers} if pk]
    offices = Unit.objects.filter(pk__in={p.unit_id for p in papers if not case_of(p.chain)})
    made = Entry.objects.filter(chain__in=cases, verb="evidence.made")
    keys = {int(each.partition(":")[2]) for each in made.values_list("subject", flat=True)}
    above = {path for unit in offices for path in unit.paths_up()}
    rows = Bundle.objects.filter(Q(pk__in=keys) | Q(unit__path__in=above), state=State.DONE)
    rows.update(path="", codes="")
    under_way = Bundle.objects.filter(state=State.BUILDING)
    under_way.update(state=State.FAILED, attempt=F("attempt") + 1, error=str(DESTROYED_MEANWHILE))


def _finish(
    bundle: Bundle, proofs: Proofs, made: Made, place: Path, *, kept: bool, at: datetime
) -> bool:
    """The row says what was made (and where, if it is `kept`), and every case's trail that it was taken; False if another took over."""
    with one_act():
        if not _mine(
            bundle,
            state=State.DONE,
            done=bundle.total,
            path=place.name if kept else "",
            sha256=made.lists,
            size=place.stat().st_size,
            cases=len(made.packed),
            anchor=proofs.anchor.root,
            anchored_at=proofs.anchor.at,
            gap_count=made.gaps,
            gaps=bundle.gaps,
            codes=bundle.codes,
        ):
            return False
        if bundle.unit and bundle.purpose == Purpose.INSPECTION:
            # whom its ledger of children names
            children = children_of(about(bundle, cases_of(bundle), proofs.anchor.at))
            ids = list(children.values_list("pk", flat=True))
            trail.look("evidence_pupils", ids, by=bundle.by, at=at, reason=bundle.reason)
        for pk in made.packed:
            trail.record(
                "evidence.made",
                by=bundle.by,
                at=at,
                case_id=pk,
                subject=f"bundle:{bundle.pk}",
                anchor=proofs.anchor.root,
                reason=bundle.reason,
                purpose=bundle.purpose,
            )
    return True
