"""The calendar that counted: official days by their version and source, terms, local days and office hours, each with the day on which it was entered (domain.md 6.1)."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.deadlines.models import CalendarVersion, LocalDay, OfficeHours, OfficialDay, Term
from casework.evidence.extent import About, Row, Table, moment_of


def _calendar(a: About) -> Iterator[Row]:
    yield from _official(a)
    near = Q(unit__path__in=a.unit.paths_up()) | Q(unit__path__startswith=a.unit.path)
    terms = Term.objects.filter(near, entered_at__lte=a.at, first_day__lte=a.last)
    for each in (
        terms.filter(last_day__gte=a.first).select_related("unit").order_by("first_day", "pk")
    ):
        what = gettext("term, assumed") if each.assumed else gettext("term")
        yield (
            what,
            each.unit.name,
            each.first_day,
            each.last_day,
            each.code,
            moment_of(each.entered_at),
        )
    local = LocalDay.objects.filter(near, entered_at__lte=a.at, day__range=(a.first, a.last))
    for day in local.select_related("unit").order_by("day", "pk"):
        what = gettext("local school day") if day.school else gettext("local day off")
        yield what, day.unit.name, day.day, day.day, day.reason, moment_of(day.entered_at)
    hours = OfficeHours.objects.filter(near, entered_at__lte=a.at, valid_from__lte=a.last)
    for span in hours.select_related("unit").order_by("valid_from", "pk"):
        yield (
            gettext("office hours"),
            span.unit.name,
            span.valid_from,
            "",
            span.spans,
            moment_of(span.entered_at),
        )


def _official(a: About) -> Iterator[Row]:
    """Every version that was loaded, and the days of the newest one."""
    versions = list(CalendarVersion.objects.filter(loaded_at__lte=a.at).order_by("number"))
    for each in versions:
        what = gettext("official calendar, version %(n)s") % {"n": each.number}
        known = "、".join(map(str, each.known_years))
        said = gettext("%(source)s; notice out for: %(years)s") % {
            "source": each.source,
            "years": known or "—",
        }
        yield what, "", each.first_year, each.last_year, said, moment_of(each.loaded_at)
    newest = OfficialDay.objects.filter(version__in=versions[-1:], day__range=(a.first, a.last))
    for day in newest.order_by("day"):
        what = gettext("make-up workday") if day.working else gettext("official day off")
        yield what, "", day.day, day.day, str(day.get_name_display()), ""


CALENDAR = Table(
    "calendar", _("The calendar in force"),
    (_("What"), _("Unit"), _("From"), _("To"), _("Words"), _("Entered")), _calendar,
)  # fmt: skip
