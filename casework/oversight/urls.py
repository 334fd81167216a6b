from django.urls import path

from casework.oversight import views

app_name = "oversight"
urlpatterns = [
    path("board/", views.BoardPage.as_view(), name="board"),
    path("board/steps/", views.Steps.as_view(), name="steps"),
    path("board/cases/", views.Cases.as_view(), name="cases"),
]
