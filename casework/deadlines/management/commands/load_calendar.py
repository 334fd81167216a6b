"""Loads the official days; a second run without news adds nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from casework.core import clock
from casework.deadlines.calendar import load_official


class Command(BaseCommand):
    help = "Load the official days off and make-up workdays of the installed holidays package."

    def handle(self, *args: Any, **options: Any) -> None:
        version = load_official(at=clock.now(), by=None)
        self.stdout.write(
            f"calendar version {version.number}: {version.first_year}-{version.last_year}, "
            f"{version.source}, certain to {max(version.known_years)}"
        )
