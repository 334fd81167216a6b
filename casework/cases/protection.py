"""Suspected harm to a child: whoever sees it reports it at once; it is told by role and kept apart (design.md §7).

The law binds everybody who sees it to tell the police; what follows says that it was done (domain.md 2.4): a step, or
for a child without a case an answer to the report.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import in_reach, may_answer_harm, may_report_harm_of
from casework.cases.event_days import refuse_days_to_come
from casework.cases.facts.returning import harm_record
from casework.cases.kinds import Kind
from casework.cases.matters import raised
from casework.cases.models import Case, HarmReport, Step
from casework.cases.opening import enrolment_of
from casework.cases.side_roads import HARM
from casework.cases.steps import begin_step
from casework.cases.visits import plain
from casework.cases.without_case import issue_outside
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.notices.outbox import tell
from casework.org.models import Unit, User
from casework.org.people import candidates
from casework.org.roles import Role
from casework.org.units import county
from casework.students.models import Pupil

TOLD = (Role.PRINCIPAL, Role.COUNTY_CASE_OFFICER)
SIGNS = [
    ("injury", _("injuries that nobody can explain, or that do not fit what is said")),
    ("violence", _("beaten or abused at home or elsewhere")),
    ("sexual", _("touched or used sexually, pregnant, or married under age")),
    ("neglect", _("left alone, without food, care or a doctor")),
    ("work", _("made to work, beg or steal")),
    ("taken", _("sold, taken away, or missing")),
    ("self", _("harms itself, or speaks of dying")),
    ("other", _("something else")),
]


def report_harm(case: Case, data: dict[str, Any], *, by: User, at: datetime) -> Step:
    """Take the report in: a restricted matter, its step due today, the people told whose work it is.

    DomainError: outside the person's reach, or closed: then it is a report of a child without a case.
    """
    if not in_reach(Case.objects.filter(pk=case.pk), by).exists():
        raise DomainError(_("This case is not in your reach."))
    with one_act():
        case = Case.objects.select_for_update().get(pk=case.pk)
        if not case.is_open:
            raise DomainError(_("This case is closed: report it of the child."))
        matter = raised(case, HARM, data, unit=case.school, by=by, at=at)
        step = begin_step(case, Kind.PROTECT, at=at, by=by, asked_by=by, matter=matter)
        tell(
            _people(case.school, at),
            _urgency(data),
            key=f"harm:{step.pk}",
            at=at,
            link=f"/steps/{step.pk}/",
        )
    return step


def report_harm_of(pupil: Pupil, data: dict[str, Any], *, by: User, at: datetime) -> HarmReport:
    """Take in the report of a child without a case: kept apart, the same people told, to be answered the same day.

    DomainError: outside the person's reach.
    """
    if not may_report_harm_of(by, pupil):
        raise DomainError(_("This pupil is not in your reach."))
    enrolled = enrolment_of(pupil)
    with one_act():
        report = HarmReport.objects.create(
            pupil=pupil,
            unit=enrolled.school if enrolled else pupil.township or county(),
            facts={key: plain(value) for key, value in data.items() if value},
            reported_at=at,
            reported_by=by,
        )
        _note("harm.reported", report, by, at)
        _tell_of(report, _urgency(data), at)
    return report


def answer_harm(report: HarmReport, data: dict[str, Any], *, by: User, at: datetime) -> Document:
    """Say what was done about a report without a case, with its paper (SR) in a chain of its own.

    DomainError: answered already, the own report, not in the person's hands, or a day that lies ahead.
    """
    refuse_days_to_come(data, at)
    with one_act():
        rows = HarmReport.objects.select_for_update(of=("self",)).select_related(
            "pupil", "unit", "reported_by"
        )
        report = rows.get(pk=report.pk)
        if not may_answer_harm(by, report):
            raise DomainError(
                _("This report waits for somebody else.")
                if report.is_open
                else _("This report is answered already.")
            )
        report.answer = {key: plain(value) for key, value in data.items() if value}
        report.answered_at, report.answered_by = at, by
        report.save(update_fields=["answer", "answered_at", "answered_by"])
        _note("harm.answered", report, by, at)
        link = f"/harm/{report.pk}/"
        tell(
            [report.reported_by],
            "harm_answered",
            key=f"harm_answered:{report.pk}",
            at=at,
            link=link,
        )
        return issue_outside(
            f"harm:{report.pk}", "SR", lambda: harm_record(report, by, at),
            unit=report.unit, subject=f"harm:{report.pk}", by=by, at=at,
        )  # fmt: skip


def remind_of_harm(at: datetime) -> int:
    """Each day, tell those who must act of every report that was not answered on its day, and their supervisors. Returns how many there are."""
    rows = HarmReport.objects.filter(answered_at=None, reported_at__lt=local_moment(local_date(at)))
    late = list(rows.select_related("unit", "reported_by"))
    for report in late:
        _tell_of(report, "harm_late", at)
        above = candidates(Role.COUNTY_SUPERVISOR, report.unit, at)[1]
        key = f"harm_above:{report.pk}:{local_date(at)}"
        tell(above, "harm_above", key=key, at=at, link="/notices/")  # who may not read it
    return len(late)


def people_for(report: HarmReport, at: datetime) -> set[User]:
    """Who must act on a report without a case: nobody on his own."""
    return _people(report.unit, at) - {report.reported_by}


def _tell_of(report: HarmReport, code: str, at: datetime) -> None:
    key = f"{code}:{report.pk}:{local_date(at)}"
    tell(people_for(report, at), code, key=key, at=at, link=f"/harm/{report.pk}/")


def _urgency(data: dict[str, Any]) -> str:
    """The notice to be written: one of danger says so."""
    return "harm_now" if data.get("danger") == "yes" else "harm"


def _note(verb: str, report: HarmReport, by: User, at: datetime) -> None:
    trail.record(verb, by=by, at=at, unit_id=report.unit_id, subject=f"harm:{report.pk}")


def _people(unit: Unit, at: datetime) -> set[User]:
    """Principal and county, as far as somebody holds the post."""
    return {person for role in TOLD for person in candidates(role, unit, at)[1]}
