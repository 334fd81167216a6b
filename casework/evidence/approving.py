"""A second person agrees to an evidence file with many cases before it is made (design.md §7; rules: `exports.approve_above`)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.jobs import enqueue
from casework.core.transaction import one_act
from casework.documents.glyphs import cleaned
from casework.evidence.models import Bundle, State
from casework.notices.outbox import read_one, tell
from casework.org.models import Unit, UnitKind, User
from casework.org.people import holders
from casework.org.roles import CAPABILITIES, Can
from casework.profiles.rules import section

BUILD_JOB = "casework.evidence.bundle.build"
ROLES = [role for role, able in CAPABILITIES.items() if Can.EVIDENCE in able]


def needs_approval(bundle: Bundle, people: int, at: datetime) -> bool:
    """Whether so many cases, or children in its ledgers, need a second person by the rules of the bundle's unit."""
    return bundle.unit is not None and people > section(bundle.unit, "exports", at)["approve_above"]


def is_own_roster(unit: Unit, by: User) -> bool:
    """Whether the children of a unit are those of the school at which the person works."""
    mine = {each.pk for each in by.units_with(Can.EVIDENCE)}
    return unit.kind == UnitKind.SCHOOL and unit.pk in mine


def ask_second(bundle: Bundle, cases: int, *, by: User, at: datetime) -> None:
    """It waits, with how many cases it is about; whoever else may take evidence of the unit is told (inside one_act)."""
    assert bundle.unit is not None
    bundle.state, bundle.cases = State.ASKED, cases
    bundle.save(update_fields=["state", "cases"])
    held = holders(ROLES, at, bundle.unit.paths_up()).values()
    others = {user for users in held for user in users} - {by.pk}
    tell(
        User.objects.filter(pk__in=others),
        "evidence_asked",
        key=_key(bundle),
        link="/evidence/",
        at=at,
        by=by.display_name,
    )


def decide(bundle: Bundle, *, approve: bool, reason: str, by: User, at: datetime) -> None:
    """Agree to it, and it is made; or refuse it with a reason. Whoever asked is told.

    DomainError for whoever asked, where nothing waits, or for a refusal without a reason.
    """
    reason = cleaned(reason).strip()[:200]
    if bundle.by_id == by.pk:
        raise DomainError(_("You asked for it: another person decides."))
    if not approve and not reason:
        raise DomainError(_("Say why you refuse it."), fields={"reason": _("required")})
    state = State.WAITING if approve else State.REFUSED
    with one_act():
        rows = Bundle.objects.filter(pk=bundle.pk, state=State.ASKED)
        if not rows.update(state=state, decided_by=by.display_name, error=reason):
            raise DomainError(_("This is decided already."))
        _note(bundle, approve=approve, reason=reason, by=by, at=at)
        if approve:
            enqueue(BUILD_JOB, bundle.pk)


def _note(bundle: Bundle, *, approve: bool, reason: str, by: User, at: datetime) -> None:
    verb = "evidence.approved" if approve else "evidence.refused"
    trail.record(
        verb, by=by, at=at, unit_id=bundle.unit_id, subject=f"bundle:{bundle.pk}", reason=reason
    )
    read_one(_key(bundle), at=at)
    if bundle.by:
        code = verb.replace(".", "_")
        tell([bundle.by], code, key=f"{code}:{bundle.pk}", link=f"/evidence/{bundle.pk}/", at=at)


def _key(bundle: Bundle) -> str:
    return f"evidence_asked:{bundle.pk}"
