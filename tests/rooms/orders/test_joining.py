"""Several matters made one, and one made several: what goes with it, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.orders import limits, services
from tuopin.orders.changes import Given
from tuopin.orders.models import Matter, MatterEvent, MatterSubject, MatterUnit
from tuopin.orders.services import SubjectRef
from tuopin.platform import database
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Missing, Problem, Refused

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


def refused(code: str, actor: Any, name: str, row: Matter, **given: Any) -> None:
    before = list(Matter.objects.values().order_by("pk")), MatterEvent.objects.count(), MatterSubject.objects.count()
    with pytest.raises(Problem) as found:
        services.act(actor, name, [row.pk], Given(**given), NOW)
    assert found.value.code == code, found.value
    after = list(Matter.objects.values().order_by("pk")), MatterEvent.objects.count(), MatterSubject.objects.count()
    assert after == before


def test_what_is_merged_takes_everything_along(city: Offices) -> None:
    home, other = city.here[0].pk, city.here[1].pk
    stays = city.issued(NOW, title="留下的", subjects=(SubjectRef("household", home),))
    goes = city.issued(
        NOW, title="并入的", holder_id=city.township, joint=(city.government,), subjects=(
            SubjectRef("household", home, "visit", "housing", "roof"), SubjectRef("household", other),
        ),
    )  # fmt: skip
    part = city.issued(NOW, title="分件", parent_id=goes.pk)
    earlier = city.issued(NOW, title="早先并入的")
    city.act(city.city_office(), "merge", earlier, NOW, note="重复", into_id=goes.pk)
    done = city.act(city.city_office(), "merge", goes, NOW, note="同一件事", into_id=stays.pk)
    assert (done.state, done.into_id, done.next_at) == ("merged", stays.pk, None)
    assert MatterSubject.objects.filter(matter=stays).count() == 3
    assert not MatterSubject.objects.filter(matter=goes).exists()
    joint = MatterUnit.objects.filter(matter=stays, role="joint").values_list("organisation_id", flat=True)
    assert set(joint) == {city.township, city.government}
    for row in (part, earlier):
        row.refresh_from_db()
    assert (part.parent_id, earlier.into_id) == (stays.pk, stays.pk)
    told = MatterEvent.objects.filter(matter=stays, act="merge").get()
    assert told.data == {"merged": [goes.pk], "count": 1}
    refused("wrong_state", city.city_office(), "withdraw", done, note="撤销")


def test_drafts_are_merged_before_they_have_a_limit(city: Offices) -> None:
    upper, part, into = services.draft(city.city_office(), [city.draft() for _ in range(3)], NOW)
    services.act(city.city_office(), "attach", [part.pk], Given(parent_id=upper.pk), NOW)
    city.act(city.city_office(), "merge", Matter.objects.get(pk=upper.pk), NOW, note="重复", into_id=into.pk)
    part.refresh_from_db()
    assert (part.parent_id, part.state) == (into.pk, "draft")


def test_what_is_never_merged(city: Offices) -> None:
    boss = city.city_office()
    row, into = city.issued(NOW), city.issued(NOW)
    refused("merge_itself", boss, "merge", row, note="重复", into_id=row.pk)
    refused("merge_kinds", boss, "merge", row, note="重复", into_id=city.issued(NOW, kind="directive").pk)
    refused("incomplete", boss, "merge", row, into_id=into.pk)
    refused("incomplete", boss, "merge", row, note="重复")
    part = city.issued(NOW, parent_id=row.pk)
    deeper = city.issued(NOW, parent_id=part.pk)
    refused("circular", boss, "merge", row, note="重复", into_id=part.pk)
    refused("circular", boss, "merge", row, note="重复", into_id=deeper.pk)
    [draft] = services.draft(boss, [city.draft()], NOW)
    refused("merge_into_draft", boss, "merge", row, note="重复", into_id=draft.pk)
    ended = city.act(boss, "withdraw", city.issued(NOW), NOW, note="撤销")
    refused("merge_ended", boss, "merge", row, note="重复", into_id=ended.pk)
    with pytest.raises(Missing):
        services.act(boss, "merge", [row.pk], Given("重复", into_id=2**40), NOW)
    with pytest.raises(Refused):
        city.act(city.department(), "merge", row, NOW, note="重复", into_id=into.pk)


def test_nothing_is_pushed_into_the_matter_of_somebody_else(city: Offices) -> None:
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    own = city.issued(NOW, issuer_id=city.government)
    above = city.issued(NOW, area_id=city.city.area_id)  # the county’s department holds it, the city issued it
    holder = city.actor("both", "department", "organisation", city.education)
    refused("wrong_hands", holder, "merge", own, note="重复", into_id=above.pk)
    with pytest.raises(Missing):  # the county sees nothing of the city’s
        services.act(clerk, "merge", [own.pk], Given("重复", into_id=above.pk), NOW)


def test_merging_many_is_as_many_statements_as_merging_few(city: Offices, django_assert_max_num_queries: Any) -> None:
    boss, into = city.city_office(), city.issued(NOW)
    drafts = [city.draft(subjects=(SubjectRef("household", city.here[at % 6].pk),)) for at in range(60)]
    rows = services.draft(local_admin(), drafts, NOW)
    services.act(boss, "issue", [row.pk for row in rows], Given(), NOW)
    with django_assert_max_num_queries(47 + database.is_postgresql()):  # it waits for others who move parts
        services.act(boss, "merge", [row.pk for row in rows], Given("重复", into_id=into.pk), NOW)
    assert MatterSubject.objects.filter(matter=into).count() == 60


def test_parts_run_by_themselves_and_the_whole_waits_for_them(city: Offices) -> None:
    boss = city.city_office()
    whole = city.issued(NOW, DAY(2018, 6, 29))
    city.act(boss, "split", whole, NOW, parts=("核对学籍", " 劝返 "), part_holders=(None, city.township))
    first, second = Matter.objects.filter(parent=whole).order_by("pk")
    assert [(row.title, row.holder_id, row.state) for row in (first, second)] == [
        ("核对学籍", city.education, "issued"), ("劝返", city.township, "issued"),
    ]  # fmt: skip
    assert limits.day_of(first.limit_at) == DAY(2018, 6, 29)  # type: ignore[arg-type]
    assert list(MatterEvent.objects.filter(matter=first).order_by("pk").values_list("act", flat=True)) == [
        "draft", "issue",
    ]  # fmt: skip
    holder = city.department()
    whole = city.act(holder, "receive", Matter.objects.get(pk=whole.pk), NOW)
    refused("parts_open", holder, "done", whole, note="已办")
    for part in (first, second):
        city.act(boss, "withdraw", part, NOW, note="拆错了")
    assert city.act(holder, "done", whole, NOW, note="已办").state == "reported"


def test_what_is_never_split(city: Offices) -> None:
    boss, row = city.city_office(), city.issued(NOW)
    refused("incomplete", boss, "split", row, parts=("只有一件",))
    for parts in (("甲", "x" * 201), ("甲", "乙\n丙"), tuple(f"第 {one} 件" for one in range(21)), ("甲", "  ")):
        refused("bad_parts", boss, "split", row, parts=parts)
    refused("bad_parts", boss, "split", row, parts=("甲", "乙"), part_holders=(None,))
    with pytest.raises(Missing):
        services.act(boss, "split", [row.pk], Given(parts=("甲", "乙"), part_holders=(None, 2**40)), NOW)
    with pytest.raises(Problem, match="one_by_one"):
        services.act(boss, "split", [row.pk, city.issued(NOW).pk], Given(parts=("甲", "乙")), NOW)
    deep = row
    for _level in range(6):
        deep = city.issued(NOW, parent_id=deep.pk)
    refused("too_deep", boss, "split", deep, parts=("甲", "乙"))
