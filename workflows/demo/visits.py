"""What the demo's class teacher saw on her visits to families without a case: two ordinary ones, two that gave cause for fear."""

from datetime import datetime, timedelta
from typing import Any

from casework.cases.forms import GeneralVisitForm, RecordForm
from casework.cases.general_visits import record_general_visit
from casework.cases.models import Case
from casework.cases.protection import answer_harm, report_harm_of
from casework.core.clock import LOCAL, moved_to
from casework.org.models import Unit, User
from casework.org.people import candidates
from casework.org.roles import Role
from casework.students.models import Pupil
from workflows.demo import typed
from workflows.demo.people import TEACHER
from workflows.side_forms import HarmForm, ProtectForm


def go_round(at: datetime) -> None:
    """Four visits up to `at`; of the two reports of harm one is answered by the principal, the other waits."""
    school, name = (Unit.objects.get(name=TEACHER[0]), TEACHER[1])
    unit = Unit.objects.get(name=name, path__startswith=school.path)
    teacher = candidates(Role.CLASS_TEACHER, unit, at)[1][0]
    principal = candidates(Role.PRINCIPAL, school, at)[1][0]
    pupils = _without_case(unit)
    for number, pupil in enumerate(pupils):
        _visit(pupil, teacher, at - timedelta(hours=len(pupils) - number))
    with moved_to(at):
        answered, _waits = (
            report_harm_of(pupil, _filled(HarmForm, said), by=teacher, at=at)
            for pupil, said in zip(pupils, (typed.HARM, typed.NEGLECT), strict=False)
        )
        answer_harm(answered, _filled(ProtectForm, typed.protected(at)), by=principal, at=at)


def _without_case(unit: Unit) -> list[Pupil]:
    rows = Pupil.objects.filter(enrolments__class_unit=unit, enrolments__until=None)
    return list(rows.exclude(pk__in=Case.objects.values("pupil")).order_by("pk")[:4])


def _visit(pupil: Pupil, teacher: User, at: datetime) -> None:
    local = at.astimezone(LOCAL)
    when = {"day": f"{local:%Y-%m-%d}", "began": f"{local - timedelta(minutes=30):%H:%M}", "ended": f"{local:%H:%M}"}  # fmt: skip
    data = _filled(GeneralVisitForm, {**typed.VISIT, **when, "visitors": teacher.display_name})
    with moved_to(at):
        record_general_visit(pupil=pupil, data=data, photos=[], by=teacher, at=at)


def _filled(form_class: type[RecordForm], answers: dict[str, Any]) -> dict[str, Any]:
    form = form_class(answers)
    if not form.is_valid():
        raise ValueError(form.errors.as_json())
    return form.cleaned_data
