"""The trail: every act is in it, nothing of a child is, and no change of it goes unseen (AUD-01, AUD-04, SEAL-04, SEAL-05)."""

import ast
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from casework.audit import trail
from casework.audit.models import Entry, Head, Look
from casework.cases import intake, steps
from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.cases.story import SENTENCES
from casework.core import triggers
from casework.core.append_only import AppendOnlyError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.notices.models import Notice
from casework.org import people, units
from casework.org.models import UnitKind
from tests.architecture.test_imports import ROOT, python_files
from tests.world import (
    OPENED,
    PUPILS,
    World,
    day,
    fresh,
    open_case,
    open_step,
    prepared,
    suspect,
    walk,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    """A whole case, from the suspicion to the closure."""
    yield from prepared(django_db_blocker, lambda: walk(world, open_case(world, world.lan)))


@pytest.fixture
def chain(case_pk: int) -> str:
    return f"case:{case_pk}"


def broken() -> list[dict[str, object]]:
    return list(trail.problems())


# ---- AUD-01: the list against the code


def recorded_verbs() -> set[str]:
    """Every verb that the code hands to `trail.record`, as written."""
    verbs = set()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "trail.record":
                verbs.add(ast.unparse(node.args[0]).strip("'\""))
    return verbs


# What the house says it records: an act is added here when its service is written.
VERBS = {
    "case.opened", "case.closed", "finding.decided", "suspicion.added", "visit.recorded", "return.reported",
    "report.proposed", "rung.fired", "step.begun", "step.nudged", "numbers.revealed", "guardian.called",
    "document.issued", "signed_in", "password.set", "code.made", "person.added", "post.given", "post.ended",
    "unit.added", "profile.published", "findings.exported", "import.uploaded",
}  # fmt: skip


def test_every_act_that_is_named_is_recorded() -> None:
    """AUD-01."""
    assert recorded_verbs() >= VERBS
    assert {"f'step.{how}", "verb"} <= {v.rstrip("'") for v in recorded_verbs()}


def services() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Public functions that take `by=` and `at=` and open an act: each is a service."""
    for path in python_files():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                named = {a.arg for a in node.args.kwonlyargs}
                acts = "one_act()" in ast.unparse(node)
                if acts and {"by", "at"} <= named and path.name != "trail.py":
                    yield f"{path.relative_to(ROOT).as_posix()}:{node.name}", node


# Services whose record is made by a function they call, named here with it.
RECORDED_BELOW = {
    "taking_back",
    "issue_outside",
    "_enter",
    "enter",
    "give_to",
    "_record",
    "_move",
    "_decide",
    "_pass_on",
    "_note",
    "_sign",
    "issue",
    "add_unit",
    "publish",
    "propose",
    "open_case",
    "record_visit",
    "finish_step",
    "raised",
    "reassign",
    "complete",
    "set_term",
    "_add_version",
    "add_version",
    "add_local_day",
    "set_hours",
    "redate",
    "decide",
    "note_run",
    "_import",
    "_choose",
    "link",
    "add_suspicion",
    "compare",
    "undo",
    "ask_movement",
    "decide_movement",
    "ask_leave",
    "decide_leave",
}


def test_every_service_records_its_act() -> None:
    """AUD-01: a service that opens an act notes it there, or calls one that does."""
    silent = [
        name
        for name, node in services()
        if "trail.record" not in (text := ast.unparse(node))
        and not any(f"{each}(" in text for each in RECORDED_BELOW)
    ]
    assert len(list(services())) > 20
    assert silent == []


def test_the_walk_of_a_case_is_in_its_chain(chain: str) -> None:
    verbs = set(Entry.objects.filter(chain=chain).values_list("verb", flat=True))
    assert verbs >= {
        "case.opened", "finding.decided", "step.begun", "step.only", "step.finished", "visit.recorded",
        "return.reported", "document.issued", "case.closed",
    }  # fmt: skip
    told = {v for v in verbs if v in SENTENCES}
    assert told >= {"case.opened", "step.finished", "document.issued", "case.closed"}


def test_entries_name_the_actor_by_id_and_by_name(chain: str, world: World) -> None:
    entry = Entry.objects.get(chain=chain, verb="case.opened")
    assert (entry.actor_id, entry.actor_name) == (world.officer.pk, "赵敏")


def test_what_has_no_case_stands_in_the_chain_of_its_unit(world: World) -> None:
    new = units.add_unit(
        parent=world.town, kind=UnitKind.VILLAGE, name="新村", by=fresh(world.admin), at=OPENED
    )
    assert Entry.objects.filter(chain=f"unit:{new.pk}", verb="unit.added").exists()


def test_grants_sign_ins_and_resets_are_recorded(world: World) -> None:
    """AUD-01: grants, exports, logins, reveals."""
    admin = fresh(world.admin)
    person = people.add_person(username="99100001", display_name="新人", by=admin, at=OPENED)
    post = people.give_post(
        user=person, unit=world.school, role="principal", since=OPENED.date(), by=admin, at=OPENED
    )
    people.end_post(post=post, until=OPENED.date(), by=admin, at=OPENED)
    people.new_code(user=person, by=admin, at=OPENED)
    people.set_active(user=person, active=False, by=admin, at=OPENED)
    verbs = Entry.objects.filter(subject=f"user:{person.pk}").values_list("verb", flat=True)
    wanted = {"person.added", "post.given", "post.ended", "code.made", "person.deactivated"}
    assert set(verbs) == wanted


def test_a_failed_act_leaves_no_entry(world: World) -> None:
    """REL-03: entry and change are one."""
    before = Entry.objects.count()
    with pytest.raises(InterruptedError), one_act():
        people.add_person(username="99100002", display_name="新人", by=None, at=OPENED)
        raise InterruptedError
    assert Entry.objects.count() == before and broken() == []


def test_a_nested_act_that_fails_takes_back_its_entry_only(world: World) -> None:
    with one_act():
        people.add_person(username="99100003", display_name="甲", by=None, at=OPENED)
        with pytest.raises(InterruptedError), one_act():
            people.add_person(username="99100004", display_name="乙", by=None, at=OPENED)
            raise InterruptedError
    assert Entry.objects.filter(verb="person.added", actor_name="system", at=OPENED).count() == 1
    assert broken() == []


def test_a_record_outside_an_act_is_a_bug() -> None:
    with pytest.raises(RuntimeError):
        trail.record("x", by=None, at=OPENED)


# ---- AUD-04: nothing of a child


def canaries() -> list[str]:
    """Names, numbers, phones and guardians of every pupil of the world, and what was typed about them."""
    return [
        word
        for _key, name, _prefix, _unit, last in PUPILS
        for word in (name, f"99002620130308{last}", f"1000009{last}", f"{name[0]}建国")
    ] + ["结伴返校", "祖父"]


def test_the_trail_holds_no_child_s_data(chain: str, world: World) -> None:
    """AUD-04: after a whole case and looks at it."""
    trail.look("case", [1], by=world.officer, at=OPENED)
    rows: list[dict[str, Any]] = [
        *Entry.objects.values("chain", "verb", "subject", "facts", "actor_name"),
        *Look.objects.values("what", "subjects", "reason", "actor_name"),
        *Notice.objects.values("code", "link", "facts", "key"),
    ]
    text = json.dumps(rows, ensure_ascii=False)
    assert len(rows) > 50
    assert [word for word in canaries() if word in text] == []


# ---- SEAL-04, SEAL-05: no change goes unseen


def untouchable() -> None:
    for table in ("audit_entry", "audit_look"):
        assert not [name for name in triggers.missing(connection) if name.startswith(table)]


def test_entries_refuse_change_and_removal(chain: str) -> None:
    """SEAL-05, by the ORM."""
    entry = Entry.objects.filter(chain=chain).first()
    assert entry
    for act in (
        lambda: entry.save(),
        lambda: entry.delete(),
        lambda: Entry.objects.filter(pk=entry.pk).update(verb="x"),
        lambda: Entry.objects.filter(pk=entry.pk).delete(),
        lambda: Entry.objects.bulk_update([entry], ["verb"]),
        lambda: Look.objects.all().delete(),
    ):
        with pytest.raises(AppendOnlyError):
            act()


RAW = [
    "UPDATE audit_entry SET verb = 'x'",
    "DELETE FROM audit_entry",
    "UPDATE audit_look SET what = 'x'",
    "DELETE FROM audit_look",
]


@pytest.fixture
def guarded() -> Iterator[None]:
    """The triggers, where the tables were made without migrations."""
    absent = bool(triggers.missing(connection))
    if absent:
        triggers.install(connection)
    yield
    if absent:
        triggers.remove(connection)


@pytest.mark.parametrize("sql", RAW)
def test_raw_sql_is_refused_by_the_database(
    chain: str, world: World, guarded: None, sql: str
) -> None:
    """SEAL-05, on both engines."""
    trail.look("case", [1], by=world.officer, at=OPENED)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        raw(sql)


@pytest.fixture
def unguarded() -> Iterator[None]:
    """An intruder with the rights of an owner takes the triggers away first."""
    there = not triggers.missing(connection)
    if there:
        triggers.remove(connection)
    yield
    if there:
        triggers.install(connection)


def raw(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


COLUMNS = {
    "verb": "step.undo", "subject": "case:9", "actor_name": "某人", "actor_id": 4242, "facts": '{"kind": "x"}',
    "at": "2026-01-01 00:00:00+00:00", "previous": "0" * 64, "hash": "1" * 64, "number": 4000,
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_entry_is_found(chain: str, unguarded: None, column: str) -> None:
    """SEAL-04: whichever column."""
    assert broken() == []
    raw(
        f'UPDATE audit_entry SET "{column}" = %s WHERE chain = %s AND number = 3',
        COLUMNS[column],
        chain,
    )
    assert {problem["chain"] for problem in broken()} == {chain}


def test_a_removed_entry_is_found(chain: str, unguarded: None) -> None:
    raw("DELETE FROM audit_entry WHERE chain = %s AND number = 5", chain)
    assert [problem["kind"] for problem in broken()] == ["audit"]


def test_a_cut_tail_is_found(chain: str, unguarded: None) -> None:
    head = Head.objects.get(chain=chain)
    raw("DELETE FROM audit_entry WHERE chain = %s AND number = %s", chain, head.number)
    assert [problem["kind"] for problem in broken()] == ["audit_head"]


def test_a_removed_head_is_found(chain: str) -> None:
    Head.objects.filter(chain=chain).delete()
    assert broken() == [{"kind": "audit_head", "chain": chain, "number": 0}]


def test_two_entries_that_changed_places_are_found(chain: str, unguarded: None) -> None:
    for number, new in ((2, 9002), (3, 2), (9002, 3)):
        raw(
            "UPDATE audit_entry SET number = %s WHERE chain = %s AND number = %s",
            new,
            chain,
            number,
        )
    assert broken()


def test_an_added_entry_is_found(chain: str) -> None:
    head = Head.objects.get(chain=chain)
    Entry(
        chain=chain, number=head.number + 1, at=OPENED, actor_name="system", verb="case.opened",
        previous=head.hash, hash="2" * 64,
    ).save()  # fmt: skip
    assert broken()


def test_what_a_person_did_is_told_in_words(world: World) -> None:
    case = walk(world, open_case(world, world.ming), until=Kind.HOME_VISIT)
    step, two = open_step(case, Kind.HOME_VISIT), fresh(world.teacher_two)
    steps.take_step(step, by=two, at=day(case, 2))
    steps.undo_take(step, by=two, at=day(case, 2) + timedelta(minutes=1))
    intake.set_aside(
        suspect(world, world.an), reason="已到校。", by=fresh(world.officer), at=OPENED
    )
    assert Case.objects.get(pk=case.pk).is_open and Document.objects.exists()
    assert {"step.claim", "step.undo"} <= set(Entry.objects.values_list("verb", flat=True))
