"""Plays one case of the demo: its people do their steps, each at its time, through the real forms and services."""

from datetime import date, datetime, timedelta
from typing import Any

from casework.cases import matters, side
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.cases.steps import take_step
from casework.core.clock import local_date, local_moment, moved_to
from casework.org.models import User
from casework.org.people import candidates
from casework.org.roles import Role
from workflows.complete import complete
from workflows.demo import typed
from workflows.demo.people import VACANT
from workflows.forms import FORMS
from workflows.side_forms import ask_form


class Teller:
    """Does the steps of one case on days counted from its opening, as the people who hold them."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def at(self, days: int, hour: int = 10) -> datetime:
        return local_moment(local_date(self.case.opened_at) + timedelta(days=days), hour)

    def do(self, kind: Kind, at: datetime, **more: Any) -> None:
        """Take the open step of a kind if nobody holds it, fill its form and finish it."""
        with moved_to(at):
            rows = Step.objects.open().select_related("unit", "holder", "case__school")
            self.finish(rows.get(case=self.case, kind=kind), at, **more)

    def finish(self, step: Step, at: datetime, **more: Any) -> None:
        """The same for one step of several."""
        with moved_to(at):
            person = step.holder or self._take(step, at)
            form = FORMS[step.kind](typed.answers(step, person, at, more))
            if not form.is_valid():
                raise ValueError(f"{step.kind}: {form.errors.as_json()}")
            complete(step.pk, form.cleaned_data, by=person, at=at)

    def promise(self, kind: Kind, at: datetime) -> None:
        """A visit or talk that ends with a promised day, four days on."""
        promised = local_date(at) + timedelta(days=4)
        self.do(kind, at, result="agreed", promised_day=promised.isoformat())

    def _take(self, step: Step, at: datetime) -> User:
        people = [p for p in candidates(step.role, step.unit, at)[1] if p.pk != step.asked_by_id]
        take_step(step, by=people[0], at=at)
        return people[0]

    def teacher(self, at: datetime) -> User:
        where = self.case.class_unit or self.case.school
        return candidates(Role.CLASS_TEACHER, where, at)[1][0]

    def officer(self, at: datetime) -> User:
        return candidates(Role.SCHOOL_CASE_OFFICER, self.case.school, at)[1][0]

    def ask(self, code: str, at: datetime, **more: Any) -> None:
        """The class teacher asks for a side road; the school's officer for a hand-over, or where the child has no class."""
        with moved_to(at):
            form = ask_form(code)(typed.asked(self.case, code, at, **more))
            if not form.is_valid():
                raise ValueError(f"{code}: {form.errors.as_json()}")
            officer = code == "HAND_OVER" or self.case.class_unit is None
            by = self.officer(at) if officer else self.teacher(at)
            matters.ask(self.case, code, form.cleaned_data, by=by, at=at)

    def register_and_verify(self, found: str = "local") -> None:
        self.do(Kind.REGISTER, self.at(0, 21))
        self.mark(self.at(0, 22))
        self.do(Kind.VERIFY, self.at(1), found=found)

    def mark(self, at: datetime) -> None:
        """The status officer marks the platform, where the school has one."""
        waiting = Step.objects.open().filter(case=self.case, kind=Kind.PLATFORM_MARK)
        if waiting.exclude(unit__name=VACANT).exists():
            self.do(Kind.PLATFORM_MARK, at)

    def propose(self, days: int) -> None:
        """The sweep of that day proposes the written report."""
        self.case.refresh_from_db()
        side.propose_report(self.case, at=self.at(days, 20))

    def back(self, day: date) -> None:
        """The class teacher says the child is back, the principal confirms it."""
        at = local_moment(day, 9)
        with moved_to(at):
            by = self.teacher(at)
            side.report_return(self.case, day=day, note="早读时已在教室。", by=by, at=at)

    def confirm(self, day: date) -> None:
        self.do(Kind.CONFIRM_RETURN, local_moment(day, 15), seen_on=day.isoformat())
        self.mark(local_moment(day, 16))

    def follow(self, returned: date, checks: int) -> None:
        for days in (3, 7, 14, 30)[:checks]:
            self.do(Kind.FOLLOW_UP, local_moment(returned + timedelta(days=days), 16))
