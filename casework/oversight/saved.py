"""Lists that a person looks at again and again, kept under a name: the address says all, and is checked anew each time."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User
from casework.oversight.models import SavedView

MOST, LONGEST = 20, 40


def keep_view(user: User, name: str, address: str, *, at: datetime) -> SavedView:
    """Keep a list under a name. DomainError: no name, one too long or taken, or too many of them."""
    name = name.strip()
    if not name:
        raise DomainError(_("Give the list a name."), fields={"name": _("required")})
    if len(name) > LONGEST:
        raise DomainError(_("Give it a shorter name: at most %(most)s characters."), most=LONGEST)
    mine = SavedView.objects.filter(user=user)
    if mine.filter(name=name).exclude(address=address).exists():
        raise DomainError(
            _("You have another list of this name. Let it go, or choose another name.")
        )
    if mine.count() >= MOST and not mine.filter(name=name).exists():
        raise DomainError(_("You have kept %(most)s lists: let one go first."), most=MOST)
    with one_act():
        view, _new = SavedView.objects.update_or_create(
            user=user, name=name, defaults={"address": address, "at": at}
        )
        trail.record("view.kept", by=user, at=at, subject=f"user:{user.pk}")
    return view


def drop_view(view: SavedView, *, at: datetime) -> None:
    """Let a list go."""
    with one_act():
        view.delete()
        trail.record("view.dropped", by=view.user, at=at, subject=f"user:{view.user_id}")
