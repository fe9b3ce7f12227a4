"""What billing knows about people."""

from django.utils.translation import gettext_lazy as _

from billing.purchases import customers
from image2.lib.personal_data import Basis, Category, Erased, Kept, ListElsewhere, ModelData

_TAX = _(
    "As long as the account exists, then without your name until ten years after its last line, as tax law asks"
)
_MACHINERY = "an internal number of the ledger; it says nothing about a person"
_LINK = "leads to the account, which loses its owner when the person is erased"
_BY = "leads to the member of staff who did it; emptied when that person is erased"
_WHY = _("To account for every credit received and spent, to you and to an auditor")

DECLARATIONS = (
    ModelData(
        model="billing.Account",
        owner="user",
        export_name="credit_account",
        kept=(
            Kept(
                fields=("user",),
                category=Category.PAYMENT,
                purpose=_("To know whose credits these are"),
                basis=Basis.CONTRACT,
                retention=_("As long as the account exists"),
                erased=Erased.CLEARED,
                exported=False,
                not_exported_because="it is a random number that leads to the person the export is of",
            ),
            Kept(
                fields=("available", "held", "debt", "frozen", "created_at"),
                category=Category.PAYMENT,
                purpose=_WHY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_TAX,
                erased=Erased.LATER,
            ),
        ),
        impersonal={"id": _MACHINERY, "lines": _MACHINERY},
    ),
    ModelData(
        model="billing.Freeze",
        owner="account__user",
        export_name="credit_freezes",
        kept=(
            Kept(
                fields=("ref", "frozen_at", "lifted_at"),
                category=Category.PAYMENT,
                purpose=_("To stop spending while a payment is disputed"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=_TAX,
                erased=Erased.LATER,
            ),
            Kept(
                fields=("reason",),
                category=Category.PAYMENT,
                purpose=_("To say in words why spending was stopped"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=_("As long as the account exists"),
                erased=Erased.CLEARED,
            ),
        ),
        impersonal={"id": _MACHINERY, "account": _LINK, "by": _BY},
    ),
    ModelData(
        model="billing.Grant",
        owner="account__user",
        export_name="credit_lots",
        kept=(
            Kept(
                fields=(
                    "source",
                    "source_ref",
                    "amount",
                    "remaining",
                    "held",
                    "consumed",
                    "expired",
                    "refunded",
                    "debt",
                    "expires_at",
                    "created_at",
                ),
                category=Category.PAYMENT,
                purpose=_WHY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_TAX,
                erased=Erased.LATER,
            ),
        ),
        impersonal={"id": _MACHINERY, "account": _LINK, "priority": _MACHINERY},
    ),
    ModelData(
        model="billing.Hold",
        owner="account__user",
        export_name="credit_holds",
        kept=(
            Kept(
                fields=("ref", "amount", "captured", "state", "created_at", "ended_at"),
                category=Category.PAYMENT,
                purpose=_WHY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_TAX,
                erased=Erased.LATER,
            ),
        ),
        impersonal={"id": _MACHINERY, "account": _LINK},
    ),
    ModelData(
        model="billing.HoldPart",
        impersonal={"id": _MACHINERY, "hold": _LINK, "lot": _LINK, "amount": _MACHINERY},
    ),
    ModelData(
        model="billing.Transaction",
        owner="account__user",
        export_name="credit_lines",
        kept=(
            Kept(
                fields=(
                    "number",
                    "kind",
                    "ref",
                    "available_after",
                    "held_after",
                    "debt_after",
                    "created_at",
                ),
                category=Category.PAYMENT,
                purpose=_WHY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_TAX,
                erased=Erased.LATER,
            ),
            Kept(
                fields=("reason",),
                category=Category.PAYMENT,
                purpose=_("To say in words why credits were given or taken back"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=_("As long as the account exists"),
                erased=Erased.CLEARED,
            ),
        ),
        impersonal={
            "id": _MACHINERY,
            "account": _LINK,
            "idempotency_key": _MACHINERY,
            "request_hash": _MACHINERY,
            "by": _BY,
        },
    ),
    ModelData(
        model="billing.Entry",
        impersonal={
            "id": _MACHINERY,
            "transaction": _LINK,
            "ledger_account": _MACHINERY,
            "lot": _LINK,
            "delta": _MACHINERY,
        },
    ),
    ModelData(
        model="billing.Customer",
        owner="user",
        export_name="payment_customer",
        kept=(
            Kept(
                fields=("user",),
                category=Category.PAYMENT,
                purpose=_("To know whose payments these are"),
                basis=Basis.CONTRACT,
                retention=_("As long as the account exists"),
                erased=Erased.CLEARED,
                exported=False,
                not_exported_because="it is a random number that leads to the person the export is of",
            ),
            Kept(
                fields=("stripe_id", "created_at", "gone_at"),
                category=Category.PAYMENT,
                purpose=_("To find your payments and invoices at Stripe, which keeps your address and card"),
                basis=Basis.CONTRACT,
                retention=_TAX,
                erased=Erased.LATER,
            ),
        ),
        impersonal={"id": _MACHINERY},
    ),
    ModelData(
        model="billing.Subscription",
        owner="customer__user",
        export_name="subscriptions",
        kept=(
            Kept(
                fields=("stripe_id", "lookup_key", "status", "period_end", "ends_at_period_end"),
                category=Category.PAYMENT,
                purpose=_("To give you what your plan promises, and to show when it renews"),
                basis=Basis.CONTRACT,
                retention=_TAX,
                erased=Erased.LATER,
            ),
        ),
        impersonal={
            "id": _MACHINERY,
            "customer": _LINK,
            "asked_at": _MACHINERY,
            "reported_at": "when the operator was sent a mail about it",
        },
    ),
    ModelData(
        model="billing.PlanEnding",
        owner="subscription__customer__user",
        export_name="plans_ended_at_once",
        kept=(
            Kept(
                fields=(
                    "payment_intent",
                    "money",
                    "currency",
                    "credits",
                    "refund_id",
                    "created_at",
                    "cancelled_at",
                    "finished_at",
                ),
                category=Category.PAYMENT,
                purpose=_("To end the plan that you asked us to end, and to send its money back once"),
                basis=Basis.CONTRACT,
                retention=_TAX,
                erased=Erased.LATER,
            ),
        ),
        impersonal={"id": _MACHINERY, "subscription": _LINK, "tried_at": _MACHINERY, "error": _MACHINERY},
    ),
    ModelData(
        model="billing.Order",
        owner="user",
        export_name="orders",
        kept=(
            Kept(
                fields=("user",),
                category=Category.PAYMENT,
                purpose=_("To know who pressed the button"),
                basis=Basis.CONTRACT,
                retention=_("As long as the account exists"),
                erased=Erased.CLEARED,
                exported=False,
                not_exported_because="it is a random number that leads to the person the export is of",
            ),
            Kept(
                fields=("id", "lookup_key", "session_id", "state", "created_at"),
                category=Category.PAYMENT,
                purpose=_("To follow a purchase from the button to the payment"),
                basis=Basis.CONTRACT,
                retention=_TAX,
                erased=Erased.LATER,
            ),
        ),
    ),
    ModelData(
        model="billing.StripeEvent",
        impersonal={
            "id": _MACHINERY,
            "stripe_id": "a number of Stripe's",
            "type": "what kind of thing happened",
            "api_version": "a version of Stripe's interface",
            "body": "only the number of Stripe's object that it is about; what names people is not kept",
            "received_at": "when Stripe sent it",
            "handled_at": _MACHINERY,
            "attempts": _MACHINERY,
            "error": _MACHINERY,
        },
    ),
)

ELSEWHERE = (
    ListElsewhere(
        export_name="invoices",
        what=_("Invoices, which Stripe keeps"),
        fields={
            "number": _("its number"),
            "issued_at": _("when it was issued"),
            "amount": _("the total, in the smallest unit of the currency (cents)"),
            "currency": _("the currency"),
            "status": _("whether it was paid"),
            "url": _("where it can be viewed and downloaded"),
        },
        rows=customers.invoice_rows,
    ),
)
