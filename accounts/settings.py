"""allauth's switches: e-mail as the login, everything confirmed by code, and no page reveals who has an account."""

import environ

_env = environ.Env()
_production = _env.bool("PRODUCTION", default=False)
_ten_minutes = 10 * 60

# --- who signs up, and how the address is proved -------------------------------------------------------------
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "login": "accounts.forms.LoginForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.RequestPasswordResetForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "add_email": "accounts.forms.NewAddressForm",
    "change_email": "accounts.forms.MendAddressForm",
    "request_login_code": "accounts.forms.RequestCodeForm",
    "confirm_login_code": "accounts.sign_in.code_forms.LoginCodeForm",
    "confirm_email_verification_code": "accounts.sign_in.code_forms.AddressCodeForm",
    "confirm_password_reset_code": "accounts.sign_in.code_forms.ResetCodeForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = _ten_minutes
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
# The same answer for an address that has an account and one that has none; the difference is only in the mail.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# --- signing in ----------------------------------------------------------------------------------------------
ACCOUNT_SESSION_REMEMBER = None  # asked with a check box
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = _ten_minutes
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = _ten_minutes
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = _ten_minutes
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _production else "http"

# How often one may try, beside allauth's own numbers. The rates that begin with "known" are those of a browser that the
# person has signed in with: strangers can't use them up.
ACCOUNT_RATE_LIMITS = {
    "login": None,  # counted as "login_page", by who knows the browser
    "login_page": "30/m/ip",
    "passkey": "10/m/ip",
    "known_login_page": "30/m/key",
    "known_login_failed": "5/5m/key",
    "known_request_login_code": "3/m/key",
    "known_reset_password": "5/m/key",
    "known_passkey": "10/m/key",
    "elsewhere": "30/m/ip",  # begins to log in with Google or GitHub
}
MFA_RATE_LIMITS = {"webauthn_login": None}  # counted as "passkey"

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.people.passwords.SiteNamesValidator"},
]

# --- a second factor -----------------------------------------------------------------------------------------
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.sign_in.code_forms.SecondFactorForm",
    "reauthenticate": "accounts.sign_in.code_forms.SecondFactorAgainForm",
    "activate_totp": "accounts.sign_in.code_forms.ActivateAppForm",
    "login_webauthn": "accounts.sign_in.passkey_forms.LoginForm",
    "authenticate_webauthn": "accounts.sign_in.passkey_forms.AuthenticateForm",
    "reauthenticate_webauthn": "accounts.sign_in.passkey_forms.ReauthenticateForm",
    "add_webauthn": "accounts.sign_in.passkey_forms.AddForm",
    "signup_webauthn": "accounts.sign_in.passkey_forms.SignUpForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_ISSUER = "Image 2"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off
# Passkeys need https; a browser makes an exception for localhost, and so do we where nothing is in production.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _production

# --- accounts elsewhere (Google, GitHub): each is offered where both of its keys are set ------------------------
SOCIALACCOUNT_ADAPTER = "accounts.connected.adapter.ConnectedAdapter"
# Everybody new sees the form: it asks for the age and for the policy.
SOCIALACCOUNT_AUTO_SIGNUP = False
# An address that the provider verified leads to the account that verified the same address, and connects the two.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5


def _app(client_id: str, secret: str) -> list[dict[str, str]]:
    return [{"client_id": client_id, "secret": secret}] if client_id and secret else []


_github_server = _env.str("GITHUB_URL", default="")

SOCIALACCOUNT_PROVIDERS = {
    "google": {
        "APPS": _app(_env.str("GOOGLE_CLIENT_ID", default=""), _env.str("GOOGLE_CLIENT_SECRET", default="")),
        "SCOPE": ["openid", "email", "profile"],
        # On a device that several people use, the one who is signed in at Google isn't always the one who is here.
        "AUTH_PARAMS": {"prompt": "select_account"},
        "OAUTH_PKCE_ENABLED": True,
    },
    "github": {
        "APPS": _app(_env.str("GITHUB_CLIENT_ID", default=""), _env.str("GITHUB_CLIENT_SECRET", default="")),
        "SCOPE": ["user:email"],
        "OAUTH_PKCE_ENABLED": True,
        # A server of GitHub Enterprise, instead of github.com.
        **({"GITHUB_URL": _github_server} if _github_server else {}),
    },
}

# --- sessions ------------------------------------------------------------------------------------------------
USERSESSIONS_TRACK_ACTIVITY = True
SESSION_COOKIE_AGE = 30 * 24 * 3600

# --- whose address it is that the rate limits count ----------------------------------------------------------
# The number of our own proxies in front of us. With none trusted, X-Forwarded-For is ignored: anybody can write it.
ALLAUTH_TRUSTED_PROXY_COUNT = _env.int("TRUSTED_PROXY_COUNT", default=0)
# Or a header that the outermost proxy overwrites ("X-Real-IP").
ALLAUTH_TRUSTED_CLIENT_IP_HEADER = _env.str("TRUSTED_CLIENT_IP_HEADER", default="") or None

# --- how long accounts' own rows are kept (the policy states the same numbers, from here) --------------------
USAGE_EVENT_DAYS = 180
UNVERIFIED_ACCOUNT_DAYS = 7
SESSION_DAYS = 30
AUDIT_DAYS = 730
# How long an account that its owner deletes is closed before it is erased; a mailed link reopens it meanwhile.
ERASURE_DAYS = 14
# Within which the owner of a picture that staff took down can appeal; then it is deleted.
TAKE_DOWN_DAYS = 180
# Since somebody last signed in with it.
KNOWN_BROWSER_DAYS = 180
