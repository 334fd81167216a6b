"""A seal outlives its certificate: when another has taken its place, and when its time is over."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from casework.core import clock
from casework.documents import certificates, checks, seal, sealing
from casework.documents.models import Document, SealCertificate
from tests.documents.printing import printed

Make = Callable[..., Document]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed")]


@pytest.fixture
def another(settings: Any, tmp_path: Path) -> Callable[..., None]:
    """Puts another certificate in the place of the first."""

    def put(at: Any) -> None:
        path = tmp_path / "other.p12"
        seal.make_demo_certificate(path, name="示范县教育局（新）", passphrase="", at=at)
        settings.SEAL_KEY, settings.SEAL_PASSPHRASE = str(path), ""

    return put


def test_an_old_paper_is_intact_under_a_new_certificate(
    make: Make, another: Callable[..., None]
) -> None:
    data = sealing.bytes_of(sealing.file_of(make()))
    another(clock.real_now())
    assert seal.intact(data)
    sealing.file_of(make("P36"))
    assert SealCertificate.objects.count() == 2


def test_a_certificate_is_kept_once(make: Make) -> None:
    for kind in ("P35", "P36"):
        sealing.file_of(make(kind))
    row = SealCertificate.objects.get()
    found = seal.seal_in_use()
    assert found and (row.fingerprint, row.expires) == (found.fingerprint, found.expires)


def test_a_seal_made_in_the_time_of_its_certificate_holds_after_it(
    make: Make, another: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten years and a day later, by the machine's clock too."""
    data = sealing.bytes_of(sealing.file_of(make()))
    found = seal.seal_in_use()
    assert found
    later = found.expires + timedelta(days=1)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert found.days_left == -1 and found.ends_soon
    another(later)
    assert seal.intact(data)


def test_what_a_certificate_sealed_out_of_its_time_does_not_hold(
    make: Make, settings: Any, tmp_path: Path
) -> None:
    path = tmp_path / "old.p12"
    old = clock.real_now() - timedelta(days=4000)
    seal.make_demo_certificate(path, name="过期", passphrase="", at=old)
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = str(path), ""
    with pytest.raises(seal.SealError, match=r"out of its time|有效期"):
        sealing.file_of(make())


def test_a_certificate_that_was_put_in_past_the_house_is_no_root(
    make: Make, another: Callable[..., None], settings: Any, seal_key: str
) -> None:
    """Whoever writes to the database still cannot make a seal of ours."""
    another(clock.real_now())
    forged = seal.seal(printed("P35", "usual").pdf)
    certificate = seal.certificate()
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = seal_key, "tests"
    found = certificates.in_use(certificate)
    SealCertificate(
        fingerprint=found.fingerprint, der=certificate.dump(), subject="x", expires=found.expires, first_at=clock.real_now()
    ).save()  # fmt: skip
    assert not seal.intact(forged)
    assert "certificate" in {problem["kind"] for problem in checks.problems()}
