"""When the house last did what it must do again and again, and what its numbers were each evening."""

from typing import Any

from django.db import models

from casework.core.append_only import AppendOnly
from casework.org.models import Unit, User


class Beat(models.Model):
    """The last time a recurring work (`sweep`, `verify`, `backup`) was done, with its figures; no personal data."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    facts: "models.JSONField[Any, Any]" = models.JSONField(default=dict)


class Snapshot(AppendOnly):
    """The open work of an office or school (its classes with it) of one kind at the end of a day: what trends are drawn from."""

    day = models.DateField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    open = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    unclaimed = models.PositiveIntegerField()
    stuck = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "unit", "kind"], name="one_snapshot_a_day")
        ]


class Goal(AppendOnly):
    """A goal of a school year (by the year it begins in) for a unit and all below it, in per cent; the newest row rules."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="goals")
    year = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=8)
    indicator = models.CharField(max_length=12)
    value = models.DecimalField(max_digits=5, decimal_places=2)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["unit", "year"], name="goal_unit_year")]


class Cohort(AppendOnly):
    """How many began with the cohort that finishes the ninth grade in a school year (by the year it begins in); the newest row rules."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cohorts")
    year = models.PositiveSmallIntegerField()
    entrants = models.PositiveIntegerField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=80)


class SavedView(models.Model):
    """A list that a person looks at again and again: `address` is the query of the page, without a child's data."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="views")
    name = models.CharField(max_length=40)
    address = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_view_a_name")]
