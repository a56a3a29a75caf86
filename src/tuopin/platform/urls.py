"""Every address of the site: the platform's own, then those of each room under its own name (console at the root)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from tuopin.platform import help_views, job_pages, place_views, views
from tuopin.platform.accounts import security_views, sign_in_views
from tuopin.platform.accounts import views as accounts_views
from tuopin.platform.api import pages as api_pages
from tuopin.platform.auditing import views as logs_views
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.outbox import views as outbox_views
from tuopin.platform.seals import views as seals_views

_rooms = [room for room, _module in rooms_modules("urls") if room != "platform"]

_own = [
    path("sign-in/", sign_in_views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", sign_in_views.sign_out, name="sign_out"),
    path("password/", sign_in_views.ChangePassword.as_view(), name="change_password"),
    path("second-factor/", security_views.SecondFactor.as_view(), name="second_factor"),
    path("second-factor/set-up/", security_views.SetUp.as_view(), name="set_up_second_factor"),
    path("second-factor/recovery-codes/", security_views.RecoveryCodes.as_view(), name="recovery_codes"),
    path("second-factor/change/", security_views.change_second_factor, name="change_second_factor"),
    path("security/", security_views.security, name="security"),
    path("security/sessions/", security_views.end_session, name="end_session"),
    path("accounts/", accounts_views.account_list, name="accounts"),
    path("accounts/find/", accounts_views.find, name="find_account"),
    path("accounts/new/", accounts_views.NewAccount.as_view(), name="new_account"),
    path("accounts/<int:user_id>/", accounts_views.Account.as_view(), name="account"),
    path("read-log/", logs_views.reads, name="reads"),
    path("audit/", logs_views.audit_log, name="audit"),
    path("audit/verify/", logs_views.verify, name="verify_audit"),
    path("seals/", seals_views.seals, name="seals"),
    path("seals/make/", seals_views.make, name="make_seal"),
    path("seals/<int:number>/", seals_views.seal, name="seal"),
    path("seals/<int:number>/verify/", seals_views.check, name="verify_seal"),
    path("language/", views.choose_language, name="language"),
    path("place/", place_views.areas, name="places"),
    path("health/", views.health, name="health"),
    path("help/", help_views.help_page, name="help"),
    path("jobs/", job_pages.job_list, name="jobs"),
    path("jobs/<int:job_id>/", job_pages.job, name="job"),
    path("jobs/<int:job_id>/again/", job_pages.job_again, name="job_again"),
    path("downloads/<int:download_id>/", job_pages.download, name="download"),
    path("messages/", outbox_views.messages, name="messages"),
    path("messages/mark/", outbox_views.mark, name="mark_messages"),
    path("messages/settings/", outbox_views.Settings.as_view(), name="message_settings"),
    path("messages/<int:message_id>/", outbox_views.message, name="message"),
    path("outbox/", outbox_views.outbox, name="outbox"),
    path("outbox/again/", outbox_views.again, name="repeat_messages"),
    path("tokens/", api_pages.token_list, name="tokens"),
    path("tokens/<int:token_id>/revoke/", api_pages.revoke, name="revoke_token"),
    path("" if "console" not in _rooms else "account/", views.home, name="home"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_own, "platform"))),
    path("api/", include(("tuopin.platform.api.urls", "api"))),
    *(path("" if room == "console" else f"{room}/", include((f"tuopin.{room}.urls", room))) for room in _rooms),
]

handler400 = "tuopin.platform.views.bad_request"
handler403 = "tuopin.platform.views.forbidden"
handler404 = "tuopin.platform.views.not_found"
handler500 = "tuopin.platform.views.server_error"
