"""The public page of a paper: kind, month, unit and state, and nothing about anyone."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from casework.core import triggers
from casework.core.transaction import one_act
from casework.documents import sealing, store, views
from casework.documents.addenda import amend, problems
from casework.documents.models import Document
from tests.documents.samples import AT, PUPILS

Make = Callable[..., Document]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed")]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, object]]:
    """The context of the page for a token, with its status."""

    def ask(token: str) -> dict[str, object]:
        seen: dict[str, object] = {}

        def note(request: object, template: str, context: dict[str, object], status: int) -> None:
            seen.update(context, template=template, status=status)

        monkeypatch.setattr(views, "render", note)
        views.VerifyPaper.as_view()(RequestFactory().get("/v/x/"), token=token)
        return seen

    return ask


def test_an_intact_paper(make: Make, shown: Callable[[str], dict[str, object]]) -> None:
    document = make()
    sealing.file_of(document)
    page = shown(document.token)
    assert (page["status"], page["state"], page["unit"]) == (200, "intact", "示范县青石镇中学")
    assert page["kind"] in ("疑似辍学登记表", "Suspected Dropout Registration")
    assert str(page["month"]) == "2026-11-01"
    said = str(page)
    assert PUPILS["usual"]["name"] not in said and document.number not in said and "KC-" not in said


def test_an_unknown_token_is_a_page_with_404(shown: Callable[[str], dict[str, object]]) -> None:
    assert shown("nothing") == {
        "state": "unknown",
        "template": "documents/verify.html",
        "status": 404,
    }


def test_a_superseded_and_a_damaged_paper(
    make: Make, shown: Callable[[str], dict[str, object]]
) -> None:
    old = make()
    new = make(supersedes=old)
    assert shown(old.token)["state"] == "superseded" and shown(new.token)["state"] == "intact"
    (store.folder() / sealing.file_of(new).path).write_bytes(b"other")
    assert shown(new.token)["state"] == "damaged"


def test_a_paper_that_an_addendum_corrects(
    make: Make, shown: Callable[[str], dict[str, object]]
) -> None:
    old, new = make(), make()
    with one_act():
        amend(old, new, by=None, at=AT)
    assert [shown(each.token)["state"] for each in (old, new)] == ["amended", "intact"]
    assert list(problems()) == []
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_addendum")
    assert list(problems()) == [{"kind": "addendum", "number": old.number}]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_document WHERE id = %s", [old.pk])
    assert list(problems()) == [{"kind": "addendum", "number": str(old.pk)}]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_needs_no_sign_in_and_names_nobody(
    make: Make, client: Client, language: str
) -> None:
    document = make()
    page = client.get(f"/v/{document.token}/", headers={"accept-language": language})
    said = page.content.decode()
    assert page.status_code == 200 and "2026-11" in said and "示范县青石镇中学" in said
    for secret in (*map(str, PUPILS["usual"].values()), document.number, "王立群", "KC-990026"):
        assert secret not in said or secret == PUPILS["usual"]["school"]
    assert client.get("/v/nothing/").status_code == 404
