"""The settings of the tests: the embedded default in a data folder of its own, or PostgreSQL when it is asked for."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.services.migrated import SHARED
from tests.services.postgresql import Postgresql

# What the machine's own environment says about databases and vendors must not leak into the tests.
for _name in (
    "DATABASE_URL",
    "REDIS_URL",
    "S3_BUCKET",
    "SECRET_KEY",
    "PRODUCTION",
    "DEBUG",
    "SITE_URL",
    "EMAIL_URL",
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
    "GITHUB_URL",
):
    os.environ.pop(_name, None)
os.environ["IMAGE2_HOME"] = tempfile.mkdtemp(prefix="image2-tests-")
# What is made once in a run: the first process makes the folder, those that it starts inherit its name.
if SHARED not in os.environ:
    os.environ[SHARED] = tempfile.mkdtemp(prefix="image2-shared-")
    atexit.register(shutil.rmtree, os.environ[SHARED], ignore_errors=True)
# Two test processes that draw share the processors: threads that spin while they wait would make both many times
# slower.
os.environ.setdefault("IMAGE2_TORCH_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
atexit.register(shutil.rmtree, os.environ["IMAGE2_HOME"], ignore_errors=True)

# bin/test runs a second time with this: what is marked both_databases, with --all whatever touches the database.
ON_POSTGRESQL = os.environ.get("IMAGE2_TEST_DATABASE", "") == "postgresql"
if ON_POSTGRESQL:
    _server = Postgresql.start()
    atexit.register(_server.stop)
    os.environ["DATABASE_URL"] = _server.new_database("image2")

# A secret key of a Stripe sandbox, for the opt-in suite in tests/stripe_sandbox/.
STRIPE_SANDBOX_KEY = os.environ.get("STRIPE_SANDBOX_KEY", "")

from image2.settings import *  # noqa: E402, F403

# Slow on purpose in production; here it would only make every log-in slow.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if not ON_POSTGRESQL:
    # A file, as in real life: the in-memory database that is Django's default here locks whole tables between threads.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}  # noqa: F405
# A file is looked for when it is asked for. Otherwise every client of a test would first look at each of the 480 files.
WHITENOISE_AUTOREFRESH = True
# Pages are served from the sources; WhiteNoise only wants the folder to exist.
Path(STATIC_ROOT).mkdir(exist_ok=True)  # noqa: F405
