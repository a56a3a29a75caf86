"""What the tests of imports on the web share: accounts, handing in, pressing on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from county import household, households, person
from tuopin.platform import worker
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse

    from tuopin.platform.models import User


EAST, WEST, COUNTY = "990101100000", "990101101000", "990101000000"


def clerk(name: str, role: str, area: str) -> User:
    user = accounts.add_user(local_admin(), name, "korrekt-pferd-batterie", must_change=False)[0]
    accounts.grant_by_code(local_admin(), user, role, "area", area)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def work() -> None:
    worker.work(threading.Event(), until_empty=True)


def upload(path: Path, name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name or path.name, path.read_bytes())


def hand_in(client: Client, *files: SimpleUploadedFile) -> int:
    answer = client.post("/register/imports/new/", {"files": list(files)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    work()
    return int(answer["Location"].rstrip("/").rpartition("/")[2])


def press(client: Client, number: int, then: str, **more: Any) -> HttpResponse:
    answer = client.post(f"/register/imports/sets/{number}/", {"then": then, **more})
    work()
    return answer


def shown(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def two(folder: Path, **cells: str) -> Path:
    """A household in the east, one in the west."""
    return households(
        folder,
        household("9901", **cells),
        household("9902", person("990201"), 镇="西乡", 村="丙村委会"),
    )
