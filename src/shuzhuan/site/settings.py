"""Settings of the site; what differs between instances comes from the environment.

Safe by default: no debug pages, no inline scripts, cookies and headers as strict as the
pages allow. See docs/operations.md for the variables.
"""

from pathlib import Path

from csp.constants import NONE, SELF

from shuzhuan.site import environment

SITE_DIR = Path(__file__).resolve().parent
DATA_DIR = environment.data_directory()

DEBUG = environment.flag("SHUZHUAN_DEBUG")
SECRET_KEY = environment.secret_key(DATA_DIR)
ALLOWED_HOSTS = environment.words("SHUZHUAN_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("SHUZHUAN_ORIGINS")

# Filled by `shuzhuan setup --demo`: everybody may come in as an invented person.
DEMO = (DATA_DIR / "demo").is_file()

INSTALLED_APPS = [
    "shuzhuan.site",
    "shuzhuan.apps.regions",
    "shuzhuan.apps.accounts",
    "shuzhuan.apps.access",
    "shuzhuan.apps.audit",
    "shuzhuan.apps.evidence",
    "shuzhuan.apps.signin",
    "shuzhuan.apps.inbox",
    "shuzhuan.apps.publicity",
    "shuzhuan.apps.funds",
    "shuzhuan.apps.administration",
    "shuzhuan.apps.enterprises",
    "shuzhuan.apps.vendors",
    "shuzhuan.apps.assessments",
    "shuzhuan.apps.pilots",
    "shuzhuan.apps.projects",
    "shuzhuan.apps.workbench",
    "shuzhuan.apps.reports",
    "shuzhuan.apps.notices",
    "shuzhuan.apps.policies",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shuzhuan.apps.audit.middleware.AuditMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shuzhuan.apps.access.middleware.AccessMiddleware",
    "shuzhuan.apps.access.wall.WallMiddleware",
    "shuzhuan.apps.access.again.AgainMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shuzhuan.site.errors.ErrorPageMiddleware",
]

ROOT_URLCONF = "shuzhuan.site.urls"
WSGI_APPLICATION = "shuzhuan.site.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
ACCESS_TABLE = "shuzhuan.site.access.TABLE"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Cipher of sealed columns; a new one holds from the next `shuzhuan rotate-keys`.
FIELD_CIPHER = environment.choice("SHUZHUAN_CIPHER", ("aes", "sm4"))
DATABASES = {"default": environment.database(DATA_DIR)}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["shuzhuan.site.templatetags.shell"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shuzhuan.site.context.shell",
            ],
        },
    },
]
FORM_RENDERER = "shuzhuan.site.forms.ShellFormRenderer"

# Language and time: one country, one time zone.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# Static files: collected once by `shuzhuan setup`, served by the program itself.
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Nothing on a page comes from elsewhere, and nothing in a page is a script or a style.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# Behind TLS (SHUZHUAN_TLS=1) the cookies and every address insist on it.
TLS = environment.flag("SHUZHUAN_TLS")
SECURE_SSL_REDIRECT = TLS
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SECURE = TLS
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
if TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60  # counted from signing in, whatever happens in between
SESSION_IDLE_SECONDS = 60 * environment.whole("SHUZHUAN_IDLE_MINUTES", 60, low=5, high=480)
SESSION_ENGINE = "shuzhuan.apps.signin.sessions"
LOGIN_URL = "signin:door"
LOGIN_REDIRECT_URL = "site:begin"
SECOND_FACTOR_URL = "signin:second_factor"
MEMBERSHIP_URL = "signin:choose"
# Proxies in front that add to X-Forwarded-For; more than there are would believe the visitor.
TRUSTED_PROXIES = environment.whole("SHUZHUAN_PROXIES", 1 if TLS else 0, low=0, high=5)
# Sign-in through the government's own service; off while there is no issuer.
OIDC = environment.oidc()
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "shuzhuan.site.errors.csrf_failure"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "shuzhuan.apps.accounts.passwords.UnlikeThePerson",
        "OPTIONS": {"user_attributes": ("login_name", "full_name")},
    },
    {"NAME": "shuzhuan.apps.accounts.passwords.LongAndMixed"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Background work waits in the database and is done by the worker that `shuzhuan serve` starts.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# The evidence store: files by their content. Another storage is a class with the same methods.
EVIDENCE_STORE = "shuzhuan.apps.evidence.store.DiskStore"
EVIDENCE_DIR = DATA_DIR / "evidence"
# Word templates of the place's own (diagnosis.docx, acceptance.docx); without them ours are used.
REPORT_TEMPLATES_DIR = DATA_DIR / "report-templates"
FILE_UPLOAD_HANDLERS = ["shuzhuan.apps.evidence.handlers.BoundedUploadHandler"]

# Mail leaves through an outbox in the database; off while there is no server.
ADDRESS = environment.site_address()
MAIL = environment.mail(ADDRESS)

# Limits on what a request may bring; uploads have their own limits where they are received.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"reference": {"()": "shuzhuan.site.errors.ReferenceFilter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["reference"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"shuzhuan": {"level": "INFO"}},
}
