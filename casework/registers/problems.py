"""Problems and their rectification: raised with a measure and an owner, reported done with a proof, signed off by a second person (domain.md A17, F23)."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Unit, User
from casework.registers.models import Problem


def raise_problem(
    unit: Unit,
    *,
    source: str,
    what: str,
    measure: str,
    owner: str,
    due: date,
    by: User,
    at: datetime,
) -> Problem:
    """Enter a problem. DomainError for a day that has passed."""
    if due < local_date(at):
        raise DomainError(_("The day has passed already."), fields={"due": _("before today")})
    with one_act():
        problem = Problem.objects.create(
            unit=unit,
            source=source,
            what=what,
            measure=measure,
            owner=owner,
            due=due,
            raised_at=at,
            raised_by=by.display_name,
        )
        _record("problem.raised", problem, by, at)
    return problem


def report_done(problem: Problem, proof: str, *, by: User, at: datetime) -> None:
    """Say what was done and what proves it. DomainError without that, or where it was said before."""
    if not proof.strip():
        raise DomainError(
            _("Say what was done and what proves it."), fields={"proof": _("required")}
        )
    with one_act():
        row = Problem.objects.select_for_update().get(pk=problem.pk)
        if row.done_at:
            raise DomainError(_("This is reported as done already."))
        row.proof = "\n".join(filter(None, [row.proof, proof.strip()[:300]]))
        row.done_at, row.done_by = at, by
        row.save(update_fields=["proof", "done_at", "done_by"])
        _record("problem.done", row, by, at)


def sign_off(problem: Problem, *, by: User, at: datetime) -> None:
    """A second person finds it mended. DomainError for whoever reported it, or where nothing is reported."""
    with one_act():
        row = Problem.objects.select_for_update().get(pk=problem.pk)
        if row.done_at is None or row.signed_at:
            raise DomainError(_("Nothing waits to be signed off here."))
        if row.done_by_id == by.pk:
            raise DomainError(
                _("Whoever reported it done does not sign it off: a second person does.")
            )
        row.signed_at, row.signed_by = at, by.display_name
        row.save(update_fields=["signed_at", "signed_by"])
        _record("problem.signed_off", row, by, at)


def send_back(problem: Problem, reason: str, *, by: User, at: datetime) -> None:
    """Not mended yet: it is open again, with the reason; what was reported stays. DomainError without a reason."""
    if not reason.strip():
        raise DomainError(_("Say why you send it back."), fields={"reason": _("required")})
    with one_act():
        row = Problem.objects.select_for_update().get(pk=problem.pk)
        if row.done_at is None or row.signed_at:
            raise DomainError(_("Nothing waits to be signed off here."))
        row.done_at, row.done_by = None, None
        row.sent_back = reason.strip()[:300]
        row.save(update_fields=["done_at", "done_by", "sent_back"])
        _record("problem.sent_back", row, by, at)


def _record(verb: str, problem: Problem, by: User, at: datetime) -> None:
    trail.record(verb, by=by, at=at, unit_id=problem.unit_id, subject=f"problem:{problem.pk}")
