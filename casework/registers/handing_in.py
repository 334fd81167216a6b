"""Files handed in: signed sheets are given to their paper by the printed code, others stand beside a case or an office."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO

from django.utils.translation import gettext_lazy as _

from casework.cases.matters import BRACKETS
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents import attachments
from casework.documents.models import Attachment, Document, Purpose
from casework.documents.uploads import LARGEST, look_at
from casework.org.models import User

MOST = 10
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
        return [_enter(each, chain, purpose, title, may_read, by=by, at=at) for each in kept]


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
    paper = attachments.paper_on(kept.upload.codes) if purpose == Purpose.SIGNED else None
    if paper and may_read(paper):
        chain = paper.chain
    else:
        paper = None
    return attachments.enter(
        kept, chain=chain, purpose=purpose, title=title, document=paper, by=by, at=at
    )


def give(
    waiting: Attachment, number: str, *, may_read: MayRead, by: User, at: datetime
) -> Attachment:
    """A waiting sheet belongs to the paper with that number, however its brackets were typed. DomainError if there is none in reach."""
    typed = number.strip().translate(BRACKETS)
    paper = next(filter(may_read, Document.objects.filter(number=typed)[:MOST]), None)
    if paper is None:
        raise DomainError(
            _("There is no paper with this number in your reach."),
            fields={"number": _("check the number")},
        )
    with one_act():
        locked = Attachment.objects.select_for_update().get(pk=waiting.pk)
        return attachments.give_to(locked, paper, by=by, at=at)
