"""What stands in a cell, made plain: numbers, names and dates as people and spreadsheets spell them. No database."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_INNER_BLANKS = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_NAME_DOT = re.compile(rf"(?<=[{HAN}])\s*[·•‧・∙･.．]\s*(?=[{HAN}])")
_EATEN = re.compile(r"^\d(\.\d+)?E\+?\d+$", re.IGNORECASE)
_SHEET_ERROR = re.compile(r"^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)$")
_DAY_TEXT = re.compile(r"^(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?$")
_DAY_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_EPOCH = date(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 1950, 2100
_EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number, the rest become zeros


# what people write where there is none
NO_NUMBER = frozenset(("无", "暂无", "没有", "待办", "未办", "不详", "/", "\\", "--", "—", "——"))


class CellError(ValueError):
    """What is wrong with a cell and what to do, in the user's language; never holds the value."""


def text(value: Any) -> str:
    """The cell as text without outer blanks. A formula or a spreadsheet's error value: CellError."""
    if type(value) is str:
        said = value.strip()
        if said[:1] in "=#" and said:
            _refuse_formula(said)
        return said
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _refuse_formula(said: str) -> None:
    if said.startswith("="):
        raise CellError(_("The cell holds a formula. Replace it by its value."))
    if _SHEET_ERROR.match(said):
        raise CellError(_("The cell holds an error of the spreadsheet. Enter the value."))


@lru_cache(maxsize=4096)
def _plain(said: str) -> str:
    return unicodedata.normalize("NFKC", said).strip()


def words(value: Any) -> str:
    """Text with full-width letters, digits and blanks made plain."""
    said = text(value)
    return said if said.isascii() else _plain(said)


def name(value: Any) -> str:
    """A person's name: no blanks between Han characters, the dot of a long name kept as `·`."""
    said = text(value)
    if said.isalpha():
        return said
    return _NAME_DOT.sub("·", _INNER_BLANKS.sub("", said.translate(_FULL_WIDTH).strip()))


def number(value: Any) -> str:
    """An ID, code or phone number: digits and letters only. One eaten by a spreadsheet: CellError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= _EXACT:
            raise CellError(_eaten())
        return text(float(value))
    said = text(value)
    if not said.isalnum() or not said.isascii():
        said = re.sub(r"[\s\u200b\ufeff'’`-]", "", unicodedata.normalize("NFKC", said))
    if "E" in said.upper() and _EATEN.match(said):
        raise CellError(_eaten())
    return "" if said in NO_NUMBER else said.upper()


def _eaten() -> str:
    return _(
        "The spreadsheet has shortened this number. Format the column as text, enter it again."
    )


def day(value: Any) -> date | None:
    """A date in any usual spelling (20130508, 2013-05-08, 2013/5/8, 2013年5月8日, a serial number); None if empty."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    said = words(value).replace(" ", "")
    if not said:
        return None
    parts = _DAY_DIGITS.match(said) or _DAY_TEXT.match(said)
    if parts:
        return _real_day(*(int(part) for part in parts.groups()))
    if said.isdecimal() and said.isascii() and 10_000 <= int(said) < 80_000:
        return _EPOCH + timedelta(days=int(said))
    raise CellError(_("This is not a date. Write it like 2026-09-01."))


@lru_cache(maxsize=8192)
def _real_day(year: int, month: int, dom: int) -> date:
    try:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError
        return date(year, month, dom)
    except ValueError:
        raise CellError(_("There is no such day. Write the date like 2026-09-01.")) from None


def month(value: Any) -> str:
    """A year and month as six digits: 202609, 2026年9月, 2026-09; empty stays empty."""
    if isinstance(value, date):
        return value.strftime("%Y%m")
    said = words(value).replace(" ", "")
    parts = re.match(r"^(\d{4})(\d{2})$|^(\d{4})[年/.-](\d{1,2})(?:月|[/.-]\d{1,2})?日?$", said)
    if said and not parts:
        raise CellError(_("This is not a month. Write it like 202609."))
    if not parts:
        return ""
    year, number_of_month = parts[1] or parts[3], int(parts[2] or parts[4])
    if not (1 <= number_of_month <= 12 and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise CellError(_("This is not a month. Write it like 202609."))
    return f"{year}{number_of_month:02}"
