"""The forms of accounts: allauth's with our questions, and the settings page."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import is_login_rate_limited
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core import context
from allauth.core.exceptions import RateLimited
from allauth.core.ratelimit import respond_429
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import Preferences
from accounts.people import policies, preferences
from accounts.people.addresses import take_cleanly
from accounts.people.age import AgeField
from accounts.people.names import clean_name
from accounts.sign_in import attempts, sign_up
from image2.lib import times

Saved = tuple[AbstractBaseUser | None, HttpResponse | None]


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": _("Name"),
                "max_length": 100,
                "widget": forms.TextInput(attrs={"autocomplete": "name"}),
                "error_messages": {"required": _("Enter your name.")},
                **kwargs,
            }
        )

    def clean(self, value: Any) -> str:
        return clean_name(super().clean(value))


GOOD_PASSWORD = _("At least ten characters, and not a common password. Four random words work well.")


class _Plain:
    """allauth's forms repeat each label inside its field, and put links into help; our pages have them beside.

    Addresses are taken without the invisible characters that pasting may add.
    """

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field.widget, forms.PasswordInput):
                field.help_text = GOOD_PASSWORD if name == "password1" else ""
            if isinstance(field, forms.EmailField):
                take_cleanly(field)


class AcceptingForm(forms.Form):
    """What everybody says who gets an account: their age, and that they accept the policy that they were shown."""

    age = AgeField()
    policy = forms.BooleanField(
        error_messages={"required": _("Read the privacy policy and tick the box to create an account.")}
    )
    policy_version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current_policy = policies.current_version()
        self.initial["policy_version"] = self.current_policy

    def clean_policy_version(self) -> str:
        version: str = self.cleaned_data["policy_version"]
        if version != self.current_policy:
            # Shown again with the new version: nobody accepts what they were not shown.
            shown_again = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict: only what was sent comes here
            shown_again[self.add_prefix("policy_version")] = self.current_policy
            shown_again.pop(self.add_prefix("policy"), None)
            self.data = shown_again
            raise forms.ValidationError(
                _("The privacy policy changed while you were typing. Read it and tick the box again.")
            )
        return version

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "policy_version" in self.errors:
            self.add_error("policy", self.errors.pop("policy_version"))
        return data


class SignupForm(_Plain, AcceptingForm, allauth_forms.SignupForm):
    """Name, address, a password or a passkey, age and the privacy policy."""

    field_order = ["name", "email", "password1", "age", "policy", "policy_version"]

    name = NameField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address. You log in with it.")
        if password := self.fields.get("password1"):  # none for who signs up with a passkey
            password.error_messages["required"] = _("Choose a password.")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and sign_up.was_mailed_just_now(context.request, data["email"]):
            self.add_error(
                None,
                _(
                    "We sent an e-mail to this address a moment ago. Wait ten seconds, then press the button again."
                ),
            )
        return data

    def try_save(self, request: HttpRequest) -> Saved:
        """Keep what was typed until the code comes; the same answer whether or not the address has an account."""
        data = self.cleaned_data
        try:
            sign_up.begin(
                request,
                name=data["name"],
                email=data["email"],
                password=data.get("password1"),
                policy_version=data["policy_version"],
                taken=self.account_already_exists,
                next_url=get_next_redirect_url(request),
            )
        except RateLimited:
            return None, respond_429(request)
        return None, get_adapter().respond_email_verification_sent(request, None)


class LoginForm(_Plain, allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["remember"].label = _("Stay signed in on this device")

    def _clean_with_password(self, credentials: dict[str, Any]) -> dict[str, Any]:
        """As allauth's, but that a code which was sent a moment ago isn't called too many attempts."""
        adapter = get_adapter(self.request)
        user = adapter.authenticate(self.request, **credentials)
        if user is None:
            raise adapter.validation_error("email_password_mismatch")
        login = Login(user=user, email=credentials["email"])
        if is_login_rate_limited(self.request, login):
            raise adapter.validation_error("rate_limited")
        self.user, self._login = user, login
        data: dict[str, Any] = self.cleaned_data
        return data


class RequestCodeForm(_Plain, allauth_forms.RequestLoginCodeForm):
    def clean_email(self) -> str:
        """As allauth's, but for who is counted with whom."""
        adapter = get_adapter()
        email: str = adapter.clean_email(self.cleaned_data["email"])
        users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
        if not attempts.spend(context.request, action="request_login_code", email=email):
            raise adapter.validation_error("too_many_codes")
        self._user = users[0] if users else None
        return email


class NewAddressForm(_Plain, allauth_forms.AddEmailForm):
    """Another address for an account that is in use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")


class MendAddressForm(_Plain, allauth_forms.ChangeEmailForm):
    """Change the address during sign-up, after a typo."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")

    def clean_email(self) -> str:
        self.cleaned_data["email"] = get_adapter().clean_email(self.cleaned_data["email"])
        email: str = super().clean_email()
        return email


class ChangePasswordForm(_Plain, allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, again")


class SetPasswordForm(_Plain, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordForm(_Plain, allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, again")


class RequestPasswordResetForm(_Plain, allauth_forms.ResetPasswordForm):
    """Ask for a code to choose a new password."""


class ReauthenticateForm(_Plain, allauth_forms.ReauthenticateForm):
    pass


class TimeZoneField(forms.CharField):
    def clean(self, value: Any) -> str:
        name = super().clean(value)
        try:
            return str(times.zone(name)) if name else ""
        except times.UnknownZone:
            raise forms.ValidationError(
                _("Unknown time zone. Choose one from the list, such as Europe/Berlin.")
            ) from None


class ProfileForm(forms.Form):
    name = NameField()
    time_zone = TimeZoneField(
        label=_("Time zone for e-mails"),
        required=False,
        max_length=50,
        help_text=_("For example, Europe/Berlin. UTC if empty. Pages always use your browser's time zone."),
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
    )


class PreferencesForm(forms.Form):
    """What pictures look like by default, and how the site looks. Choices of generation come by registration."""

    model = forms.ChoiceField(label=_("Model"), required=False)
    shape = forms.ChoiceField(label=_("Shape"), required=False)
    size = forms.ChoiceField(label=_("Size"), required=False)
    count = forms.ChoiceField(label=_("Pictures at once"), required=False)
    format = forms.ChoiceField(label=_("Download format"), choices=Preferences.Format.choices)
    theme = forms.ChoiceField(label=_("Theme"), choices=Preferences.Theme.choices)
    recipe_in_downloads = forms.BooleanField(
        label=_("Include the recipe in downloads"),
        help_text=_(
            "Prompt, model and seed, and the first words as the file name. "
            "The mark that says a picture was made by AI is always written."
        ),
        required=False,
    )
    pixel_grid = forms.BooleanField(
        label=_("Show the pixel grid"), help_text=_("From 800 % on."), required=False
    )
    hints = forms.BooleanField(
        label=_("Show hints"),
        help_text=_("One sentence about each tool, the first time you choose it."),
        required=False,
    )
    pen_pressure = forms.ChoiceField(
        label=_("The pressure of a pen changes"),
        choices=Preferences.PenPressure.choices,
        required=False,
        help_text=_("Until you set it for a brush in this browser."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("model", "shape", "size", "count"):
            if choices := preferences.offered(name):
                self.fields[name] = forms.ChoiceField(
                    label=self.fields[name].label, required=False, choices=[("", _("Recommended")), *choices]
                )
            else:
                del self.fields[name]

    def clean_pen_pressure(self) -> str:
        return self.cleaned_data["pen_pressure"] or Preferences.PenPressure.SIZE


class DataSwitchesForm(forms.Form):
    """What we may do with what a person makes and clicks."""

    usage_data = forms.BooleanField(
        label=_("Record which features I use"),
        help_text=_(
            "Models, shapes and tools, never what you write or draw. Helps us decide what to improve."
        ),
        required=False,
    )
    training_allowed = forms.BooleanField(
        label=_("My pictures may be used for training"),
        help_text=_(
            "Off by default. Your choice is saved with each new picture and applies to it until you "
            "withdraw it."
        ),
        required=False,
    )
    # Shown only where there is something to withdraw.
    withdraw_made = forms.BooleanField(label=_("Include pictures I've already made"), required=False)
