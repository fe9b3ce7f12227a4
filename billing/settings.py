"""Billing's settings: what a new person gets, and for whom that does not hold."""

import environ
from disposable_email_domains import blocklist

_env = environ.Env()

WELCOME_CREDITS = _env.int("WELCOME_CREDITS", default=100)
# Disposable mailboxes get no welcome credits: the package's list, what it lacks, and the operator's own additions.
_NOT_IN_PACKAGE = (
    "33mail.com",
    "burnermail.io",
    "mail-temp.com",
    "spamgourmet.com",
    "temp-mail.io",
    "tempmail.com",
    "tempmail.dev",
    "tempmail.net",
)
DISPOSABLE_EMAIL_DOMAINS = frozenset(blocklist).union(
    _NOT_IN_PACKAGE, (domain.lower() for domain in _env.list("DISPOSABLE_EMAIL_DOMAINS", default=[]))
)
# Against those who sign up again and again. Networks are IPv4 /24 and IPv6 /48; 0 is no limit.
WELCOME_PER_NETWORK_HOUR = _env.int("WELCOME_PER_NETWORK_HOUR", default=10)
WELCOME_PER_NETWORK_DAY = _env.int("WELCOME_PER_NETWORK_DAY", default=30)
FREE_JOBS_PER_NETWORK_HOUR = _env.int("FREE_JOBS_PER_NETWORK_HOUR", default=200)
FREE_JOBS_PER_NETWORK_DAY = _env.int("FREE_JOBS_PER_NETWORK_DAY", default=1000)
# The largest size of people who have bought nothing yet: 1k or 2k. Empty: every size (docs/decisions/0006).
SIZE_BEFORE_PURCHASE = _env.str("SIZE_BEFORE_PURCHASE", default="").strip().lower()

# What is sold, in place of billing/plans/plans.toml.
PLANS_FILE = _env.str("IMAGE2_PLANS", default="")

# Payments. Without a secret key nothing can be bought, and the pages say so.
STRIPE_SECRET_KEY = _env.str("STRIPE_SECRET_KEY", default="")
# Two while a secret is being replaced: Stripe signs with both.
STRIPE_WEBHOOK_SECRETS = _env.list("STRIPE_WEBHOOK_SECRETS", default=[])
STRIPE_API_BASE = _env.str("STRIPE_API_BASE", default="https://api.stripe.com")
# Where Stripe's own pages are; a form that leads there must be allowed to by the content security policy.
STRIPE_PAGES = _env.list(
    "STRIPE_PAGES", default=["https://checkout.stripe.com", "https://billing.stripe.com"]
)
STRIPE_AUTOMATIC_TAX = _env.bool("STRIPE_AUTOMATIC_TAX", default=False)
STRIPE_TAX_IDS = _env.bool("STRIPE_TAX_IDS", default=False)
