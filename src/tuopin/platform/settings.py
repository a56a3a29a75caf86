"""The settings of Tuopin. What an installation may change comes from the environment (docs/operate/settings.md)."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from django.utils.csp import CSP
from django.utils.functional import lazy

from tuopin.platform.home import home, secret_key
from tuopin.platform.outbox.given import hours, mailer


def _words(name: str) -> list[str]:
    return [word for word in os.environ.get(name, "").replace(",", " ").split() if word]


def _database() -> dict[str, Any]:
    """PostgreSQL by ``DATABASE_URL``, else the SQLite file in the data folder."""
    url = os.environ.get("DATABASE_URL", "").strip()
    if url:
        from tuopin.platform.database_url import postgresql

        return postgresql(url)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": home() / "tuopin.sqlite3",
        "OPTIONS": {
            # A writer queues at BEGIN instead of failing in the middle; see docs/decisions/0010.
            "transaction_mode": "IMMEDIATE",
            "timeout": 60,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; "
                "PRAGMA journal_size_limit=67108864;"
            ),
        },
        # A file, not memory: other processes and ADBC must be able to read it in tests.
        "TEST": {"NAME": home() / "test.sqlite3"},
    }


HTTPS = os.environ.get("TUOPIN_HTTPS", "") == "1"

# Where households reach the public page of their cards (printed as a square code), and whom they may call.
TUOPIN_PUBLIC_ADDRESS = os.environ.get("TUOPIN_PUBLIC_ADDRESS", "").strip().rstrip("/")
TUOPIN_VOICE_PHONE = os.environ.get("TUOPIN_VOICE_PHONE", "12317").strip()

# Messages that leave the house (docs/operate/messages.md): nothing does until one of these is set.
TUOPIN_SITE_ADDRESS = os.environ.get("TUOPIN_SITE_ADDRESS", "").strip().rstrip("/")
_mailer = mailer(os.environ.get("TUOPIN_MAIL_URL", ""))  # anything that is none: platform/checks.py
MAILERS = {"default": _mailer} if _mailer is not None else {}
SILENCED_SYSTEM_CHECKS = ["mail.W001"]  # without a mail server nothing is sent: platform/checks.py says so
DEFAULT_FROM_EMAIL = os.environ.get("TUOPIN_MAIL_FROM", "").strip() or "tuopin@localhost"
TUOPIN_MAIL_DOMAINS = tuple(each.lower().lstrip("@") for each in _words("TUOPIN_MAIL_DOMAINS"))
TUOPIN_GATEWAY_URL = os.environ.get("TUOPIN_GATEWAY_URL", "").strip()
TUOPIN_GATEWAY_HOSTS = tuple(each.lower() for each in _words("TUOPIN_GATEWAY_HOSTS"))
TUOPIN_OPEN_HOURS = hours(os.environ.get("TUOPIN_OPEN_HOURS", "")) or ("08:00", "20:00")
_days = os.environ.get("TUOPIN_MESSAGES_DAYS", "").strip()
TUOPIN_MESSAGES_DAYS = int(_days) if _days.isascii() and _days.isdigit() and 7 <= int(_days) <= 3650 else 180

# Read when first needed, so that asking for --help or checking types leaves no folder behind.
SECRET_KEY = lazy(secret_key, str)()
DEBUG = os.environ.get("TUOPIN_DEBUG", "") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *_words("TUOPIN_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in _words("TUOPIN_HOSTS")] if HTTPS else []

# Every room, from the bottom up; a room that is not installed (an analyst's part installation) is left out.
ROOMS = tuple(
    room
    for room in (
        "tuopin.platform", "tuopin.register", "tuopin.standards", "tuopin.measures", "tuopin.duties", "tuopin.orders",
        "tuopin.checks", "tuopin.risk", "tuopin.assessment", "tuopin.reckoning", "tuopin.cycle", "tuopin.console",
    )
    if find_spec(room) is not None and find_spec(f"{room}.apps") is not None
)  # fmt: skip

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth.account",  # without its pages: allauth.mfa will not load without it (docs/decisions/0028)
    "allauth.mfa",
    "ninja",
    *ROOMS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # its vendor files lie compressed beside the plain ones
    "tuopin.platform.compressing.CompressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tuopin.platform.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tuopin.platform.middleware.PlaceMiddleware",
    "tuopin.platform.middleware.GrantsMiddleware",
    "tuopin.platform.middleware.SignedInMiddleware",
    "tuopin.platform.middleware.ProblemMiddleware",
]

ROOT_URLCONF = "tuopin.platform.urls"
WSGI_APPLICATION = "tuopin.platform.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["tuopin.platform.templatetags.words", "tuopin.platform.templatetags.help"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tuopin.platform.context.page",
            ],
        },
    }
]

DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "platform.User"
AUTHENTICATION_BACKENDS = ["tuopin.platform.outbox.selectors.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "tuopin.platform.accounts.first_passwords.FirstPasswordHasher",  # random ones, until the first sign-in
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("username", "display_name")}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
LOGIN_URL = "platform:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "platform:sign_in"

# The second factor: allauth's codes behind our own pages (docs/decisions/0028, docs/operate/access.md). No sign-up, no
# password by mail: no page of allauth has an address.
MFA_ADAPTER = "tuopin.platform.accounts.second_factor_adapter.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # half a minute either way: telephones and offices' clocks differ
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
TUOPIN_SECOND_FACTOR_ROLES = os.environ.get("TUOPIN_SECOND_FACTOR_ROLES")  # read by second_factor.required_roles
_proxies = os.environ.get("TUOPIN_PROXIES", "").strip()  # trusted ones in front: platform/accounts/throttle.py
TUOPIN_PROXIES = int(_proxies) if _proxies in {"1", "2", "3", "4", "5"} else 0  # anything else: platform/checks.py

SESSION_ENGINE = "tuopin.platform.accounts.sessions"
SESSION_COOKIE_AGE = 8 * 3600  # a working day; idle sessions end with it
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tuopin.platform.views.forbidden_form"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS

if HTTPS:  # TLS ends in a proxy in front (docs/operate/production.md)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # the icons inside the style sheet of @tabler/core
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "tuopin_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("TUOPIN_TIME_ZONE", "Asia/Shanghai")
DATE_FORMAT = "Y-m-d"

STATIC_URL = "static/"
STATIC_ROOT = os.environ.get("TUOPIN_STATIC") or None
WHITENOISE_USE_FINDERS = True  # one process on one PC needs no collectstatic
WHITENOISE_AUTOREFRESH = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = str(home() / "uploads")  # where there is room; swept like the uploads themselves
FILE_UPLOAD_HANDLERS = [
    "tuopin.platform.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
UPLOAD_MAX_BYTES = int(os.environ.get("TUOPIN_UPLOAD_MB", "200")) << 20  # one file
UPLOAD_MAX_FILES = 50  # of one set
UPLOAD_KEEP_DAYS = 7

# Paths and names only: no query strings, no form values, no bodies (docs/decisions/0015).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_personal_data": {"()": "tuopin.platform.logs.NoPersonalData"}},
    "formatters": {"plain": {"()": "tuopin.platform.logs.PlainFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_personal_data"]},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "tuopin": {"handlers": ["stderr"], "level": os.environ.get("TUOPIN_LOG", "WARNING"), "propagate": False},
    },
}
