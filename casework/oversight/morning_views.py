"""A sheet for each person without e-mail: what is due, to be printed and handed over in the morning."""

from collections import defaultdict

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from casework.audit import trail
from casework.cases.models import Step
from casework.org.models import User
from casework.oversight.figures import SOON, steps_of
from casework.oversight.views import UnitPage

MOST = 500


class Morning(UnitPage):
    """The overdue steps and those due within two days of a unit's people whom no message reaches, by person."""

    def get(self, request: HttpRequest) -> HttpResponse:
        unit = self.unit()
        mails = ~Q(holder__channels__email="") if settings.EMAIL_HOST else Q(pk=None)
        texts = (
            Q(holder__channels__sms=True) & ~Q(holder__phone="") if settings.SMS_URL else Q(pk=None)
        )
        reached = Q(holder__channels__digest=True) & (mails | texts)
        rows = steps_of(unit, self.now(unit)).visible_to(self.user)
        rows = rows.exclude(holder=None).exclude(reached).filter(due_at__lt=self.at + SOON)
        steps = rows.select_related("holder", "case__school", "case__class_unit", "matter")
        sheets: dict[User, list[Step]] = defaultdict(list)
        for step in steps.order_by("holder__display_name", "due_at", "pk")[:MOST]:
            sheets[step.holder].append(step)
        listed = [step.case_id for each in sheets.values() for step in each]
        trail.look("morning", listed, by=self.user, at=self.at)
        return self.show("oversight/morning.html", {"unit": unit, "sheets": list(sheets.items())})
