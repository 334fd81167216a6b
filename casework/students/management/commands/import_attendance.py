"""Imports monthly roll-books."""

from datetime import datetime
from typing import Any

from casework.students import imports
from casework.students.import_command import ImportCommand
from casework.students.report import Report
from casework.students.workbook import Upload


class Command(ImportCommand):
    help = "Imports monthly roll-books."

    def bring(self, files: list[Upload], at: datetime, options: dict[str, Any]) -> Report:
        return imports.import_attendance(files, by=None, at=at, dry_run=options["dry_run"])
