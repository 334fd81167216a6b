from django.urls import path, register_converter

from casework.registers.places import Of
from casework.registers.views import destruction, files, shelf, status, writing


class OfConverter:
    """`case`, `pupil` or `unit` in an address."""

    regex = "|".join(Of)

    def to_python(self, value: str) -> Of:
        return Of(value)

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(OfConverter, "of")
app_name = "registers"
urlpatterns = [
    path("registers/", writing.Offices.as_view(), name="offices"),
    path("registers/blank/", writing.Blanks.as_view(), name="blanks"),
    path("registers/blank/<slug:code>/", writing.Blank.as_view(), name="blank"),
    path("status/", status.Status.as_view(), name="status"),
    path("status/incoming/", status.FindIncoming.as_view(), name="incoming"),
    path("status/pupil/<int:pk>/", status.PupilStatus.as_view(), name="pupil_status"),
    path("status/movements/<int:pk>/", status.MovementAct.as_view(), name="movement"),
    path("registers/unit/<int:pk>/", writing.OfUnit.as_view(), name="of_unit"),
    path("registers/unit/<int:pk>/shelf/", shelf.Shelf.as_view(), name="shelf"),
    path("registers/unit/<int:pk>/problems/", shelf.Problems.as_view(), name="problems"),
    path(
        "registers/unit/<int:pk>/retention/", destruction.Destruction.as_view(), name="destruction"
    ),
    path("registers/problems/<int:pk>/", shelf.ProblemAct.as_view(), name="problem"),
    path("registers/pupil/<int:pk>/", writing.OfPupil.as_view(), name="of_pupil"),
    path("registers/<of:of>/<int:pk>/write/", writing.Writable.as_view(), name="writable"),
    path("registers/<of:of>/<int:pk>/write/<slug:code>/", writing.Write.as_view(), name="write"),
    path("registers/<of:of>/<int:pk>/files/", files.Files.as_view(), name="files"),
    path("registers/files/<int:pk>/", files.File.as_view(), name="file"),
    path("registers/files/<int:pk>/give/", files.Give.as_view(), name="give"),
]
