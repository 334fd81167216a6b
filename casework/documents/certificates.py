"""The certificates that seal papers: each is kept when it first does, so that its seals hold after another has taken its place or its time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from casework.audit import trail
from casework.audit.models import Entry
from casework.core import clock
from casework.documents.models import SealCertificate

SUBJECT, FIRST_USED = "seal", "seal.first_used"
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
    _row, new = SealCertificate.objects.get_or_create(
        fingerprint=found.fingerprint,
        defaults={
            "der": certificate.dump(),
            "subject": found.subject[:200],
            "expires": found.expires,
            "first_at": at,
        },
    )
    if new:
        trail.record(FIRST_USED, by=None, at=at, subject=SUBJECT, fingerprint=found.fingerprint)


def kept() -> list[Any]:
    """All that ever sealed, as asn1crypto has them: those that the audit trail names, with the bytes that it names."""
    from asn1crypto import x509

    rows = [
        bytes(der) for der in SealCertificate.objects.order_by("pk").values_list("der", flat=True)
    ]
    named = _named()
    return [x509.Certificate.load(der) for der in rows if sha256(der).hexdigest() in named]


def strangers() -> list[str]:
    """Fingerprints of rows that the audit trail does not name: somebody put them in past the house."""
    named = _named()
    rows = SealCertificate.objects.order_by("pk").values_list("fingerprint", "der")
    return [name for name, der in rows if {name, sha256(bytes(der)).hexdigest()} - named]


def _named() -> set[str]:
    """By the index of subjects: it is asked for each paper that is sealed or opened."""
    named = Entry.objects.filter(subject=SUBJECT, verb=FIRST_USED)
    return {str(facts["fingerprint"]) for facts in named.values_list("facts", flat=True)}
