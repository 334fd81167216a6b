"""Anchors leave the house: by mail, to a folder elsewhere, on a public page; what fails is told."""

from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from casework.documents.anchors import make_anchor
from casework.documents.models import Anchor
from casework.documents.publishing import FILE, publish
from tests.documents.samples import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def anchor() -> Anchor:
    return make_anchor(at=AT)


def test_nothing_is_sent_where_nothing_is_set(anchor: Anchor) -> None:
    assert publish(anchor) == [] == mail.outbox


def test_a_mail_goes_to_each_address(anchor: Anchor, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    settings.ANCHOR_MAIL = ["a@example.org", "b@example.org"]
    assert publish(anchor) == []
    assert [message.to for message in mail.outbox] == [["a@example.org"], ["b@example.org"]]
    assert all(anchor.root in str(message.body) for message in mail.outbox)


def test_a_line_is_added_in_the_folder(settings: Any, tmp_path: Path) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path)
    roots = []
    for _night in range(2):
        made = make_anchor(at=AT)
        assert publish(made) == []
        roots.append(made.root)
    lines = (tmp_path / FILE).read_text().splitlines()
    assert [line.split()[1] for line in lines] == roots


def test_one_that_fails_keeps_no_other_from_being_sent(
    anchor: Anchor, settings: Any, tmp_path: Path
) -> None:
    """A share that is not mounted is no new folder."""
    settings.EMAIL_HOST, settings.ANCHOR_MAIL = "mail.example", ["a@example.org"]
    settings.ANCHOR_FOLDER = str(tmp_path / "gone")
    assert publish(anchor) == [settings.ANCHOR_FOLDER]
    assert len(mail.outbox) == 1 and not (tmp_path / "gone").exists()
    settings.EMAIL_HOST = ""
    assert publish(anchor) == [settings.ANCHOR_FOLDER, "a@example.org"]


def test_the_public_page_lists_them_to_anybody(anchor: Anchor, client: Client) -> None:
    shown = client.get(reverse("documents:anchors")).content.decode()
    assert " ".join(anchor.root[n : n + 4] for n in range(0, 64, 4)) in shown
