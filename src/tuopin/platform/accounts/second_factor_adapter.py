"""What allauth's codes need to know of this house: where secrets are sealed, what the authenticator app shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import DefaultMFAAdapter

from tuopin.platform.sealing import seal, unseal
from tuopin.platform.words import pick

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_PURPOSE = "second factor"


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Secrets lie sealed in the database; no mail is ever sent."""

    def encrypt(self, text: str) -> str:
        """A secret as it is stored."""
        return seal(_PURPOSE, text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        """A stored secret. Raises Problem if the key is another one."""
        return unseal(_PURPOSE, encrypted_text).decode()

    def get_totp_issuer(self) -> str:
        """The name above the code in the app."""
        return pick("脱贫攻坚", "Tuopin")

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """The account below it."""
        return str(user.get_username())

    def send_notification_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """None: accounts have no address; the audit log says it."""
