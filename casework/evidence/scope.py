"""Which cases a bundle is about, and asking for one: capability, reason, and a trace on every case (ACC-02)."""

from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import may_take_evidence
from casework.cases.kinds import Outcome
from casework.cases.models import Case
from casework.cases.side_roads import RESTRICTED
from casework.core.clock import end_of, local_moment
from casework.core.errors import DomainError
from casework.core.jobs import enqueue
from casework.core.transaction import one_act
from casework.evidence.approving import BUILD_JOB, ask_second, is_own_roster, needs_approval
from casework.evidence.casefile import ROW
from casework.evidence.drawing import draw
from casework.evidence.extent import about
from casework.evidence.ledgers import children_of
from casework.evidence.models import Bundle, Purpose, State
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Can

OUTCOMES = [each for each in Outcome.choices if each[0] not in RESTRICTED]
LEVELS = (UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.SCHOOL)


def cases_of(bundle: Bundle) -> QuerySet[Case]:
    """The cases of a bundle by their numbers: the one, those of the unit's schools open in the period, or those drawn when it was asked for."""
    if not bundle.sample:
        return full_list(bundle)
    ids = bundle.population
    drawn = [ids[n - 1] for n in draw(bundle.seed, len(ids), bundle.sample)]
    rows: QuerySet[Case] = Case.objects.select_related(*ROW).filter(pk__in=drawn)
    return rows.order_by("number")


def full_list(bundle: Bundle) -> QuerySet[Case]:
    """All that a bundle could be of, as things stand now, by their numbers."""
    rows: QuerySet[Case] = Case.objects.select_related(*ROW)
    if bundle.case is not None:
        return rows.filter(pk=bundle.case.pk)
    assert bundle.unit is not None
    assert bundle.first and bundle.last
    rows = cases_between(rows, bundle.unit, bundle.first, bundle.last)
    chosen = {"stage": bundle.stage, "outcome": bundle.outcome}
    return rows.filter(**{name: value for name, value in chosen.items() if value})


def cases_between(rows: QuerySet[Case], unit: Unit, first: date, last: date) -> QuerySet[Case]:
    """Those of `rows` of the unit's schools that were open on one of the days, by their numbers."""
    open_then = Q(closed_at=None) | Q(closed_at__gte=local_moment(first))
    return rows.filter(
        open_then, school__path__startswith=unit.path, opened_at__lt=end_of(last)
    ).order_by("number")


def units_for(user: User, capability: Can = Can.EVIDENCE) -> QuerySet[Unit]:
    """The schools, townships and counties of which a person may take evidence, or has another capability."""
    within = Q(pk=None)
    for unit in user.units_with(capability):
        within |= Q(path__startswith=unit.path)
    found: QuerySet[Unit] = Unit.objects.filter(within, kind__in=LEVELS).order_by("path")
    return found


def waiting_for(user: User) -> QuerySet[Bundle]:
    """What others asked for and this person may decide, oldest first."""
    rows = Bundle.objects.filter(state=State.ASKED, unit__in=units_for(user).values("pk"))
    found: QuerySet[Bundle] = rows.exclude(by=user).select_related("unit").order_by("at", "pk")
    return found


def case_for(user: User, number: str) -> Case | None:
    """The case with that number, if the person sees it and may take evidence of its school."""
    case = (
        Case.objects.visible_to(user)
        .filter(number=number.strip().upper())
        .select_related("school")
        .first()
    )
    return case if case and may_take_evidence(user, case.school) else None


def order(
    *,
    case: Case | None = None,
    unit: Unit | None = None,
    first: date | None = None,
    last: date | None = None,
    stage: str = "",
    outcome: str = "",
    sample: int = 0,
    seed: str = "",
    purpose: str = Purpose.INSPECTION,
    reason: str,
    receiver: str = "",
    merged: bool | None = None,
    by: User | None,
    at: datetime,
    queued: bool = True,
) -> Bundle:
    """Ask for a bundle of a case, or of a unit from `first` to `last` (both inclusive); a job makes it.

    One with more cases than the rules say waits for a second person first (`approving.decide`).
    `stage`, `outcome`: of a unit only the cases that stand there, or ended so; `sample`: of these so many, drawn by `seed`. `purpose`: what goes in (`editions`).
    `merged` None: a reading copy for one case, none for a unit; there is none of a part. Its pages speak the language of this moment.
    Raises DomainError without a reason, for a period that ends before it begins, or where the person (None: the
    command line) may not take evidence.
    """
    _check(reason, unit, first, last)
    place = case.school if case else unit
    if place is None or (by and not may_take_evidence(by, place)):
        raise DomainError(_("You may not take evidence of this case or unit."))
    whole = purpose == Purpose.INSPECTION
    drawn = {"sample": sample, "seed": seed} if sample and not case else {}
    with one_act():
        bundle = Bundle.objects.create(
            case=case,
            unit=None if case else unit,
            first=first,
            last=last,
            stage="" if case else stage,
            outcome="" if case else outcome,
            **drawn,
            purpose=purpose,
            merged=whole and (case is not None if merged is None else merged),
            language=get_language() or "zh-hans",
            reason=reason.strip()[:200],
            receiver=receiver.strip()[:120],
            by=by,
            by_name=by.display_name if by else trail.SYSTEM,
            at=at,
        )
        trail.record(
            "evidence.ordered", by=by, at=at, case_id=case.pk if case else None, unit_id=place.pk, subject=f"bundle:{bundle.pk}",
            **drawn,
        )  # fmt: skip
        _send(bundle, by=by, at=at, queued=queued)
    return bundle


def _check(reason: str, unit: Unit | None, first: date | None, last: date | None) -> None:
    if not reason.strip():
        raise DomainError(_("Say what the evidence is for."), fields={"reason": _("required")})
    if unit and unit.kind not in LEVELS:
        raise DomainError(_("Evidence is taken of a case, a school, a township or the county."))
    if unit and (first is None or last is None or last < first):
        raise DomainError(
            _("The period needs a first and a last day, in that order."),
            fields={"first": _("check the period")},
        )


def _people(bundle: Bundle, by: User, at: datetime) -> int:
    """How many children the ledgers of a unit's bundle name; a school's own roster counts for none."""
    whole = bundle.purpose == Purpose.INSPECTION and bundle.unit is not None
    scope = about(bundle, full_list(bundle), at) if whole else None
    if scope is None or scope.narrowed or is_own_roster(scope.unit, by):
        return 0
    return children_of(scope).count()


def _send(bundle: Bundle, *, by: User | None, at: datetime, queued: bool) -> None:
    """To the second person or to the worker, a sample with what it is drawn from. DomainError where nothing would be in it."""
    if bundle.sample:
        bundle.population = list(full_list(bundle).values_list("pk", flat=True))
        bundle.save(update_fields=["population"])
    count = cases_of(bundle).count()
    if not count:
        raise DomainError(
            _("No case of this unit was open in the period, or none stands there or ended so."),
            fields={"unit": _("nothing to put in")},
        )
    if by and needs_approval(bundle, max(count, _people(bundle, by, at)), at):
        ask_second(bundle, count, by=by, at=at)
    elif queued:
        enqueue(BUILD_JOB, bundle.pk)
