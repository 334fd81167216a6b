"""Which days count where: official days (versioned), school terms and local overrides of a unit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly
from casework.org.models import Unit


class Holiday(models.TextChoices):
    """What an official day is called."""

    NEW_YEAR = "new_year", _("New Year")
    SPRING_FESTIVAL = "spring_festival", _("Spring Festival")
    TOMB_SWEEPING = "tomb_sweeping", _("Tomb-Sweeping Day")
    LABOUR_DAY = "labour_day", _("Labour Day")
    DRAGON_BOAT = "dragon_boat", _("Dragon Boat Festival")
    NATIONAL_DAY = "national_day", _("National Day")
    MID_AUTUMN = "mid_autumn", _("Mid-Autumn Festival")
    EXCHANGED = "exchanged", _("day off exchanged with a weekend")
    OTHER = "other", _("public holiday")
    MAKE_UP = "make_up", _("make-up workday")


class CalendarVersion(AppendOnly):
    """One loading of the official days. The newest one rules; a step remembers which it was counted by."""

    number = models.PositiveIntegerField(unique=True)
    source = models.CharField(max_length=120)
    loaded_at = models.DateTimeField()
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()
    known_years: "models.JSONField[list[int], list[int]]" = models.JSONField(
        default=list, help_text=_("years whose official notice is out")
    )


class OfficialDay(AppendOnly):
    """A day named by the notice: a holiday (not working) or a make-up workday (working)."""

    version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=16, choices=Holiday.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "day"], name="one_official_day")]


class Term(AppendOnly):
    """The dates of a school term of a unit and all below it, as entered; the newest row of a code rules.

    `code` is like 2026-2027-1. `assumed` dates were computed and not checked by anyone yet.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="terms")
    code = models.CharField(max_length=12)
    first_day = models.DateField()
    last_day = models.DateField()
    assumed = models.BooleanField(default=False)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="term_ends_after"
            ),
        ]


class LocalDay(AppendOnly):
    """A local override for schools of a unit: a snow day (no school) or a local make-up day (school)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="local_days")
    day = models.DateField()
    school = models.BooleanField()
    reason = models.CharField(max_length=80)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="one_local_day")]


class OfficeHours(AppendOnly):
    """The spans of a working day in which the offices of a unit and all below it work, from a day on; of a unit the newest row rules from its day on.

    `spans` is like 08:30-12:00 14:00-17:30: between two of them is the break.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="office_hours")
    spans = models.CharField(max_length=80)
    valid_from = models.DateField()
    entered_at = models.DateTimeField()
