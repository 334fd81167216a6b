"""Imports staff with their posts, and villages."""

from datetime import datetime
from typing import Any

from casework.students import imports
from casework.students.import_command import ImportCommand
from casework.students.report import Report
from casework.students.workbook import Upload


class Command(ImportCommand):
    help = "Imports staff with their posts, and villages."

    def bring(self, files: list[Upload], at: datetime, options: dict[str, Any]) -> Report:
        return imports.import_staff(files, by=None, at=at, dry_run=options["dry_run"])
