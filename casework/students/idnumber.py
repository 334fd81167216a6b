"""ID numbers (GB 11643) and status numbers (domain.md 7.2): what they say and whether they can be. No database."""

import re
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from casework.students.cells import CellError

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
TEST_AREA = 99
PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46}
    | {50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, TEST_AREA}
)
_STATUS = re.compile(r"^[GJL]\d{17}[\dX]$")
_ID = re.compile(r"^\d{17}[\dX]$")


class IdFacts(NamedTuple):
    """What an ID number says of its holder; `known_place` is false for a province that is not in use."""

    born: date
    sex: str
    known_place: bool


def check_digit(first_seventeen: str) -> str:
    """The eighteenth character for the first seventeen digits."""
    total = sum(w * int(d) for w, d in zip(WEIGHTS, first_seventeen, strict=True))
    return CHECK_DIGITS[total % 11]


def read_id(number: str) -> IdFacts:
    """What the number says. Wrong length, check digit or date: CellError (never a place: place codes change)."""
    if not _ID.match(number):
        raise CellError(
            _("An ID number has 17 digits and a last digit or X. Compare with the card.")
        )
    if check_digit(number[:17]) != number[17]:
        raise CellError(_("The check digit is wrong. Compare the ID number with the card."))
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise CellError(_("The birth date in the ID number does not exist.")) from None
    return IdFacts(born, "m" if int(number[16]) % 2 else "f", int(number[:2]) in PROVINCES)


def check_status(number: str, id_number: str) -> None:
    """Whether a status number has its form and, with G, ends in the ID number; otherwise CellError."""
    if not _STATUS.match(number):
        raise CellError(
            _("A status number is G, J or L and 18 characters. Compare with the platform.")
        )
    if number[0] == "G" and id_number and number[1:] != id_number:
        raise CellError(_("The status number (G and the ID number) contradicts the ID number."))
