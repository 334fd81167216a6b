"""The departments beside education that act on referrals (domain.md F21-F31), and their units with liaisons."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.core.clock import local_date
from casework.org.models import Post, Unit, UnitKind

DEPARTMENTS = [
    ("police", _("police station")),
    ("justice", _("justice office")),
    ("civil_affairs", _("social affairs and civil affairs")),
    ("social_security", _("human resources and social security")),
    ("market", _("market regulation")),
    ("culture", _("culture station")),
    ("finance", _("finance office")),
    ("health", _("health authority")),
    ("disabled", _("disabled persons' federation")),
    ("women_youth", _("women's federation and youth league")),
    ("religious_affairs", _("religious affairs")),
    ("discipline", _("discipline commission")),
    ("other_county", _("education authority of another county")),
]


def unit_of(code: str, at: datetime) -> Unit | None:
    """The unit of a department (a code of `DEPARTMENTS`) that somebody is liaison of; None where the office writes by post."""
    staffed = Post.objects.held_on(local_date(at)).filter(user__is_active=True)
    units = Unit.objects.filter(kind=UnitKind.DEPARTMENT, code=code, posts__in=staffed)
    found: Unit | None = units.first()
    return found
