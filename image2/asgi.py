"""The ASGI entry point: pages and progress streams in one process."""

import os

from django.core.asgi import get_asgi_application

from image2.lib.http.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

_django = get_asgi_application()

from django.conf import settings  # noqa: E402  (the lines above make them)

# Four times the upload limit: a file of 100 MB gets an error on the page; one of 10 GB isn't even read.
application = BodyLimit(_django, most=4 * settings.UPLOAD_MAX_BYTES + 2**20)
