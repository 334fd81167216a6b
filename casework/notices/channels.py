"""What a person wants to hear where, and the secret address of the own calendar."""

import hashlib
import secrets
from datetime import datetime

from casework.audit import trail
from casework.core.transaction import one_act
from casework.notices.models import Channels, Feed
from casework.org.models import User


def channels_of(user: User) -> Channels:
    """The person's channels; not saved yet where nothing was chosen."""
    return Channels.objects.filter(user=user).first() or Channels(user=user)


def choose(user: User, *, email: str, digest: bool, at_once: bool, sms: bool, at: datetime) -> None:
    """Keep what a person chose for himself."""
    with one_act():
        Channels.objects.update_or_create(
            user=user,
            defaults={"email": email, "digest": digest, "at_once": at_once, "sms": sms},
        )
        trail.record("channels.chosen", by=user, at=at, subject=f"user:{user.pk}")


def make_feed(user: User, *, at: datetime) -> str:
    """A new secret for the person's calendar; the one before is dead. It is told once and kept as a hash."""
    token = secrets.token_urlsafe(32)
    with one_act():
        Feed.objects.update_or_create(
            user=user, defaults={"token_hash": hashed(token), "made_at": at}
        )
        trail.record("feed.made", by=user, at=at, subject=f"user:{user.pk}")
    return token


def end_feed(user: User, *, at: datetime) -> None:
    """The address answers no more."""
    with one_act():
        Feed.objects.filter(user=user).delete()
        trail.record("feed.ended", by=user, at=at, subject=f"user:{user.pk}")


def owner_of(token: str) -> User | None:
    """Whose calendar a secret opens; None for a dead one, a person who is not active any more, or whose code was reset."""
    alive = {
        "user__is_active": True,
        "user__must_set_password": False,
        "user__visits_until": None,
    }
    feed = Feed.objects.filter(token_hash=hashed(token), **alive).select_related("user").first()
    return feed.user if feed else None


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
