"""Inserting very many rows: one prepared statement for all of them, about twice as fast as `bulk_create`."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def insert_many(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert `rows`, whose keys the database gives (and does not tell). Inside the caller's transaction.

    The values are prepared by the fields themselves, so numbers are encrypted as by `save`.
    """
    if not rows:
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
    prepared = [(field.attname, field.get_db_prep_save) for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_values(row, prepared) for row in rows])


def _values(row: models.Model, prepared: Sequence[tuple[str, Any]]) -> list[Any]:
    return [prepare(getattr(row, name), connection) for name, prepare in prepared]
