"""Numbers that name a child are encrypted at rest (AES-256-GCM) and found by a blind index (HMAC-SHA-256)."""

import base64
import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models


@cache
def _key(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def encrypt(plain: str, place: str) -> str:
    """`plain` sealed for `place` (table/column), as text with the number of its key. Empty stays empty."""
    if not plain:
        return ""
    secrets: list[str] = settings.FIELD_KEYS
    nonce = os.urandom(12)
    box = AESGCM(_key(secrets[0], "field")).encrypt(nonce, plain.encode(), place.encode())
    return f"{len(secrets)}:{base64.b64encode(nonce + box).decode()}"


def decrypt(text: str, place: str) -> str:
    """The plain text of what `encrypt` made for the same place; another place or key raises InvalidTag."""
    if not text:
        return ""
    number, _, boxed = text.partition(":")
    secrets: list[str] = settings.FIELD_KEYS
    raw = base64.b64decode(boxed)
    key = _key(secrets[len(secrets) - int(number)], "field")
    return AESGCM(key).decrypt(raw[:12], raw[12:], place.encode()).decode()


def blind(plain: str) -> str:
    """A look-up value for `plain` that tells nothing without the key; empty for empty."""
    if not plain:
        return ""
    index_key = _key(settings.FIELD_KEYS[-1], "index")
    return hmac.new(index_key, plain.upper().encode(), hashlib.sha256).hexdigest()[:40]


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that is plain in Python and sealed in the database."""

    def _place(self) -> str:
        return f"{self.model._meta.db_table}/{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value), self._place()) if value else ""

    def from_db_value(self, value: Any, expression: object, connection: object) -> str:
        return decrypt(value, self._place()) if value else ""


def masked(number: str) -> str:
    """The first six and last four characters, the rest as dots; short ones lose all but the last two."""
    if len(number) < 11:
        return "•" * max(len(number) - 2, 0) + number[-2:]
    return number[:6] + "•" * (len(number) - 10) + number[-4:]


def starred(masked_text: str) -> str:
    """A masked number as papers and lists print it: their fonts and readers know the star."""
    return masked_text.replace("•", "*")


def masked_phone(number: str) -> str:
    """The first three and last four digits; short numbers as `masked` does."""
    return (
        number[:3] + "•" * (len(number) - 7) + number[-4:] if len(number) > 10 else masked(number)
    )


def encrypt_bytes(raw: bytes, place: str) -> bytes:
    """A file's bytes sealed for `place`, with the number of the key in front."""
    secrets: list[str] = settings.FIELD_KEYS
    nonce = os.urandom(12)
    box = AESGCM(_key(secrets[0], "file")).encrypt(nonce, raw, place.encode())
    return bytes([len(secrets)]) + nonce + box


def decrypt_bytes(boxed: bytes, place: str) -> bytes:
    """The bytes that `encrypt_bytes` sealed for the same place."""
    secrets: list[str] = settings.FIELD_KEYS
    key = _key(secrets[len(secrets) - boxed[0]], "file")
    return AESGCM(key).decrypt(boxed[1:13], boxed[13:], place.encode())
