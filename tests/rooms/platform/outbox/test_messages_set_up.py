"""What the environment says of mail, hours and the gateway, and what the check says of it."""

from __future__ import annotations

from typing import Any

import pytest

from tuopin.platform.checks import check_outbox
from tuopin.platform.outbox.given import hours, is_sender, mailer


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("smtp://mail.office.example", {"host": "mail.office.example", "timeout": 20}),
        ("smtp+starttls://li%40x:p%2Fw@mail.office.example:587",
         {"host": "mail.office.example", "timeout": 20, "use_tls": True, "port": 587, "username": "li@x",
          "password": "p/w"}),
        ("smtps://u@mail.office.example", {"host": "mail.office.example", "timeout": 20, "use_ssl": True,
                                           "username": "u", "password": ""}),
    ],
)  # fmt: skip
def test_mail_servers(url: str, options: dict[str, Any]) -> None:
    assert mailer(url) == {"OPTIONS": options}


@pytest.mark.parametrize(
    "url",
    ["", "mail.office.example", "http://x", "smtp://", "smtp://x:99999", "smtp://x/y", "smtp://[::1", "smtp://x?a=1"],
)
def test_what_is_no_mail_server(url: str) -> None:
    assert mailer(url) is None


def test_hours() -> None:
    assert hours("08:00-20:00") == ("08:00", "20:00")
    assert hours(" 00:00-23:59 ") == ("00:00", "23:59")
    for wrong in (
        "",
        "8-20",
        "20:00-08:00",
        "08:00-08:00",
        "08:00",
        "24:00-25:00",
        "08:60-20:00",
        "０８:00-20:00",
        "a:b-c:d",
    ):
        assert hours(wrong) is None


def test_senders() -> None:
    assert is_sender("脱贫攻坚 <tuopin@office.example>")
    assert is_sender("tuopin@localhost")
    for wrong in ("", "tuopin", "a@", "@b", "a@b\nBcc: c@d", "脱贫@office.example"):
        assert not is_sender(wrong)


def found() -> set[str | None]:
    return {each.id for each in check_outbox()}


def test_the_check_names_what_is_wrong(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAILERS, settings.TUOPIN_GATEWAY_URL = {}, ""
    for name in ("TUOPIN_MAIL_URL", "TUOPIN_OPEN_HOURS", "TUOPIN_MESSAGES_DAYS", "TUOPIN_GATEWAY_URL"):
        monkeypatch.delenv(name, raising=False)
    assert found() == {"tuopin.I001"}
    settings.MAILERS = {"default": {}}
    assert found() == {"tuopin.W005"}
    settings.TUOPIN_SITE_ADDRESS = "https://tuopin.example"
    assert found() == set()
    settings.MAILERS = {}
    settings.DEFAULT_FROM_EMAIL = "nobody"
    for name, value in (
        ("TUOPIN_MAIL_URL", "mail"), ("TUOPIN_MAIL_FROM", "nobody"), ("TUOPIN_GATEWAY_URL", "http://elsewhere"),
        ("TUOPIN_OPEN_HOURS", "8-20"), ("TUOPIN_MESSAGES_DAYS", "5"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    assert found() == {f"tuopin.E{number:03}" for number in (6, 7, 8, 9, 11)} | {"tuopin.I001"}
