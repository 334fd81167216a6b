"""What each kind of class sheet asks of every pupil. Pure: no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casework.cases.models import CensusKind
from casework.cases.models.census import (
    Attitude,
    Company,
    Device,
    Line,
    Results,
    TakesPart,
    Whereabouts,
)


@dataclass(frozen=True)
class Question:
    """One question with its answers; no answer code occurs twice on a sheet."""

    key: str
    label: Any
    answers: type[TextChoices]
    usual: str = (
        ""  # stands unless the class says otherwise; without one every pupil is answered for
    )
    alarming: tuple[str, ...] = ()
    needs_words: tuple[str, ...] = ()


_WHEREABOUTS = (
    Question(
        "state", _("Where the pupil is"), Whereabouts, usual=Whereabouts.HERE, alarming=(Whereabouts.MISSING,),
        needs_words=(Whereabouts.ELSEWHERE, Whereabouts.FINISHED, Whereabouts.MISSING),
    ),
)  # fmt: skip
SHEETS: dict[str, tuple[Question, ...]] = {
    CensusKind.CENSUS: _WHEREABOUTS,
    CensusKind.CAMPAIGN: _WHEREABOUTS,
    CensusKind.LEARNING: (
        Question("results", _("Results"), Results, alarming=(Results.FAILING,)),
        Question(
            "attitude", _("Attitude"), Attitude, alarming=(Attitude.WEARY,), needs_words=(Attitude.WEARY,)
        ),
    ),
    CensusKind.HOME: (
        Question("device", _("Device"), Device, alarming=(Device.NONE,)),
        Question("network", _("Network"), Line, alarming=(Line.NONE,)),
        Question("company", _("Who is with the child"), Company, alarming=(Company.NOBODY,)),
        Question("takes_part", _("Takes part"), TakesPart, alarming=(TakesPart.NEVER,)),
    ),
}  # fmt: skip


def asks_whereabouts(kind: str) -> bool:
    """Whether a sheet looks for missing children: it also asks about those who left the class."""
    return SHEETS[kind] is _WHEREABOUTS


def usual(kind: str) -> dict[str, str]:
    """What is said of a pupil unless the class says otherwise."""
    return {each.key: str(each.usual) for each in SHEETS[kind]}


def needs_words(kind: str, answers: Mapping[str, str]) -> bool:
    """Whether any of the answers has to be explained."""
    return any(answers[each.key] in each.needs_words for each in SHEETS[kind])


def tones(kind: str) -> list[tuple[str, str, str]]:
    """Code, label and tone of every answer of a sheet, in order."""
    return [
        (code, label, "is-late" if code in each.alarming else "is-ok" if at == 0 else "is-calm")
        for each in SHEETS[kind]
        for at, (code, label) in enumerate(each.answers.choices)
    ]
