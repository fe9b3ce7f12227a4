"""The personal data of privacy: notices of policy versions, and messages to support."""

from django.utils.translation import gettext_lazy as _

from image2.lib.personal_data import Basis, Category, Kept, ModelData

DECLARATIONS = (
    ModelData(
        model="privacy.PolicyVersion",
        impersonal={
            "id": "a running number",
            "version": "public text",
            "published_at": "public text",
            "effective_at": "public text",
            "summary": "public text",
            "body": "public text",
            "requires_acceptance": "public text",
            "covers": "public text",
        },
    ),
    ModelData(
        model="privacy.PolicyNotice",
        owner="user",
        export_name="policy_notices",
        kept=(
            Kept(
                fields=("version", "sent_at"),
                category=Category.ACCOUNT,
                purpose=_("To tell you once, and only once, of a coming policy"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_("As long as the account exists"),
            ),
        ),
        impersonal={
            "id": "a running number",
            "user": "identifies the person; it is deleted with the row",
        },
    ),
    ModelData(
        model="privacy.SupportMessage",
        owner="user",
        export_name="support_messages",
        kept=(
            Kept(
                fields=("email", "topic", "message", "created_at", "closed_at"),
                category=Category.SUPPORT,
                purpose=_("To answer what you asked"),
                basis=Basis.CONTRACT,
                retention=_("As long as the account exists; without an account, a year after the answer"),
            ),
        ),
        impersonal={
            "id": "a random number",
            "user": "identifies the person; it is deleted with the row",
        },
    ),
)
