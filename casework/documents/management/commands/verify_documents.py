"""`verify_documents`: every paper, chain, file, number, anchor and audit entry is checked; nothing is repaired."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from casework.audit import trail
from casework.core.commands import HouseCommand
from casework.core.snapshot import snapshot
from casework.documents import checks
from casework.documents.damage import told
from casework.documents.file_checks import Course
from casework.documents.models import Document

STOPPED = 130  # as a shell says of what Ctrl-C ended
WIDTH, EVERY = 30, 0.5  # of the bar in characters; seconds


class Command(HouseCommand):
    help = "Verify all papers and the audit trail. Exit 1 if anything is damaged."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--anchor", default="", metavar="HEX", help="a printed anchor to compare with"
        )
        parser.add_argument(
            "--deep", action="store_true", help="open every paper, also those that an anchor covers"
        )
        parser.add_argument(
            "--resume", action="store_true", help="go on with the files where a stopped run was"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        printed = "".join(options["anchor"].split()).lower()
        if printed and (len(printed) != 64 or set(printed) - set("0123456789abcdef")):
            raise CommandError("an anchor has 64 hexadecimal characters", returncode=2)
        with snapshot():
            course = Course(
                Path(settings.MEDIA_ROOT) / "verify.json",
                tick=bar(sys.stderr),
                resume=options["resume"],
                mode="deep" if options["deep"] else "",
            )
            try:
                problems = [*checks.problems(course, deep=options["deep"]), *trail.problems()]
            except KeyboardInterrupt:
                raise CommandError("stopped: go on with --resume", returncode=STOPPED) from None
            known = checks.known_anchor(printed) if printed else None
            if printed and known is None:
                problems.append({"kind": "printed_anchor", "anchor": printed})
            answer = {"checked": Document.objects.count(), "problems": problems}
            if known:
                answer["anchor"] = {"number": known.pk, "at": known.at.isoformat()}
            if course.skipped:
                answer["skipped"] = course.skipped
            return answer, not problems

    def say(self, answer: dict[str, Any]) -> None:
        for sentence in told(answer["problems"]):
            self.stdout.write(sentence)
        if "anchor" in answer:
            self.stdout.write(
                "the printed anchor is no. {number}, of {at}: it holds".format(**answer["anchor"])
            )
        if "skipped" in answer:
            self.stdout.write(f"{answer['skipped']} files were read by the run that was stopped")
        self.stdout.write(f"{answer['checked']} checked, {len(answer['problems'])} problems")


def bar(out: TextIO) -> Callable[[int, int], None]:
    """A bar of files read, redrawn now and then, where somebody watches."""
    drawn = 0.0

    def tick(done: int, total: int) -> None:
        nonlocal drawn
        if out.isatty() and (monotonic() > drawn + EVERY or done == total):
            drawn = monotonic()
            full = WIDTH * done // max(total, 1)
            end = "\n" if done == total else ""
            out.write(f"\r[{'#' * full}{' ' * (WIDTH - full)}] {done}/{total}{end}")
            out.flush()

    return tick
