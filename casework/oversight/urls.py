from django.urls import path

from casework.oversight import late_views, load_views, views

app_name = "oversight"
urlpatterns = [
    path("board/", views.BoardPage.as_view(), name="board"),
    path("board/steps/", views.Steps.as_view(), name="steps"),
    path("board/load/", load_views.Workload.as_view(), name="load"),
    path("board/hand-out/", load_views.HandOut.as_view(), name="hand_out"),
    path("board/late/", late_views.Late.as_view(), name="late"),
    path("board/cases/", views.Cases.as_view(), name="cases"),
]
