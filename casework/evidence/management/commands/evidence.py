"""`evidence`: the evidence file of a case, or of a unit and a period, written to a zip; prints its anchor."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casework.cases.kinds import Stage
from casework.cases.models import Case
from casework.core import clock
from casework.core.errors import DomainError
from casework.documents.store import write_whole
from casework.evidence.bundle import make
from casework.evidence.difference import compare, opened
from casework.evidence.models import Bundle, Purpose
from casework.evidence.scope import OUTCOMES, order
from casework.org.units import unit_called

WRONG_USAGE = 2
OF_UNITS = ("first", "last", "stage", "outcome")


class Command(BaseCommand):
    help = "Write the evidence file of a case, or of a unit and a period, and print its anchor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        scope = parser.add_mutually_exclusive_group(required=True)
        scope.add_argument("--case", metavar="NO", help="case number")
        scope.add_argument(
            "--unit", metavar="CODE", help="code or name of a school, township or county"
        )
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="D")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="D")
        parser.add_argument(
            "--stage", choices=Stage.values, default="", help="of a unit only the cases there"
        )
        parser.add_argument(
            "--outcome",
            choices=[code for code, _label in OUTCOMES],
            default="",
            help="of a unit only the cases that ended so",
        )
        parser.add_argument(
            "--for",
            dest="purpose",
            choices=Purpose.values,
            default="full",
            help="what goes in: everything; what a court or the family is shown; nothing with a name",
        )
        parser.add_argument(
            "--codes",
            type=Path,
            metavar="FILE.csv",
            help="where the list of codes of --for redacted goes: it says who is who and stays here",
        )
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.zip")
        parser.add_argument("--reason", required=True, metavar="TEXT")
        parser.add_argument("--receiver", default="", metavar="TEXT")
        parser.add_argument(
            "--diff",
            type=Path,
            metavar="OLD.zip",
            help="say what is new against an earlier file of the same scope; exit 1 if what it held is lost or altered",
        )
        merged = parser.add_mutually_exclusive_group()
        merged.add_argument("--merged", dest="merged", action="store_true", default=None)
        merged.add_argument("--no-merged", dest="merged", action="store_false")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["unit"] and not (options["first"] and options["last"]):
            raise CommandError("--unit needs --from and --to", returncode=WRONG_USAGE)
        if options["case"] and any(options[key] for key in OF_UNITS):
            raise CommandError(
                "--from, --to, --stage and --outcome go with --unit", returncode=WRONG_USAGE
            )
        target = options["output"].absolute()
        if not target.parent.is_dir():
            raise CommandError("-o: there is no such folder", returncode=WRONG_USAGE)
        if target.exists():  # its printed anchor would no longer fit
            raise CommandError("-o: the file is there already", returncode=WRONG_USAGE)
        if options["diff"]:
            _check_old(options["diff"])
        if (options["purpose"] == Purpose.OUTSIDE) != (options["codes"] is not None):
            raise CommandError("--for redacted and --codes go together", returncode=WRONG_USAGE)
        try:
            bundle = self._ordered(options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if not make(bundle, at=clock.now(), target=target):
            bundle.refresh_from_db()
            raise CommandError(bundle.error)
        if options["codes"]:
            write_whole(options["codes"].absolute(), f"\ufeff{bundle.codes}".encode())
        self.stdout.write(bundle.anchor)
        self.stderr.write(f"--anchor {bundle.anchor}")
        self.stderr.write(f"--lists {bundle.sha256}")
        for case, what, why, _who, _due in bundle.gaps:
            self.stderr.write(f"{case}: {what}: {why}")
        if options["diff"]:
            self._compare(options["diff"], target)

    def _compare(self, old: Path, new: Path) -> None:
        try:
            found = compare(old, new)
        except DomainError as error:
            raise CommandError(str(error)) from error
        for line in found.told():
            self.stdout.write(line)
        if not found.well:
            raise CommandError(_("The earlier file holds what this one no longer holds as it was."))

    def _ordered(self, options: dict[str, Any]) -> Bundle:
        given = {key: options[key] for key in ("reason", "receiver", "merged", "purpose")}
        at = clock.now()
        if options["case"]:
            case = Case.objects.filter(number=options["case"]).first()
            if case is None:
                raise DomainError(_("There is no case %(number)s."), number=options["case"])
            return order(case=case, **given, by=None, at=at, queued=False)
        return order(
            unit=unit_called(options["unit"]),
            **{key: options[key] for key in OF_UNITS},
            **given,
            by=None,
            at=at,
            queued=False,
        )


def _check_old(place: Path) -> None:
    """Before anything is made: the earlier file can be compared with."""
    if not place.is_file():
        raise CommandError("--diff: there is no such file", returncode=WRONG_USAGE)
    try:
        opened(place)
    except DomainError as error:
        raise CommandError(str(error), returncode=WRONG_USAGE) from error
