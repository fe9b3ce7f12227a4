"""What accounts, and the libraries that serve it, know about people."""

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from image2.lib.personal_data import Basis, Category, Erased, Kept, ModelData

_WHILE_ACCOUNT = _("As long as the account exists")
_RANDOM = "a random number that means nothing outside this table"
_LINK = "identifies the person; it is deleted with the row"

DECLARATIONS = (
    ModelData(
        model="accounts.User",
        owner="pk",
        export_name="account",
        kept=(
            Kept(
                fields=("email", "name"),
                category=Category.ACCOUNT,
                purpose=_("To know who you are when you log in, and to write to you about your account"),
                basis=Basis.CONTRACT,
                retention=_WHILE_ACCOUNT,
            ),
            Kept(
                fields=("avatar",),
                category=Category.ACCOUNT,
                purpose=_("To find your profile picture, if you chose one"),
                basis=Basis.CONTRACT,
                retention=_("Until you remove it"),
            ),
            Kept(
                fields=("password",),
                category=Category.ACCOUNT,
                purpose=_("To check your password; a one-way hash that nobody can read back"),
                basis=Basis.CONTRACT,
                retention=_WHILE_ACCOUNT,
                exported=False,
                not_exported_because="a hash tells its owner nothing, and a thief of the export could attack it",
            ),
            Kept(
                fields=("date_joined", "last_login"),
                category=Category.TECHNICAL,
                purpose=_("To find accounts that were never used or were taken over"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=_WHILE_ACCOUNT,
            ),
            Kept(
                fields=("closed_at",),
                category=Category.ACCOUNT,
                purpose=_("To keep an account closed that its owner asked us to delete"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=format_lazy(
                    _("{days} days, until the account is deleted or reopened"), days=settings.ERASURE_DAYS
                ),
            ),
        ),
        impersonal={
            "id": _RANDOM,
            "is_active": "a switch of the operator",
            "is_staff": "a right on this site",
            "is_superuser": "a right on this site",
            "groups": "a right on this site",
            "user_permissions": "a right on this site",
        },
    ),
    ModelData(
        model="account.EmailAddress",
        owner="user",
        export_name="email_addresses",
        kept=(
            Kept(
                fields=("email", "verified", "primary"),
                category=Category.ACCOUNT,
                purpose=_("To know that an address is really yours"),
                basis=Basis.CONTRACT,
                retention=_WHILE_ACCOUNT,
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="account.EmailConfirmation",
        impersonal={
            "id": _RANDOM,
            "email_address": _LINK,
            "created": "the table stays empty: addresses are confirmed by code",
            "sent": "the table stays empty: addresses are confirmed by code",
            "key": "the table stays empty: addresses are confirmed by code",
        },
    ),
    ModelData(
        model="accounts.Preferences",
        owner="user",
        export_name="preferences",
        kept=(
            Kept(
                fields=(
                    *("model", "shape", "size", "count", "format", "theme", "recipe_in_downloads"),
                    *("pixel_grid", "pen_pressure", "hints"),
                ),
                category=Category.PREFERENCES,
                purpose=_("To offer what you usually choose"),
                basis=Basis.CONTRACT,
                retention=_WHILE_ACCOUNT,
            ),
            Kept(
                fields=("time_zone",),
                category=Category.PREFERENCES,
                purpose=_("To write times in mails as you chose to read them; empty unless you enter one"),
                basis=Basis.CONTRACT,
                retention=_WHILE_ACCOUNT,
            ),
            Kept(
                fields=("training_allowed", "usage_data", "restricted_at", "updated_at"),
                category=Category.PREFERENCES,
                purpose=_("To do with your data only what you allow"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_WHILE_ACCOUNT,
            ),
        ),
        impersonal={"user": _LINK},
    ),
    ModelData(
        model="accounts.PolicyAcceptance",
        owner="user",
        export_name="policy_acceptances",
        kept=(
            Kept(
                fields=("version", "accepted_at", "ip"),
                category=Category.ACCOUNT,
                purpose=_("To show which policy you accepted; the address is shortened before it is stored"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_WHILE_ACCOUNT,
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="accounts.Consent",
        owner="user",
        export_name="consents",
        kept=(
            Kept(
                fields=("kind", "granted", "at", "ip"),
                category=Category.ACCOUNT,
                purpose=_("To show what you allowed and when; the address is shortened before it is stored"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_WHILE_ACCOUNT,
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="accounts.UsageEvent",
        owner="user",
        export_name="usage_events",
        kept=(
            Kept(
                fields=("event", "details", "at"),
                category=Category.USAGE,
                purpose=_("To learn which features are used and what to improve"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=format_lazy(
                    _("{days} days; never written when you switched it off"), days=settings.USAGE_EVENT_DAYS
                ),
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="accounts.NetworkCount",
        impersonal={
            "id": _RANDOM,
            "action": "what is counted",
            "network": "a keyed hash of a shortened address, which many people share; deleted within two days",
            "seconds": "an hour or a day",
            "ends_at": "when the count is worth nothing any more",
            "count": "how often, by all people of that network together",
        },
    ),
    ModelData(
        model="accounts.KnownBrowser",
        owner="user",
        export_name="known_browsers",
        kept=(
            Kept(
                fields=("label", "first_seen_at", "last_seen_at"),
                category=Category.TECHNICAL,
                purpose=_(
                    "To let you log in from a browser you have used before, even while somebody guesses your password"
                ),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=format_lazy(
                    _("Until you remove it, {days} days after you last signed in with it at most"),
                    days=settings.KNOWN_BROWSER_DAYS,
                ),
            ),
            Kept(
                fields=("token_hash",),
                category=Category.TECHNICAL,
                purpose=_("To recognise the browser by its cookie; a one-way hash of a random number"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=format_lazy(
                    _("Until you remove it, {days} days after you last signed in with it at most"),
                    days=settings.KNOWN_BROWSER_DAYS,
                ),
                exported=False,
                not_exported_because="a hash of a random number tells its owner nothing",
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="accounts.LimitEntry",
        impersonal={
            "key": "a keyed hash of what is limited (an address, an account); deleted within a day",
            "value": "how often, and when; or that a code was used",
            "expires_at": "when the entry is worth nothing any more",
        },
    ),
    ModelData(
        model="accounts.AuditLine",
        owner="actor",
        export_name="staff_acts",
        kept=(
            Kept(
                fields=("actor", "actor_label", "action", "object_type", "object_id", "reason", "at"),
                category=Category.TECHNICAL,
                purpose=_("For staff only: to show who viewed other people's data, and why"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=format_lazy(_("{days} days"), days=settings.AUDIT_DAYS),
                erased=Erased.LATER,
            ),
        ),
        impersonal={
            "id": _RANDOM,
            "subject_id": "a random id; once the account is gone it leads nowhere",
            "request_id": "a random number that joins log lines of one request",
            "number": "the place of the line in the log",
            "salt": "a random number that is hashed with the line",
        },
    ),
    ModelData(
        model="accounts.AuditLink",
        impersonal={
            "number": "the place of a line in the log",
            "at": "when the line was written",
            "line_hash": "a hash of the line and its salt; it says nothing once both are deleted",
            "chain_hash": "a hash of this link and the one before",
        },
    ),
    ModelData(
        model="accounts.StaffAccess",
        owner="person",
        kept=(
            Kept(
                fields=("person", "picture_id", "ground", "opened_at", "notified_at", "seen_at"),
                category=Category.TECHNICAL,
                purpose=_("To tell you when a member of staff opened one of your pictures, and why"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=format_lazy(
                    _("{days} days; a legal hold delays their start"), days=settings.AUDIT_DAYS
                ),
                exported=False,
                not_exported_because="the page “Access by our staff” lists it; rows under a hold must not be disclosed",
            ),
            Kept(
                fields=("held_because", "lifted_at"),
                category=Category.TECHNICAL,
                purpose=_("To record why the law forbids notifying you of an access yet"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=format_lazy(
                    _("{days} days; a legal hold delays their start"), days=settings.AUDIT_DAYS
                ),
                exported=False,
                not_exported_because="the law forbids disclosing it before the hold is lifted",
            ),
        ),
        impersonal={"id": _RANDOM},
    ),
    ModelData(
        model="usersessions.UserSession",
        owner="user",
        export_name="sessions",
        kept=(
            Kept(
                fields=("created_at", "last_seen_at", "ip", "user_agent"),
                category=Category.TECHNICAL,
                purpose=_(
                    "To show you where you are logged in; the address is shortened before it is stored"
                ),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=format_lazy(
                    _("Until you log out, {days} days at most"), days=settings.SESSION_DAYS
                ),
            ),
            Kept(
                fields=("session_key", "data"),
                category=Category.TECHNICAL,
                purpose=_("To keep you logged in"),
                basis=Basis.CONTRACT,
                retention=format_lazy(
                    _("Until you log out, {days} days at most"), days=settings.SESSION_DAYS
                ),
                exported=False,
                not_exported_because="the key is enough to be logged in",
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="sessions.Session",
        impersonal={
            "session_key": "a random key; whose it is stands in usersessions.UserSession, which erases it",
            "session_data": "signed-in user's id, steps of logging in, and a sign-up that waits for its code or for its"
            " last form (name, address, hash of the password, number of the account at Google or GitHub), which is"
            " deleted with its session within an hour",
            "expire_date": "says when the row is deleted",
        },
    ),
    ModelData(
        model="mfa.Authenticator",
        owner="user",
        export_name="second_factors",
        kept=(
            Kept(
                fields=("type", "created_at", "last_used_at"),
                category=Category.ACCOUNT,
                purpose=_("To ask for the second factor you set up"),
                basis=Basis.CONTRACT,
                retention=_("Until you remove it"),
            ),
            Kept(
                fields=("data",),
                category=Category.ACCOUNT,
                purpose=_("To check the second factor; what is secret in it is stored encrypted"),
                basis=Basis.CONTRACT,
                retention=_("Until you remove it"),
                exported=False,
                not_exported_because="it is the secret itself",
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="socialaccount.SocialAccount",
        owner="user",
        export_name="connected_accounts",
        kept=(
            Kept(
                fields=("provider", "uid", "extra_data"),
                category=Category.ACCOUNT,
                purpose=_(
                    "To log you in with your account at Google or GitHub: its number there, and its address or name"
                ),
                basis=Basis.CONTRACT,
                retention=_("Until you disconnect it"),
            ),
            Kept(
                fields=("date_joined", "last_login"),
                category=Category.TECHNICAL,
                purpose=_(
                    "To know since when an account at Google or GitHub is connected, and when it was used"
                ),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=_("Until you disconnect it"),
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK},
    ),
    ModelData(
        model="socialaccount.SocialApp",
        impersonal=dict.fromkeys(
            ("id", "provider", "provider_id", "name", "client_id", "secret", "key", "settings"),
            "the table stays empty: keys come from the environment",
        ),
    ),
    ModelData(
        model="socialaccount.SocialToken",
        impersonal=dict.fromkeys(
            ("id", "app", "account", "token", "token_secret", "expires_at"),
            "the table stays empty: nothing of ours asks the provider again",
        ),
    ),
    ModelData(
        model="admin.LogEntry",
        owner="user",
        export_name="staff_changes",
        kept=(
            Kept(
                fields=("action_time", "object_id", "object_repr", "action_flag", "change_message"),
                category=Category.TECHNICAL,
                purpose=_("For staff only: what was changed in the operator's pages"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=format_lazy(_("{days} days"), days=settings.AUDIT_DAYS),
            ),
        ),
        impersonal={"id": _RANDOM, "user": _LINK, "content_type": "names a table"},
    ),
)
