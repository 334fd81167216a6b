from django.urls import path

from workflows import views

app_name = "workflows"
urlpatterns = [
    path("findings/<int:pk>/open/", views.OpenCase.as_view(), name="open_case"),
    path("steps/<int:pk>/", views.StepPage.as_view(), name="step"),
    path("cases/<int:pk>/road.svg", views.FlowPicture.as_view(), name="picture"),
]
