"""Usage events: which features are used, first-party, with an off switch that is honoured here and nowhere else."""

from accounts.usage.privacy_control import sends_privacy_control
from accounts.usage.recording import LONGEST_DETAIL, Why, is_wanted, record, record_once_a_day, why_not

__all__ = [
    "LONGEST_DETAIL",
    "Why",
    "is_wanted",
    "record",
    "record_once_a_day",
    "sends_privacy_control",
    "why_not",
]
