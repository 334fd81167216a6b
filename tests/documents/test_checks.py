"""Any change to a record, chain, file, number or anchor is found; untouched, nothing is."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from casework.audit import trail
from casework.core import triggers
from casework.core.canonical import canonical_json, sha256_hex
from casework.core.transaction import one_act
from casework.documents import attachments, checks, file_checks, merkle, sealing, store
from casework.documents.anchors import leaves_of, make_anchor, proof_for, root_of
from casework.documents.models import Addendum, Anchor, Destroyed, DestroyedFile, Document, Purpose
from casework.documents.render import Rendered
from casework.documents.uploads import FileKind, Upload
from casework.org.models import User
from tests.documents.samples import AT

Make = Callable[..., Document]
Sql = Callable[..., None]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("triggers_set", "sealed")]


def kinds() -> set[object]:
    return {problem["kind"] for problem in checks.problems()} - {"trigger"}


@pytest.fixture(autouse=True)
def quick_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file with the record inside stands for the paper; how it looks does not matter here."""

    def small(record: str) -> Rendered:
        paper, out = pikepdf.new(), io.BytesIO()
        paper.add_blank_page()
        paper.attachments["record.json"] = record.encode()
        paper.save(out)
        return Rendered(out.getvalue(), 1, {})

    monkeypatch.setattr(sealing, "render", small)
    monkeypatch.setattr(sealing, "seal", lambda data: data + b"%sealed")
    for room in (sealing, file_checks):
        monkeypatch.setattr(room, "intact", lambda data: data.endswith(b"%sealed"))


@pytest.fixture
def papers(make: Make) -> list[Document]:
    """Three papers of one case, one sealed, and one of another."""
    made = [make(), make("P36"), make("P04"), make("P35", chain="case:13")]
    sealing.file_of(made[1])
    return made


def test_nothing_is_found_where_nothing_was_touched(papers: list[Document]) -> None:
    make_anchor(at=AT)
    assert list(checks.problems()) == [] == list(trail.problems())
    out = StringIO()
    call_command("verify_documents", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"checked": 4, "problems": []}


def test_the_command_exits_1_and_says_what_is_damaged(
    papers: list[Document], unlocked: Sql
) -> None:
    """SEAL-07"""
    unlocked("UPDATE documents_document SET record = record || ' ' WHERE id = %s", papers[2].pk)
    out = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("verify_documents", "--json", stdout=out)
    assert stop.value.code == 1
    (found,) = [p for p in json.loads(out.getvalue())["problems"] if p["kind"] != "trigger"]
    assert (found["kind"], found["document"]) == ("record", papers[2].pk)


def _forged(document: Document) -> tuple[str, str]:
    record = json.loads(document.record) | {"salt": "f" * 32}
    data = canonical_json(record)
    return data.decode(), sha256_hex(data)


def test_a_record_with_a_hash_of_its_own_breaks_the_chain(
    papers: list[Document], unlocked: Sql
) -> None:
    """SEAL-04"""
    unlocked(
        "UPDATE documents_document SET record = %s, hash = %s WHERE id = %s",
        *_forged(papers[0]),
        papers[0].pk,
    )
    assert kinds() == {"link"}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE documents_document SET place = 9 WHERE place = 3", {"link", "record", "head"}),
        ("UPDATE documents_document SET kind = 'P32' WHERE kind = 'P04'", {"record", "numbers"}),
        ("UPDATE documents_document SET number = 'x' WHERE kind = 'P04'", {"record"}),
        ("UPDATE documents_document SET token = 'x' WHERE kind = 'P04'", {"record"}),
        (
            "UPDATE documents_document SET chain = 'case:9' WHERE kind = 'P04'",
            {"record", "link", "head"},
        ),
        ("UPDATE documents_document SET frozen_by = '别人' WHERE kind = 'P04'", {"record"}),
        ("UPDATE documents_document SET subject = 'step:999' WHERE kind = 'P04'", {"record"}),
        (
            "UPDATE documents_document SET unit_id = (SELECT min(id) FROM org_unit WHERE id <> unit_id) WHERE kind = 'P04'",
            {"record", "numbers"},
        ),
        ("UPDATE documents_document SET frozen_by = '' WHERE kind = 'P04'", {"record"}),
        ("UPDATE documents_document SET frozen_by = '王' WHERE kind = 'P04'", {"record"}),
        (
            "UPDATE documents_document SET frozen_at = '2025-01-02 00:00:00' WHERE kind = 'P04'",
            {"record"},
        ),
        ("UPDATE documents_document SET sequence = 7 WHERE kind = 'P04'", {"record", "numbers"}),
        ("DELETE FROM documents_document WHERE kind = 'P04'", {"head", "numbers"}),
        ("DELETE FROM documents_document WHERE chain = 'case:13'", {"head", "numbers"}),
        ("UPDATE documents_chainhead SET count = 2 WHERE chain = 'case:12'", {"head"}),
        ("UPDATE documents_sealedfile SET sha256 = 'x'", {"file", "moved"}),
        ("UPDATE documents_sealedfile SET path = 'x'", {"missing", "moved"}),
        ("UPDATE documents_numbercounter SET last = 5", {"numbers"}),
    ],
)
def test_every_kind_of_change_to_a_row_is_found(
    papers: list[Document], unlocked: Sql, sql: str, found: set[str]
) -> None:
    """SEAL-04"""
    unlocked(sql)
    assert kinds() == found


def test_swapped_bytes_are_found_even_with_their_hash(
    papers: list[Document], unlocked: Sql
) -> None:
    """SEAL-04: the file of another paper, with a row that agrees with it."""
    other = sealing.file_of(papers[2])
    unlocked(
        "UPDATE documents_sealedfile SET path = %s, sha256 = %s WHERE document_id = %s",
        other.path,
        other.sha256,
        papers[1].pk,
    )
    assert kinds() == {"embedded", "moved"}


def test_a_file_moved_to_another_paper_is_found_under_an_anchor(
    papers: list[Document], unlocked: Sql
) -> None:
    """SEAL-04: what an anchor covers is not opened, and its hash is still right"""
    make_anchor(at=AT)
    assert kinds() == set()
    sql = "UPDATE documents_sealedfile SET document_id = %s WHERE document_id = %s"
    unlocked(sql, papers[2].pk, papers[1].pk)
    assert "moved" in kinds()


@pytest.mark.parametrize("record", ["x", "{}", "[]", "null", '{"recorded_at":null}'])
def test_a_record_that_is_none_stops_no_check(
    papers: list[Document], unlocked: Sql, record: str
) -> None:
    """SEAL-04: its hash made right; the rest is still looked at, and the public page says damaged."""
    unlocked(
        "UPDATE documents_document SET record = %s, hash = %s WHERE id = %s",
        record,
        sha256_hex(record.encode()),
        papers[2].pk,
    )
    assert {"record", "head"} <= kinds()
    assert not checks.record_holds(Document.objects.get(pk=papers[2].pk))


def test_a_missing_file_is_found(papers: list[Document]) -> None:
    (store.folder() / papers[1].file.path).unlink()
    assert kinds() == {"missing"}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, 10**6), other=st.characters(codec="utf-8"))
def test_any_changed_character_of_a_record_is_found(make: Make, place: int, other: str) -> None:
    """SEAL-04; the row is changed in memory only"""
    document = Document.objects.first() or make()
    assert checks.record_holds(document)
    place %= len(document.record)
    assume(document.record[place] != other)
    document.record = document.record[:place] + other + document.record[place + 1 :]
    assert not checks.record_holds(document)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, 10**6), byte=st.integers(1, 255))
def test_any_changed_byte_of_a_file_is_found(make: Make, place: int, byte: int) -> None:
    """SEAL-04"""
    document = Document.objects.first() or make()
    path = store.folder() / sealing.file_of(document).path
    good = path.read_bytes()
    bad = bytearray(good)
    bad[place % len(bad)] ^= byte
    path.write_bytes(bad)
    try:
        assert kinds() == {"file"}
    finally:
        path.write_bytes(good)


class TestAnchors:
    """SEAL-06: what was handed out outlives a rewritten database."""

    def test_a_root_is_taken_over_everything(self, papers: list[Document]) -> None:
        trail.look("case", [12], by=None, at=AT)
        anchor = make_anchor(at=AT)
        assert (anchor.documents, anchor.previous) == (4, "")
        leaves = leaves_of(anchor)
        assert [leaf.kind for leaf in leaves] == sorted(leaf.kind for leaf in leaves)
        assert {leaf.kind for leaf in leaves} == {"at", "document", "audit", "look"}
        assert root_of(anchor) == anchor.root

    def test_later_work_does_not_change_it_and_is_in_the_next(
        self, papers: list[Document], make: Make
    ) -> None:
        first = make_anchor(at=AT)
        make("P06")
        sealing.file_of(papers[0])
        trail.look("case", [12], by=None, at=AT)
        second = make_anchor(at=AT)
        assert root_of(first) == first.root == second.previous != second.root
        assert (second.documents, first.documents) == (5, 4)

    def test_a_proof_leads_to_the_root_by_the_agreed_rule(self, papers: list[Document]) -> None:
        anchor = make_anchor(at=AT)
        proof = proof_for(anchor, "case:12")
        files = sha256_hex(papers[1].file.sha256.encode())
        assert proof["leaf"] == ["document", "case:12", 3, papers[2].hash, files]
        import hashlib

        leaf = hashlib.sha256(b"\x00" + canonical_json(proof["leaf"])).digest()
        assert merkle.climb(leaf, [tuple(step) for step in proof["path"]]).hex() == anchor.root

    ATTACKS = (
        "DELETE FROM documents_document WHERE kind = 'P04'",
        "UPDATE documents_sealedfile SET sha256 = 'f00d'",
        "DELETE FROM audit_entry WHERE verb = 'document.sealed'",
        "UPDATE audit_look SET reason = 'none'",
        "DELETE FROM audit_look",
        "UPDATE documents_document SET hash = 'f00d' WHERE kind = 'P04'",
    )

    @pytest.mark.parametrize("sql", ATTACKS)
    def test_a_cut_or_changed_history_no_longer_gives_it(
        self, papers: list[Document], unlocked: Sql, sql: str
    ) -> None:
        trail.look("case", [12], by=None, at=AT)
        anchor = make_anchor(at=AT)
        assert checks.known_anchor(anchor.root) == anchor
        unlocked(sql)
        assert "anchor" in kinds() and checks.known_anchor(anchor.root) is None

    def test_a_chain_computed_anew_with_its_anchor_does_not_have_the_printed_root(
        self, papers: list[Document], unlocked: Sql
    ) -> None:
        printed_root = make_anchor(at=AT).root
        record, digest = _forged(papers[3])
        unlocked(
            "UPDATE documents_document SET record = %s, hash = %s WHERE id = %s",
            record,
            digest,
            papers[3].pk,
        )
        unlocked("UPDATE documents_chainhead SET hash = %s WHERE chain = 'case:13'", digest)
        anew = root_of(Anchor.objects.get())
        unlocked("UPDATE documents_anchor SET root = %s", anew)
        assert kinds() == {"anchor_entry"}  # and had that been rewritten too:
        assert checks.known_anchor(printed_root) is None
        with pytest.raises(SystemExit):
            call_command("verify_documents", anchor=printed_root, stdout=StringIO())

    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM audit_look WHERE id = (SELECT MIN(id) FROM audit_look)",
            "UPDATE audit_look SET actor_name = 'x'",
        ],
    )
    def test_looks_before_an_earlier_anchor_are_covered(
        self, papers: list[Document], unlocked: Sql, sql: str
    ) -> None:
        """SEAL-04: who looked at which child, whichever night it was anchored."""
        for _night in range(3):
            trail.look("case", [12], by=None, at=AT)
            make_anchor(at=AT)
        assert kinds() == set()
        unlocked(sql)
        assert "looks" in kinds()

    def test_a_printed_anchor_is_asked_for(self, papers: list[Document]) -> None:
        printed, out = make_anchor(at=AT).root, StringIO()
        call_command("verify_documents", anchor=printed, stdout=out)
        assert "0 problems" in out.getvalue()
        with pytest.raises(CommandError, match="64 hexadecimal"):
            call_command("verify_documents", anchor="abc", stdout=out)

    @given(count=st.integers(1, 40), data=st.data())
    def test_every_leaf_of_a_tree_can_be_proved_and_no_other(self, count: int, data: Any) -> None:
        leaves = [bytes([number]) * 32 for number in range(count)]
        place = data.draw(st.integers(0, count - 1))
        path = merkle.path(leaves, place)
        assert merkle.climb(leaves[place], path) == merkle.root(leaves)
        assert merkle.climb(b"x" * 32, path) != merkle.root(leaves)


CHANGES = [
    "UPDATE {table} SET id = id",
    "DELETE FROM {table}",
]


def test_anchors_before_the_first_look_accuse_nobody(papers: list[Document]) -> None:
    """A house whose first nights pass without anybody looking is whole, and stays so."""
    make_anchor(at=AT)
    make_anchor(at=AT + timedelta(days=1))
    trail.look("case", [12], by=None, at=AT + timedelta(days=2))
    make_anchor(at=AT + timedelta(days=3))
    make_anchor(at=AT + timedelta(days=4))
    assert list(checks.problems()) == []


class TestTriggers:
    """SEAL-05: the database itself refuses to change what is written once."""

    @pytest.fixture
    def rows(self, papers: list[Document], teacher: User) -> None:
        trail.look("case", [12], by=None, at=AT)
        make_anchor(at=AT)
        gone = {"listed": "destruction:1", "first": "a", "second": "b", "at": AT}
        Destroyed(document=papers[0], **gone).save()
        Addendum(document=papers[0], addendum=papers[1]).save()
        DestroyedFile(of="photo", ref=1, sha256="0" * 64, listed="2057-1", at=AT).save()
        with one_act():
            handed = attachments.store(Upload(FileKind.AUDIO, "ogg", b"OggS", b"OggS", b"OggS"))
            attachments.enter(handed, chain="case:12", purpose=Purpose.PROOF, by=teacher, at=AT)

    @pytest.mark.parametrize("sql", CHANGES)
    @pytest.mark.parametrize("table", triggers.TABLES)
    def test_no_row_can_be_changed_or_removed(self, rows: None, table: str, sql: str) -> None:
        from django.db import DatabaseError, transaction

        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            connection.cursor().execute(sql.format(table=table))

    @pytest.mark.parametrize("table", triggers.TABLES)
    def test_no_table_can_be_emptied_or_row_replaced(self, rows: None, table: str) -> None:
        from django.db import DatabaseError, transaction

        sql = (
            f"TRUNCATE {table} CASCADE"
            if connection.vendor == "postgresql"
            else f"REPLACE INTO {table} SELECT * FROM {table}"
        )
        with connection.cursor() as cursor, pytest.raises(DatabaseError) as refusal:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with transaction.atomic():
                cursor.execute(sql)
        assert "written once" in str(refusal.value)

    def test_a_missing_trigger_is_a_problem(self, rows: None, unlocked: Sql) -> None:
        assert triggers.missing(connection) == []
        unlocked("SELECT 1")
        found = [p["name"] for p in checks.problems() if p["kind"] == "trigger"]
        assert set(found) == triggers.names(connection.vendor)


def test_an_issue_inside_a_failed_act_leaves_no_trace(make: Make, papers: list[Document]) -> None:
    """REL-03"""
    with pytest.raises(RuntimeError), one_act():
        make()
        raise RuntimeError
    assert list(checks.problems()) == []
