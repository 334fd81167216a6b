from django.urls import path

from workflows import side_views, views

app_name = "workflows"
urlpatterns = [
    path("findings/<int:pk>/open/", views.OpenCase.as_view(), name="open_case"),
    path("steps/<int:pk>/", views.StepPage.as_view(), name="step"),
    path("steps/<int:pk>/notice/", side_views.RaiseNotice.as_view(), name="notice"),
    path("cases/<int:pk>/harm/", side_views.ReportHarm.as_view(), name="harm"),
    path("matters/<int:pk>/", side_views.MatterPage.as_view(), name="matter"),
    path("cases/<int:pk>/ask/", side_views.SideRoads.as_view(), name="side_roads"),
    path("cases/<int:pk>/ask/<str:code>/", side_views.AskSideRoad.as_view(), name="ask"),
    path("cases/<int:pk>/road.svg", views.FlowPicture.as_view(), name="picture"),
]
