"""The only answer to every may-question about cases: scope of lists, and what one may do with a step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Q, QuerySet

from casework.cases.glass import is_broken
from casework.cases.kinds import BOUND, Kind
from casework.cases.models import Case, CaseScope, HarmReport, Matter, Step
from casework.documents.models import Document
from casework.org.models import Unit, User
from casework.org.roles import CAPABILITIES, Can, Role
from casework.students.models import Pupil, StatusMovement


def scoped(rows: Any, user: User, capability: Can = Can.SEE_CASES) -> Any:
    """Those of `rows` (cases, or rows with a case) that a person sees, or for which a post gives the capability.

    By scope rows; a post at the root adds no clause.
    """
    paths = [unit.path for unit in user.units_with(capability)]
    if any(len(path) == Unit.steplen for path in paths):
        return rows
    seen = Q()
    for path in paths:
        seen |= Q(path__startswith=path)
    return _where(rows, seen)


def of_village(rows: Any, user: User) -> Any:
    """Open cases of a cadre's own village: few fields, never the whole page, whatever other post the person has."""
    seen = Q()
    for village in user.units_with(Can.SEE_VILLAGE_CASES):
        seen |= Q(path=village.path, village=True, case__closed_at=None)
    return _where(rows, seen)


def in_reach(rows: Any, user: User) -> Any:
    """Both: what a person may report a return for, or call the guardian of."""
    return scoped(rows, user, Can.WORK_STEPS) | of_village(rows, user)


def _where(rows: Any, seen: Q) -> Any:
    if not seen:
        return rows.none()
    key = "pk__in" if rows.model is Case else "case_id__in"
    return rows.filter(**{key: CaseScope.objects.filter(seen).values("case_id")})


def referrals_to(user: User) -> QuerySet[Step]:
    """What a department's liaison sees: the referrals to it, and nothing else of their cases."""
    units = user.units_with(Can.ANSWER_REFERRALS)
    rows: QuerySet[Step] = Step.objects.filter(kind=Kind.REPLY_REFERRAL, unit__in=units)
    return rows


def steps_open_to(user: User) -> QuerySet[Step]:
    """The steps whose page a person may open: those of the cases in reach, or the referrals to the own department."""
    rows: QuerySet[Step] = Step.objects.visible_to(user)
    if user.can(Can.ANSWER_REFERRALS):
        either = Q(pk__in=rows.values("pk")) | Q(pk__in=referrals_to(user).values("pk"))
        rows = Step.objects.filter(either)
    return rows


def letters_to(user: User, **narrowed: Any) -> dict[int, int]:
    """The letter of each referral to the person's department (those that are `narrowed` to): document by step, both by their ids."""
    mine = dict(referrals_to(user).filter(**narrowed).values_list("matter", "pk"))
    agreed = Step.objects.filter(kind=Kind.DECIDE_REQUEST, outcome="approved", matter__in=mine)
    step_of = {f"step:{pk}": mine[matter] for pk, matter in agreed.values_list("pk", "matter")}
    papers = Document.objects.filter(kind="P30", subject__in=step_of)
    return {step_of[subject]: pk for pk, subject in papers.values_list("pk", "subject")}


def pupils_visible_to(user: User) -> QuerySet[Pupil]:
    """Pupils enrolled in a unit where the person may search; everybody's at the root."""
    units = user.units_with(Can.SEARCH_PUPILS)
    if any(unit.is_root() for unit in units):
        return Pupil.objects.all()
    within = Q()
    for unit in units:
        within |= Q(enrolments__until=None, enrolments__class_unit__path__startswith=unit.path)
    return Pupil.objects.filter(within).distinct() if within else Pupil.objects.none()


def keeps_movement(user: User, subject: str) -> bool:
    """Whether a paper is of a movement (`movement:12`) whose school's status register the person keeps: it stays readable there when the pupil has gone."""
    kind, _colon, number = subject.partition(":")
    movement = StatusMovement.objects.filter(pk=number).first() if kind == "movement" else None
    if movement is None or movement.school is None:
        return False
    return any(user.can(each, movement.school) for each in (Can.MOVE_STATUS, Can.APPROVE_STATUS))


def is_candidate(user: User, step: Step) -> bool:
    """Whether a step is this person's to take: the role at the step's unit, and not the one whom it checks."""
    if step.asked_by_id == user.pk:
        return False
    return any(
        post.role == step.role
        and post.user_id != step.asked_by_id  # nor does his substitute check him, by his post
        and (post.unit_id == step.unit_id or step.unit.path.startswith(post.unit.path))
        for post in user.current_posts
    )


def may_claim(user: User, step: Step, at: datetime) -> bool:
    """Whether the person could take the step now."""
    return step.holder_id is None and step.is_ready(at) and is_candidate(user, step)


def may_reassign(user: User, step: Step) -> bool:
    """School, township and county officers and principals, within their unit; restricted work only those who may see it."""
    sees = not step.restricted or user.can(Can.SEE_RESTRICTED, step.case.school)
    return sees and user.can(Can.REASSIGN, step.unit)


def may_change_time(user: User, step: Step) -> bool:
    """More time and a hold are given by those who may reassign the step, and never to themselves."""
    return step.holder_id != user.pk and may_reassign(user, step)


def may_nudge(user: User, step: Step) -> bool:
    return user.can(Can.NUDGE, step.unit) or may_reassign(user, step)


def may_supervise(user: User, step: Step) -> bool:
    """The county's supervisors, and offices above the unit of the step: nobody supervises himself or his own office."""
    if step.holder_id == user.pk:
        return False
    return any(
        post.unit.holds(step.unit)
        and (post.role == Role.COUNTY_SUPERVISOR or post.unit_id != step.unit_id)
        and {Can.NUDGE, Can.REASSIGN} & CAPABILITIES[post.role]
        for post in user.current_posts
    )


@dataclass(frozen=True)
class Acts:
    """What a person may do about a step without doing it: the buttons beside it."""

    pass_on: bool = False
    nudge: bool = False
    supervise: bool = False
    time: bool = False
    reminded: bool = False  # today already
    noticed: bool = False  # a supervision notice on it is open

    @property
    def any(self) -> bool:
        return any(
            (self.pass_on, self.nudge, self.supervise, self.time, self.reminded, self.noticed)
        )


def acts_on(user: User, step: Step, at: datetime) -> Acts:
    """The acts of a supervisor on an open step as it is at `at`; what was done already (`with_reminders`) is a mark instead."""
    mine, may_be_noticed = step.holder_id == user.pk, step.due_at < at and not step.restricted
    reminded, noticed = getattr(step, "reminded", False), getattr(step, "noticed", False)
    return Acts(
        pass_on=may_reassign(user, step),
        nudge=not mine and not reminded and may_nudge(user, step),
        supervise=may_be_noticed and not noticed and may_supervise(user, step),
        time=mine or may_change_time(user, step),
        reminded=reminded,
        noticed=noticed,
    )


def may_ask(user: User, case: Case) -> bool:
    """Anyone who works steps and sees the case may ask for a side road: teacher, school, both townships, county."""
    works = user.can(Can.WORK_STEPS)
    return works and scoped(Case.objects.filter(pk=case.pk), user, Can.WORK_STEPS).exists()


def may_hand_over(user: User, case: Case) -> bool:
    """A case is handed over by the office that has it, or one above: the receiver sees it from the request on."""
    return user.can(Can.REASSIGN, case.school)


def may_report_return(user: User, case: Case) -> bool:
    """Anyone who works steps and sees the case may report that the child is back, the village cadre too."""
    works = user.can(Can.WORK_STEPS) or user.can(Can.SEE_VILLAGE_CASES)
    return works and case.is_open and in_reach(Case.objects.filter(pk=case.pk), user).exists()


def case_for(user: User, pk: int, at: datetime, rows: Any = None) -> Case:
    """The case with that id, if the person sees it; else if he broke its glass: to be read, nothing more. Case.DoesNotExist.

    `rows`: a query that reads more with it.
    """
    every = Case.objects.all() if rows is None else rows
    found = scoped(every, user).filter(pk=pk).first()
    if found is None and user.can(Can.SEE_CASES) and is_broken(pk, user, at):
        found = every.get(pk=pk)
    if found is None:
        raise Case.DoesNotExist
    return cast("Case", found)


def may_see(user: User, matter: Matter, at: datetime) -> bool:
    """What is restricted is seen by principal and county, by whoever asked or worked on it, else through broken glass."""
    if not matter.restricted or matter.opened_by_id == user.pk:
        return True
    if user.can(Can.SEE_RESTRICTED, matter.case.school):
        return True
    done = Q(finished_by=user, cancelled=False)  # not whoever's act made it needless
    steps = matter.steps.exclude(kind=Kind.PLATFORM_MARK)  # whoever ticks a mark learns no more
    worked = steps.filter(Q(holder=user) | done).exists()
    return worked or is_broken(matter.case_id, user, at)


def harm_reports_to(user: User) -> QuerySet[HarmReport]:
    """The reports of harm without a case that a person may read: the own ones, and those of the places where restricted matters are his."""
    seen = Q(reported_by=user)
    for unit in user.units_with(Can.SEE_RESTRICTED):
        seen |= Q(unit__path__startswith=unit.path)
    return HarmReport.objects.filter(seen)


def harm_waiting_for(user: User) -> QuerySet[HarmReport]:
    """Those that the person has to answer."""
    return harm_reports_to(user).filter(answered_at=None).exclude(reported_by=user)


def may_report_harm_of(user: User, pupil: Pupil) -> bool:
    """Whoever may find the pupil, or has or had a case of it in reach."""
    in_case = in_reach(Case.objects.filter(pupil=pupil), user)
    return pupils_visible_to(user).filter(pk=pupil.pk).exists() or in_case.exists()


def may_answer_harm(user: User, report: HarmReport) -> bool:
    """Whether the report waits for this person: nobody answers his own."""
    theirs = report.reported_by_id != user.pk and user.can(Can.SEE_RESTRICTED, report.unit)
    return report.is_open and theirs


def may_take_evidence(user: User, unit: Unit) -> bool:
    return user.can(Can.EVIDENCE, unit)


def queue_of(user: User, at: datetime) -> Any:
    """Open, unclaimed steps that this person could take now: those of the very units of the person's posts."""
    fits = Q()
    for post in user.current_posts:
        fits |= Q(role=post.role, unit_id=post.unit_id)
    if not fits:
        return Step.objects.none()
    rows = Step.objects.open().filter(fits, holder=None, opens_at__lte=at)
    rows = rows.exclude(kind__in=BOUND, matter__lead__settled_at=None, matter__lead__isnull=False)
    return rows.exclude(asked_by=user)
