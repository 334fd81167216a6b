"""Where a paper is written by hand: at a case, at a pupil or at a unit; and who may do it."""

from dataclasses import dataclass
from enum import StrEnum

from casework.cases.access import pupils_visible_to
from casework.cases.models import Case
from casework.cases.opening import enrolment_of
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.students.models import Pupil


class Of(StrEnum):
    """What a sheet is about; its name stands in the chain of the paper."""

    CASE = "case"
    PUPIL = "pupil"
    UNIT = "unit"


@dataclass(frozen=True)
class Place:
    """`unit` issues the paper. At a case and a pupil, `pupil` is whom it names."""

    of: Of
    pk: int
    unit: Unit
    case: Case | None = None
    pupil: Pupil | None = None

    @property
    def chain(self) -> str:
        return f"{self.of}:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether papers may be written there."""
        return self.case is None or self.case.is_open

    @property
    def name(self) -> str:
        """What a page calls it."""
        return self.pupil.name if self.pupil else self.unit.name


class Unreachable(Exception):
    """There is no such place for this person."""


def place_for(user: User, of: str, pk: int, *, closed: bool = False) -> Place:
    """The place, if the person may write there; a closed case only if `closed`. Unreachable."""
    found = {Of.CASE: _case, Of.PUPIL: _pupil, Of.UNIT: _unit}[Of(of)](user, pk)
    if found is None or not (closed or found.is_open):
        raise Unreachable
    return found


def _case(user: User, pk: int) -> Place | None:
    """A case that the person works on."""
    rows = Case.objects.visible_to(user, Can.WORK_STEPS).select_related("pupil", "school")
    case = rows.filter(pk=pk).first() if user.can(Can.WORK_STEPS) else None
    return Place(Of.CASE, pk, case.school, case, case.pupil) if case else None


def _pupil(user: User, pk: int) -> Place | None:
    """A pupil in reach who is in a school."""
    pupil = pupils_visible_to(user).filter(pk=pk).first() if user.can(Can.WORK_STEPS) else None
    enrolled = enrolment_of(pupil) if pupil else None
    return Place(Of.PUPIL, pk, enrolled.school, pupil=pupil) if enrolled else None


def _unit(user: User, pk: int) -> Place | None:
    """A unit whose registers the person keeps."""
    unit = Unit.objects.filter(pk=pk).first()
    return Place(Of.UNIT, pk, unit) if unit and user.can(Can.REGISTERS, unit) else None
