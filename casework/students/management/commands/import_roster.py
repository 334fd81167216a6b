"""Imports rosters of schools of one township."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from casework.students import imports
from casework.students.import_command import ImportCommand
from casework.students.report import Report
from casework.students.workbook import Upload


class Command(ImportCommand):
    help = "Imports rosters of schools of one township."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--township", required=True, metavar="NAME")

    def bring(self, files: list[Upload], at: datetime, options: dict[str, Any]) -> Report:
        return imports.import_roster(
            files, township=options["township"], by=None, at=at, dry_run=options["dry_run"]
        )
