from django.urls import path

from casework.documents import views

app_name = "documents"
urlpatterns = [
    path("v/<str:token>/", views.VerifyPaper.as_view(), name="verify"),
    path("f/<path:code>/", views.EmptyForm.as_view(), name="empty_form"),
    path("anchors/", views.Anchors.as_view(), name="anchors"),
]
