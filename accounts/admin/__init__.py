"""The operator's pages about people: nothing is changed without a reason, and password hashes are never shown."""

from accounts.admin.audit import AuditLineAdmin
from accounts.admin.people import UserAdmin
from accounts.admin.staff_access import StaffAccessAdmin
from accounts.admin.usage import UsageEventAdmin

__all__ = ["AuditLineAdmin", "StaffAccessAdmin", "UsageEventAdmin", "UserAdmin"]
