"""The tables of accounts: people, what they prefer, what they agreed to, what they used, who looked."""

from accounts.models.audit import AuditLine, AuditLink
from accounts.models.browsers import KnownBrowser
from accounts.models.consents import Consent, PolicyAcceptance
from accounts.models.limits import LimitEntry
from accounts.models.people import User
from accounts.models.preferences import Preferences
from accounts.models.staff_access import StaffAccess
from accounts.models.usage import UsageEvent
from accounts.models.velocity import NetworkCount

__all__ = [
    "AuditLine",
    "AuditLink",
    "Consent",
    "KnownBrowser",
    "LimitEntry",
    "NetworkCount",
    "PolicyAcceptance",
    "Preferences",
    "StaffAccess",
    "UsageEvent",
    "User",
]
