"""Settings: the environment is the configuration; with nothing set, the embedded default works offline."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from image2.lib import static_headers
from image2.lib.home import embedded_secret, home_folder
from image2.lib.observing.logs import logging_config
from image2.lib.storage.s3_origin import s3_origin

# Lets ``ModelAdmin[Picture]`` and its like be written where Django's classes do not take a type yet.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- the data folder of the embedded default (also holds production's scratch files) -------------------------
HOME = home_folder(env.str("IMAGE2_HOME", default=""), BASE_DIR)

DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.bool("PRODUCTION", default=False)
TESTING = "pytest" in sys.modules
SECRET_KEY = env.str("SECRET_KEY", default="") or embedded_secret(HOME)
SECRET_KEY_FROM_ENVIRONMENT = bool(env.str("SECRET_KEY", default=""))
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "image2.apps.SiteConfig",
    "accounts",
    "billing",
    "generation",
    "editor",
    "privacy",
    "image2.admin.Image2AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "allauth.usersessions",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "image2.lib.http.request_ids.RequestIdMiddleware",
    "image2.lib.http.security_headers.SecurityHeadersMiddleware",
    "accounts.sign_in.log_out.LogOutMiddleware",
    "image2.lib.http.hosts.ProbeHostMiddleware",
    "image2.lib.http.hosts.OneSpellingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "image2.lib.http.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "image2.lib.http.access.DeclaredCallerMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "accounts.middleware.SessionActivityMiddleware",
    "generation.middleware.FairShareMiddleware",
    "privacy.middleware.PolicyAcceptanceMiddleware",
    "image2.lib.http.drafts.DraftsMiddleware",
    "image2.website.forms_only.FormsOnlyMiddleware",
]

ROOT_URLCONF = "image2.urls"
ASGI_APPLICATION = "image2.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "image2.website.context.site",
            ],
            "builtins": [
                "image2.design.templatetags.components",
                "image2.website.templatetags.times",
            ],
        },
    }
]

# --- database: SQLite beside the data by default, PostgreSQL by DATABASE_URL ---------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{HOME / 'image2.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the write lock at its start, so it waits instead of failing
    # with "database is locked" half-way. WAL: readers never wait for the writer.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- storage: local folder by default, S3 when a bucket is named ---------------------------------------------
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", default="")
S3_REGION = env.str("S3_REGION", default="us-east-1")
S3_ADDRESSING_STYLE = env.str("S3_ADDRESSING_STYLE", default="path")
# Encryption at rest: "AES256" with keys of the store, "aws:kms" with one of yours; empty leaves it to the bucket.
S3_ENCRYPTION = env.str("S3_ENCRYPTION", default="")
S3_ENCRYPTION_KEY = env.str("S3_ENCRYPTION_KEY", default="")
# Where a proxy in front serves the data folder's files itself ("/protected/" of nginx's X-Accel-Redirect).
FILES_X_ACCEL = env.str("FILES_X_ACCEL", default="")
_picture_origins: list[str] = []
if S3_BUCKET:
    _media = {
        "BACKEND": "image2.lib.storage.s3.PrivateS3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION,
            "access_key": env.str("S3_ACCESS_KEY_ID", default="") or None,
            "secret_key": env.str("S3_SECRET_ACCESS_KEY", default="") or None,
            "addressing_style": S3_ADDRESSING_STYLE,
            "encryption": S3_ENCRYPTION,
            "encryption_key": S3_ENCRYPTION_KEY,
        },
    }
    _picture_origins.append(
        s3_origin(
            endpoint_url=S3_ENDPOINT_URL,
            bucket=S3_BUCKET,
            region=S3_REGION,
            addressing_style=S3_ADDRESSING_STYLE,
        )
    )
else:
    _media = {
        "BACKEND": "image2.lib.storage.local.LocalStorage",
        "OPTIONS": {"location": HOME / "files", "base_url": None, "file_permissions_mode": 0o600},
    }
STORAGES = {
    "default": _media,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "image2.lib.static.static_files.HashedStatic",
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(HOME / "static"))
STATICFILES_DIRS = [BASE_DIR / "static", ("bundled-model", BASE_DIR / "docs" / "bundled-model")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "editor.static_kernels.KernelFinder",
    "editor.static_kernels.FontFinder",
]
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_ADD_HEADERS_FUNCTION = static_headers.add

# --- redis: broker, progress and cache at scale; none needed for the embedded default ------------------------
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    # Rate limits, attempt counters, used codes: nothing here is evicted before it expires. It is the default, because
    # libraries use that one without asking.
    "default": {"BACKEND": "image2.lib.lasting_cache.LastingCache", "LOCATION": "accounts_limitentry"},
    # What may be evicted at any moment, because it only saves work.
    "forgetful": {
        "BACKEND": "image2.lib.forgetful_cache.ForgetfulRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": HOME / "cache"},
}

# --- people --------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "generation:create"
LOGOUT_REDIRECT_URL = "landing"

# --- mail: written to the data folder and shown in the log unless a server is named --------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
if env.str("EMAIL_URL", default=""):
    globals().update(EMAIL_CONFIG)
else:
    EMAIL_BACKEND = "image2.lib.mail.backend.FolderAndLogBackend"
EMAIL_FILE_PATH = HOME / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Image 2 <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Who operates this site; the privacy policy names them.
OPERATOR_NAME = env.str("OPERATOR_NAME", default="")
OPERATOR_ADDRESS = env.str("OPERATOR_ADDRESS", default="")
OPERATOR_EMAIL = env.str("OPERATOR_EMAIL", default="operator@localhost")

# Where to report a vulnerability (/.well-known/security.txt): addresses that begin with mailto:, https: or tel:.
SECURITY_CONTACTS = env.list("SECURITY_CONTACTS", default=[]) or [f"mailto:{OPERATOR_EMAIL}"]
SECURITY_POLICY_URL = env.str("SECURITY_POLICY_URL", default="")
SECURITY_LANGUAGES = env.str("SECURITY_LANGUAGES", default="en")

# --- language and time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
# Dates in the admin, which writes them by itself.
FORMAT_MODULE_PATH = "image2.formats"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "image2" / "locale"]

# --- security ------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:", *_picture_origins, *env.list("CSP_IMG_SRC", default=[])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}
SESSION_ENGINE = "image2.lib.http.sessions"
MESSAGE_STORAGE = "image2.lib.http.messages.Storage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "image2.website.pages.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    # To the site's own address, not to whatever host and port the request names.
    SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # The __Host- prefix is refused by browsers on plain http, so only here.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_TEMP_DIR = HOME / "tmp"
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "image2.lib.http.nameless_uploads.NamelessFileUploadHandler",
]

# --- work ----------------------------------------------------------------------------------------------------
QUEUED_JOBS_PER_PERSON = env.int("QUEUED_JOBS_PER_PERSON", default=20)
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=30)
JOB_LOST_ATTEMPTS = env.int("JOB_LOST_ATTEMPTS", default=3)
JOB_SOFT_LIMIT_SECONDS = env.int("JOB_SOFT_LIMIT_SECONDS", default=1800)
# Pictures of several jobs that are drawn together: 0 leaves it to each model's catalogue entry, 1 is one job at a time.
JOB_BATCH_PICTURES = env.int("JOB_BATCH_PICTURES", default=0)
# In loads of a model: for how long a job is left to a worker that holds its model, and for how long a worker that has
# just loaded one draws what waits for it first. 0: workers don't look at who holds what.
JOB_WAIT_LOADS = env.float("JOB_WAIT_LOADS", default=1.0)
JOB_STAY_LOADS = env.float("JOB_STAY_LOADS", default=4.0)
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=10)
TRASH_DAYS = env.int("TRASH_DAYS", default=30)
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=25 * 1024 * 1024)
UPLOAD_MAX_PIXELS = env.int("UPLOAD_MAX_PIXELS", default=64_000_000)
# The most that one upload takes in storage once it is a PNG.
UPLOAD_MASTER_MAX_BYTES = env.int("UPLOAD_MASTER_MAX_BYTES", default=128 * 1024 * 1024)
# A project file of the editor, with its history and pictures.
PROJECT_MAX_BYTES = env.int("PROJECT_MAX_BYTES", default=1024 * 1024 * 1024)
# A Photoshop file that the editor opens, and the pixels of its layers and masks together.
PHOTOSHOP_MAX_BYTES = env.int("PHOTOSHOP_MAX_BYTES", default=512 * 1024 * 1024)
PHOTOSHOP_MAX_PIXELS = env.int("PHOTOSHOP_MAX_PIXELS", default=600_000_000)
# A folder of the operator's own fonts (static .ttf and .otf) for the editor's texts: for Chinese, Japanese and Korean.
FONTS_FOLDER = env.str("FONTS_FOLDER", default="")
# Uploads that no picture and no job uses are deleted after so many days.
UPLOAD_UNUSED_DAYS = env.int("UPLOAD_UNUSED_DAYS", default=30)
# What the editor ordered and nobody used or kept goes after so many days.
RESULT_DAYS = 30
# What isn't made here: words are checked before the charge, by the list that comes along and a file of the operator's
# own, or by a function of theirs in place of the list; finished pictures by an image classifier (in a folder).
MODERATION = env.bool("MODERATION", default=True)
MODERATION_WORDS = env.str("MODERATION_WORDS", default="")
MODERATION_CHECKER = env.str("MODERATION_CHECKER", default="")
MODERATION_MODEL = env.str("MODERATION_MODEL", default="")
MODERATION_LABELS = env.str("MODERATION_LABELS", default="")
# Content Credentials (C2PA) of downloads: the chain and the key as PEM files, and a server that says when.
C2PA_CERTIFICATE = env.str("C2PA_CERTIFICATE", default="")
C2PA_KEY = env.str("C2PA_KEY", default="")
C2PA_TIMESTAMP_URL = env.str("C2PA_TIMESTAMP_URL", default="")
# The signers that /verify/ knows, as a PEM file of their roots; without one it knows the site's own alone.
C2PA_TRUST = env.str("C2PA_TRUST", default="")
# A language model that rewrites prompts when a person presses a button, by the interface of OpenAI's API: the base of
# its address (https://llm.example.org/v1), its name there, and a key if it needs one. Without the first two nothing is
# sent.
PROMPT_LLM_URL = env.str("PROMPT_LLM_URL", default="").rstrip("/")
PROMPT_LLM_MODEL = env.str("PROMPT_LLM_MODEL", default="")
PROMPT_LLM_KEY = env.str("PROMPT_LLM_KEY", default="")
# How much one person may store of files they upload, in MB (2**20 bytes), where their plan says nothing else.
STORAGE_MB_PER_PERSON = env.int("STORAGE_MB_PER_PERSON", default=1024)
# A copy of a person's data: its files are at most so large each (below 4 GiB, which any file system takes), are kept
# for so many days, and one is begun only when so much of the disk stays free.
EXPORT_PART_BYTES = env.int("EXPORT_PART_BYTES", default=4000 * 1024 * 1024)
EXPORT_DAYS = env.int("EXPORT_DAYS", default=7)
EXPORT_SPARE_BYTES = env.int("EXPORT_SPARE_BYTES", default=1024 * 1024 * 1024)

# Errors to Sentry and traces to an OpenTelemetry collector, where configured; otherwise their packages aren't imported.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="production" if PRODUCTION else "development")
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
if OTEL_EXPORTER_OTLP_ENDPOINT:
    # After the one that gives the request its id.
    MIDDLEWARE.insert(1, "image2.lib.observing.tracing.TracingMiddleware")
LOGGING_CONFIG = "image2.lib.observing.logs.configure"
LOGGING = logging_config(
    json_lines=env.bool("LOG_JSON", default=PRODUCTION),
    level=env.str("LOG_LEVEL", default="INFO"),
    sentry={"dsn": SENTRY_DSN, "environment": SENTRY_ENVIRONMENT} if SENTRY_DSN else None,
)
# Without a token, nobody can read the metrics.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
SILENCED_SYSTEM_CHECKS: list[str] = []

from accounts.settings import *  # noqa: E402, F403  (allauth's many switches live with the app they describe)
from billing.settings import *  # noqa: E402, F403  (gifts and what is sold are set in the app that does it)
from privacy.settings import *  # noqa: E402, F403  (support by mail)
