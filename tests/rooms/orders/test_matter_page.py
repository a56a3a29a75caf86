"""The page of one matter: what is one's own to do, who stands above, what a ledger said; boards that say of when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from people import signed_in
from rooms.orders.office import BEGIN, DAY, Offices
from tuopin.duties.organisations import services as organisations
from tuopin.orders import services
from tuopin.orders.board import counts
from tuopin.orders.changes import Given
from tuopin.orders.models import LedgerEntry, Matter
from tuopin.platform.access import local_admin
from tuopin.platform.lists import recent
from tuopin.platform.models import User
from tuopin.platform.problems import Missing, Refused

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def client(name: str) -> Client:
    return signed_in(User.objects.get(username=name))


def page(name: str, row: Matter) -> Any:
    return client(name).get(reverse("orders:matter", args=[row.pk]))


def test_the_open_form_is_the_readers_own_next_step(city: Offices) -> None:
    row = city.issued(timezone.now())
    city.department()
    assert page("teacher", row).context["opened"] == "receive"
    boss = page("city", row)  # may sign for it in the holder’s stead: said so, and not open
    assert boss.context["opened"] == ""
    assert [each[0].act for each in boss.context["acts"] if each[3]] == ["receive", "report_up"]
    assert "代承办方" in boss.content.decode()
    row = city.act(city.department(), "receive", row, timezone.now())
    row = city.act(city.department(), "done", row, timezone.now(), note="已办")
    city.inspector()
    assert page("inspector", row).context["opened"] == "verify"


def test_above_the_holder_stand_those_that_the_clock_tells(city: Offices) -> None:
    alone = organisations.found_organisation(
        local_admin(), "县水利局", "department", area_id=city.county.area_id, day=BEGIN
    )
    row = city.issued(timezone.now(), holder_id=alone)  # no superior on record: who governs the county
    assert "县政府 › 市扶贫办" in page("city", row).content.decode()


def test_who_reports_up_and_sees_it_no_more_is_led_to_the_inbox(city: Offices) -> None:
    row = city.issued(timezone.now())
    city.department()
    sent = {"seen": row.version, "note": "需县里协调", "within_authority": "no"}
    answer = client("teacher").post(reverse("orders:act", args=[row.pk, "report_up"]), sent, follow=True)
    assert answer.redirect_chain == [(reverse("orders:inbox"), 302)]
    assert answer.status_code == 200
    assert "已记录" in answer.content.decode()


def test_nobody_hangs_parts_on_the_matter_of_somebody_else(city: Offices) -> None:
    row = city.issued(timezone.now(), area_id=city.county.area_id)
    county = city.actor("county", "county", "area", city.other.area_id)
    near = city.actor("near", "county", "area", city.county.area_id)
    part = city.draft(issuer_id=city.government, parent_id=row.pk)
    with pytest.raises(Missing):  # out of the grants altogether
        services.draft(county, [city.draft(area_id=city.other.area_id, issuer_id=None, holder_id=None,
                                           parent_id=row.pk)], timezone.now())  # fmt: skip
    city.act(city.city_office(), "reassign", row, timezone.now(), note="换", holder_id=city.city_education)
    with pytest.raises(Refused):
        services.draft(near, [part], timezone.now())
    assert services.draft(city.city_office(), [part], timezone.now())[0].parent_id == row.pk


def test_what_a_ledger_said_stands_on_the_page_but_for_whom_it_names(city: Offices) -> None:
    city.actor("watcher", "department", "organisation", city.discipline)
    row = city.issued(timezone.now())
    LedgerEntry.objects.create(
        matter=row, keeper_id=city.county.area_id, label="7", unit="县教体局", places="某村张某某户", evidence="核对表",
        verifier="王某", found_on=DAY(2018, 3, 1), closed_on=DAY(2018, 5, 2), version=row.version,
        recorded_at=row.opened_at,
    )  # fmt: skip
    shown = page("city", row).content.decode()
    for text in ("台账记载", "县教体局", "核对表", "2018-03-01", "2018-05-02"):
        assert text in shown
    assert "张某某" not in shown
    city.act(city.city_office(), "extend", row, timezone.now(), limit=city_day())
    assert "以办理过程为准" in page("city", row).content.decode()


def city_day() -> Any:
    from tuopin.core.calendar import published

    return published().after(timezone.localdate(), 60).day


def test_a_board_of_very_many_says_of_when_it_is(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    city.issued(timezone.now())
    boss, here = client("city"), {"area": city.county.code}
    for name in ("board", "heat"):
        assert "件数截至" not in boss.get(reverse(f"orders:{name}", query=here)).content.decode()
    monkeypatch.setattr(counts, "_MANY", 1)
    for _time in range(2):
        for name in ("board", "heat"):
            assert "件数截至" in boss.get(reverse(f"orders:{name}", query=here)).content.decode()


def test_drafts_without_a_holder_are_a_gap(city: Offices) -> None:
    services.draft(city.city_office(), [city.draft(holder_id=None), city.draft()], timezone.now())
    boss, here = client("city"), {"area": city.county.code}
    assert "未定承办单位的草稿 1 件" in boss.get(reverse("orders:heat", query=here)).content.decode()
    found = boss.get(reverse("orders:matters", query=here | {"unheld": "1"}))
    assert found.context["list"]["total"] == 1
    assert "未定承办单位" in boss.get(reverse("orders:inbox")).content.decode()
    row = Matter.objects.get(holder=None)
    services.act(city.city_office(), "issue", [row.pk], Given(holder_id=city.education), timezone.now())
    assert "未定承办单位的草稿" not in boss.get(reverse("orders:heat", query=here)).content.decode()


def test_a_petition_takes_no_part(city: Offices) -> None:
    """Its number would stand on what others read."""
    row = city.issued(timezone.now())
    Matter.objects.filter(pk=row.pk).update(kind="petition", urgency="petition")
    with pytest.raises(Missing):
        services.draft(local_admin(), [city.draft(parent_id=row.pk)], timezone.now())


def test_one_tap_is_for_the_holder(city: Offices) -> None:
    """Who commands a county finds what its departments hold, and signs for none of them by a slip."""
    city.actor("county", "county", "area", city.county.area_id)
    row = city.issued(timezone.now())
    city.department()
    sign = reverse("orders:act", args=[row.pk, "receive"])
    commander = client("county").get(reverse("orders:inbox")).content.decode()
    assert row.title in commander
    assert sign not in commander
    assert sign in client("teacher").get(reverse("orders:inbox")).content.decode()
