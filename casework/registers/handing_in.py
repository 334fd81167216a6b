"""Files handed in: signed sheets are given to their paper by the printed code, others stand beside a case or an office."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import IO

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from casework.cases.facts.before import forms_of
from casework.cases.matters import BRACKETS
from casework.cases.models import Case, Step
from casework.core.errors import DomainError
from casework.core.rows import locked
from casework.core.transaction import one_act
from casework.documents import attachments, form_codes
from casework.documents.form_codes import kind_of
from casework.documents.issue import case_of
from casework.documents.models import Attachment, Document, Purpose
from casework.documents.uploads import LARGEST, look_at
from casework.org.models import User
from casework.registers.places import Of, Unreachable, place_for

MOST = 10
LIKELY, LOOKED_THROUGH = 3, 60
MayRead = Callable[[Document], bool]


def hand_in(
    files: Sequence[IO[bytes]],
    *,
    chain: str,
    purpose: Purpose,
    title: str,
    may_read: MayRead,
    by: User,
    at: datetime,
) -> list[Attachment]:
    """Keep the files, all or none. A signed sheet that carries the code of a paper which the person may read is given to that paper.

    Others are entered in `chain`; a signed sheet without a readable code waits there. DomainError names the file that cannot be kept.
    """
    if not files:
        raise DomainError(_("Choose a file first."), fields={"files": _("required")})
    if len(files) > MOST:
        raise DomainError(_("At most %(most)s files at once."), most=MOST)
    looked = [look_at(file.read(LARGEST + 1), _name_of(file, n)) for n, file in enumerate(files, 1)]
    kept = [attachments.store(each) for each in looked]
    with one_act():
        _hold_cases(kept)
        return [_enter(each, chain, purpose, title, may_read, by=by, at=at) for each in kept]


def _hold_cases(kept: Sequence[attachments.Stored]) -> None:
    """Whoever completes a step that a form was printed for waits, or is done: so a sheet and its record never miss each other."""
    steps = [step for each in kept if (step := _form_on(each.upload.codes)[1])]
    locked(Case, sorted({step.case_id for step in steps}))


def _name_of(file: IO[bytes], number: int) -> str:
    return f"{number}. {str(getattr(file, 'name', ''))[-60:]}"


def _enter(
    kept: attachments.Stored,
    chain: str,
    purpose: Purpose,
    title: str,
    may_read: MayRead,
    *,
    by: User,
    at: datetime,
) -> Attachment:
    code, step, paper = "", None, None
    if purpose == Purpose.SIGNED:
        code, step = _form_on(kept.upload.codes)
        paper = attachments.paper_on(kept.upload.codes)
        paper = paper or (attachments.paper_of_form(code) if step else None)
        paper = paper if paper and may_read(paper) else None
    chain = paper.chain if paper else _chain_of(step, by) or chain
    return attachments.enter(
        kept, chain=chain, purpose=purpose, title=title, document=paper, form_code=code, by=by, at=at
    )  # fmt: skip


def _form_on(codes: Iterable[str]) -> tuple[str, Step | None]:
    """The code of the empty form on a sheet, and the step that it was printed for; no code if that step prints no such form."""
    code = form_codes.among(codes)
    pk = form_codes.step_of(code)
    if pk is None:
        return code, None
    step = Step.objects.filter(pk=pk).first()
    return (code, step) if step and kind_of(code) in forms_of(step) else ("", None)


def _chain_of(step: Step | None, by: User) -> str:
    """Where the sheet of a form waits for its record: at the case that the form was printed for, if the person works on it."""
    if step is None:
        return ""
    try:
        return place_for(by, Of.CASE, step.case_id, closed=True).chain
    except Unreachable:
        return ""


def likely_papers(waiting: Iterable[Attachment], chain: str) -> dict[int, list[Document]]:
    """By the id of each waiting sheet the papers of its chain that it may belong to, those without a sheet first, then the newest. One query.

    One printed for a step belongs to what that step makes, one of a form to papers of that form.
    """
    rows = Document.objects.filter(chain=chain, superseded_by=None, destroyed=None)
    rows = rows.annotate(bare=~Exists(Attachment.objects.filter(document=OuterRef("pk"))))
    papers = list(rows.defer("record").order_by("-bare", "-pk")[:LOOKED_THROUGH])
    return {each.pk: [p for p in papers if _may_be(each, p)][:LIKELY] for each in waiting}


def _may_be(sheet: Attachment, paper: Document) -> bool:
    step = form_codes.step_of(sheet.form_code)
    if step is not None:
        return paper.subject == f"step:{step}"
    return not sheet.form_code or paper.kind == kind_of(sheet.form_code)


def give(
    waiting: Attachment, number: str, *, may_read: MayRead, by: User, at: datetime
) -> Attachment:
    """A waiting sheet belongs to the paper with that number, however its brackets were typed. DomainError if there is none in reach."""
    typed = number.strip().translate(BRACKETS)
    paper = next(
        filter(may_read, Document.objects.filter(number=typed, destroyed=None)[:MOST]), None
    )
    if paper is None:
        raise DomainError(
            _("There is no paper with this number in your reach."),
            fields={"number": _("check the number")},
        )
    _refuse_other(waiting, paper)
    with one_act():
        held = Attachment.objects.select_for_update().get(pk=waiting.pk)
        return attachments.give_to(held, paper, by=by, at=at)


def _refuse_other(waiting: Attachment, paper: Document) -> None:
    """A sheet of one form is no paper of another, and one that was handed in at a case is of that case."""
    if waiting.form_code and kind_of(waiting.form_code) != paper.kind:
        raise DomainError(
            _("This sheet is “%(form)s”, the paper is “%(paper)s”."),
            form=waiting.form,
            paper=paper.title,
        )
    place = case_of(waiting.chain)
    if place and case_of(paper.chain) != place:
        raise DomainError(_("This paper is of another case: hand the sheet in there."))
