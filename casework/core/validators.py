"""What a person may type into a field, on every page."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

PHONE = RegexValidator(r"^[0-9 +-]{5,}$", _("A phone number has digits only."))
USERNAME = RegexValidator(r"^[A-Za-z0-9._-]+$", _("Letters and digits, without blanks."))
