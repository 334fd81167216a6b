"""Where the absences of a bundle come from: each roll-book that was uploaded, by its hash, with who brought it in and when (domain.md 6.1)."""

from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.models import IntakeDecision
from casework.evidence.extent import About, Row, Table, moment_of
from casework.students.models import ImportRun


def _uploads(a: About) -> Iterator[Row]:
    """By name and hash, which a mark on a roll keeps; earlier marks keep the name alone, and stand with each upload of that name, of whatever school, or without any."""
    absences = _absences_by_file(a)
    unknown = set(absences)
    runs = ImportRun.objects.filter(kind="attendance", applied_at__lt=a.at).select_related("by")
    for run in runs.order_by("applied_at", "pk").iterator(100):
        who = run.by.display_name if run.by else trail.SYSTEM
        for name, sha256 in ((file["name"][:160], file["sha256"]) for file in run.files):
            keys = {(name, sha256), (name, "")} & set(absences)
            if keys:
                unknown -= keys
                count = sum(absences[key] for key in keys)
                yield name, sha256, who, moment_of(run.at), moment_of(run.applied_at), count
    for name, sha256 in sorted(unknown):
        yield name, sha256, "", "", "", absences[name, sha256]


def _absences_by_file(a: About) -> Counter[tuple[str, str]]:
    """How many of the absences behind the cases stand in each file, by its name and hash; a mark's source is file and sheet."""
    rows = IntakeDecision.objects.filter(case__in=a.cases.values("pk"), at__lte=a.at)
    found: Counter[tuple[str, str]] = Counter()
    for days in rows.values_list("finding__days", flat=True).iterator(500):
        found.update(
            (day["source"].rsplit(" / ", 1)[0], day.get("sha256", ""))
            for day in days
            if day.get("source")
        )
    return found


UPLOADS = Table(
    "uploads", _("Roll-books of the names that the absences give"),
    (_("File"), _("SHA-256 of the file"), _("Who"), _("Uploaded"), _("Brought into the records"), _("Absences of these cases under this name")), _uploads,
)  # fmt: skip
