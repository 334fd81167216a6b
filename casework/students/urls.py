"""Addresses of the import pages."""

from django.urls import path

from casework.students import views

app_name = "students"
urlpatterns = [
    path("import/", views.ImportStart.as_view(), name="import"),
    path("import/template/<slug:kind>.xlsx", views.TemplateFile.as_view(), name="template"),
    path("import/<int:pk>/", views.ImportRunPage.as_view(), name="import_run"),
    path("import/<int:pk>/words/", views.Words.as_view(), name="words"),
    path("import/<int:pk>/refused.xlsx", views.RefusedRows.as_view(), name="refused"),
]
