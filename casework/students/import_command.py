"""What the three import commands share: files in, one report out, exit 1 when anything was refused."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from casework.core import clock
from casework.core.commands import HouseCommand
from casework.students.report import Place, Report
from casework.students.workbook import Upload


class ImportCommand(HouseCommand):
    """Subclasses say in `bring` which import it is."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, write nothing"
        )

    def bring(self, files: list[Upload], at: datetime, options: dict[str, Any]) -> Report:
        """The import itself."""
        raise NotImplementedError

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        report = Report()
        files = _uploads(options["files"], report)
        if not report.errors:
            report = self.bring(files, clock.now(), options)
        return report.as_json(), not report.errors

    def say(self, answer: dict[str, Any]) -> None:
        self.stdout.write(
            _("read %(read)s, applied %(applied)s, unchanged %(unchanged)s, refused %(refused)s")
            % answer
        )
        for kind, key in ((_("error"), "errors"), (_("warning"), "warnings")):
            for each in answer[key]:
                self.stdout.write(f"{kind}: {_line(each)}")


def _line(problem: dict[str, Any]) -> str:
    parts = [problem["file"], problem["sheet"], problem["row"] or "", problem["field"]]
    times = f" (× {problem['count']})" if "count" in problem else ""
    return f"{' / '.join(str(part) for part in parts if part)}: {problem['message']}{times}"


def _uploads(names: list[str], report: Report) -> list[Upload]:
    found = []
    for name in names:
        try:
            found.append(Upload(Path(name).name, Path(name).read_bytes()))
        except OSError:
            place = Place(Path(name).name)
            report.error(place, _("file"), _("The file cannot be opened. Check its name."))
    return found
