"""`manage.py sweep`: what the scheduler does each minute."""

from typing import Any

from django.core.management.base import CommandParser

from casework.cases import ladder
from casework.core import clock
from casework.core.commands import HouseCommand
from casework.oversight.beats import beat


class Command(HouseCommand):
    help = "Fires the rungs that are due and proposes reports. A dry run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        at, dry = clock.now(), options["dry_run"]
        if not dry:
            ladder.give_back(at)
        fired = ladder.fire(at, dry_run=dry)
        proposed = ladder.propose_reports(at, dry_run=dry)
        if not dry:
            beat("sweep", at=at, fired=len(fired), proposed=len(proposed))
        rungs = [{"step": each.step_id, "rung": each.rung} for each in fired]
        return {"fired": rungs, "proposed": len(proposed), "repaired": 0}, True
