"""Children of one household: of the same village, with a guardian of the same name. Proposed to people, never acted on by itself."""

from django.db.models import QuerySet

from casework.students.models import Guardian, Pupil


def siblings_of(pupil: Pupil) -> QuerySet[Pupil]:
    """Other pupils who live in the same village and name one of the same guardians; none where the village is not known."""
    if pupil.village_id is None:
        return Pupil.objects.none()
    names = Guardian.objects.filter(pupil=pupil).values("name")
    rows = Pupil.objects.filter(village=pupil.village_id, guardians__name__in=names)
    return rows.exclude(pk=pupil.pk).distinct()
