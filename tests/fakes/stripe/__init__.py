"""A stateful Stripe that speaks HTTP: the real SDK talks to it, and every request is held to the SDK's own types."""

from tests.fakes.stripe.server import FakeStripe
from tests.fakes.stripe.world import World

__all__ = ["FakeStripe", "World"]
