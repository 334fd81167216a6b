"""Database triggers that refuse to change or remove rows that are written once, on SQLite and PostgreSQL (SEAL-05)."""

from collections.abc import Iterable, Iterator
from typing import Any

FIRST = (
    "audit_entry",
    "audit_look",
    "documents_document",
    "documents_sealedfile",
    "documents_anchor",
)
LATER = (
    "documents_attachment",
    "documents_sealcertificate",
    "documents_destroyed",
    "documents_addendum",
    "documents_destroyedfile",
)
TABLES = FIRST + LATER
_FUNCTION = """
CREATE OR REPLACE FUNCTION casework_written_once() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME; END $$
"""


# A record may be emptied, and nothing else of its row, once a destruction list names the paper.
DESTROYED = "documents_destroyed"
EMPTIED = (
    "EXISTS (SELECT 1 FROM documents_destroyed WHERE document_id = OLD.id) AND NEW.record = ''"
)
KEPT = (
    "id", "chain", "place", "kind", "number", "unit_id", "year", "sequence", "subject", "language", "template_version",
    "hash", "previous", "token", "frozen_at", "frozen_by", "supersedes_id",
)  # fmt: skip
_DOCUMENT_FUNCTION = f"""
CREATE OR REPLACE FUNCTION casework_document_written_once() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF TG_OP = 'UPDATE' AND {EMPTIED} AND to_jsonb(NEW) - 'record' = to_jsonb(OLD) - 'record' THEN RETURN NEW; END IF;
RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME; END $$
"""


def statements(vendor: str, tables: Iterable[str] = TABLES) -> Iterator[str]:
    """The SQL that sets the triggers, for `sqlite` or `postgresql`; any other database is a ValueError."""
    tables = tuple(tables)
    if vendor == "postgresql":
        yield _FUNCTION
        for table in tables:
            yield from _postgresql(table)
        if DESTROYED in tables:
            yield _DOCUMENT_FUNCTION
            yield (
                "CREATE OR REPLACE TRIGGER documents_document_rows BEFORE UPDATE OR DELETE ON documents_document "
                "FOR EACH ROW EXECUTE FUNCTION casework_document_written_once()"
            )
    elif vendor == "sqlite":
        for table in tables:
            yield from _sqlite(table)
        if DESTROYED in tables:
            same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in KEPT)
            yield "DROP TRIGGER IF EXISTS documents_document_update"
            yield (
                "CREATE TRIGGER documents_document_update BEFORE UPDATE ON documents_document "
                f"WHEN NOT ({EMPTIED} AND {same}) "
                "BEGIN SELECT RAISE(ABORT, 'documents_document rows are written once'); END"
            )
    else:
        raise ValueError(f"no triggers for {vendor}")


def _postgresql(table: str) -> Iterator[str]:
    for name, events, each in (
        ("rows", "UPDATE OR DELETE", "ROW"),
        ("whole", "TRUNCATE", "STATEMENT"),
    ):
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_{name} BEFORE {events} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION casework_written_once()"
        )


def _sqlite(table: str) -> Iterator[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} rows are written once'); END"
    for event in ("UPDATE", "DELETE"):
        name = f"{table}_{event.lower()}"
        yield f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} {refuse}"
    # REPLACE removes the old row without firing the trigger on DELETE
    yield (
        f"CREATE TRIGGER IF NOT EXISTS {table}_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}"
    )


def names(vendor: str, tables: Iterable[str] = TABLES) -> set[str]:
    """The names of the triggers that must be there."""
    kinds = ("rows", "whole") if vendor == "postgresql" else ("update", "delete", "replace")
    return {f"{table}_{kind}" for table in tables for kind in kinds}


def install(connection: Any, tables: Iterable[str] = TABLES) -> None:
    """Set the triggers; twice does no harm. For a migration: pass its `schema_editor.connection`."""
    with connection.cursor() as cursor:
        for sql in statements(connection.vendor, tables):
            cursor.execute(sql)


def remove(connection: Any, tables: Iterable[str] = TABLES) -> None:
    """Take them away: for a migration backwards and for a test runner that empties its tables."""
    with connection.cursor() as cursor:
        for table in tables:
            for name in sorted(names(connection.vendor, [table])):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(connection: Any, tables: Iterable[str] = TABLES) -> list[str]:
    """The triggers that are not there, or are switched off."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return sorted(names(connection.vendor, tables) - present)
