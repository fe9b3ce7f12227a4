"""The operator's pages about people: nothing is changed without a reason, and password hashes are never shown."""

from accounts.admin.audit import AuditLineAdmin
from accounts.admin.people import UserAdmin

__all__ = ["AuditLineAdmin", "UserAdmin"]
