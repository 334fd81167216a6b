"""Statements put together once write and read what the ORM would: types, sealed numbers, keys, the fence, the lock."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casework.audit.models import Entry, Head
from casework.cases.kinds import Kind
from casework.cases.models import Case, Sent, Step
from casework.core.rows import (
    fetched,
    insert_many,
    insert_one,
    insert_values,
    locked,
    update_if,
    update_many,
    update_values,
)
from casework.notices.models import Notice
from casework.students.models import Pupil
from tests.world import OPENED, World, fresh, open_case, open_step

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def entry(number: int, chain: str = "system") -> Entry:
    return Entry(chain=chain, number=number, at=AT, verb="x", facts={"a": [1, "甲"]}, hash="h")


def test_a_row_comes_back_as_it_was_written() -> None:
    row = entry(1)
    insert_one(row)
    read = Entry.objects.get(pk=row.pk)
    assert (read.at, read.facts, read.actor_id) == (AT, {"a": [1, "甲"]}, None)
    assert not row._state.adding


def test_many_rows_are_written_in_their_order() -> None:
    insert_many(Entry, [entry(number) for number in (1, 2, 3)])
    assert list(Entry.objects.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]
    insert_many(Entry, [])


def test_a_broken_rule_of_the_database_is_an_integrity_error() -> None:
    insert_one(entry(1))
    with pytest.raises(IntegrityError):
        insert_one(entry(1))


def test_a_key_of_its_own_is_written_too(world: World) -> None:
    insert_one(Sent(key="k1", user=world.officer, answer="/", at=AT))
    assert Sent.objects.get(pk="k1").answer == "/"


def test_values_alone_are_written_as_the_object_would_be(world: World) -> None:
    """What is not named says what the field does by itself; moments and JSON are prepared, once for each value."""
    names = ["user_id", "at", "code", "key", "facts"]
    later = AT.replace(day=21)
    facts = {"due": "甲", "n": [1, None]}
    said = [(AT, "x", "k1", facts), (later, "x", "k2", facts), (AT, "y", "k3", {})]
    insert_values(Notice, names, [(world.officer.pk, *each) for each in said])
    found = Notice.objects.order_by("pk").values_list(*names[1:], "link", "read_at")
    assert list(found) == [(*each, "", None) for each in said]


def test_a_row_that_is_there_is_passed_over_only_if_asked(world: World) -> None:
    row = (world.officer.pk, AT, "x", "k1", {})
    names = ["user_id", "at", "code", "key", "facts"]
    insert_values(Notice, names, [row])
    insert_values(Notice, names, [row, (world.officer.pk, AT, "x", "k2", {})], once=True)
    assert list(Notice.objects.order_by("pk").values_list("key", flat=True)) == ["k1", "k2"]
    with pytest.raises(IntegrityError):
        insert_values(Notice, names, [row])


def test_sealed_values_that_are_alike_are_sealed_apart(world: World) -> None:
    """Equal texts must not be told by their seals."""
    number = "990026201305050016"
    born = Pupil._meta.get_field("born")
    names = ["name", "id_number", "created_at", born.attname, "sex"]
    insert_values(Pupil, names, [(n, number, AT, AT.date(), "f") for n in ("周一兰", "周二兰")])
    found = Pupil.objects.filter(name__in=["周一兰", "周二兰"])
    assert {pupil.id_number for pupil in found} == {number}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM students_pupil WHERE name IN ('周一兰', '周二兰')")
        assert len({sealed for (sealed,) in cursor.fetchall()}) == 2


def test_values_are_written_to_the_rows_of_their_keys() -> None:
    Head.objects.bulk_create([Head(chain=chain) for chain in ("a", "b")])
    update_values(Head, ["number", "hash"], [(1, "x", "a"), (2, "y", "b")])
    found = Head.objects.filter(chain__in=["a", "b"]).order_by("chain")
    assert list(found.values_list("chain", "number", "hash")) == [("a", 1, "x"), ("b", 2, "y")]
    update_values(Head, ["number"], [])


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")
def test_what_is_too_long_is_refused_and_not_cut(world: World) -> None:
    """SQLite knows no lengths; a form has asked before."""
    row = (world.officer.pk, AT, "x" * 41, "k1", {})
    with pytest.raises(DataError), transaction.atomic():
        insert_values(Notice, ["user_id", "at", "code", "key", "facts"], [row])
    head = Head.objects.create(chain="long")
    with pytest.raises(DataError), transaction.atomic():
        update_values(Head, ["hash"], [("x" * 65, head.pk)])


def test_a_fetched_row_is_the_one_of_the_orm(world: World) -> None:
    """Moments, JSON and sealed numbers are Python's, whatever the database holds."""
    case = open_case(world, world.lan)
    step = open_step(case, Kind.REGISTER)
    for model, key in ((Step, step.pk), (Case, case.pk), (Pupil, world.lan.pk)):
        found, right = fetched(model, key)[key], model._default_manager.get(pk=key)
        names = [field.attname for field in model._meta.concrete_fields]
        assert [getattr(found, n) for n in names] == [getattr(right, n) for n in names]


def test_one_missing_row_is_an_error(world: World) -> None:
    with pytest.raises(Case.DoesNotExist):
        fetched(Case, open_case(world, world.lan).pk, 0)


def test_rows_are_locked_in_the_order_of_their_keys() -> None:
    Head.objects.bulk_create([Head(chain=chain) for chain in ("b", "a", "c")])
    with CaptureQueriesContext(
        connection,
    ) as said:
        assert [head.chain for head in locked(Head, ["c", "a", "missing"])] == ["a", "c"]
    asks = said.captured_queries[0]["sql"]
    assert ("FOR UPDATE" in asks) is connection.features.has_select_for_update


def test_no_keys_are_no_rows() -> None:
    assert locked(Case, []) == []


def test_named_fields_are_written_and_no_others() -> None:
    head = Head.objects.create(chain="a", number=1, hash="x")
    head.number, head.hash = 2, "y"
    update_many([head], "number")
    head.refresh_from_db()
    assert (head.number, head.hash) == (2, "x")


@pytest.mark.parametrize(
    ("as_read", "won"),
    [
        ({"finished_at": None, "generation": 0, "holder_id": None}, True),
        ({"finished_at": None, "generation": 1}, False),
        ({"finished_at": AT, "generation": 0}, False),
    ],
)
def test_the_fence_lets_through_only_what_was_read(
    world: World, as_read: dict[str, object], won: bool
) -> None:
    """REL-02: the row still says what the writer saw, or nothing is written."""
    step = open_step(open_case(world, world.lan), Kind.REGISTER)
    Step.objects.filter(pk=step.pk).update(holder=None, generation=0)
    changes = {"holder_id": fresh(world.officer).pk, "held_since": OPENED, "generation": 1}
    assert update_if(step, changes, **as_read) is won
    step.refresh_from_db()
    assert (step.generation, step.held_since) == ((1, OPENED) if won else (0, step.held_since))
