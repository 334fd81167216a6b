"""Small flows around a pupil, with or without a case: a warning, serious truancy, a support plan."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.students.models import Pupil


class ProcedureCode(models.TextChoices):
    """Which flow it is (domain.md B7, B10, B18)."""

    WARNING = "warning", _("early warning")
    TRUANCY = "truancy", _("serious truancy")
    SUPPORT = "support", _("support plan")


class Procedure(models.Model):
    """One walk of a pupil through a small flow; its duties say where it stands."""

    code = models.CharField(max_length=10, choices=ProcedureCode.choices)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="procedures")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    class_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "code"], condition=Q(closed_at=None), name="one_open_procedure"
            )
        ]


class Duty(models.Model):
    """One step of a procedure: whose it is by role and unit, until when, and what was recorded."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="duties")
    stop = models.CharField(max_length=16)
    role = models.CharField(max_length=32, choices=Role.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    opens_at = models.DateTimeField(help_text=_("not to be done before"))
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=16, blank=True)
    facts: "models.JSONField[Any, Any]" = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(done_at=None), name="one_open_duty"
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(done_at=None), name="duty_open_due")
        ]
