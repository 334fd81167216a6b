"""The certificates that seal papers: each is kept when it first does, so that its seals hold after another has taken its place or its time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from casework.core import clock
from casework.documents.models import SealCertificate

WARN_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class InUse:
    """The certificate that seals now: whose it is, until when it is good, its SHA-256 as hex."""

    subject: str
    expires: datetime
    fingerprint: str

    @property
    def days_left(self) -> int:
        """Whole days by the machine's clock, which is what a seal carries; negative when it is over."""
        return (self.expires - clock.real_now()).days

    @property
    def ends_soon(self) -> bool:
        return self.days_left < WARN_BEFORE.days


def in_use(certificate: Any) -> InUse:
    """What people want to know of a certificate (asn1crypto)."""
    return InUse(
        certificate.subject.human_friendly,
        certificate.not_valid_after,
        sha256(certificate.dump()).hexdigest(),
    )


def remember(certificate: Any, *, at: datetime) -> None:
    """Keep a certificate when it seals for the first time (inside one_act)."""
    found = in_use(certificate)
    SealCertificate.objects.get_or_create(
        fingerprint=found.fingerprint,
        defaults={
            "der": certificate.dump(),
            "subject": found.subject[:200],
            "expires": found.expires,
            "first_at": at,
        },
    )


def kept() -> list[Any]:
    """All that ever sealed, as asn1crypto has them."""
    from asn1crypto import x509

    rows = SealCertificate.objects.order_by("pk").values_list("der", flat=True)
    return [x509.Certificate.load(bytes(der)) for der in rows]
