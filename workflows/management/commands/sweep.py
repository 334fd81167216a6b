"""`manage.py sweep`: what the scheduler does each minute."""

from typing import Any

from django.core.management.base import CommandParser

from casework.core import clock
from casework.core.commands import HouseCommand
from workflows.sweeping import sweep


class Command(HouseCommand):
    help = "Fires the rungs that are due, proposes reports, ends branches whose term is over. A dry run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        return sweep(clock.now(), dry_run=options["dry_run"]), True
