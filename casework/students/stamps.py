"""What the cells of a card machine's export say. A cell that is not understood is an error and is asked about, never read as present or as absent."""

import re
from collections.abc import Callable
from datetime import datetime, time
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from casework.students import cells
from casework.students.columns import RowReader
from casework.students.legends import USUAL, ask, meaning
from casework.students.models import Mark
from casework.students.report import Report

NO = {
    "否", "无", "没有", "false", "n", "no", "0", "-", "--", "—", "——", "/", "未打卡", "缺卡", "漏打卡", "未签到", "未签退", "未刷卡", "无记录",
}  # fmt: skip
AS_USUAL = "正常"  # beside a stamp: nothing is amiss; in place of one: somebody came
YES = {"是", "有", "true", "y", "yes", "√", "迟到", "早退", "旷工", "旷课", "缺勤"}
T = TypeVar("T")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?$")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(?:分钟|分|小时|min)?$")
_LEAVES = {"病假": Mark.SICK, "事假": Mark.LEAVE}


def stamped(reader: RowReader) -> Mark | None:
    """What the stamps of a row come to: no stamp and no leave is an absence. None: a cell is not understood, and the error is noted."""

    def take(key: str, read: Callable[[Any, Report], T]) -> T | None:
        return reader.take(key, lambda cell: read(cell, reader.report), None)

    excused = take("excused", _leave)
    came = [take(key, _came) for key in ("arrived", "left")]
    late, early, missed = (take(key, _says) for key in ("late", "early", "missed"))
    if not reader.good:
        return None
    if excused is not None:
        return excused
    if missed or not any(came):
        return Mark.ABSENT
    if late:
        return Mark.LATE
    return Mark.LEFT_EARLY if early else Mark.PRESENT


def word_of(cell: Any, report: Report) -> Mark | None:
    """What a word of attendance means; None for an empty cell. CellError for a word that is not known, which is asked about."""
    said = cells.words(cell)
    if not said:
        return None
    found = meaning(said, USUAL)
    if found is None:
        ask(said, report)
        raise cells.CellError(
            _("This is no word of attendance. Write 出勤, 旷课, 病假, 事假, 迟到 or 早退.")
        )
    return found


def _leave(cell: Any, report: Report) -> Mark | None:
    """Sick leave or leave, in whatever words name one of the two; nothing where a cell says that there is none."""
    said = cells.words(cell).lower()
    if not said or said in NO or said == AS_USUAL:
        return None
    kinds = {mark for word, mark in _LEAVES.items() if word in said}
    found = kinds.pop() if len(kinds) == 1 else word_of(said, report)
    return found if found in (Mark.SICK, Mark.LEAVE) else None


def _came(cell: Any, report: Report) -> bool:
    """Whether somebody used the machine: a time says so, or a word of being there."""
    if isinstance(cell, (time, datetime)):
        return True
    said = cells.words(cell).lower()
    if _TIME.search(said) or _is_part_of_a_day(said):
        return True
    if not said or said in NO:
        return False
    return word_of(said, report) not in (Mark.ABSENT, None)


def _is_part_of_a_day(said: str) -> bool:
    """A spreadsheet's time as a number below one."""
    return bool(re.fullmatch(r"0\.\d+", said)) and float(said) > 0


def _says(cell: Any, _report: Report) -> bool:
    """Whether a cell says yes: a number of minutes that is not nought, or a word for it."""
    if isinstance(cell, time):
        return cell != time()
    said = cells.words(cell).lower()
    if not said or said in NO or said == AS_USUAL or re.fullmatch(r"[0:.]+(分钟|分)?", said):
        return False
    if said in YES or _LENGTH.match(said) or _TIME.match(said):
        return True
    raise cells.CellError(_("This is not understood. Write minutes, 是 or 否."))
