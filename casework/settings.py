"""All settings, read from the environment (and from the file named by CASEWORK_ENV, by default var/env)."""

import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE = Path(__file__).resolve().parent.parent
env = environ.Env()
ENV_FILE = Path(env.str("CASEWORK_ENV", default=str(BASE / "var" / "env")))
if ENV_FILE.is_file():
    if ENV_FILE.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{ENV_FILE} holds secrets: chmod 600 {ENV_FILE}")
    environ.Env.read_env(ENV_FILE)

VERSION = "0.1.0"
DEBUG = False
DEMO = env.bool("DEMO", default=False)
TESTING = "pytest" in sys.modules

SECRET_KEY = env.str("SECRET_KEY", default="")
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
for _name, _secret in [
    ("SECRET_KEY", SECRET_KEY),
    *[("FIELD_KEYS", key) for key in FIELD_KEYS or [""]],
]:
    if len(_secret) < 40 or len(set(_secret)) < 12:
        raise ImproperlyConfigured(f"{_name} is missing or weak: bin/setup makes one in var/env")

HTTPS = env.bool("HTTPS", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_FAILURE_VIEW = "casework.cases.views.stale.stale_form"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
WORKFLOWS = env.bool("WORKFLOWS", default=True)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "treebeard",
    "axes",
    "csp",
    "django_q",
    "casework.core",
    "casework.audit",
    "casework.org",
    "casework.profiles",
    "casework.notices",
    "casework.deadlines",
    "casework.documents",
    "casework.students",
    "casework.detection",
    "casework.cases",
    "casework.registers",
    "casework.evidence",
    "casework.oversight",
]
if WORKFLOWS:
    INSTALLED_APPS += ["viewflow", "viewflow.workflow", "workflows"]

MIDDLEWARE = [
    "casework.core.proxy.TrustedProxies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "casework.core.slim.SlimPages",
    "csp.middleware.CSPMiddleware",
    "casework.core.headers.SafeHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "casework.org.sessions.CurrentSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "casework.core.refusals.Refusals",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "casework.urls"
WSGI_APPLICATION = "casework.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "casework.cases.navigation.navigation",
            ],
            "builtins": ["casework.core.templatetags.look"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]
VIEWFLOW = {"AUTOREGISTER": False}

# ---- database ----
DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{BASE / 'var' / 'casework.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON",
    }
else:
    # boards of a past day look dear to the planner; compiling them took 0.8 s, running them 0.04 s
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c jit=off"
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- people ----
AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_USERNAME_CALLABLE = "casework.org.sessions.name_tried"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_RESET_ON_SUCCESS = True
SPRAY_LIMIT = 50  # wrong passwords from one address in the same time; a school shares one address
AXES_LOCKOUT_TEMPLATE = "org/locked.html"
AXES_SENSITIVE_PARAMETERS: list[str] = []
AXES_VERBOSE = False
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_IDLE_SECONDS = 60 * 60

# ---- messages that leave the house ----
EMAIL_HOST = env.str("EMAIL_HOST", default="")  # none set: nothing is mailed
EMAIL_PORT = env.int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="casework@localhost")
CHAT_HOOKS = env.dict("CHAT_HOOKS", default={})  # code of a unit = address of its group chat
SMS_URL = env.str("SMS_URL", default="")  # an apprise address with {phone}
ANCHOR_MAIL = env.list("ANCHOR_MAIL", default=[])  # who gets the anchor of each night
ANCHOR_FOLDER = env.str("ANCHOR_FOLDER", default="")  # a folder on another machine

# ---- language and time ----
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ---- files ----
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE / "var" / "static")))
STATICFILES_DIRS = [BASE / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder"
]  # none of the libraries' files
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE / "var" / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20

# ---- safety on the wire ----
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many stand before this server
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# ---- jobs ----
JOBS = env.str(
    "JOBS", default="queue"
)  # queue: a worker runs them; now: in this process; none: the first reader does
Q_CLUSTER = {
    "name": "casework",
    "orm": "default",
    "workers": env.int("WORKERS", default=1),
    "timeout": 900,  # a bundle of a unit with hundreds of papers that are not sealed yet
    "retry": 960,
    "max_attempts": 5,
    "bulk": 1,
    "poll": 1,
    "catch_up": False,
    "save_limit": 200,
    "ack_failures": True,
    "label": "jobs",
}
if env.str("REDIS_URL", default=""):
    del Q_CLUSTER["orm"]
    Q_CLUSTER["redis"] = env.str("REDIS_URL")

# ---- seals ----
SEAL_KEY = env.str("SEAL_KEY", default=str(BASE / "var" / "seal.p12"))
SEAL_PASSPHRASE = env.str("SEAL_PASSPHRASE", default="")
TIMESTAMP_URL = env.str("TIMESTAMP_URL", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "casework.core.logs.line_formatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # its warnings name whoever tried to sign in; the tries themselves are in the database
    "loggers": {"axes": {"level": "ERROR"}},
}
