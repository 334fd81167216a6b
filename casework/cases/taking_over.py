"""Cases of an older ledger, taken over in mid-year: rows are read strictly, each becomes a case with its past days.

What the ledger says stands on a work record (SR), the first paper of the case; its clocks begin when it is taken over, so
that nothing of the past is late (issue: start in mid-year).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.cases.facts.common import Values, pupil_block, with_post
from casework.cases.kinds import Outcome, Stage
from casework.cases.ledger_words import outcome_of, reason_of, stage_of
from casework.cases.models import Case, SignState
from casework.cases.opening import Past, open_case
from casework.cases.without_case import issue_outside
from casework.core.clock import local_date, local_moment
from casework.core.crypto import blind
from casework.core.errors import DomainError
from casework.org.models import Unit, User
from casework.students import cells, roster
from casework.students.columns import Columns, RowReader, Table
from casework.students.lists import facts_of
from casework.students.models import Enrolment, Pupil
from casework.students.staff import UnitBook
from casework.students.villages import Villages

_FROM_ROSTER = ("sex", "born", "id_number", "status_number", "school", "address", "guardian", "guardian_phone", "phone")  # fmt: skip
COLUMNS = Columns(
    names={
        **{key: roster.COLUMNS.names[key] for key in _FROM_ROSTER},
        "name": (*roster.COLUMNS.names["name"], "儿童姓名", "少年姓名"),
        "found_on": ("发现日期", "发现时间", "疑似辍学日期", "疑似日期", "辍学日期", "辍学时间", "离校日期", "离校时间", "登记日期", "首次缺勤日期", "found on"),
        "state": ("状态", "当前状态", "当前阶段", "阶段", "台账类别", "类别", "劝返状态", "state"),
        "reason": ("辍学原因", "原因", "疑似辍学原因", "主要原因", "reason"),
        "whereabouts": ("去向", "学生去向", "现去向", "whereabouts"),
        "visits": ("家访次数", "劝返次数", "入户次数", "入户劝返次数", "visits"),
        "last_visit": ("最近家访日期", "末次家访日期", "最后家访日期", "最近劝返日期", "last visit"),
        "returned_on": ("复学日期", "返校日期", "复学时间", "返校时间", "returned on"),
        "closed_on": ("销号日期", "销号时间", "结案日期", "closed on"),
        "outcome": ("结果", "销号原因", "处理结果", "办理结果", "outcome"),
        "number": ("原编号", "台账编号", "编号", "old number"),
        "remark": ("备注", "说明", "remark"),
    },
    required=("name", "id_number|status_number|born", "found_on"),
)  # fmt: skip
LONGEST_NAME = 60
GONE = {
    Outcome.DECEASED,
    Outcome.EMIGRATED,
    Outcome.TRANSFER_OUT,
}  # who is on a roll today is none of these
TOLD = (
    ("number", lazy("number in the old ledger")), ("state", lazy("state")), ("reason", lazy("reason")),
    ("whereabouts", lazy("whereabouts")), ("visits", lazy("visits made")), ("last_visit", lazy("last visit")),
    ("outcome", lazy("result")), ("remark", lazy("remark")),
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A good row: whose case, at which school, its past, and in words what else the ledger says."""

    pupil: Pupil
    school: Unit
    past: Past
    guardian: tuple[str, str]  # name and phone, for a pupil who is new
    told: tuple[tuple[str, str], ...]


class Ledger:
    """Reads rows; `within`: the units whose cases the person takes over (None: all)."""

    def __init__(self, within: Sequence[Unit] | None, at: datetime) -> None:
        self.within, self.at = within, at
        self.today, self.units = local_date(at), UnitBook(within)
        self.new: dict[tuple[str, str], Pupil] = {}  # of this ledger: a child with two rows is one

    def entry(self, reader: RowReader) -> Entry | None:
        """The entry of a row; None where it is refused: the reader has noted why."""
        past = self._past(reader, _of_heading(reader.table))
        pupil = self._pupil(reader)
        school = self._school(reader, pupil) if pupil and reader.good else None
        if past and past.outcome in GONE and pupil and pupil.pk and _is_enrolled(pupil, past):
            reader.error(
                "outcome", _("The child is in a class by the roster: record how it left first.")
            )
        if not reader.good or pupil is None or school is None or past is None:
            return None
        guardian = (
            reader.take("guardian", cells.name, "")[:60],
            reader.take("guardian_phone", cells.number, "")
            or reader.take("phone", cells.number, ""),
        )
        return Entry(pupil, school, past, guardian, _told(reader))

    def _past(self, reader: RowReader, default: Stage | None) -> Past | None:
        found = reader.need("found_on", cells.day, None)
        returned = reader.take("returned_on", cells.day, None)
        closed = reader.take("closed_on", cells.day, None)
        said = reader.take("state", cells.words, "")
        stage = stage_of(said) if said else default
        if closed:
            stage = Stage.CLOSED
        elif returned and stage not in (Stage.CLOSED, Stage.FOLLOW_UP):
            stage = Stage.FOLLOW_UP
        self._check_days(reader, found, returned, closed)
        if stage is None:
            reader.error("state", _("Say the state: 疑似辍学, 家访, 劝返, 辍学, 已复学 or 已销号."))
        if stage == Stage.FOLLOW_UP and not returned:
            reader.error("returned_on", _("Back at school, and no day of return: fill it in."))
        if stage == Stage.CLOSED and not closed:
            reader.error("closed_on", _("Closed, and no day of closing: fill it in."))
        outcome = self._outcome(reader, returned) if stage == Stage.CLOSED else ""
        if not reader.good or found is None or stage is None:
            return None
        reason = reason_of(reader.take("reason", cells.words, ""))
        return Past(found, stage, reason, returned, closed, outcome)

    def _check_days(self, reader: RowReader, *days: date | None) -> None:
        """Each is over, and none before the one that it follows."""
        keys = ("found_on", "returned_on", "closed_on")
        last = None
        for key, day in zip(keys, days, strict=True):
            if day and day > self.today:
                reader.error(key, _("A day lies in the future."))
            if day and last and day < last:
                reader.error(key, _("This day lies before the one that it follows."))
            last = day or last

    def _outcome(self, reader: RowReader, returned: date | None) -> str:
        said = reader.take("outcome", cells.words, "") or reader.take("state", cells.words, "")
        found = outcome_of(said)
        if found is None and returned:
            return Outcome.RETURNED
        if found is None:
            reader.error(
                "outcome", _("Say how it ended, one of: 复学, 转学, 休学, 送教上门, 死亡, 毕业 …")
            )
        return found or ""

    def _pupil(self, reader: RowReader) -> Pupil | None:
        """The pupil by number, else by name and birth date; one on no roster is new and not saved yet."""
        name = reader.need("name", cells.name, "")
        id_number = reader.take("id_number", cells.number, "")
        status_number = reader.take("status_number", cells.number, "")
        born, sex = facts_of(reader, id_number)
        if len(name) > LONGEST_NAME:
            reader.error("name", _("This name is too long."))
        found = _by_number(id_number, status_number)
        if found and found.name != name and reader.good:
            reader.error("name", _("This number is another pupil's by the roster. Compare both."))
        if found or not reader.good:
            return found
        same = list(Pupil.objects.filter(name=name, born=born)[:2]) if born else []
        if len(same) > 1:
            reader.error("name", _("Several pupils have this name and birth date: add the number."))
        if len(same) == 1:
            return same[0]
        return self._new(reader, name, (born, sex), (id_number, status_number))

    def _new(
        self, reader: RowReader, name: str, facts: tuple[date | None, str], numbers: tuple[str, str]
    ) -> Pupil | None:
        """The child as an earlier row of the ledger made it, or a new one."""
        born, sex = facts
        if not (born and sex and reader.take("school", cells.words, "")):
            reader.error(
                "name", _("On no roster by this number or name: give sex, birth date and school.")
            )
            return None
        new = Pupil(name=name, born=born, sex=sex, created_at=self.at)
        new.address = reader.take("address", cells.words, "")[:160]
        new.set_numbers(id_number=numbers[0], status_number=numbers[1])
        keys = [("id", new.id_index), ("status", new.status_index), ("person", f"{name} {born}")]
        keys = [key for key in keys if key[1]]
        found = next((self.new[key] for key in keys if key in self.new), new)
        self.new |= dict.fromkeys(keys, found)
        return found

    def _school(self, reader: RowReader, pupil: Pupil) -> Unit | None:
        """The school where the pupil is enrolled, else the one that the row names; in reach of the person."""
        rows = Enrolment.objects.filter(pupil=pupil.pk) if pupil.pk else Enrolment.objects.none()
        last = rows.select_related("school").order_by("-since", "-pk").first()
        if pupil.pk and not last and not self._is_near(pupil):
            reader.error(
                "name", _("This child is another township's: the county takes the case over.")
            )
            return None
        school = last.school if last else reader.need("school", self.units.find, None)
        if school and self.within is not None and not any(u.holds(school) for u in self.within):
            reader.error(
                "name",
                _("The pupil is at another school: that school or the county takes the case over."),
            )
        return school

    def _is_near(self, pupil: Pupil) -> bool:
        """Whether a child whom no school had lives, or has had a case, where the person takes cases over."""
        if self.within is None:
            return True
        units = [
            pupil.village,
            pupil.township,
            *(c.school for c in pupil.cases.select_related("school")),
        ]
        return any(own.holds(unit) for unit in units if unit for own in self.within)


def _of_heading(table: Table) -> Stage | None:
    """The stage of all rows by what the sheet is called: a ledger of suspected, of dropouts, of closed cases."""
    above = [row for row in table.sheet.rows if row.number < table.header.number]
    return stage_of(" ".join([table.sheet.name, *(str(c) for row in above for c in row.cells)]))


def _is_enrolled(pupil: Pupil, past: Past) -> bool:
    """Whether the pupil is in a class since before the case was closed."""
    rows = Enrolment.objects.filter(pupil=pupil, until=None, since__lte=past.closed_on)
    return bool(rows.exists())


def _by_number(*numbers: str) -> Pupil | None:
    for number in filter(None, numbers):
        index = blind(number)
        for field in ("status_index", "id_index"):
            if found := Pupil.objects.filter(**{field: index}).first():
                return found
    return None


def _told(reader: RowReader) -> tuple[tuple[str, str], ...]:
    """What else the row says, as pairs of a column's code and its words."""
    found = ((key, reader.take(key, _as_text, "")) for key, _label in TOLD)
    return tuple((key, said[:200]) for key, said in found if said)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else cells.words(value)


def known(entry: Entry) -> bool:
    """Whether the case was taken over before. DomainError where the ledger says another end now, or the days are another case's here."""
    if entry.pupil.pk is None:
        return False
    opened, past = local_moment(entry.past.found_on), entry.past
    cases = list(Case.objects.filter(pupil=entry.pupil).order_by("opened_at"))
    case = next((c for c in cases if c.taken_over_at and c.opened_at == opened), None)
    if case and case.is_open and (past.closed_on or (past.returned_on and not case.returned_at)):
        raise DomainError(
            _("This case was taken over as open and goes on here (%(number)s): record it there."),
            number=case.number,
        )
    if case is None:
        _refuse_days_of_another(past, opened, cases)
    return case is not None


def _refuse_days_of_another(past: Past, opened: datetime, cases: list[Case]) -> None:
    """One case of a child at a time, and the older ones first: numbers and episodes follow the days."""
    closed = local_moment(past.closed_on) if past.closed_on else None
    for case in cases:
        if (closed is None or case.opened_at <= closed) and (
            case.closed_at is None or opened <= case.closed_at
        ):
            raise DomainError(
                _("On these days the child has a case here: %(number)s."), number=case.number
            )
        if opened < case.opened_at:
            raise DomainError(
                _(
                    "A later case of the child is here already (%(number)s): an older one is no longer taken over."
                ),
                number=case.number,
            )


def take_over(entry: Entry, source: str, *, by: User | None, at: datetime) -> Case:
    """Make the case with its first paper (inside one_act); `source` names file, sheet and row. DomainError: the pupil has an open case."""
    pupil = entry.pupil
    if pupil.pk is None:
        _save_new(entry)
    case = open_case(pupil=pupil, school=entry.school, by=by, at=at, past=entry.past)
    if by is not None:
        issue_outside(
            f"case:{case.pk}", "SR", lambda: _values(case, entry, source, by, at),
            unit=case.school, subject=f"case:{case.pk}", by=by, at=at,
        )  # fmt: skip
    return case


def _save_new(entry: Entry) -> None:
    """A child that no roster knew, with its village, township and guardian as far as the ledger names them."""
    pupil, (name, phone) = entry.pupil, entry.guardian
    pupil.township = entry.school.above("township")
    if pupil.township:
        pupil.village = Villages(pupil.township).find("", pupil.address)
    pupil.save()
    if name or phone:
        pupil.guardians.create(name=name, phone=phone)


def forget(entry: Entry) -> None:
    """The row was taken back: a child that it made is new again, for the next row that names it."""
    if not Pupil.objects.filter(pk=entry.pupil.pk).exists():
        entry.pupil.pk, entry.pupil._state.adding = None, True


def _values(case: Case, entry: Entry, source: str, by: User, at: datetime) -> Values:
    """SR: the case as the old ledger tells it."""
    words, past = dict(TOLD), entry.past
    lines = [f"{words[key]}：{said}" for key, said in entry.told]
    days = ((_("back at school"), past.returned_on), (_("closed"), past.closed_on))
    lines += [f"{label}：{day.isoformat()}" for label, day in days if day]
    return {
        "case_no": case.number,
        "pupil": pupil_block(case),
        "recorded_by": with_post(by),
        "sign_state": str(SignState.UNSIGNED.label),
        "occurred_at": None,
        "action": _("taken over from an older ledger"),
        "done_on": local_date(at),
        "operator": by.display_name,
        "reference": source,
        "content": "\n".join(lines),
        "result": _("Found on %(day)s; goes on here from the stage: %(stage)s.")
        % {"day": past.found_on.isoformat(), "stage": Stage(past.stage).label},
        "remarks": "",
    }
