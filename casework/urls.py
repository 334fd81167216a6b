"""The composition root: which room answers which address."""

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from casework.oversight.health import health

urlpatterns = [
    path("", include("casework.cases.urls")),
    path("", include("casework.org.urls")),
    path("", include("casework.students.urls")),
    path("", include("casework.documents.urls")),
    path("", include("casework.registers.urls")),
    path("", include("casework.evidence.urls")),
    path("", include("casework.oversight.urls")),
    path("language/", set_language, name="set_language"),
    path("health", health, name="health"),
]
if settings.WORKFLOWS:
    urlpatterns.append(path("", include("workflows.urls")))
