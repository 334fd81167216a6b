"""The papers that are written on a form page, not by a step: what each asks for, where it belongs, what is known already (domain.md 4.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from casework.cases.facts.common import Values
from casework.documents.papers.declare import Paper, Signer
from casework.documents.papers.register import PAPERS
from casework.org.models import UnitKind, User
from casework.registers import known, lists
from casework.registers.places import Of, Place

Known = Callable[[Place, User, datetime], Values]


@dataclass(frozen=True)
class Sheet:
    """One of them. `asked`: the keys that a person types; what `known` says of these is only proposed.

    `levels`: the kinds of units that keep it. `past`: days that cannot lie ahead; `ahead`: days that must. `hands`: the
    signers who may draw on the screen.
    """

    code: str
    of: Of
    asked: tuple[str, ...]
    known: Known
    levels: tuple[UnitKind, ...] = ()
    past: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    hands: tuple[str, ...] = ()

    @property
    def paper(self) -> Paper:
        return PAPERS[self.code]

    @property
    def signing(self) -> list[Signer]:
        """Who may draw on the screen."""
        return [each for each in self.paper.signers if each.key in self.hands]


_SCHOOL, _TOWN, _VILLAGE, _COUNTY = (
    UnitKind.SCHOOL,
    UnitKind.TOWNSHIP,
    UnitKind.VILLAGE,
    UnitKind.COUNTY,
)
_OFFICES = (_SCHOOL, _TOWN, _COUNTY)
_TALK = ("rung", "held_on", "place", "cause", "content", "pupil_says", "agreed", "parent_told", "parent_how")  # fmt: skip
_TALKING = ("pupil", "guardian", "talker")

SHEETS: tuple[Sheet, ...] = (
    *(
        Sheet("P03", of, ("reply_by", "more", "contact", "contact_phone"), known.parent_notice, ahead=("reply_by",))
        for of in (Of.CASE, Of.PUPIL)
    ),
    Sheet("P07", Of.CASE, ("why_not", "attitude", "proposal", "remarks"), known.statement),
    Sheet("P10", Of.CASE, ("facts", "help", "contact", "contact_phone"), known.persuasion_letter),
    Sheet(
        "P20", Of.CASE, ("cause", "state", "evidence", "helper", "helper_phone", "remarks"), known.special_state
    ),
    *(Sheet("P24", of, _TALK, known.talk, past=("held_on",), hands=_TALKING) for of in (Of.CASE, Of.PUPIL)),
    Sheet("P08", Of.UNIT, (), lists.return_list, (_TOWN,)),
    Sheet(
        "P25B", Of.UNIT,
        ("type", "held_on", "place", "chair", "present", "absent", "agenda", "talk", "pupils", "decisions"),
        known.minutes, _OFFICES, past=("held_on",),
    ),
    Sheet(
        "P26", Of.UNIT,
        ("party_b", "head_a", "head_b", "starts", "ends", "targets", "duties", "reward", "veto"),
        known.responsibility, _OFFICES, ahead=("ends",),
    ),
    Sheet("P33", Of.UNIT, (), lists.village_list, (_VILLAGE,)),
    Sheet("P34A", Of.UNIT, (), lists.visit_tasks, (_SCHOOL,)),
    Sheet(
        "P34B", Of.UNIT, ("held_on", "place", "channel", "audience", "reached", "topic", "effect", "organiser", "remarks"),
        known.publicity, (*_OFFICES, _VILLAGE), past=("held_on",),
    ),
)  # fmt: skip


def sheets_at(place: Place) -> list[Sheet]:
    """What may be written there."""
    return [
        each
        for each in SHEETS
        if each.of == place.of and (not each.levels or place.unit.kind in each.levels)
    ]
