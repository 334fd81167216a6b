"""Lists that a person looks at again and again, kept under a name: the address says all, and is checked anew each time."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User
from casework.oversight.models import SavedView

MOST = 20


def keep_view(user: User, name: str, address: str, *, at: datetime) -> SavedView:
    """Keep a list under a name; the same name again means the new one. DomainError: no name, or too many of them."""
    if not name.strip():
        raise DomainError(_("Give the list a name."), fields={"name": _("required")})
    mine = SavedView.objects.filter(user=user)
    if mine.count() >= MOST and not mine.filter(name=name.strip()[:40]).exists():
        raise DomainError(_("You have kept %(most)s lists: let one go first."), most=MOST)
    with one_act():
        view, _new = SavedView.objects.update_or_create(
            user=user, name=name.strip()[:40], defaults={"address": address, "at": at}
        )
        trail.record("view.kept", by=user, at=at, subject=f"user:{user.pk}")
    return view


def drop_view(view: SavedView, *, at: datetime) -> None:
    """Let a list go."""
    with one_act():
        view.delete()
        trail.record("view.dropped", by=view.user, at=at, subject=f"user:{view.user_id}")
