"""An evidence file behind a password: a zip by AES-256 around the file as it is. The password is kept nowhere."""

import tempfile
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

SHORTEST = 10


def locked(place: Path, name: str, password: str) -> IO[bytes]:
    """`place` as `name` inside a zip that opens with `password`; an open file that is gone once it is closed.

    DomainError for a password that is too short to lock anything.
    """
    import pyzipper

    if len(password) < SHORTEST:
        raise DomainError(
            _("The password needs at least %(least)s characters."),
            fields={"password": _("too short")},
            least=SHORTEST,
        )
    out = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115 - whoever reads it closes it
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_STORED) as archive:
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        archive.setpassword(password.encode())
        archive.write(place, name)
    out.seek(0)
    return out
