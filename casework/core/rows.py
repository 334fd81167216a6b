"""Rows read and written by statements that are put together once: for very many rows, and for those of every act.

The values are prepared by the fields themselves, so numbers are encrypted as by `save`. No signals are sent. All of it
runs inside the caller's transaction.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

M = TypeVar("M", bound=models.Model)
Prepared = Sequence[tuple[str, Callable[[Any, Any], Any]]]


def insert_many(model: type[M], rows: Sequence[M], *, once: bool = False) -> None:
    """Insert `rows`, whose keys the database gives (and does not tell). `once`: those that are there already are passed over."""
    if rows:
        statement, fields = _insert(model)
        statement += " ON CONFLICT DO NOTHING" if once else ""
        with connection.cursor() as cursor:
            cursor.executemany(statement, [_values(row, fields) for row in rows])


def insert_one(row: models.Model) -> None:
    """Insert a row and give it the key that the database made. IntegrityError as from `save`."""
    statement, fields = _insert(type(row))
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {_column(row._meta.pk)}", _values(row, fields))
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


def update_many(rows: Sequence[models.Model], *names: str) -> None:
    """Write the named fields of rows of one model that are there, each found by its key."""
    if rows:
        statement, fields = _update(type(rows[0]), names)
        with connection.cursor() as cursor:
            cursor.executemany(statement, [_values(row, fields) for row in rows])


def update_if(row: models.Model, changes: dict[str, Any], **as_read: Any) -> bool:
    """The fence: write `changes` if the row still says `as_read`, and tell whether it did. Names of columns."""
    empty = tuple(value is None for value in as_read.values())
    statement, fields = _update_if(type(row), tuple(changes), tuple(as_read), empty)
    values = [
        *changes.values(),
        row.pk,
        *(value for value in as_read.values() if value is not None),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [prepare(v, connection) for (_, prepare), v in zip(fields, values, strict=True)],
        )
        return bool(cursor.rowcount)


def locked(model: type[M], keys: Sequence[Any]) -> list[M]:
    """The rows with these keys, locked in the order of their keys; those that are missing are left out."""
    return _rows(model, keys, lock=connection.features.has_select_for_update)


def fetched(model: type[M], *keys: Any) -> dict[Any, M]:
    """The rows with these keys, by key, not locked. `DoesNotExist` of the model where one is missing."""
    found = {row.pk: row for row in _rows(model, sorted(set(keys)), lock=False)}
    if not found.keys() >= set(keys):
        raise model.DoesNotExist  # type: ignore[attr-defined]  # every concrete model has it
    return found


def fixed(build: Callable[[], models.QuerySet[Any, Any]]) -> list[tuple[Any, ...]]:
    """What a query without values from outside gives, as the database has it: numbers and text only."""
    statement, values = _fixed(build)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@lru_cache
def _fixed(build: Callable[[], models.QuerySet[Any, Any]]) -> tuple[str, tuple[Any, ...]]:
    statement, values = build().query.get_compiler(connection=connection).as_sql()
    return statement, tuple(values)


def _rows(model: type[M], keys: Sequence[Any], *, lock: bool) -> list[M]:
    statement, names, readers = _select(model, len(keys), lock=lock)
    with connection.cursor() as cursor:
        cursor.execute(statement, keys)
        found = [list(row) for row in cursor.fetchall()]
    for row in found:
        for place, column, read in readers:
            row[place] = read(row[place], column, connection)
    return [model.from_db(connection.alias, names, row) for row in found]


@lru_cache
def _insert(model: type[models.Model]) -> tuple[str, Prepared]:
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
    columns = ", ".join(_column(field) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_table(model)} ({columns}) VALUES ({marks})", _prepared(fields)


@lru_cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, Prepared]:
    fields, key = [model._meta.get_field(name) for name in names], model._meta.pk
    changes = ", ".join(f"{_column(field)} = %s" for field in fields)
    statement = f"UPDATE {_table(model)} SET {changes} WHERE {_column(key)} = %s"
    return statement, _prepared([*fields, key])


@lru_cache
def _update_if(
    model: type[models.Model],
    changed: tuple[str, ...],
    read: tuple[str, ...],
    empty: tuple[bool, ...],
) -> tuple[str, Prepared]:
    field_of = model._meta.get_field
    changes = ", ".join(f"{_column(field_of(name))} = %s" for name in changed)
    still = "".join(
        f" AND {_column(field_of(name))} {'IS NULL' if null else '= %s'}"
        for name, null in zip(read, empty, strict=True)
    )
    compared = [name for name, null in zip(read, empty, strict=True) if not null]
    fields = [*map(field_of, changed), model._meta.pk, *map(field_of, compared)]
    statement = f"UPDATE {_table(model)} SET {changes} WHERE {_column(model._meta.pk)} = %s{still}"
    return statement, _prepared(fields)


@lru_cache
def _select(
    model: type[models.Model], count: int, *, lock: bool
) -> tuple[str, list[str], list[tuple[int, Any, Callable[..., Any]]]]:
    """The statement, the names of its columns, and what turns the database's values into Python's, by place."""
    fields, key = model._meta.concrete_fields, _column(model._meta.pk)
    columns, marks = ", ".join(map(_column, fields)), ", ".join(["%s"] * count)
    statement = f"SELECT {columns} FROM {_table(model)} WHERE {key} IN ({marks}) ORDER BY {key}"
    readers = [
        (place, column, read)
        for place, column in enumerate(field.get_col(model._meta.db_table) for field in fields)
        for read in [
            *connection.ops.get_db_converters(column),
            *column.get_db_converters(connection),
        ]
    ]
    return statement + (" FOR UPDATE" if lock else ""), [f.attname for f in fields], readers


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def _prepared(fields: Sequence[Any]) -> Prepared:
    return [(field.attname, field.get_db_prep_save) for field in fields]


def _values(row: models.Model, fields: Prepared) -> list[Any]:
    database = connections[DEFAULT_DB_ALIAS]  # the thing itself: its proxy is slow to ask
    return [prepare(getattr(row, name), database) for name, prepare in fields]
