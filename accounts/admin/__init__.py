"""The operator's pages about people: nothing is changed without a reason, and password hashes are never shown."""

from accounts.admin.audit import AuditLineAdmin
from accounts.admin.people import UserAdmin
from accounts.admin.staff_access import StaffAccessAdmin

__all__ = ["AuditLineAdmin", "StaffAccessAdmin", "UserAdmin"]
