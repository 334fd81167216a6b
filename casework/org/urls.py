from django.urls import path

from casework.org import views

app_name = "org"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("password/", views.SetPassword.as_view(), name="set_password"),
    path("people/", views.People.as_view(), name="people"),
    path("people/new/", views.NewPerson.as_view(), name="new_person"),
    path("people/<int:pk>/", views.Person.as_view(), name="person"),
    path("units/", views.Units.as_view(), name="units"),
    path("units/<int:pk>/", views.Units.as_view(), name="unit"),
]
