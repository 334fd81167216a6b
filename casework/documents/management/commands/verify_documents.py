"""`verify_documents`: every paper, chain, file, number, anchor and audit entry is checked; nothing is repaired."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from casework.audit import trail
from casework.core.commands import HouseCommand
from casework.core.snapshot import snapshot
from casework.documents import checks
from casework.documents.models import Document


class Command(HouseCommand):
    help = "Verify all papers and the audit trail. Exit 1 if anything is damaged."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--anchor", default="", metavar="HEX", help="a printed anchor to compare with"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        printed = "".join(options["anchor"].split()).lower()
        if printed and (len(printed) != 64 or set(printed) - set("0123456789abcdef")):
            raise CommandError("an anchor has 64 hexadecimal characters", returncode=2)
        with snapshot():
            problems = [*checks.problems(), *trail.problems()]
            if printed and checks.known_anchor(printed) is None:
                problems.append({"kind": "printed_anchor", "anchor": printed})
            return {"checked": Document.objects.count(), "problems": problems}, not problems

    def say(self, answer: dict[str, Any]) -> None:
        for problem in answer["problems"]:
            self.stdout.write(" ".join(f"{key}={value}" for key, value in problem.items()))
        self.stdout.write(f"{answer['checked']} checked, {len(answer['problems'])} problems")
