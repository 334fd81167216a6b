"""`manage.py detect`: looks for runs of absence up to a day."""

from typing import Any

from django.core.management.base import CommandParser

from casework.audit import trail
from casework.core import clock
from casework.core.commands import HouseCommand, day_argument
from casework.core.transaction import one_act
from casework.detection.models import Finding, FindingState
from casework.detection.scan import as_json, scan
from casework.org.units import county
from workflows.start import start_case


class Command(HouseCommand):
    help = "Makes the findings of the term up to a day; again: none. --open opens a case of each (the operator's decision)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--on", required=True, help="the day, YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument(
            "--open", action="store_true", help="open a case of every waiting finding without one"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        day, at, dry = day_argument(options["on"]), clock.now(), options["dry_run"]
        found = scan(county(), day, at=at, dry_run=dry)
        opened = 0 if dry or not options["open"] else self._open(at)
        if options["json"]:  # full status numbers leave the house, in a dry run too
            with one_act():
                trail.record("findings.exported", by=None, at=at, findings=len(found))
        return {"findings": as_json(found), "opened": opened}, True

    def _open(self, at: Any) -> int:
        """One case a pupil: further findings of the same pupil stay in the intake list, to be linked."""
        waiting = Finding.objects.filter(state=FindingState.WAITING).exclude(
            pupil__cases__closed_at=None, pupil__cases__isnull=False
        )
        opened: set[int] = set()
        for finding in waiting.select_related("pupil", "unit").order_by("first_day", "pk"):
            if finding.pupil_id and finding.pupil_id not in opened:
                start_case(finding, by=None, at=at)
                opened.add(finding.pupil_id)
        return len(opened)
