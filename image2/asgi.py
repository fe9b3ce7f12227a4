"""The ASGI entry point: pages and progress streams in one process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

application = get_asgi_application()
