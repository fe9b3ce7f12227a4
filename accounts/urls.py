"""allauth's pages under /accounts/, the person's own settings under /account/."""

from django.urls import include, path

from accounts import views
from accounts.confirming import views as confirming
from accounts.connected import views as connected
from accounts.sign_in import code_views, log_in_views, removal

settings_pages = [
    path("", views.settings_page, name="settings"),
    path("profile/", views.change_profile, name="profile"),
    path("preferences/", views.change_preferences, name="preferences"),
    path("data/", views.change_data_switches, name="data"),
    path("staff-access/", views.staff_access_page, name="staff_access"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("browsers/<int:pk>/forget/", views.remove_browser, name="remove_browser"),
]
# In front of allauth's own, under their names.
log_in_pages = [
    path("signup/", log_in_views.SignUpView.as_view(), name="account_signup"),
    path("signup/passkey/", log_in_views.SignUpByPasskeyView.as_view(), name="account_signup_by_passkey"),
    path("2fa/webauthn/signup/", log_in_views.FirstPasskeyView.as_view(), name="mfa_signup_webauthn"),
    path("login/", log_in_views.LogInView.as_view(), name="account_login"),
    path("login/code/confirm/", code_views.ConfirmLoginCodeView.as_view(), name="account_confirm_login_code"),
    path("confirm-email/", code_views.ConfirmAddressView.as_view(), name="account_email_verification_sent"),
    path("password/reset/", log_in_views.ResetPasswordView.as_view(), name="account_reset_password"),
    path(
        "password/reset/confirm/",
        code_views.ConfirmPasswordResetCodeView.as_view(),
        name="account_confirm_password_reset_code",
    ),
    path("2fa/webauthn/keys/<int:pk>/remove/", removal.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("2fa/totp/deactivate/", removal.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("2fa/webauthn/login/", log_in_views.LogInByPasskeyView.as_view(), name="mfa_login_webauthn"),
    path("password/set/", log_in_views.SetPasswordView.as_view(), name="account_set_password"),
    path(
        "reauthenticate/mail/", confirming.ConfirmByMailView.as_view(), name="account_reauthenticate_by_mail"
    ),
    path("sessions/", log_in_views.DevicesView.as_view(), name="usersessions_list"),
]
# In place of allauth's, which also has pages for what isn't offered here (Google's One Tap, say).
connected_pages = [
    path("connected/", connected.connections, name="socialaccount_connections"),
    path("connected/<int:pk>/disconnect/", connected.disconnect, name="socialaccount_disconnect"),
    path("signup/finish/", connected.finish, name="socialaccount_signup"),
    path("google/login/", connected.start("google"), name="google_login"),
    path("google/login/callback/", connected.come_back("google"), name="google_callback"),
    path("github/login/", connected.start("github"), name="github_login"),
    path("github/login/callback/", connected.come_back("github"), name="github_callback"),
]
urlpatterns = [
    path("account/", include((settings_pages, "accounts"))),
    path("accounts/", include(log_in_pages)),
    path("accounts/", include(connected_pages)),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]
