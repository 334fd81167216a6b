from django.urls import path

from workflows import harm_views, raising, side_views, views

app_name = "workflows"
urlpatterns = [
    path("findings/<int:pk>/open/", views.OpenCase.as_view(), name="open_case"),
    path("steps/<int:pk>/", views.StepPage.as_view(), name="step"),
    path("steps/<int:pk>/notice/", raising.RaiseNotice.as_view(), name="notice"),
    path("cases/<int:pk>/harm/", harm_views.ReportHarm.as_view(), name="harm"),
    path("pupils/<int:pk>/harm/", harm_views.ReportHarmOf.as_view(), name="harm_of"),
    path("harm/", harm_views.HarmReports.as_view(), name="harm_reports"),
    path("harm/<int:pk>/", harm_views.HarmReportPage.as_view(), name="harm_report"),
    path("cases/<int:pk>/conference/", raising.CallConference.as_view(), name="conference"),
    path("cases/<int:pk>/help/", raising.GiveHelp.as_view(), name="help"),
    path("matters/<int:pk>/", side_views.MatterPage.as_view(), name="matter"),
    path("cases/<int:pk>/ask/", side_views.SideRoads.as_view(), name="side_roads"),
    path("cases/<int:pk>/ask/<str:code>/", raising.AskSideRoad.as_view(), name="ask"),
    path("cases/<int:pk>/road.svg", views.FlowPicture.as_view(), name="picture"),
]
