"""`backup DIR`: database and files, consistent while people write; restore is described in docs/operation.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casework.core import clock
from casework.core.errors import DomainError
from casework.oversight.backup import back_up, check
from casework.oversight.beats import beat


class Command(BaseCommand):
    help = "Back up database and files into an empty folder, or check a backup."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--check", action="store_true", help="check the backup in DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check(options["folder"])
            return
        at = clock.now()
        try:
            said = back_up(options["folder"], at=at)
        except DomainError as error:
            raise CommandError(str(error)) from error
        beat("backup", at=at, files=len(said["files"]))
        self.stdout.write(_("%(count)s files backed up") % {"count": len(said["files"])})

    def _check(self, folder: Path) -> None:
        try:
            wrong = check(folder)
        except OSError as error:
            raise CommandError(_("There is no backup in that folder."), returncode=2) from error
        for name in wrong:
            self.stdout.write(_("damaged or missing: %(name)s") % {"name": name})
        if wrong:
            raise CommandError(_("The backup is not whole."))
        self.stdout.write(_("The backup is whole."))
