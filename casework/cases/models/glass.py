"""Access in an emergency: somebody looks at what is not his, for a reason, for some hours, and is seen doing it."""

from django.db import models

from casework.cases.models.case import Case
from casework.core.append_only import AppendOnly
from casework.org.models import User


class Glass(AppendOnly):
    """The glass that a person broke for one case (design.md §7): what is kept apart opens to him until `until`."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "case", "until"], name="glass_user_case")]
