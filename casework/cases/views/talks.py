"""Which talks about truancy are owed: one button each."""

from django.http import HttpRequest, HttpResponse

from casework.audit import trail
from casework.cases.models import Case
from casework.cases.truancy import talks_owed
from casework.core.pager import page
from casework.documents.papers.options import LADDER
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Pupil


class Talks(Page):
    """The list; what is recorded leaves it by itself."""

    capability = Can.CALL_ROLL

    def get(self, request: HttpRequest) -> HttpResponse:
        owed = {each.pupil_id: each for each in talks_owed(self.user, self.at)}
        found = page(Pupil.objects.filter(pk__in=owed), ["id"], request.GET.get("after", ""))
        keys = [pupil.pk for pupil in found.rows]
        trail.look("talks", keys, by=self.user, at=self.at)
        classes = Unit.objects.in_bulk({owed[key].class_unit_id for key in keys})
        cases = Case.objects.open().filter(pupil__in=keys).values_list("pupil", "pk")
        rows = [
            (pupil, each, classes[each.class_unit_id], LADDER[each.rung])
            for pupil in found.rows
            for each in [owed[pupil.pk]]
        ]
        return self.show("cases/talks.html", {"page": found, "rows": rows, "cases": dict(cases)})
