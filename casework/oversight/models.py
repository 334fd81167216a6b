"""When the house last did what it must do again and again."""

from typing import Any

from django.db import models


class Beat(models.Model):
    """The last time a recurring work (`sweep`, `verify`, `backup`) was done, with its figures; no personal data."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    facts: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
