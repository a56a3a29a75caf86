"""Forms of the platform's own pages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError

from tuopin.platform.accounts import services as accounts
from tuopin.platform.words import pick


class SignInForm(AuthenticationForm):
    """User name and password. One text for every failure, so that it cannot be used to find out names."""

    def clean(self) -> dict[str, Any]:
        found = super().clean()  # also for a locked account: the time it takes must not say that there is one
        if accounts.is_locked(self.cleaned_data.get("username", "")):
            raise self.get_invalid_login_error()
        return found

    def get_invalid_login_error(self) -> ValidationError:
        return ValidationError(
            pick(
                f"用户名或密码不正确。连续输错 {accounts.TRIES} 次后，账号锁定 {accounts.LOCK_MINUTES} 分钟。",
                f"Wrong user name or password. After {accounts.TRIES} wrong ones in a row the account is locked for"
                f" {accounts.LOCK_MINUTES} minutes.",
            ),
            code="invalid_login",
        )


class PasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""
