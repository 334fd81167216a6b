from django.urls import path

from casework.documents import views

app_name = "documents"
urlpatterns = [
    path("v/<str:token>/", views.VerifyPaper.as_view(), name="verify"),
    path("anchors/", views.Anchors.as_view(), name="anchors"),
]
