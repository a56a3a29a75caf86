"""Lists that neither the API nor a job has: their pages too open general fields alone, whatever a column is of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from county import areas, household, households, take
from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.lists import Column, FlagFilter
from tuopin.platform.lists.registry import listing, listings
from tuopin.register.importing import history, history_views
from tuopin.register.importing.services import import_paths
from tuopin.register.matching import views as matching_views
from tuopin.register.models import Import

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db(transaction=True)

EAST, COUNTY = "990101100000", "990101000000"


def account(name: str, role: str, area: str, classes: tuple[str, ...] = ()) -> User:
    user = accounts.add_user(local_admin(), name, "korrekt-pferd-batterie", must_change=False)[0]
    accounts.grant_by_code(local_admin(), user, role, "area", area, field_classes=classes)
    return user


def client_of(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def test_lists_without_a_reader_have_nothing_but_general_columns() -> None:
    without = [each for each in listings().values() if each.reader is None]
    assert {"register.imports", "register.match_runs"} <= {each.key for each in without}
    for each in without:
        parts = (*each.columns, *each.filters)
        assert [part.key for part in parts if set(part.classes) - {"general"}] == [], each.key


def test_a_column_of_a_closed_class_would_not_be_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(areas(tmp_path))
    client = client_of(account("clerk", "county", COUNTY))
    for key, module, path in (
        ("register.imports", history_views, "/register/imports/"),
        ("register.match_runs", matching_views, "/register/matching/"),
    ):
        before = listing(key)
        classed = replace(
            before,
            columns=(*before.columns, Column("secret", Title("密项", "secret"), field="pk", classes=("health",))),
            filters=(*before.filters, FlagFilter("hidden", Title("密查", "hidden"), "pk", classes=("health",))),
        )
        monkeypatch.setattr(module, "listing", lambda _key, classed=classed: classed)
        page = client.get(path)
        assert page.status_code == 200
        text = page.content.decode()
        assert "密项" not in text
        assert "密查" not in text
        assert client.get(f"{path}?hidden=1").status_code == 400
        assert client.get(f"{path}?column=secret").status_code == 400


def test_rejected_rows_are_handed_to_who_brought_them_or_may_see_every_class(tmp_path: Path) -> None:
    """Any column stands in the workbook of rejected rows; the township may know of the import, not of its cells."""
    (tmp_path / "areas").mkdir()
    take(areas(tmp_path / "areas"))
    owner, other = account("owner", "county", EAST), account("other", "township", EAST)
    wide = account("wide", "township", EAST, ("health", "disability", "bank", "child"))
    path = households(tmp_path, household("9901"), household("9902", 村="没有的村"))
    import_paths(actor_for(owner), [path])
    record = Import.objects.order_by("-pk")[0]
    sheet = record.sheets.get()
    address = f"/register/imports/{record.pk}/"
    for user, may in ((owner, True), (other, False), (wide, True)):
        client = client_of(user)
        assert history.may_have_cells(actor_for(user), record) is may
        page = client.get(address)
        assert page.status_code == 200, user.username
        assert ("下载未收的行" in page.content.decode()) is may
        rejects = client.get(f"{address}rejects/{sheet.pk}/")
        assert rejects.status_code == (200 if may else 404), user.username
        if may:
            assert b"".join(rejects.streaming_content).startswith(b"PK")  # type: ignore[arg-type]  # read and closed
            rejects.close()
