"""Rows that are written once: history is added, never changed."""

from typing import Any, NoReturn

from django.db import models

from casework.core.rows import insert_one


class AppendOnlyError(Exception):
    """Someone tried to change or delete a row that is written once. Always a bug, never a message."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are written once")

    def delete(self) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are written once")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are written once")


class AppendOnly(models.Model):
    """`save` works once, `delete` and `update` never."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows are written once")
        insert_one(self)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{type(self).__name__} rows are written once")
