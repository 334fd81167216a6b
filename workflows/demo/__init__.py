"""The demo county: made only by calling the real services under a moved clock; every run makes the same county."""

from collections.abc import Callable
from datetime import date, timedelta

from casework.cases import ladder, proposing
from casework.core.clock import local_moment, moved_to
from casework.core.errors import DomainError
from casework.core.jobs import enqueue, held_back
from casework.core.transaction import one_act
from casework.deadlines.setting_up import make_county
from casework.detection.models import Finding
from casework.detection.scan import scan
from casework.org.demo import PASSWORD
from casework.org.models import Unit
from casework.oversight.snapshots import take
from casework.profiles.rules import baseline, publish
from casework.profiles.shipped import merged
from casework.students import imports
from casework.students.models import Pupil
from workflows.demo import fates, looking_after, people, rehearsing, rosters, stories, visits

TODAY = date(2026, 11, 20)
CUTS = [
    date(2026, 9, 11),
    date(2026, 9, 30),
    date(2026, 10, 16),
    date(2026, 10, 30),
    date(2026, 11, 6),
    date(2026, 11, 16),
    TODAY,
]
Tell = Callable[[str], object]
KEPT_EVENINGS = 70


def make(tell: Tell) -> None:
    """Load the demo county into an empty database; anything in it already is refused."""
    if Unit.objects.exists():
        raise DomainError("The database is not empty: the demo county needs one of its own.")
    with one_act(), held_back():
        _make(tell)
    enqueue("casework.documents.sealing.seal_waiting")


def _make(tell: Tell) -> None:
    start = local_moment(date(2026, 8, 25), 9)
    with moved_to(start):
        made = make_county(name="示范县", code="990026", admin="admin", password=PASSWORD, at=start)
        _publish_rules(made.unit)
        schools = rosters.plan()
        for township, files in rosters.rosters(schools).items():
            tell(township)
            imports.import_roster(files, township=township, by=None, at=start, dry_run=False)
        people.staff(made.unit, made.admin, start)
    plans = fates.plan(schools)
    for cut in CUTS:
        _term_until(cut, schools, plans, made.unit, tell)
    stories.live(plans, tell)
    visits.go_round(local_moment(TODAY, 15))
    looking_after.look_after(local_moment(TODAY, 15, 30))
    rehearsing.rehearse_once(local_moment(TODAY, 15, 45))
    evening = local_moment(TODAY, 16)
    with moved_to(evening):
        proposing.propose_reports(evening)
        ladder.fire(evening)
    for back in range(KEPT_EVENINGS, 0, -1):
        take(TODAY - timedelta(days=back))
    rehearsing.let_inspector_in()
    tell(f"{Pupil.objects.count()} pupils, {Finding.objects.count()} findings")


def _publish_rules(county: Unit) -> None:
    """The baseline with three more rules of detection in use."""
    more = {code: {"on": 1} for code in ("absence_in_days", "repeated_lateness", "leave_over")}
    rules = merged(baseline(), {"detection": more})
    first = date(2026, 8, 25)
    publish(county, rules, name="示范县口径", valid_from=first, by=None, at=local_moment(first, 9))


def _term_until(
    cut: date, schools: list[rosters.School], plans: list[fates.Plan], county: Unit, tell: Tell
) -> None:
    """The roll-books of a month up to a day, then the night's detection."""
    at = local_moment(cut, 20, 30)
    with moved_to(at):
        books = rosters.roll_books(schools, plans, cut)
        report = imports.import_attendance(books, by=None, at=at, dry_run=False)
        if report.errors:
            raise DomainError(str(report.errors[0]))
        found = scan(county, cut, at=at)
        fates.open_cases(found, plans, at)
    tell(f"{cut:%m-%d}: {len(found)}")
