"""The base of our commands: one JSON object with `--json`, exit codes 0 well, 1 refused or damaged, 2 wrong usage."""

import json
import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.core.clock import day_in
from casework.core.errors import DomainError


class HouseCommand(BaseCommand):
    """Subclasses write `run(options)`: it returns the answer and whether all is well."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        raise NotImplementedError

    def say(self, answer: dict[str, Any]) -> None:
        """The answer in words; by default a line a key."""
        for key, value in answer.items():
            self.stdout.write(f"{key}: {len(value) if isinstance(value, list) else value}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer, well = self.run(options)
        except DomainError as error:
            raise CommandError(str(error), returncode=1) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, default=str))
        else:
            self.say(answer)
        if not well:
            sys.exit(1)


def day_argument(text: str) -> date:
    """A day as YYYY-MM-DD; anything else is wrong usage (exit 2)."""
    found = day_in(text)
    if found is None:
        raise CommandError(f"not a day: {text} (YYYY-MM-DD)", returncode=2)
    return found
