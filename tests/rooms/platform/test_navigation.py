"""The main navigation: many pages in groups, few side by side; a page that is not there shows the way on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from county import areas, taken
from people import account, signed_in
from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import FEW, GROUPS, Link, all_entries, menus

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def link(key: str, group: str = "", *, current: bool = False) -> Link:
    return Link(key, Title(key, key), f"/{key}/", current, group)


def test_few_pages_stand_side_by_side_and_many_in_groups() -> None:
    few = [link(str(at), "register") for at in range(FEW)]
    assert [len(menu.links) for menu in menus(few)] == [1] * FEW
    many = [link("home"), *few, link("packs", "standards"), link("audit", "system", current=True),
            link("odd", "nowhere")]  # fmt: skip
    found = menus(many)
    assert [(menu.title.zh, len(menu.links)) for menu in found] == [
        ("home", 1), ("登记", FEW), ("packs", 1), ("audit", 1), ("odd", 1),
    ]  # fmt: skip
    assert [menu.current for menu in found] == [False, False, False, True, False]


def test_every_entry_is_of_a_group_that_there_is() -> None:
    assert {entry.group for entry in all_entries()} <= {"", *GROUPS}


def test_a_page_that_is_not_there_shows_the_way_on(tmp_path: Path) -> None:
    areas(tmp_path)
    taken("navigation_areas", tmp_path)
    reader = signed_in(account("county", "county", "990101000000"))
    for address in ("/nothing/", "/areas/999999999999/", "/households/none/"):
        answer = reader.get(address)
        text = answer.content.decode()
        assert answer.status_code == 404
        assert 'class="rooms"' in text, address
        assert "没有找到" in text
        assert re.search(r'<details class="menu" name="menu">\s*<summary', text)
    stranger = Client().get("/nothing/")
    assert 'class="rooms"' not in stranger.content.decode()
