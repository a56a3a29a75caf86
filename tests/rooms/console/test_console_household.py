"""One household on its page: what is read, who sees which name and number, and what happened when."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse

from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.models import ReadEntry, User
from tuopin.platform.panels import events
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.household_file import file_of
from tuopin.register.models import HouseholdIncome, HouseholdProfile, Membership, PersonIdentity
from tuopin.standards.explaining.document import document
from tuopin.standards.explaining.judged import judged_households, newest_judged
from tuopin.standards.explaining.subject import Target, explain, explain_stored

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db

WITH_NOTE = {"reason": "other", "note": "核对社保卡"}


def page(client: Client, code: str) -> str:
    answer = client.get(reverse("console:household", args=[code]))
    assert answer.status_code == 200
    return answer.content.decode()


def sound_member(code: str) -> PersonIdentity:
    """A member with a sound ID number."""
    people = Membership.objects.filter(household__code=code, valid_to=None).values("person_id")
    found = PersonIdentity.objects.filter(person_id__in=people, id_sound=True, superseded_at=None).first()
    assert found is not None
    return found


def asking(code: str, person: int) -> str:
    return reverse("register:identity", args=[code, person])


# -- one ID number ------------------------------------------------------------------------------------------------


def test_a_number_is_shown_once_for_a_reason_that_is_kept(login: Login, city: City) -> None:
    client, code = login("county"), city.ours[0]
    member = sound_member(code)
    address = asking(code, member.person_id)
    assert address in page(client, code)
    for before in (page(client, code), client.get(address).content.decode()):
        assert member.id_number not in before
        assert member.id_number[:14] not in before
    readlog.drain()
    noted = ReadEntry.objects.count()
    answer = client.post(address, WITH_NOTE)
    assert member.id_number in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    readlog.drain()
    entry = ReadEntry.objects.order_by("pk")[noted]
    assert entry.what == f"person_identity:{member.person_id}"
    assert "核对社保卡" in entry.filter
    assert member.id_number not in entry.filter


@pytest.mark.parametrize("form", [{}, {"reason": ""}, {"reason": "because"}, {"reason": "other", "note": "  "}])
def test_no_number_without_a_reason(login: Login, city: City, form: dict[str, str]) -> None:
    client, member = login("county"), sound_member(city.ours[0])
    address = asking(city.ours[0], member.person_id)
    readlog.drain()
    noted = ReadEntry.objects.count()
    answer = client.post(address, form)
    assert answer.status_code == 400
    assert "请选择查看原因" in answer.content.decode()
    assert member.id_number not in answer.content.decode()
    readlog.drain()
    assert ReadEntry.objects.count() == noted
    inside = client.post(address, form, headers={"HX-Request": "true"}).content.decode()
    assert "请选择查看原因" in inside
    assert "<html" not in inside


def test_a_number_written_into_the_reason_is_not_kept(login: Login, city: City) -> None:
    client, member = login("county"), sound_member(city.ours[0])
    client.post(asking(city.ours[0], member.person_id), {"reason": "other", "note": f"证件 {member.id_number}"})
    readlog.drain()
    entry = ReadEntry.objects.order_by("-pk").first()
    assert entry is not None
    assert member.id_number not in entry.filter


def test_who_may_not_see_whole_numbers_gets_none(login: Login, city: City) -> None:
    code, member = city.ours[0], sound_member(city.ours[0])
    for name, status in (("leader", 403), ("helper", 403), ("outsider", 404), ("counter", 404)):
        answer = login(name).post(asking(code, member.person_id), WITH_NOTE)
        assert answer.status_code == status, name
        assert member.id_number not in answer.content.decode()
    assert "/identity/" not in page(login("leader"), code)
    other = sound_member(city.theirs[0])
    clerk = login("clerk")
    assert clerk.post(asking(code, other.person_id), WITH_NOTE).status_code == 404, "a member of another household"
    assert clerk.post(asking(city.theirs[0], other.person_id), WITH_NOTE).status_code == 404
    assert clerk.post(asking(code, 10**15), WITH_NOTE).status_code == 404


# -- names --------------------------------------------------------------------------------------------------------


def test_who_may_open_the_household_sees_the_same_names_everywhere(login: Login, city: City) -> None:
    """The table of members and the explanation follow one rule (decision 0020)."""
    client = login("leader")
    code = next(code for code in city.ours if 'href="#person-' in page(client, code))
    text = page(client, code)
    for anchor, name in re.findall(r'<a href="#person-(\d+)">([^<]+)</a>', text):
        assert PersonIdentity.objects.get(person_id=anchor, superseded_at=None).name == name
        assert f'<tr id="person-{anchor}">\n    <th scope="row">{name}</th>' in text


def test_a_verdict_of_a_household_needs_the_household_itself(city: City) -> None:
    """A department sees verdicts of its area, but no household: its explanation would quote income and members."""
    counter, clerk = (actor_for(User.objects.get(username=name)) for name in ("counter", "clerk"))
    assert explain(clerk, city.ours[0])
    with pytest.raises(Missing):
        explain(counter, city.ours[0])
    with pytest.raises(Missing):
        explain(clerk, city.theirs[0])


# -- the explanation from the page's own rows ---------------------------------------------------------------------


def test_the_page_explains_what_the_queries_of_its_own_would(city: City) -> None:
    """The page gives the explanation the rows it has; they must say the same as rows read for it alone."""
    actor = local_admin()
    faulty = {codes[0] for codes in city.summary.faults.values() if codes and codes[0] in city.ours}
    for code in [*city.ours[:12], *sorted(faulty)]:
        judged = newest_judged(judged_households(code))
        placed = register.household(actor, code)
        target = Target(code, "household", placed.household.pk, placed.village.area_id, placed.village.path)
        apart = [document(each) for each in explain_stored(actor, target, judged)]
        shared = [
            document(each) for each in explain_stored(actor, target, judged, file_of(placed, judged[0].evaluation.day))
        ]
        assert shared == apart, code
        assert shared[0]["differs_from_stored"] is False


def test_a_household_gone_before_the_day_is_not_judged_from_the_page_either(city: City) -> None:
    code = city.ours[0]
    judged = newest_judged(judged_households(code))
    placed = register.household(local_admin(), code)
    file = file_of(placed, judged[0].evaluation.day)
    file.residences[0].valid_to = judged[0].evaluation.day
    target = Target(code, "household", placed.household.pk, placed.village.area_id, placed.village.path)
    with pytest.raises(Missing):
        explain_stored(local_admin(), target, judged, replace(file))


# -- the time line ------------------------------------------------------------------------------------------------


def test_the_time_line_names_what_happened_and_where_it_is_written(login: Login, city: City) -> None:
    code = city.ours[0]
    income = HouseholdIncome.objects.get(household__code=code)
    income.overrides = {"wage": {"source": "by_hand", "recorded_at": "2018-12-05T02:00:00+00:00"}}
    income.save()
    gone = Membership.objects.filter(household__code=code).latest("person_id")
    gone.valid_from, gone.valid_to = datetime.date(2018, 6, 1), datetime.date(2018, 11, 20)
    gone.save()
    name = PersonIdentity.objects.get(person_id=gone.person_id).name
    client = login("county")
    text = page(client, code)
    line = text.partition('class="timeline"')[2].partition("</ol>")[0]
    days = re.findall(r'<time datetime="([^"]+)">', line)
    assert days == sorted(days, reverse=True)
    for expected in ("脱贫属性：", "导入户、人资料", "手工更正：", f"家庭成员减少：{name}", "贫困户脱贫“123”标准："):
        assert expected in line
    assert 'datetime="2018-12-05"' in line
    assert "手工更正 2018-12-05" in text.partition('id="income"')[2], "the value itself says so too"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert f"left the household: {name}" in page(client, code)


def test_helpers_come_and_go_on_the_time_line_of_who_may_see_them(city: City) -> None:
    code = next(code for code in city.ours if code not in city.summary.faults["without_live_helper"])
    actor = local_admin()
    placed = register.household(actor, code)
    file_of(placed, city.summary.day)
    kinds = {event.kind for event in events(actor, placed)}
    assert {"status", "import", "helper"} <= kinds


# -- cost ---------------------------------------------------------------------------------------------------------


def test_queries_of_the_page_do_not_grow_with_its_members(
    login: Login, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("county")
    sizes = {code: Membership.objects.filter(household__code=code, valid_to=None).count() for code in city.ours[:40]}
    for code in (min(sizes, key=lambda each: sizes[each]), max(sizes, key=lambda each: sizes[each])):
        page(client, code)
        with django_assert_max_num_queries(20):
            page(client, code)


# -- classes of fields --------------------------------------------------------------------------------------------


def test_the_telephone_stands_only_where_its_class_is_open(login: Login, city: City) -> None:
    """It is of the class of identities; the leader and the helper hold none."""
    code = city.ours[0]
    HouseholdProfile.objects.filter(household__code=code).update(phone="15400009999")
    assert "tel:15400009999" in page(login("county"), code)
    for name in ("leader", "helper"):
        assert "15400009999" not in page(login(name), code), name


def test_a_correction_before_eight_in_the_morning_bears_that_day(login: Login, city: City) -> None:
    """It is kept in universal time, where the day before still runs."""
    income = HouseholdIncome.objects.filter(household__code=city.ours[0], superseded_at=None).order_by("as_of").last()
    assert income is not None
    income.overrides = {"wage": {"source": "by_hand", "recorded_at": "2018-12-04T23:30:00+00:00"}}
    income.save(update_fields=["overrides"])
    text = page(login("county"), city.ours[0])
    assert "2018-12-05" in re.sub(r"\s+", " ", text[text.index('id="income"') :])
    assert "手工更正 2018-12-04" not in text
