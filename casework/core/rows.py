"""Rows read and written by statements that are put together once: for very many rows, and for those of every act.

The values are prepared by the fields themselves, so numbers are encrypted as by `save`; of many rows those are taken as
they are that a database takes so. No signals are sent. All of it runs inside the caller's transaction.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

M = TypeVar("M", bound=models.Model)
NUMBERS = (models.BigIntegerField, models.ForeignKey, models.IntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField)  # fmt: skip
# the type whose values a database takes from a field as they are
AS_THEY_ARE = {models.BooleanField: bool, models.CharField: str, **dict.fromkeys(NUMBERS, int)}
# one value in many rows is prepared once; a sealed one never is
ALIKE = {models.DateTimeField, models.JSONField}


class Prepare(NamedTuple):
    """A field, and how its values are made ready for the database."""

    name: str
    prepare: Callable[[Any, Any], Any]
    kind: type
    db_type: str

    def column(self, values: Sequence[Any]) -> list[Any]:
        """The values of many rows, ready."""
        plain = AS_THEY_ARE.get(self.kind)
        if plain and {plain, NoneType}.issuperset(map(type, values)):
            return list(values)
        database = connections[DEFAULT_DB_ALIAS]
        if self.kind not in ALIKE:
            return [_text(self.prepare(value, database)) for value in values]
        alike = {id(value): value for value in values}
        ready = {key: self.prepare(value, database) for key, value in alike.items()}
        return [ready[id(value)] for value in values]


def _text(value: Any) -> Any:
    """A choice is a kind of text of its own: a list of such and of others is no list for PostgreSQL."""
    return str.__str__(value) if isinstance(value, str) else value


Prepared = Sequence[Prepare]


def insert_many(model: type[M], rows: Sequence[M]) -> None:
    """Insert `rows`, whose keys the database gives (and does not tell)."""
    names = _names(model)
    insert_values(model, names, list(map(attrgetter(*names), rows)))


def insert_values(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    once: bool = False,
) -> None:
    """`insert_many` without objects, where one costs more than its row: each is what the columns `names` shall say, in their order.

    A column without a name says what its field does by itself. `once`: rows that are there already are passed over.
    """
    if rows:
        statement, fields, others = _insert(model, tuple(names))
        again = " ON CONFLICT DO NOTHING" if once else ""
        same = [[field.get_default() for _row in rows] for field in others]
        _write(f"{statement} {_source(fields)}{again}", fields, [*zip(*rows, strict=True), *same])


def insert_one(row: models.Model) -> None:
    """Insert a row and give it the key that the database made. IntegrityError as from `save`."""
    statement, fields, _others = _insert(type(row), _names(type(row)))
    marks, key = ", ".join(["%s"] * len(fields)), _column(row._meta.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} VALUES ({marks}) RETURNING {key}", _values(row, fields))
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


def update_many(rows: Sequence[models.Model], *names: str) -> None:
    """Write the named fields of rows of one model that are there, each found by its key."""
    if rows:
        read = attrgetter(*names, "pk")
        update_values(type(rows[0]), names, [read(row) for row in rows])


def update_values(
    model: type[models.Model], names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """`update_many` without objects: each row is what the fields of `names` shall say, in their order, then its key (each key once)."""
    if rows:
        _write(*_update(model, tuple(names)), list(zip(*rows, strict=True)))


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
            [field.prepare(v, connection) for field, v in zip(fields, values, strict=True)],
        )
        return bool(cursor.rowcount)


def locked(model: type[M], keys: Sequence[Any]) -> list[M]:
    """The rows with these keys, locked in the order of their keys; those that are missing are left out."""
    return _rows(model, keys, lock=connection.features.has_select_for_update)


def locked_values(model: type[models.Model], keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    """`locked` without objects: the values of all columns, in their order."""
    _names, found = _read(model, keys, lock=connection.features.has_select_for_update)
    return [tuple(row) for row in found]


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
    names, found = _read(model, keys, lock=lock)
    return [model.from_db(connection.alias, names, row) for row in found]


def _read(
    model: type[models.Model], keys: Sequence[Any], *, lock: bool
) -> tuple[list[str], list[list[Any]]]:
    statement, names, readers = _select(model, len(keys), lock=lock)
    if not keys:  # PostgreSQL knows no empty list
        return names, []
    with connection.cursor() as cursor:
        cursor.execute(statement, keys)
        found = [list(row) for row in cursor.fetchall()]
    for row in found:
        for place, column, read in readers:
            row[place] = read(row[place], column, connection)
    return names, found


@lru_cache
def _insert(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, Prepared, list[Any]]:
    """The statement, its fields (those of `names` first), and the others of which something is said: the rest is empty."""
    by_name = {field.attname: field for field in _new(model)}
    others = [
        field
        for name, field in by_name.items()
        if name not in names and (field.has_default() or not field.null)
    ]
    fields = [*(by_name[name] for name in names), *others]
    columns = ", ".join(_column(field) for field in fields)
    return f"INSERT INTO {_table(model)} ({columns})", _prepared(fields), others


@lru_cache
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in _new(model))


def _new(model: type[models.Model]) -> list[Any]:
    """The fields that a new row is given."""
    return [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]


@lru_cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, Prepared]:
    key, table = model._meta.pk, _table(model)
    columns = [_column(model._meta.get_field(name)) for name in names]
    fields = _prepared([*(model._meta.get_field(name) for name in names), key])
    if not _in_sets():
        changes = ", ".join(f"{column} = %s" for column in columns)
        return f"UPDATE {table} SET {changes} WHERE {_column(key)} = %s", fields
    changes = ", ".join(f"{column} = said.{column}" for column in columns)
    said = f"{_arrays(fields)} AS said ({', '.join(columns)}, its_key)"
    where = f"{table}.{_column(key)} = its_key"
    return f"UPDATE {table} SET {changes} FROM {said} WHERE {where}", fields


def _source(fields: Prepared) -> str:
    """Where the values of a statement for many rows come from: columns on PostgreSQL, which asks once; else row by row."""
    if _in_sets():
        return f"SELECT * FROM {_arrays(fields)}"
    return f"VALUES ({', '.join(['%s'] * len(fields))})"


def _arrays(fields: Prepared) -> str:
    return f"unnest({', '.join(f'%s::{field.db_type}[]' for field in fields)})"


def _in_sets() -> bool:
    return connection.vendor == "postgresql"


def _write(statement: str, fields: Prepared, columns: Sequence[Sequence[Any]]) -> None:
    """Many rows, prepared column by column: most values need no preparing, or are one again and again."""
    ready = [field.column(values) for field, values in zip(fields, columns, strict=True)]
    with connection.cursor() as cursor:
        if _in_sets():
            cursor.execute(statement, ready)
        else:
            cursor.executemany(statement, list(zip(*ready, strict=True)))


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
    # a length would cut what is too long instead of refusing it
    return [
        Prepare(f.attname, f.get_db_prep_save, type(f), f.db_type(connection).partition("(")[0])
        for f in fields
    ]


def _values(row: models.Model, fields: Prepared) -> list[Any]:
    database = connections[DEFAULT_DB_ALIAS]  # the thing itself: its proxy is slow to ask
    return [field.prepare(getattr(row, field.name), database) for field in fields]
