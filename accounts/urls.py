"""Routes of accounts: allauth's pages under /accounts/."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
