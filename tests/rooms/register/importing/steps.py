"""What the tests of imports on the web share: accounts, handing in, pressing on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from county import household, households, person
from tuopin.platform import worker

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse
    from django.test import Client


EAST, WEST, COUNTY = "990101100000", "990101101000", "990101000000"


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
