"""What runs by the clock: each duty is a job of its own, safe to run twice."""

from collections.abc import Iterable

from django_q.models import Schedule

from casework.cases import checks as case_checks
from casework.cases.moves import follow_moves
from casework.cases.photos import sweep_photos
from casework.core import clock
from casework.core.snapshot import snapshot
from casework.detection.scan import scan
from casework.documents import attachments, checks
from casework.documents.anchors import make_anchor
from casework.documents.publishing import publish
from casework.evidence.bundle import sweep as sweep_bundles
from casework.org.units import county
from casework.oversight.beats import beat
from casework.oversight.digests import send_digests
from casework.oversight.snapshots import take_snapshot
from casework.students.compare import compare_all
from casework.students.runs import discard_stale
from workflows import sweeping
from workflows.invariants import engine_problems
from workflows.stuck import open_repairs

DUTIES = {
    "workflows.duties.sweep": "* * * * *",
    "workflows.duties.morning": "*/10 * * * *",
    "workflows.duties.detect": "30 20 * * *",
    "workflows.duties.evening": "5 * * * *",
    "workflows.duties.anchor": "50 23 * * *",
    "workflows.duties.verify": "0 2 * * *",
    "workflows.duties.mend": "30 1 * * *",
    "workflows.duties.tidy": "10 3 * * *",
    "casework.documents.sealing.seal_waiting": "*/10 * * * *",
    "casework.documents.sealing.janitor": "0 3 * * *",
}


def schedule(duties: Iterable[tuple[str, str]] = tuple(DUTIES.items())) -> None:
    """Tell the worker its duties; again changes nothing."""
    for job, cron in duties:
        Schedule.objects.update_or_create(
            name=job, defaults={"func": job, "schedule_type": Schedule.CRON, "cron": cron}
        )


def sweep() -> None:
    """Each minute."""
    sweeping.sweep(clock.now())


def morning() -> None:
    """Every ten minutes: messages of the day that are due; outside working time none is."""
    at = clock.now()
    sent = send_digests(at)
    if sent:
        beat("morning", at=at, sent=sent)


def detect() -> None:
    """Each evening: cases follow children who changed class; the rules run; the lists of others are compared once more."""
    at = clock.now()
    follow_moves(at=at)
    found = scan(county(), clock.local_date(at), at=at)
    beat("detect", at=at, findings=len(found), lists=compare_all(at=at))


def evening() -> None:
    """Soon after midnight the numbers of the evening are kept; whoever was off then keeps what was missed within the hour."""
    at = clock.now()
    beat("evening", at=at, rows=take_snapshot(at))


def anchor() -> None:
    """Each night: the root over all chains, sent to where the house cannot reach back."""
    at = clock.now()
    made = make_anchor(at=at)
    beat("anchor", at=at, root=made.root, problems=len(publish(made)))


def tidy() -> None:
    """Each night: uploads that nobody applied, photos and files that nothing took, and bundles cut short go."""
    discard_stale(at=clock.now())
    sweep_photos(at=clock.real_now())
    attachments.sweep(at=clock.real_now())
    sweep_bundles(at=clock.real_now())


def mend() -> None:
    """Each night: a stuck case becomes somebody's task."""
    at = clock.now()
    beat("mend", at=at, opened=open_repairs(at=at))


def verify() -> None:
    """Each night: every paper, chain and file, and the invariants of the cases."""
    at = clock.now()
    with snapshot():
        damage = [*checks.problems(), *case_checks.problems(), *engine_problems()]
    beat("verify", at=at, problems=len(damage))
