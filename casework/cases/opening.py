"""Opening a case: the only place that makes one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.kinds import Stage
from casework.cases.models import Case, CaseScope
from casework.cases.side_roads import RESTRICTED
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.org.models import Latch, Unit, User
from casework.org.people import candidates
from casework.org.roles import Role
from casework.org.units import county
from casework.students.models import Enrolment, Pupil

FIRST_AUTUMN_MONTH, LAST_AUTUMN_MONTH = 8, 1


def season(at: datetime) -> str:
    """`2026A` for the autumn term's half year (August to January), `2026S` for spring; January belongs to the year before."""
    day = local_date(at)
    if day.month <= LAST_AUTUMN_MONTH:
        return f"{day.year - 1}A"
    return f"{day.year}{'A' if day.month >= FIRST_AUTUMN_MONTH else 'S'}"


def next_number(at: datetime) -> str:
    """`KC-{county}-{YYYY}{S|A}-{5 digits}` (domain.md 1.9). A latch is held, so numbers are gap-free."""
    Latch.hold("case-number")
    head = f"KC-{county().code}-{season(at)}-"
    last = Case.objects.filter(number__startswith=head).aggregate(last=Max("number"))["last"]
    return f"{head}{int(last[-5:]) + 1 if last else 1:05d}"


def enrolment_of(pupil: Pupil) -> Enrolment | None:
    """The newest enrolment, with its class."""
    rows = Enrolment.objects.filter(pupil=pupil).select_related("class_unit")
    return rows.order_by("-since", "-pk").first()


def refuse_second_case(pupil_pk: int) -> None:
    """A pupil has one open case at most (inside one_act); the pupil is locked, so that two at once make one. DomainError naming it."""
    Pupil.objects.select_for_update().get(pk=pupil_pk)
    open_one = Case.objects.open().filter(pupil=pupil_pk).first()
    if open_one:
        raise DomainError(
            _("This pupil has an open case already: %(number)s."), number=open_one.number
        )


@dataclass(frozen=True)
class Past:
    """What an older ledger says of a case that is taken over: days as they were, the stage it has reached."""

    found_on: date
    stage: Stage
    reason: str = ""
    returned_on: date | None = None
    closed_on: date | None = None
    outcome: str = ""

    def facts(self, at: datetime) -> dict[str, Any]:
        """The fields of the case that differ from those of one opened at `at`."""
        return {
            "opened_at": local_moment(self.found_on),
            "taken_over_at": at,
            "stage": self.stage,
            "reason": self.reason,
            "reported_at": at if self.stage == Stage.REPORTED else None,
            "returned_at": local_moment(self.returned_on) if self.returned_on else None,
            "closed_at": local_moment(self.closed_on) if self.closed_on else None,
            "outcome": self.outcome,
        }


def open_case(
    *, pupil: Pupil, school: Unit, by: User | None, at: datetime, past: Past | None = None
) -> Case:
    """A new case (inside one_act), or with `past` one taken over from an older ledger.

    A pupil with an open case is refused; after an earlier one it is the next episode, urgent. One that was struck out
    was no episode.
    """
    if past is None or past.closed_on is None:
        refuse_second_case(pupil.pk)
    own = past.facts(at) if past else {"opened_at": at}
    enrolled = enrolment_of(pupil)
    earlier = Case.objects.filter(pupil=pupil)
    episode = earlier.exclude(stage=Stage.CANCELLED).count() + 1
    case: Case = Case(
        number=next_number(own["opened_at"]),
        pupil=pupil,
        school=enrolled.school if enrolled else school,
        class_unit=enrolled.class_unit if enrolled else None,
        village=pupil.village,
        opened_by=by.display_name if by else trail.SYSTEM,
        episode=episode,
        urgent=episode > 1,
        previous=earlier.filter(next_episode=None).order_by("-opened_at", "-pk").first(),
        **own,
    )
    case.owner, case.village_owner = owners_of(case, at)
    case.save()
    _write_scopes(case)
    trail.record(
        "case.opened",
        by=by,
        at=at,
        case_id=case.pk,
        subject=f"case:{case.pk}",
        episode=case.episode,
        **({"taken_over": 1} if past else {}),
    )
    return case


def owners_of(
    case: Case, at: datetime, *, without: User | None = None
) -> tuple[User | None, User | None]:
    """One owner on each line (domain.md D9): the school's case officer; the village's cadre, else the township's officer.

    `without`: somebody who is about to leave.
    """
    places = [(Role.VILLAGE_CADRE, case.village), (Role.TOWNSHIP_CASE_OFFICER, case.lead)]
    education = _first(Role.SCHOOL_CASE_OFFICER, case.school, at, without)
    village = (_first(role, unit, at, without) for role, unit in places if unit)
    return education, next(filter(None, village), None)


def _first(role: Role, unit: Unit, at: datetime, without: User | None) -> User | None:
    people = candidates(role, unit, at)[1]
    return next((person for person in people if person != without), None)


def _write_scopes(case: Case) -> None:
    """Places from which the case is seen: class, home village, township of household."""
    paths = {(case.class_unit or case.school).path: False}
    if case.pupil.township:
        paths[case.pupil.township.path] = False
    if case.village:
        paths[case.village.path] = True
    CaseScope.objects.bulk_create(
        [CaseScope(case=case, path=path, village=village) for path, village in paths.items()]
    )


def close_case(
    case: Case, *, outcome: str, by: User | None, at: datetime, cancelled: bool = False
) -> None:
    """The legal end of a case (inside one_act, the case locked); `cancelled`: it was opened by mistake."""
    case.cancel() if cancelled else case.close()
    case.closed_at, case.outcome = at, outcome
    case.save(update_fields=["stage", "closed_at", "outcome"])
    trail.record(
        "case.closed",
        by=by,
        at=at,
        case_id=case.pk,
        subject=f"case:{case.pk}",
        outcome="restricted" if outcome in RESTRICTED else outcome,
    )
