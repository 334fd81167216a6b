"""The organisation's seal: a PAdES signature over the whole file, with a time stamp where an authority is set."""

import io
import os
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casework.core import clock
from casework.core.errors import DomainError
from casework.documents import certificates

FIELD = "Seal"
SECONDS_FOR_TIMESTAMP = 10


class SealError(DomainError):
    """A paper is recorded but cannot be sealed now; says what is missing."""


def seal(pdf: bytes) -> bytes:
    """`pdf` sealed (PAdES-B, B-T with `TIMESTAMP_URL`), the machine's real time in it; no change allowed after it.

    Raises SealError without a usable seal key or an answer of the time-stamp authority (SEAL-09).
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko.sign.timestamps import HTTPTimeStamper
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    if not _in_time(certificate(), clock.real_now()):
        raise SealError(
            _("The seal's certificate is out of its time: put a valid one in its place.")
        )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    url = settings.TIMESTAMP_URL
    stamper = HTTPTimeStamper(url, timeout=SECONDS_FOR_TIMESTAMP) if url else None
    signer = signers.PdfSigner(meta, signer=_signer(), timestamper=stamper)
    out = io.BytesIO()
    try:
        signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    except (TimestampRequestError, OSError) as error:
        raise SealError(
            _("The paper is recorded. Its seal waits: the time-stamp authority does not answer.")
        ) from error
    return out.getvalue()


def intact(pdf: bytes) -> bool:
    """Whether our seal is valid and covers the whole file; bytes added after it count as damage (SEAL-03).

    Ours is the certificate in use and each that sealed before, none else of the authority that issued it; it counts as of the
    time in the seal, also when it is over since. A time stamp must be whole and of this seal; its authority is not judged here.
    """
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError

    try:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        ours = [certificate(), *certificates.kept()]
        status = validate_pdf_signature(
            signature,
            _trusting([*ours, *_signer().cert_registry]),
            ts_validation_context=_trusting(_authority_of(signature)),
        )
    except (PdfReadError, SignatureValidationError, ValueError):
        return False
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    sealed_at = signature.self_reported_timestamp
    used = status.signing_cert
    is_ours = used.dump() in [each.dump() for each in ours]
    return bool(status.bottom_line) and whole and is_ours and _in_time(used, sealed_at)


def _in_time(used: Any, moment: datetime | None) -> bool:
    """Whether a certificate was good then; one that is trusted itself is not asked by the library."""
    return moment is not None and bool(used.not_valid_before <= moment <= used.not_valid_after)


def _trusting(roots: list[Any]) -> Any:
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(trust_roots=roots, allow_fetching=False)


def _authority_of(signature: Any) -> list[Any]:
    """The certificates that time stamps bring along."""
    return [
        certificate.chosen
        for each in signature.signer_info["unsigned_attrs"]
        if each["type"].native == "signature_time_stamp_token"
        for token in each["values"]
        for certificate in token["content"]["certificates"]
    ]


def seal_in_use() -> certificates.InUse | None:
    """The seal that a stranger compares with; None where there is none yet."""
    try:
        return certificates.in_use(certificate())
    except SealError:
        return None


def certificate() -> Any:
    """The certificate that seals now (asn1crypto). SealError without one."""
    return _signer().signing_cert


def _signer() -> Any:
    path = Path(settings.SEAL_KEY)
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise SealError(
            _("There is no seal yet: run “manage.py make_seal”, or name the key file in SEAL_KEY.")
        ) from error
    return _loaded(str(path), changed, settings.SEAL_PASSPHRASE)


@lru_cache(maxsize=2)
def _loaded(path: str, changed: int, passphrase: str) -> Any:
    """The signer of a key file as it was at `changed`."""
    from pyhanko.sign import signers

    loaded: Any = signers.SimpleSigner.load_pkcs12(path, passphrase=passphrase.encode() or None)  # type: ignore[no-untyped-call]
    if loaded is None:
        raise SealError(_("The seal key cannot be opened: check SEAL_KEY and SEAL_PASSPHRASE."))
    return _signer_class()(loaded.signing_cert, loaded.signing_key, loaded.cert_registry)


def _signer_class() -> Any:
    """pyHanko's signer parses its key twice a paper (0.1 s each for RSA); this one keeps it."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_private_key
    from pyhanko.sign import signers

    class KeptKey(signers.SimpleSigner):
        @cached_property
        def kept(self) -> Any:
            return load_der_private_key(self.signing_key.dump(), password=None)

        def sign_raw(self, data: bytes, digest_algorithm: str) -> Any:
            mechanism = self.get_signature_mechanism_for_digest(digest_algorithm)
            if (mechanism["algorithm"].native, digest_algorithm) == ("sha256_rsa", "sha256"):
                return self.kept.sign(data, PKCS1v15(), SHA256())
            return super().sign_raw(data, digest_algorithm)

    return KeptKey


def make_demo_certificate(path: Path, *, name: str, passphrase: str, at: datetime) -> None:
    """Write a self-made key and certificate for `name`, good for ten years from `at`, readable by us only.

    An existing file is never overwritten: FileExistsError.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        [
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ],
        False,
    )
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=3650))
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    _write_key(path, name, key, certificate, passphrase)


def _write_key(path: Path, name: str, key: Any, certificate: Any, passphrase: str) -> None:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        NoEncryption,
        pkcs12,
    )

    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    data = pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, lock)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
