"""The operator's admin site."""

from django.contrib.admin.apps import AdminConfig


class Image2AdminConfig(AdminConfig):
    default = False
