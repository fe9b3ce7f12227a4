"""The forms of accounts: allauth's with our questions, and the settings page."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import policies, preferences
from accounts.models import Preferences, User
from accounts.names import clean_name

HONEYPOT = "telephone"
Saved = tuple[AbstractBaseUser | None, HttpResponse | None]


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": _("Your name"),
                "max_length": 100,
                "widget": forms.TextInput(attrs={"autocomplete": "name"}),
                "error_messages": {"required": _("Enter your name.")},
                **kwargs,
            }
        )

    def clean(self, value: Any) -> str:
        return clean_name(super().clean(value))


GOOD_PASSWORD = _(
    "At least ten characters, and not a password that many people use. Four words in a row are a good one."
)


class _Plain:
    """allauth's forms repeat each label inside its field, and put links into help; our pages have them beside."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field.widget, forms.PasswordInput):
                field.help_text = GOOD_PASSWORD if name == "password1" else ""


class SignupForm(_Plain, allauth_forms.SignupForm):
    """Name, address, password and the privacy policy; the version that was shown is the one that is accepted."""

    field_order = ["name", "email", "password1", "policy", "policy_version", HONEYPOT]

    name = NameField()
    policy = forms.BooleanField(
        error_messages={
            "required": _("Read the privacy policy and tick the box: without it we may not keep anything.")
        }
    )
    policy_version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current_policy = policies.current_version()
        self.initial["policy_version"] = self.current_policy
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address: it is your login.")
        password = self.fields["password1"]
        password.error_messages["required"] = _("Choose a password.")
        # allauth hides its trap with an inline style, which our content security policy would not apply.
        self.fields[HONEYPOT].widget = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})

    def clean_policy_version(self) -> str:
        version: str = self.cleaned_data["policy_version"]
        if version != self.current_policy:
            # Shown again with the new version: nobody accepts what they were not shown.
            shown_again = self.data.copy()  # type: ignore[has-type]  # set by allauth's untyped base
            shown_again[self.add_prefix("policy_version")] = self.current_policy
            shown_again.pop(self.add_prefix("policy"), None)
            self.data = shown_again
            raise forms.ValidationError(
                _("The privacy policy has changed while you were typing. Read it and tick the box again.")
            )
        return version

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if "policy_version" in self.errors:
            self.add_error("policy", self.errors.pop("policy_version"))
        return data

    def try_save(self, request: HttpRequest) -> Saved:
        saved: Saved
        try:
            with transaction.atomic():
                saved = super().try_save(request)
        except IntegrityError:
            # The same address twice at the same moment: the second one hears what the owner of the first would.
            self.account_already_exists = True
            saved = super().try_save(request)
        return saved

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the person has a row, in the transaction that made it."""
        policies.accept(user=user, version=self.cleaned_data["policy_version"], request=request)


class LoginForm(_Plain, allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["remember"].label = _("Stay signed in on this device")


class NewAddressForm(_Plain, allauth_forms.AddEmailForm):
    """Another address for an account that is in use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")


class MendAddressForm(_Plain, allauth_forms.ChangeEmailForm):
    """Another address while signing up, when the first one was a slip."""

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
        self.fields["oldpassword"].label = _("Your password now")
        self.fields["password1"].label = _("The new password")
        self.fields["password2"].label = _("The new password again")


class SetPasswordForm(_Plain, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordForm(_Plain, allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("The new password")
        self.fields["password2"].label = _("The new password again")


class ReauthenticateForm(_Plain, allauth_forms.ReauthenticateForm):
    pass


class ProfileForm(forms.Form):
    name = NameField()


class PreferencesForm(forms.Form):
    """What pictures look like by default, and how the site looks. Choices of generation come by registration."""

    model = forms.ChoiceField(label=_("Model"), required=False)
    shape = forms.ChoiceField(label=_("Shape"), required=False)
    size = forms.ChoiceField(label=_("Size"), required=False)
    format = forms.ChoiceField(label=_("Download format"), choices=Preferences.Format.choices)
    theme = forms.ChoiceField(label=_("Theme"), choices=Preferences.Theme.choices)
    recipe_in_downloads = forms.BooleanField(
        label=_("Write the recipe into files I download"),
        help_text=_("Prompt, model and seed. The mark that says a picture was made by AI is always written."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("model", "shape", "size"):
            if choices := preferences.offered(name):
                self.fields[name] = forms.ChoiceField(
                    label=self.fields[name].label, required=False, choices=[("", _("Recommended")), *choices]
                )
            else:
                del self.fields[name]


class DataSwitchesForm(forms.Form):
    """What we may do with what a person makes and clicks."""

    usage_data = forms.BooleanField(
        label=_("Record which features I use"),
        help_text=_(
            "Which model, shape and tools, never what you write or draw. It tells us what to improve."
        ),
        required=False,
    )
    training_allowed = forms.BooleanField(
        label=_("My pictures may be used for training"),
        help_text=_(
            "Off unless you switch it on. Every picture keeps the answer that held when it was made."
        ),
        required=False,
    )
