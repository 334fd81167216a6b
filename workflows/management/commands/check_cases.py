"""`manage.py check_cases`: finds broken invariants and repairs nothing."""

from typing import Any

from casework.cases import checks
from casework.cases.models import Case
from casework.core.commands import HouseCommand
from casework.core.snapshot import snapshot
from workflows.invariants import engine_problems


class Command(HouseCommand):
    help = "Checks every case against the engine, its steps, papers and chains."

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        with snapshot():
            problems = [*checks.problems(), *engine_problems()]
            return {"checked": Case.objects.count(), "problems": problems}, not problems

    def say(self, answer: dict[str, Any]) -> None:
        super().say(answer)
        for problem in answer["problems"][:50]:
            self.stdout.write(str(problem))
