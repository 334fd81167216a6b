"""What someone typed and has not sent: kept encrypted, one a person and form; and the key that makes sending twice harmless."""

import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from casework.cases.models import Draft, Sent
from casework.core.errors import DomainError
from casework.org.models import User

SKIPPED = frozenset({"csrfmiddlewaretoken", "form_key", "act", "generation", "sender"})
LONGEST = 200_000  # characters
SENDERS, SENDER_LIFE = signing.TimestampSigner(salt="casework.form.sender"), timedelta(days=2)


def key_of_step(pk: int) -> str:
    """The key of the form of a step."""
    return f"step:{pk}"


def save_draft(*, user: User, key: str, typed: dict[str, list[str]], at: datetime) -> None:
    """Keep what was typed in the form `key` (files are not kept). DomainError if it is far too long."""
    kept = json.dumps({name: values for name, values in typed.items() if name not in SKIPPED})
    if len(kept) > LONGEST:
        raise DomainError(_("This is too long to be kept. Shorten it."))
    Draft.objects.update_or_create(user=user, key=key, defaults={"typed": kept, "saved_at": at})


def sender_mark(user: User, key: str) -> str:
    """Who got a form, and which: it stands on the form, so that what is sent after the session ended is kept for the same person."""
    return SENDERS.sign(f"{user.pk} {key}")


def sender_of(mark: str, key: str) -> User | None:
    """Whose form it is, by a mark of the last two days for that form and no other."""
    try:
        pk, _blank, of = SENDERS.unsign(mark, max_age=SENDER_LIFE).partition(" ")
    except signing.BadSignature:
        return None
    return None if of != key else User.objects.filter(pk=pk, is_active=True).first()


def draft_of(user: User, key: str) -> tuple[dict[str, list[str]], datetime] | None:
    """What was typed, and when it was kept."""
    draft = Draft.objects.filter(user=user, key=key).first()
    return (json.loads(draft.typed), draft.saved_at) if draft else None


def kept_drafts(user: User, keys: Iterable[str]) -> set[str]:
    """Those of the forms `keys` in which the person has typed something that is not sent."""
    return set(Draft.objects.filter(user=user, key__in=keys).values_list("key", flat=True))


def drop_draft(user: User, key: str) -> None:
    """The form was sent: nothing is kept beside the record."""
    Draft.objects.filter(user=user, key=key).delete()


def new_form_key() -> str:
    """The hidden key of a form page: sent twice, it is recorded once (REL-05)."""
    return secrets.token_urlsafe(16)


def answer_of(key: str, user: User) -> str | None:
    """Where the first sending of this form led, if there was one."""
    sent = Sent.objects.filter(key=key, user=user).first()
    return sent.answer if sent else None


def note_sent(*, key: str, user: User, answer: str, at: datetime) -> None:
    """Note (in the act itself) that the form was sent."""
    if not key:
        return
    try:
        with transaction.atomic():
            Sent(key=key, user=user, answer=answer, at=at).save()
    except IntegrityError as error:
        raise DomainError(_("This form was sent already. It is recorded once.")) from error
