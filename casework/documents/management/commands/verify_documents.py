"""`verify_documents`: every paper, chain, file, number, anchor and audit entry is checked; nothing is repaired."""

import json
import sys
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casework.audit import trail
from casework.documents import checks
from casework.documents.models import Document


class Command(BaseCommand):
    help = "Verify all papers and the audit trail. Exit 1 if anything is damaged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        checked = Document.objects.count()
        problems = list(chain(checks.problems(), trail.problems()))
        if options["json"]:
            self.stdout.write(json.dumps({"checked": checked, "problems": problems}))
        else:
            for problem in problems:
                self.stdout.write(" ".join(f"{key}={value}" for key, value in problem.items()))
            self.stdout.write(f"{checked} checked, {len(problems)} problems")
        if problems:
            sys.exit(1)
