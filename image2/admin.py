"""The operator's admin site takes the place of Django's default one."""

from django.contrib.admin.apps import AdminConfig


class Image2AdminConfig(AdminConfig):
    default = False
    # By name: the site's module needs the models, which are not loaded yet when this one is.
    default_site = "image2.admin_site.Image2AdminSite"
