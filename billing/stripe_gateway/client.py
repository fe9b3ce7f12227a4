"""The line to Stripe: one client for each key, the version that we speak, and errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe
from django.conf import settings

from billing.payments import Gone, NotConfigured, Refused, Unavailable

API_VERSION = "2026-10-28.endive"  # what the pinned SDK speaks; a test compares
TIMEOUT_SECONDS = 20


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def client() -> stripe.StripeClient:
    """Return the client of the key that is set now. Raises NotConfigured."""
    if not settings.STRIPE_SECRET_KEY:
        raise NotConfigured
    return _client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@contextmanager
def errors(about: str = "") -> Iterator[None]:
    """Tell what may be tried again from what may not, and from what doesn't exist any more.

    ``about`` is the kind of object that the call's address names; Stripe names the kind itself only for parameters.
    """
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise Unavailable(str(error)) from error
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            raise Gone(str(error), what=_kind(error.param, about)) from error
        raise Refused(str(error)) from error
    except stripe.StripeError as error:
        raise Refused(str(error)) from error


def _kind(param: object, about: str) -> str:
    """Return "price" for ``line_items[0][price]``; for the id in the address, what the caller says."""
    name = str(param or "id").rpartition("[")[2].rstrip("]")
    return about if name in {"id", "intent"} else name


@lru_cache(maxsize=4)
def _client_for(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base},
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )
