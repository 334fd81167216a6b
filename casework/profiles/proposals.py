"""The next version of a unit's rules: proposed by one person, looked at, approved by another, then published."""

import json
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Latch, Unit, User
from casework.org.roles import Can
from casework.profiles.models import Profile, Proposal
from casework.profiles.rules import check, publish

FORMAT = "casework-profile/1"
LARGEST = 200_000  # bytes of a file


def newest(unit: Unit) -> Profile | None:
    """The last version of a unit's own rules."""
    found: Profile | None = Profile.objects.filter(unit=unit).order_by("-version").first()
    return found


def newest_number(unit: Unit) -> int:
    """The number of that version; 0 where the unit has no rules of its own."""
    last = newest(unit)
    return last.version if last else 0


def propose(
    unit: Unit,
    rules: dict[str, Any],
    *,
    name: str,
    valid_from: date,
    based_on: int | None = None,
    running: bool = False,
    by: User,
    at: datetime,
) -> Proposal:
    """Propose the next version. `based_on`: the number of the version that was changed (the newest); `running`: clocks that run follow it too.

    Wrong, laxer, backdated or overtaken rules are refused (DomainError).
    """
    _may(by, unit)
    check(unit, rules, at)
    based_on = newest_number(unit) if based_on is None else based_on
    _refuse_overtaken(unit, based_on)
    if valid_from < local_date(at):
        raise DomainError(
            _("Rules hold from today on or later: what was begun keeps its own."),
            fields={"valid_from": _("before today")},
        )
    with one_act():
        proposal: Proposal = Proposal.objects.create(
            unit=unit, rules=rules, name=name, valid_from=valid_from, based_on=based_on, running=running,
            proposed_by=by, proposed_at=at,
        )  # fmt: skip
        _note("profile.proposed", proposal, by, at)
    return proposal


def decide(
    proposal: Proposal, *, approve: bool, reason: str, by: User, at: datetime
) -> Profile | None:
    """A second person publishes the proposal as it stands, or refuses it with the reason (domain.md 2.3: maker ≠ checker). Returns what was published.

    DomainError: one's own, decided already, refused without a reason, another version published since it was proposed.
    """
    _may(by, proposal.unit)
    if by.pk == proposal.proposed_by_id:
        raise DomainError(_("You proposed it: another person decides."))
    if not approve and not reason.strip():
        raise DomainError(_("Say why, in a few words."), fields={"reason": _("required")})
    with one_act():
        Latch.hold("profile")
        decided = {"decided_by": by, "decided_at": at, "approved": approve, "reason": reason[:300]}
        if not Proposal.objects.filter(pk=proposal.pk, decided_at=None).update(**decided):
            raise DomainError(_("It is decided already."))
        if approve:
            _refuse_overtaken(proposal.unit, proposal.based_on)
            return _publish(proposal, by, at)
        _note("profile.refused", proposal, by, at)
    return None


def _refuse_overtaken(unit: Unit, based_on: int) -> None:
    """Whoever changed that version did not see the one that would be taken back."""
    if newest_number(unit) != based_on:
        raise DomainError(
            _(
                "Another version was published meanwhile, and this would take it back. "
                "A proposal that waits can only be refused; begin anew from the version in force."
            )
        )


def _publish(proposal: Proposal, by: User, at: datetime) -> Profile:
    """From its day on, at the earliest today."""
    return publish(
        proposal.unit,
        proposal.rules,
        name=proposal.name,
        valid_from=max(proposal.valid_from, local_date(at)),
        by=by,
        at=at,
    )


def _note(verb: str, proposal: Proposal, by: User, at: datetime) -> None:
    trail.record(verb, by=by, at=at, unit_id=proposal.unit_id, subject=f"proposal:{proposal.pk}")


def _may(by: User, unit: Unit) -> None:
    if not by.can(Can.MANAGE_RULES, unit):
        raise DomainError(_("The rules of this unit are not yours to change."))


def exported(profile: Profile) -> bytes:
    """One version as a file: name, day and rules, readable and importable elsewhere."""
    said = {
        "format": FORMAT,
        "name": profile.name,
        "unit": profile.unit.name,
        "version": profile.version,
        "valid_from": profile.valid_from.isoformat(),
        "rules": profile.rules,
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def as_text(rules: dict[str, Any], name: str = "") -> str:
    """Rules as the text that a form sends along."""
    return json.dumps({"format": FORMAT, "name": name, "rules": rules}, ensure_ascii=False)


def read_file(data: bytes) -> tuple[str, dict[str, Any]]:
    """Name and rules of an exported file. DomainError for anything else."""
    try:
        said = json.loads(data) if len(data) <= LARGEST else None
        json.dumps(said, ensure_ascii=False).encode()  # no half of a character
    except (ValueError, RecursionError):
        said = None
    if (
        not isinstance(said, dict)
        or said.get("format") != FORMAT
        or not isinstance(said.get("rules"), dict)
        or not isinstance(said.get("name"), str)
    ):
        raise DomainError(
            _("This is no file of rules: export one here and change that."),
            fields={"file": _("check the file")},
        )
    return said["name"][:60], said["rules"]
