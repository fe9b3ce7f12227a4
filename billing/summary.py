"""What every page shows of a person's billing, in one query: the credits, and whether a plan is unpaid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from accounts.models import User
from billing.ledger import clock
from billing.models import Account, Subscription

# Written out, since every page of the site asks: to build and compile this query costs six times as much as to run it.
# The account's row carries the answer about subscriptions, so that nobody pays a query for it: whoever has a plan was
# granted credits, and so has an account.
_SUMMARY: Final = """
SELECT account.available - COALESCE((
         SELECT SUM(lot.remaining) FROM billing_grant lot
         WHERE lot.account_id = account.id AND lot.remaining > 0 AND lot.expires_at <= {now}), 0),
       (SELECT MIN(plan.status) FROM billing_subscription plan
         JOIN billing_customer customer ON customer.id = plan.customer_id
         WHERE customer.user_id = account.user_id AND plan.status IN ({unpaid}))
FROM billing_account account WHERE account.user_id = %s
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """``unpaid`` is the state of a subscription whose payment failed: "past_due" (the grace), "unpaid", or nothing."""

    available: int = 0
    unpaid: str = ""


def summarize(user: User) -> Summary:
    """Return the current summary. It isn't cached: a payment must show at once."""
    compiler = Account.objects.all().query.get_compiler(connection=connection)
    now, parameters = compiler.compile(clock.now())
    sql = _SUMMARY.format(now=now, unpaid=", ".join(["%s"] * len(Subscription.UNPAID)))
    person = Account.user.field.get_db_prep_value(user.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *Subscription.UNPAID, person])
        row = cursor.fetchone()
    # PostgreSQL sums whole numbers up to a decimal.
    return Summary(int(row[0]), row[1] or "") if row else Summary()
