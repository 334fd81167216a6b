"""Loads the official days and carries them over to the open steps; a second run without news adds nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from casework.cases.changing import calendar_source, calendar_would_move, load_calendar
from casework.cases.restating import run
from casework.core import clock
from casework.core.commands import HouseCommand
from casework.deadlines.models import CalendarVersion


class Command(HouseCommand):
    help = "Load the official days off and make-up workdays: of the installed holidays package, or of a notice in a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[arg-type]  # the same class, as Django hands it on
        parser.add_argument(
            "--notice", type=Path, metavar="FILE", help="CSV: day, off or work, holiday"
        )
        parser.add_argument("--year", type=int, help="the year of the notice")
        parser.add_argument("--dry-run", action="store_true", help="say what would move, no more")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        at = clock.now()
        if (options["notice"] is None) != (options["year"] is None):
            raise CommandError("--notice and --year belong together", returncode=2)
        source = calendar_source(options["notice"], options["year"], at)
        if options["dry_run"]:
            all_steps = calendar_would_move(source, at)[""]
            return {"would_move": all_steps.moved, "would_be_overdue": all_steps.overdue}, True
        restated = load_calendar(source, by=None, at=at)
        if restated:
            run(restated, at=at, told=self._progress if not options["json"] else None)
            restated.refresh_from_db()
        return self._answer(restated.moved if restated else 0), True

    def _progress(self, done: int, total: int) -> None:
        self.stdout.write(f"counted anew: {done} of {total} open steps")

    def _answer(self, moved: int) -> dict[str, Any]:
        version = CalendarVersion.objects.order_by("-number").first()
        assert version is not None  # just loaded
        return {
            "calendar version": version.number,
            "years": f"{version.first_year}-{version.last_year}",
            "source": version.source,
            "certain to": max(version.known_years),
            "moved": moved,
        }
