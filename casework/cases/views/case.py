"""The case page and what hangs on it: reason of a date, numbers revealed, a call, papers, photos."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access, side
from casework.cases.case_clock import clock_of
from casework.cases.kinds import Kind, Stage
from casework.cases.matters import may_withdraw, withdraw
from casework.cases.models import Case, Matter, Photo, Step
from casework.cases.photos import copy_of
from casework.cases.reminding import with_reminders
from casework.cases.side_roads import RESTRICTED
from casework.cases.story import road_of, story_of
from casework.core.clock import day_in, local_date
from casework.core.crypto import masked_phone
from casework.core.downloads import handed_out
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.attachments import sheets_of
from casework.documents.issue import OF_A_CASE
from casework.documents.models import Addendum, Attachment, Document
from casework.documents.sealing import bytes_of, file_of
from casework.org.models import Unit, User
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Guardian

CORRECTED_BY = (
    Addendum.objects.filter(document=OuterRef("pk")).order_by("-pk").values("addendum__number")[:1]
)
CHAIN = Concat(Value("case:"), Cast(OuterRef("pk"), CharField()))
ROW = ("pupil", "school", "class_unit", "owner", "village_owner", "township")


def readable(user: User, pk: int, at: datetime, rows: Any = None) -> Case:
    """The case, if the person may read it (`access.case_for`); else not found."""
    try:
        return access.case_for(user, pk, at, rows)
    except Case.DoesNotExist:
        raise Http404 from None


class CasePage(Page):
    """What do I do, where does it stand, what happened, which papers, who is it."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.case(pk))

    def case(self, pk: int) -> Case:
        joined = Exists(Case.objects.filter(merged_into=OuterRef("pk")))
        rows = Case.objects.select_related(*ROW, "village", "previous", "merged_into").annotate(
            joined=joined,
            of_visits=Exists(Photo.objects.filter(visit__case=OuterRef("pk"))),
            of_steps=Exists(Photo.objects.filter(step__case=OuterRef("pk"))),
            of_papers=Exists(Attachment.objects.filter(chain=CHAIN, document__isnull=False)),
        )
        return readable(self.user, pk, self.at, rows)

    def _show(self, case: Case) -> HttpResponse:
        trail.look("case", [case.pk], by=self.user, at=self.at)
        rows = case.steps.select_related("holder", "finished_by", "unit", "matter")
        every = list(with_reminders(rows, self.at).order_by("begun_at", "pk"))
        papers = list(
            Document.objects.filter(chain=f"case:{case.pk}")
            .select_related("file")
            .annotate(corrected_by=Subquery(CORRECTED_BY))
            .order_by("-place")
        )
        now = [step for step in every if step.is_open]
        asks = access.may_ask(self.user, case)  # who may ask may report, too: not asked twice
        return self.show(
            "cases/case.html",
            {
                "case": case,
                "joined": case.merged.all() if getattr(case, "joined", False) else [],
                "now": sorted(now, key=lambda s: (s.holder_id != self.user.pk, s.due_at)),
                "road": road_of(case, every, papers),
                "story": story_of(case, every, papers),
                "papers": papers,
                "sheets": sheets_of(papers) if getattr(case, "of_papers", False) else {},
                "guardians": [
                    (g, masked_phone(g.phone)) for g in case.pupil.guardians.order_by("rank")
                ],
                "visits": case.visits.select_related("visitor").order_by("-began")[:20],
                "of_visits": _photos(case, "visit"),
                "of_steps": _photos(case, "step"),
                "clock": clock_of(case, every, self.at),
                "acts": {s.pk: access.acts_on(self.user, s, self.at) for s in now},
                "claimable": {s.pk for s in now if access.may_claim(self.user, s, self.at)},
                "may_call": asks,
                "may_reveal": self.user.can(Can.REVEAL, case.school),
                "may_report": case.is_open
                and (asks or access.may_report_return(self.user, case))
                and case.stage != Stage.FOLLOW_UP
                and not any(step.kind == Kind.CONFIRM_RETURN for step in now),
                "running": [
                    (step.about, step, may_withdraw(self.user, step.about))
                    for step in _running(every)
                ],
                "may_ask": asks and case.stage != Stage.CANCELLED,
                "may_evidence": access.may_take_evidence(self.user, case.school),
                "today": local_date(self.at),
            },
        )


def _photos(case: Case, of: str) -> dict[int, list[Photo]]:
    """The photos of its visits or steps by their ids, but not those of what is restricted; not asked for where the case has none."""
    found: dict[int, list[Photo]] = {}
    if getattr(case, f"of_{of}s", False):
        rows = Photo.objects.there().filter(**{f"{of}__case": case})
        for photo in rows.exclude(step__matter__code__in=RESTRICTED).order_by("pk"):
            found.setdefault(getattr(photo, f"{of}_id"), []).append(photo)
    return found


def _running(steps: list[Step]) -> list[Step]:
    """The last step of each letter, branch, request or measure that is not settled, in the order in which they began."""
    found = {step.matter_id: step for step in steps if step.matter and step.matter.is_open}
    return list(found.values())


class Reveal(Page):
    """Show the full numbers once, for a reason that stays in the log."""

    capability = Can.REVEAL

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = self._case(pk)
        trail.look("case", [case.pk], by=self.user, at=self.at)
        return self.show("cases/reveal.html", {"case": case})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        case, reason = self._case(pk), request.POST.get("reason", "").strip()[:200]
        if not reason:
            error = DomainError(_("Say why you need the full numbers."))
            return self.show("cases/reveal.html", {"case": case, "error": error}, status=409)
        with one_act():
            trail.record(
                "numbers.revealed",
                by=self.user,
                at=self.at,
                case_id=case.pk,
                subject=f"case:{case.pk}",
                reason=reason,
            )
        guardians = case.pupil.guardians.order_by("rank")
        return self.show("cases/reveal.html", {"case": case, "open": True, "guardians": guardians})

    def _case(self, pk: int) -> Case:
        found: Case = get_object_or_404(
            Case.objects.visible_to(self.user, Can.REVEAL).select_related("pupil"), pk=pk
        )
        return found


class Call(Page):
    """Tap to call: a POST that logs, then hands the number to the phone."""

    capability = (Can.WORK_STEPS, Can.SEE_VILLAGE_CASES)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        guardian = get_object_or_404(Guardian, pk=pk)
        cases = Case.objects.in_reach(self.user).filter(pupil=guardian.pupil_id)
        case: Case = get_list_or_404(cases.order_by("-episode"))[0]
        with one_act():
            trail.record(
                "guardian.called",
                by=self.user,
                at=self.at,
                case_id=case.pk,
                subject=f"guardian:{guardian.pk}",
            )
        return self.show("cases/call.html", {"guardian": guardian})


class ReportReturn(Page):
    """Say that the child is back; a second person confirms it."""

    capability = (Can.WORK_STEPS, Can.SEE_VILLAGE_CASES)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        case: Case = get_object_or_404(Case.objects.in_reach(self.user), pk=pk)
        back = day_in(request.POST.get("day", ""))
        if back is None:
            raise DomainError(
                _("Give the day since which the child is back."), fields={"day": _("required")}
            )
        side.report_return(
            case, day=back, note=request.POST.get("note", "")[:300], by=self.user, at=self.at
        )
        messages.success(request, _("Reported. A second person will confirm it."))
        return (
            redirect("cases:case", pk=pk)
            if self.user.can(Can.SEE_CASES)
            else redirect("cases:village")
        )


class Withdraw(Page):
    """Take back what one asked for, before it is decided."""

    capability = Can.WORK_STEPS

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cases = Case.objects.visible_to(self.user, Can.WORK_STEPS)
        matter = get_object_or_404(Matter, pk=pk, case__in=cases)
        withdraw(matter, request.POST.get("reason", "")[:300], by=self.user, at=self.at)
        messages.success(request, _("Taken back. Nobody has to decide it any more."))
        return redirect("cases:case", pk=matter.case_id)


class Paper(Page):
    """A sealed paper as a download; the first reader renders it if no worker has yet."""

    capability = (Can.SEE_CASES, Can.ANSWER_REFERRALS)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = get_object_or_404(Document, pk=pk)
        check_paper(self.user, document, self.at)
        trail.look("paper", [document.pk], by=self.user, at=self.at)
        name = f"{document.kind}-{document.year}-{document.sequence}.pdf"
        return handed_out(bytes_of(file_of(document)), "application/pdf", name, inline=True)


def check_paper(user: User, document: Document, at: datetime) -> None:
    """Http404 or PermissionDenied where the person may not read the paper."""
    if user.can(Can.ANSWER_REFERRALS) and document.kind == "P30":
        asked = {"matter__steps": document.subject.removeprefix("step:")}
        if document.pk in access.letters_to(user, **asked).values():
            return
    if access.keeps_movement(user, document.subject):
        return
    check_chain(user, document.chain, at)
    _check_restricted(user, document, at)


def check_chain(user: User, chain: str, at: datetime) -> None:
    """The same of a chain: of a case, a report of harm, a pupil, an office."""
    place, _colon, number = chain.partition(":")
    if place in OF_A_CASE:
        readable(user, int(number), at)
    elif place == "unit":
        unit = get_object_or_404(Unit, pk=number)  # whoever oversees an office reads what it wrote
        if not (user.can(Can.SEE_BOARD, unit) or user.can(Can.REGISTERS, unit)):
            raise Http404
    elif place == "harm":
        get_object_or_404(access.harm_reports_to(user), pk=number)
    else:
        get_object_or_404(access.pupils_visible_to(user), pk=number)


def _check_restricted(user: User, document: Document, at: datetime) -> None:
    """Those of a restricted matter only for who may see it, whatever chain an earlier version put them in."""
    subject, _colon, pk = document.subject.partition(":")
    matter = Matter.objects.filter(steps=int(pk)).first() if subject == "step" else None
    if matter and not access.may_see(user, matter, at):
        raise PermissionDenied


class PhotoFile(Page):
    """The re-encoded copy of a photo."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = Photo.objects.there().select_related("visit", "step__matter__case__school")
        photo = get_object_or_404(rows, pk=pk)
        self._check(photo)
        trail.look("photo", [photo.pk], by=self.user, at=self.at)
        return handed_out(copy_of(photo), "image/jpeg", f"photo-{photo.pk}.jpg")

    def _check(self, photo: Photo) -> None:
        """Of a visit without a case: the pupil in reach; else the case, and what is restricted in it."""
        matter = photo.step.matter if photo.step else None
        of_case = photo.step.case_id if photo.step else photo.visit and photo.visit.case_id
        if of_case:
            readable(self.user, of_case, self.at)
        elif photo.visit:
            get_object_or_404(access.pupils_visible_to(self.user), pk=photo.visit.pupil_id)
        if matter and not access.may_see(self.user, matter, self.at):
            raise PermissionDenied
