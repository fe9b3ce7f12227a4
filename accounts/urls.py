"""allauth's pages under /accounts/, the person's own settings under /account/."""

from django.urls import include, path

from accounts import views

settings_pages = [
    path("", views.settings_page, name="settings"),
    path("profile/", views.change_profile, name="profile"),
    path("preferences/", views.change_preferences, name="preferences"),
    path("data/", views.change_data_switches, name="data"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
]
urlpatterns = [
    path("account/", include((settings_pages, "accounts"))),
    path("accounts/", include("allauth.urls")),
]
