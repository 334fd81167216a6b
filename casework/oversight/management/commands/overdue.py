"""Which steps are (or were) overdue and who holds (or held) them."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from casework.core import clock
from casework.core.errors import DomainError
from casework.org.models import Unit
from casework.org.units import county, unit_called
from casework.oversight.asof import Late, overdue_as_of


def moment(text: str) -> datetime:
    """A moment from ISO 8601; without an offset it is local time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"“{text}” is no moment. Write it like 2026-11-20T09:30 or 2026-11-20T09:30+08:00."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=clock.LOCAL)


class Command(BaseCommand):
    help = "Lists the steps that are overdue, now or at a past moment, with their holders of that moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of", type=moment, metavar="DATETIME", help="ISO 8601; default now"
        )
        parser.add_argument(
            "--unit", metavar="CODE", help="this unit (code or name) and those below it"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        as_of = options["as_of"] or now
        try:
            late = overdue_as_of(_unit(options["unit"]), as_of, now)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            said = {"as_of": _local(as_of), "steps": [each.as_json() for each in late]}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        else:
            self._tell(as_of, late)

    def _tell(self, as_of: datetime, late: list[Late]) -> None:
        words = ngettext(
            "%(n)s step overdue as of %(at)s", "%(n)s steps overdue as of %(at)s", len(late)
        )
        self.stdout.write(words % {"n": len(late), "at": _local(as_of)})
        if late:
            self.stdout.write("\t".join(late[0].as_json()))
        for each in late:
            self.stdout.write(
                "\t".join("—" if value is None else str(value) for value in each.as_json().values())
            )


def _unit(code: str | None) -> Unit:
    return county() if code is None else unit_called(code)


def _local(at: datetime) -> str:
    return at.astimezone(clock.LOCAL).isoformat()
