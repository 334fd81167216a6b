"""The minute's sweep: changes of days and rules not carried over yet, people who left or are away, claims that lie idle, reports of harm not answered, rungs, proposed reports, dropouts to be marked, branches whose term is over."""

from datetime import datetime
from typing import Any

from casework.cases import ladder, matters, proposing, restating
from casework.cases.aside import set_aside
from casework.cases.following import follow_pupils
from casework.cases.idle import take_back_idle
from casework.cases.models import Matter
from casework.cases.procedures import remind_of_duties
from casework.cases.protection import remind_of_harm
from casework.cases.stand_ins import give_back_to_returned, hand_over_absent
from casework.oversight.beats import beat
from casework.oversight.digests import send_at_once
from workflows.start import return_from


def _returned(matter: Matter, at: datetime) -> bool:
    with set_aside("matter", matter.pk):
        return return_from(matter, at=at)
    return False


def sweep(at: datetime, *, dry_run: bool = False) -> dict[str, Any]:
    """Do what is due at `at` and say what it was; safe to run twice. A dry run writes nothing."""
    if not dry_run:
        for change in restating.waiting(at):
            with set_aside("restatement", change.pk):
                restating.run(change, at=at)
        give_back_to_returned(at)
        proposing.give_back(at)
        hand_over_absent(at)
        take_back_idle(at)
        remind_of_harm(at)
        follow_pupils(at)
        remind_of_duties(at)
    fired = ladder.fire(at, dry_run=dry_run)
    proposed = proposing.propose_reports(at, dry_run=dry_run)
    dropouts = proposing.confirm_dropouts(at, dry_run=dry_run)
    over = list(matters.ended(at))
    if not dry_run:
        send_at_once(at)
        over = [matter for matter in over if _returned(matter, at)]
        beat(
            "sweep",
            at=at,
            fired=len(fired),
            proposed=len(proposed),
            back=len(over),
            dropouts=len(dropouts),
        )
    rungs = [{"step": each.step_id, "rung": each.rung} for each in fired]
    return {
        "fired": rungs,
        "proposed": len(proposed),
        "back": len(over),
        "dropouts": len(dropouts),
    }
