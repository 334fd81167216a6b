"""`verify_documents` goes on where it was stopped, opens what no anchor covers, and says in words what is wrong and since when."""

import io
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from time import time

import pytest
from django.core.management import call_command
from django.utils import translation

from casework.documents import checks, file_checks, sealing, store
from casework.documents.anchors import make_anchor
from casework.documents.damage import WORDS, told
from casework.documents.file_checks import Course
from casework.documents.management.commands.verify_documents import bar
from casework.documents.models import Anchor, Document
from tests.documents.samples import AT
from tests.documents.test_checks import Sql, papers, quick_papers

__all__ = ["papers", "quick_papers"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("triggers_set", "sealed")]
ROOT = Path(file_checks.__file__).parents[1]


def kinds(*, deep: bool = False) -> set[object]:
    return {found["kind"] for found in checks.problems(deep=deep)} - {"trigger"}


def test_what_an_anchor_covers_is_hashed_and_not_opened(
    papers: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []
    monkeypatch.setattr(file_checks, "intact", lambda data: not opened.append(data))
    make_anchor(at=AT)
    sealing.file_of(papers[2])
    assert kinds() == set()
    assert len(opened) == 1  # the one sealed after the anchor
    assert kinds(deep=True) == set()
    assert len(opened) == 3


def test_where_the_anchor_does_not_hold_every_paper_is_opened(
    papers: list[Document], unlocked: Sql
) -> None:
    make_anchor(at=AT)
    other = sealing.file_of(papers[2])
    unlocked(
        "UPDATE documents_sealedfile SET path = %s, sha256 = %s WHERE document_id = %s",
        other.path,
        other.sha256,
        papers[1].pk,
    )
    assert kinds() == {"anchor", "embedded", "moved"}


def test_a_stopped_run_goes_on_where_it_was(
    papers: list[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found before the stop is said again; what was read is not read again."""
    for paper in papers:
        sealing.file_of(paper)
    (store.folder() / papers[0].file.path).write_bytes(b"altered")
    monkeypatch.setattr(file_checks, "BATCH", 1)
    monkeypatch.setattr(file_checks, "SAVED_EVERY", 0)
    place = tmp_path / "verify.json"

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(checks.problems(Course(place, tick=stop)))
    ticks: list[int] = []
    course = Course(place, tick=lambda done, total: ticks.append(done), resume=True)
    found = [p for p in checks.problems(course) if p["kind"] != "trigger"]
    assert ticks == [3, 4]
    assert [(p["kind"], p["document"]) for p in found] == [("file", papers[0].pk)]
    assert not place.exists()


def test_a_run_that_is_old_or_of_another_kind_is_not_gone_on_with(
    papers: list[Document], tmp_path: Path
) -> None:
    """Nobody hides damage by leaving such a file, unless he comes every day."""
    sealing.file_of(papers[0])
    (store.folder() / papers[0].file.path).write_bytes(b"altered")
    place = tmp_path / "verify.json"
    for kept in (
        '{"paper": 99, "begun": 1.0}',
        f'{{"paper": 99, "begun": {time()}, "mode": "deep"}}',
        "{",
    ):
        place.write_text(kept)
        found = {p["kind"] for p in checks.problems(Course(place, resume=True))}
        assert "file" in found


def test_without_asking_to_go_on_all_is_read_anew(papers: list[Document], tmp_path: Path) -> None:
    place = tmp_path / "verify.json"
    place.write_text('{"paper": 99, "attachment": 0, "done": 9, "found": [{"kind": "seal"}]}')
    assert [p for p in checks.problems(Course(place)) if p["kind"] != "trigger"] == []


def test_the_time_between_two_anchors_is_named_when_an_old_row_was_changed(
    papers: list[Document], unlocked: Sql
) -> None:
    """The anchors before the change do not hold, those made over it do: it happened between them."""
    days = [AT + timedelta(days=n) for n in range(4)]
    for day in days[:2]:
        make_anchor(at=day)
    unlocked("UPDATE documents_document SET hash = 'f00d' WHERE kind = 'P04'")
    for day in days[2:]:
        make_anchor(at=day)
    last_right = Anchor.objects.order_by("pk")[1]
    with translation.override("en"):
        *_, since = told([{"kind": "anchor", "anchor": last_right.pk}])
    assert "between" in since
    assert f"{days[1]:%-d}" in since and f"{days[2]:%-d}" in since


def test_a_change_before_the_last_anchor_of_another_month_is_found(
    papers: list[Document], unlocked: Sql
) -> None:
    """The last anchor was made over the change and holds: the last one of the month before does not."""
    make_anchor(at=AT)
    unlocked("UPDATE documents_document SET hash = 'f00d' WHERE kind = 'P04'")
    make_anchor(at=AT + timedelta(days=40))
    assert "anchor" in kinds()


def test_a_change_between_two_nights_is_found_after_the_second(
    papers: list[Document], unlocked: Sql
) -> None:
    """What is changed in the day is covered by the next anchor, not by the one before it."""
    make_anchor(at=AT)
    unlocked("UPDATE documents_document SET hash = 'f00d' WHERE kind = 'P04'")
    make_anchor(at=AT + timedelta(days=1))
    assert "anchor" in kinds()


def test_every_kind_of_damage_has_words() -> None:
    said = set()
    for room in ("documents", "audit", "registers", "cases/photos.py"):
        for file in ROOT.glob(f"{room}*" if room.endswith(".py") else f"{room}/**/*.py"):
            said |= set(re.findall(r'"kind": "([a-z_]+)"', file.read_text()))
    assert said | {"file", "missing", "embedded", "seal"} == set(WORDS)


def test_the_command_speaks_in_sentences(papers: list[Document]) -> None:
    """No `kind=file document=3`: which paper, what happened, when, what to do."""
    (store.folder() / papers[1].file.path).write_bytes(b"altered")
    out = StringIO()
    with pytest.raises(SystemExit), translation.override("zh-hans"):
        call_command("verify_documents", stdout=out)
    assert papers[1].number in out.getvalue()
    assert "备份" in out.getvalue()


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_on_a_screen_only() -> None:
    screen, pipe = Screen(), StringIO()
    for out in (screen, pipe):
        bar(out)(4, 4)
    assert screen.getvalue().endswith("4/4\n")
    assert pipe.getvalue() == ""
