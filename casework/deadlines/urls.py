from django.urls import path

from casework.deadlines import views

app_name = "deadlines"
urlpatterns = [path("terms/", views.Terms.as_view(), name="terms")]
