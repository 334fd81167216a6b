from django.urls import path

from casework.oversight import (
    export,
    goal_views,
    late_views,
    load_views,
    morning_views,
    pace_views,
    step_views,
    views,
    village_views,
    watch_views,
    zero_views,
)

app_name = "oversight"
urlpatterns = [
    path("board/", views.BoardPage.as_view(), name="board"),
    path("board/steps/", step_views.Steps.as_view(), name="steps"),
    path("board/load/", load_views.Workload.as_view(), name="load"),
    path("board/hand-out/", load_views.HandOut.as_view(), name="hand_out"),
    path("board/morning/", morning_views.Morning.as_view(), name="morning"),
    path("board/goals/", goal_views.Goals.as_view(), name="goals"),
    path("board/villages/", village_views.Villages.as_view(), name="villages"),
    path("board/zero/", zero_views.ZeroPage.as_view(), name="zero"),
    path("board/watch/", watch_views.Watch.as_view(), name="watch"),
    path("board/pace/", pace_views.Pace.as_view(), name="pace"),
    path("board/steps/export/", export.Export.as_view(), name="export"),
    path("board/late/", late_views.Late.as_view(), name="late"),
    path("board/cases/", views.Cases.as_view(), name="cases"),
]
