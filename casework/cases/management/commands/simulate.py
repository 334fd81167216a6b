"""`manage.py simulate`: any rules over past steps, nothing written."""

from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext_lazy as _

from casework.cases.simulation import Late, simulate
from casework.core.clock import local_date, now
from casework.core.commands import HouseCommand, day_argument
from casework.core.errors import DomainError
from casework.org.models import Unit
from casework.org.units import county, unit_called
from casework.profiles.proposals import read_file
from casework.profiles.rules import check
from casework.profiles.shipped import shipped

PERIOD = timedelta(days=180)


class Command(HouseCommand):
    help = "What would have been late under other rules: a file of rules, or a profile that comes with the house."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[arg-type]  # the same class, as Django hands it on
        parser.add_argument("rules", help="path of a file of rules, or one of: baseline, wenshan …")
        parser.add_argument("--unit", metavar="CODE", help="whose rules they would be")
        parser.add_argument("--since", type=day_argument, metavar="DAY")
        parser.add_argument("--until", type=day_argument, metavar="DAY")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        at = now()
        unit = unit_called(options["unit"]) if options["unit"] else county()
        rules = _rules(options["rules"])
        check(unit, rules, at)
        until: date = options["until"] or local_date(at)
        since: date = options["since"] or until - PERIOD
        if since > until:
            raise DomainError(_("The first day lies after the last one. Correct one of them."))
        found = simulate(unit, rules, since=since, until=until, at=at)
        return {
            "from": since.isoformat(),
            "until": until.isoformat(),
            "all": _numbers(found.all),
            "by_kind": {kind: _numbers(late) for kind, late in sorted(found.by_kind.items())},
            "by_school": {
                Unit.objects.get(path=path).name: _numbers(late)
                for path, late in sorted(found.by_school.items())
            },
        }, True

    def say(self, answer: dict[str, Any]) -> None:
        self.stdout.write(f"steps begun from {answer['from']} to {answer['until']}")
        self.stdout.write("late as it was → as it would have been, of all")
        for name, late in [
            ("all", answer["all"]),
            *answer["by_kind"].items(),
            *answer["by_school"].items(),
        ]:
            beyond = f"  ({late['uncounted']} without a date)" if late["uncounted"] else ""
            self.stdout.write(
                f"{late['was']:>6} → {late['would']:>6}  {late['steps']:>6}  {name}{beyond}"
            )


def _rules(said: str) -> dict[str, Any]:
    """The rules of a shipped profile by its code, or of a file."""
    known = shipped()
    if said in known:
        return known[said].rules
    try:
        return read_file(Path(said).read_bytes())[1]
    except OSError as error:
        raise CommandError(
            f"{said}: no such file, and none of {', '.join(known)}", returncode=2
        ) from error
    except DomainError as error:
        raise DomainError(_("%(file)s: %(error)s"), file=said, error=error) from error


def _numbers(late: Late) -> dict[str, int]:
    return {"steps": late.steps, "was": late.was, "would": late.would, "uncounted": late.uncounted}
