"""Wholes and their parts: opened in one go, how far they are, what a whole waits for, and that parts make no circle."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people import PASSWORD
from rooms.orders.office import BEGIN, DAY, MONDAY, Offices, at
from tuopin.duties.organisations import services as organisations
from tuopin.orders import limits, services
from tuopin.orders.changes import Given
from tuopin.orders.families import progress, tree
from tuopin.orders.families.services import Part, open_family
from tuopin.orders.models import Matter, MatterEvent, MatterUnit
from tuopin.platform.access import grants_of, local_admin
from tuopin.platform.api import tokens
from tuopin.platform.models import User
from tuopin.platform.problems import Missing, Problem, Refused

NOW = at(MONDAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


def inspection(city: Offices, aspects: int = 12, problems: int = 58) -> Matter:
    shares = [problems // aspects + (at < problems % aspects) for at in range(aspects)]
    parts = [
        Part(f"方面{at}", city.government, parts=tuple(Part(f"问题{at}-{one}", city.education) for one in range(share)))
        for at, share in enumerate(shares)
    ]
    whole = city.draft(title="巡视反馈", holder_id=None, source="provincial_inspection")
    return open_family(city.city_office(), whole, parts, NOW, issue=True, limit=DAY(2018, 6, 29))


def code_of(found: Any) -> str:
    return str(found.value.code)


@pytest.mark.django_db
def test_an_inspection_with_its_aspects_and_problems(city: Offices, django_assert_max_num_queries: Any) -> None:
    boss = city.city_office()
    with django_assert_max_num_queries(170) as few:
        inspection(city, 2, 4)
    with django_assert_max_num_queries(len(few)) as many:
        whole = inspection(city)
    assert len(many) <= len(few), "as many statements for 71 as for 7"
    aspects = Matter.objects.filter(parent=whole)
    assert (aspects.count(), Matter.objects.filter(parent__in=aspects).count()) == (12, 58)
    every = Matter.objects.filter(pk__in=tree.below(whole.pk))
    assert every.count() == 70
    assert set(every.values_list("state", flat=True)) == {"issued"}
    assert {limits.day_of(each) for each in every.values_list("limit_at", flat=True)} == {DAY(2018, 6, 29)}  # type: ignore[arg-type]
    assert (whole.state, whole.holder_id) == ("issued", city.issuer)
    found, parts = progress.of(boss, whole, NOW)
    assert (found.leaves, found.ended, found.late, found.left) == (58, 0, 0, 58)
    assert sum(each.leaves for each in parts.values()) == 58
    later, _parts = progress.of(boss, whole, at(DAY(2018, 7, 3)))
    assert (later.late, later.worst) == (71, 4)


@pytest.mark.django_db
def test_a_directive_to_nine_departments_each_with_its_own_group(city: Offices) -> None:
    me, county = local_admin(), city.county.area_id
    pairs = {}
    for number in range(9):
        office = organisations.found_organisation(me, f"县{number}局", "department", area_id=county, day=BEGIN)
        group = organisations.found_organisation(me, f"驻{number}局组", "discipline_group", area_id=county, day=BEGIN)
        organisations.link_organisations(me, group, [office], relation="watches", day=BEGIN)
        pairs[office] = group
    whole = city.draft(kind="directive", title="部署", holder_id=None)
    top = open_family(city.city_office(), whole, [Part(f"落实{each}", each) for each in pairs], NOW, issue=True)
    copies = MatterUnit.objects.filter(role="copied", matter__parent=top)
    assert {each.watched_id: each.organisation_id for each in copies} == pairs
    assert all(each.matter.holder_id == each.watched_id for each in copies.select_related("matter"))


@pytest.mark.django_db
def test_parts_go_by_what_stands_above_them(city: Offices) -> None:
    early = DAY(2018, 6, 15)
    top = open_family(
        city.city_office(), city.draft(title="总件", holder_id=None, demand="照片"),
        [Part("甲", city.education, limit=early,
              parts=(Part("甲一"), Part("甲二", city.township, limit=DAY(2018, 6, 13)))),
         Part("乙")], NOW, issue=True, limit=DAY(2018, 6, 29),
    )  # fmt: skip
    rows = {row.title: row for row in Matter.objects.filter(pk__in=tree.below(top.pk)).select_related("text")}
    assert {key: (row.holder_id, limits.day_of(row.limit_at)) for key, row in rows.items() if row.limit_at} == {
        "甲": (city.education, early), "甲一": (city.education, early),
        "甲二": (city.township, DAY(2018, 6, 13)), "乙": (city.issuer, DAY(2018, 6, 29)),
    }  # fmt: skip
    assert {row.text.demand for row in rows.values()} == {"照片"}


@pytest.mark.django_db
def test_families_that_are_refused(city: Offices) -> None:
    boss, whole = city.city_office(), city.draft(title="总件", holder_id=None)
    deep = Part("甲", parts=(Part("乙", parts=(Part("丙"),)),))
    wrong: list[tuple[str, Any, list[Part]]] = [
        ("bad_family", whole, []), ("bad_family", whole, [Part("甲")] * 500), ("family_deep", whole, [deep]),
        ("no_issuer", city.draft(issuer_id=None), [Part("甲")]), ("no_title", whole, [Part("甲"), Part(" ")]),
    ]  # fmt: skip
    for code, draft, parts in wrong:
        with pytest.raises(Problem) as found:
            open_family(boss, draft, parts, NOW, issue=True)
        assert code_of(found) == code
    with pytest.raises(Missing):
        open_family(boss, whole, [Part("甲", 2**40)], NOW, issue=True)
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    with pytest.raises((Missing, Refused)):
        open_family(clerk, city.draft(title="总件"), [Part("甲", city.elsewhere)], NOW, issue=True)
    assert not Matter.objects.exists(), "all of it or nothing"


@pytest.mark.django_db
def test_a_whole_waits_for_parts_at_any_depth(city: Offices) -> None:
    boss, holder = city.city_office(), city.department()
    whole = city.issued(NOW, title="总件")
    part = city.issued(NOW, title="分件", parent_id=whole.pk)
    below = city.issued(NOW, title="分件的分件", parent_id=part.pk)
    city.act(boss, "withdraw", part, NOW, note="拆错了")  # what lies below it goes on
    whole = city.act(holder, "receive", whole, NOW)
    with pytest.raises(Problem) as found:
        city.act(holder, "done", whole, NOW, note="已办")
    assert code_of(found) == "parts_open"
    city.act(boss, "withdraw", below, NOW, note="重复")
    whole = city.act(holder, "done", whole, NOW, note="已办")
    with pytest.raises(Problem) as found:  # what is done takes no more parts
        services.draft(boss, [city.draft(parent_id=whole.pk)], NOW)
    assert code_of(found) == "whole_ended"


@pytest.mark.django_db
def test_a_part_that_begins_again_keeps_its_whole_from_being_closed(city: Offices) -> None:
    boss, holder, checker = city.city_office(), city.department(), city.inspector()
    whole = city.act(holder, "receive", city.issued(NOW), NOW)
    part = city.act(holder, "receive", city.issued(NOW, parent_id=whole.pk), NOW)
    part = city.act(holder, "done", part, NOW, note="已办")
    part = city.act(checker, "verify", part, NOW, note="属实")
    part = city.act(boss, "close", part, NOW)
    whole = city.act(holder, "done", whole, NOW, note="已办")
    part = city.act(checker, "reopen", part, NOW, note="反弹")
    for actor, name in ((checker, "verify"), (boss, "close")):
        if name == "close":
            Matter.objects.filter(pk=whole.pk).update(state="verified")
        with pytest.raises(Problem) as found:
            city.act(actor, name, whole, NOW, note="属实")
        assert code_of(found) == "parts_open"
    city.act(boss, "withdraw", part, NOW, note="并到别处")
    assert city.act(boss, "close", whole, NOW).state == "closed"


@pytest.mark.django_db
def test_what_stands_by_itself_is_put_under_a_whole_and_taken_out(city: Offices) -> None:
    boss, whole, other = city.city_office(), city.issued(NOW), city.issued(NOW)
    rows = [city.issued(NOW) for _ in range(3)]
    moved = services.act(boss, "attach", [row.pk for row in rows], Given(parent_id=whole.pk), NOW)
    assert {row.parent_id for row in moved} == {whole.pk}
    assert {row.limit_at for row in moved} == {rows[0].limit_at}
    told = MatterEvent.objects.get(matter=whole, act="attach")
    assert told.data["count"] == 3
    again = city.act(boss, "attach", moved[0], NOW, parent_id=other.pk)
    assert again.parent_id == other.pk
    assert city.act(boss, "detach", again, NOW, note="另行督办").parent_id is None
    for code, row, to in (
        ("same_whole", moved[1], whole.pk), ("attach_itself", whole, whole.pk), ("incomplete", rows[0], None),
    ):  # fmt: skip
        with pytest.raises(Problem) as found:
            city.act(boss, "attach", row, NOW, parent_id=to)
        assert code_of(found) == code
    with pytest.raises(Problem, match="no_whole"):
        city.act(boss, "detach", rows[0], NOW, note="另行督办")
    with pytest.raises(Missing):
        city.act(boss, "attach", rows[0], NOW, parent_id=2**40)
    county = city.issued(NOW, issuer_id=city.government)
    with pytest.raises(Refused):  # who holds it gives it no whole
        city.act(city.department(), "attach", county, NOW, parent_id=whole.pk)


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14))
def test_no_moves_make_a_circle_or_too_deep_a_tree(city: Offices, moves: list[tuple[int, int]]) -> None:
    boss = local_admin()
    rows = [row.pk for row in services.draft(boss, [city.draft() for _ in range(8)], NOW)]
    for part, whole in moves:
        try:
            services.act(boss, "attach", [rows[part]], Given(parent_id=rows[whole]), NOW)
        except Problem as problem:
            assert problem.code in {"attach_itself", "circular", "same_whole", "too_deep"}  # noqa: PT017 - one of four
    parents = dict(Matter.objects.filter(pk__in=rows).values_list("pk", "parent_id"))
    for row in rows:
        line, above = set[int](), parents[row]
        while above is not None:
            assert above != row
            assert above not in line
            line.add(above)
            above = parents[above]
        assert tree.above([row]).get(row, frozenset()) == line
        assert len(line) <= tree.DEEPEST


def race(*work: Any) -> list[str]:
    """Both at once, each on a connection of its own: what came of each."""
    start, said = threading.Barrier(len(work)), list[str]()

    def run(one: Any) -> None:
        try:
            start.wait()
            one()
            said.append("done")
        except Problem as problem:
            said.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


@pytest.mark.django_db(transaction=True)
def test_two_who_move_parts_at_once_make_no_circle(city: Offices) -> None:
    boss = local_admin()
    for _round in range(5):
        one, two, upper, lower = (row.pk for row in services.draft(boss, [city.draft() for _ in range(4)], NOW))
        said = race(
            lambda a=one, b=two: services.act(boss, "attach", [a], Given(parent_id=b), NOW),
            lambda a=one, b=two: services.act(boss, "attach", [b], Given(parent_id=a), NOW),
        )
        assert said == ["circular", "done"]
        # a merge carries parts along: neither of the two alone makes a circle
        services.act(boss, "attach", [lower], Given(parent_id=upper), NOW)
        [into, whole] = (row.pk for row in services.draft(boss, [city.draft() for _ in range(2)], NOW))
        services.act(boss, "attach", [into], Given(parent_id=whole), NOW)
        said = race(
            lambda a=upper, b=into: services.act(boss, "merge", [a], Given("重复", into_id=b), NOW),
            lambda a=whole, b=lower: services.act(boss, "attach", [a], Given(parent_id=b), NOW),
        )
        assert said == ["circular", "done"]
        assert not any(row in line for row, line in tree.above([one, two, lower, into, whole]).items())


@pytest.mark.django_db(transaction=True)
def test_a_part_that_comes_while_its_whole_is_done(city: Offices) -> None:
    city.city_office()
    holder, boss = city.department(), local_admin()
    for _round in range(4):
        whole = city.act(holder, "receive", city.issued(NOW), NOW)
        said = race(
            lambda row=whole: services.act(holder, "done", [row.pk], Given("已办"), NOW),
            lambda row=whole: services.draft(boss, [city.draft(parent_id=row.pk)], NOW),
        )
        assert said in (["done", "parts_open"], ["done", "whole_ended"])


# -- pages --------------------------------------------------------------------------------------------------------


def signed_in(city: Offices, name: str = "city") -> Client:
    if not User.objects.filter(username=name).exists():
        city.city_office(name)
    found = Client()
    assert found.login(username=name, password=PASSWORD)
    return found


@pytest.mark.django_db
def test_the_page_reads_looks_and_opens(city: Offices, django_assert_max_num_queries: Any) -> None:
    page, here = signed_in(city), reverse("orders:new_family", query={"area": city.county.code})
    assert page.get(here).status_code == 200
    day = timezone.localdate().replace(month=12, day=31)
    form = {
        "kind": "problem", "title": "暗访反馈", "issuer": str(city.issuer), "urgency": "ordinary",
        "source": "unannounced",
        "parts": "政策落实 | 县教育局\n    补贴公示不规范 | 县政府\n\t名单未更新\n\n责任落实｜县政府\n"
                 "- 走访不全 |  |  | ",
    }  # fmt: skip
    looked = page.post(here, form | {"do": "look"}).content.decode()
    assert not Matter.objects.exists()
    assert "读到 2 件分件，其下 3 件" in looked
    with django_assert_max_num_queries(172):
        made = page.post(here, form | {"do": "issue"})
    whole = Matter.objects.get(parent=None)
    assert made["Location"] == reverse("orders:matter", args=[whole.pk])
    titles = {row.title: (row.holder_id, row.parent.title if row.parent else "") for row in Matter.objects.all()}
    assert titles["名单未更新"] == (city.education, "政策落实")
    assert titles["走访不全"] == (city.government, "责任落实")
    with django_assert_max_num_queries(20):
        shown = page.get(reverse("orders:matter", args=[whole.pk])).content.decode()
    assert "办结 0/3 件" in shown
    assert "0/2 办结" in shown
    for parts, said in (
        ("  先空格", "第 1 行"), ("甲 | 没有的单位", "没有找到"), ("甲 | 县政府 | | 13 月", "第 1 行"),
        ("甲 | 县政府 | 查无此人", "没有唯一一名"), ("", "请列出分件"), ("a|b|c|d|e", "第 1 行"),
    ):  # fmt: skip
        answer = page.post(here, form | {"do": "issue", "parts": parts})
        assert answer.status_code in {400, 404}, parts
        assert said in answer.content.decode() or answer.status_code == 404
    hostile = page.post(here, form | {"parts": "<script>alert(1)</script>", "do": "look", "limit": str(day)})
    assert b"<script>alert" not in hostile.content
    assert Matter.objects.count() == 6


@pytest.mark.django_db
def test_progress_by_the_api_and_for_who_sees_less(city: Offices) -> None:
    boss = city.city_office()
    whole = open_family(
        boss, city.draft(title="总件", holder_id=None, area_id=city.city.area_id),
        [Part("甲", city.education), Part("乙", city.elsewhere)], NOW, issue=True,
    )  # fmt: skip
    allowed = [each.name for each in tokens.offered(boss)]
    held = [each.pk for each in grants_of(boss)]
    _row, secret = tokens.make_token(boss, "t", grants=held, permissions=allowed, days=1)
    answer = Client().get(reverse("api:matter", args=[whole.pk]), headers={"Authorization": f"Bearer {secret}"}).json()
    assert (answer["progress"]["leaves"], answer["progress"]["states"], len(answer["parts"])) == (2, {"issued": 2}, 2)
    found, _parts = progress.of(city.department(), whole, NOW)
    assert found.leaves == 1, "only the part that the department holds"


@pytest.mark.django_db
def test_a_part_whose_own_parts_are_withdrawn_still_counts(city: Offices) -> None:
    boss = city.city_office()
    whole = open_family(
        boss, city.draft(title="总件", holder_id=None),
        [Part("甲", city.education, parts=(Part("甲一"),)), Part("乙", city.education)], NOW, issue=True,
    )  # fmt: skip
    rows = {row.title: row for row in Matter.objects.filter(pk__in=tree.below(whole.pk))}
    city.act(boss, "withdraw", rows["甲一"], NOW, note="拆错了")
    found, parts = progress.of(boss, whole, NOW)
    assert (found.leaves, found.left, found.gone) == (2, 2, 1), "what is left of the whole is both its parts"
    assert parts[rows["甲"].pk].gone == 1
    city.act(boss, "withdraw", rows["甲"], NOW, note="拆错了")
    assert progress.of(boss, whole, NOW)[0].leaves == 1


@pytest.mark.django_db
def test_lines_are_named_and_kept_where_one_is_wrong(city: Offices, django_assert_max_num_queries: Any) -> None:
    city.account("clerk", "county", "area", city.county.area_id)
    page, here = Client(), reverse("orders:new_family", query={"area": city.county.code})
    assert page.login(username="clerk", password=PASSWORD)
    form = {"kind": "problem", "title": "暗访反馈", "issuer": str(city.government), "urgency": "ordinary"}
    said = set()
    for name in ("没有的单位", "邻县教育局"):  # not there, and of another county: the two look alike
        answer = page.post(here, form | {"do": "look", "parts": f"甲 | 县政府\n乙要改 | {name}"})
        text = answer.content.decode()
        assert answer.status_code == 400
        assert "乙要改" in text, "what was typed stands there still"
        said.add(text[text.index("第 2 行") :].split("<")[0])
    assert len(said) == 1
    wrong = form | {"do": "issue", "parts": "甲 | 县政府", "issuer": str(2**40)}
    answer = page.post(here, wrong)
    assert answer.status_code == 404
    assert "甲 | 县政府" in answer.content.decode()
    for each in range(8):
        city.official(f"干部{each}", city.education, f"股长{each}")
    with django_assert_max_num_queries(45) as few:
        page.post(here, form | {"do": "look", "parts": "甲 | 县教育局 | 干部0"})
    lines = "\n".join(f"甲{each} | 县教育局 | 干部{each}" for each in range(8))
    with django_assert_max_num_queries(len(few)):
        assert "读到 8 件" in page.post(here, form | {"do": "look", "parts": lines}).content.decode()
    assert not Matter.objects.exists()


@pytest.mark.django_db
def test_no_part_ends_after_its_whole(city: Offices) -> None:
    """A day that somebody names is refused, the usual limit is cut; the issuer who extends the whole makes room."""
    boss, teacher = city.city_office(), city.department()
    whole = city.issued(at(MONDAY), DAY(2018, 6, 22))
    [part] = services.draft(boss, [city.draft(parent_id=whole.pk, title="分件")], at(MONDAY))
    with pytest.raises(Problem, match="after_whole"):
        city.act(boss, "issue", part, at(MONDAY), limit=DAY(2018, 6, 25))
    part = city.act(boss, "issue", part, at(MONDAY))
    assert part.limit_at == whole.limit_at, "the usual one lies later"
    said = part.events.get(act="issue").data
    assert datetime.datetime.fromisoformat(said["limit"]) == whole.limit_at
    assert said["counted"] is False
    city.act(teacher, "receive", part, at(MONDAY))
    city.act(teacher, "ask_extension", part, at(MONDAY), note="缺材料", limit=DAY(2018, 6, 29))
    with pytest.raises(Problem, match="after_whole"):
        city.act(boss, "extend", part, at(MONDAY))
    city.act(boss, "extend", whole, at(MONDAY), limit=DAY(2018, 6, 29))
    assert city.act(boss, "extend", part, at(MONDAY)).limit_at == Matter.objects.get(pk=whole.pk).limit_at
    other = city.issued(at(MONDAY), DAY(2018, 7, 2), title="另一件")
    with pytest.raises(Problem, match="after_whole"):
        city.act(boss, "attach", other, at(MONDAY), parent_id=whole.pk)
    with pytest.raises(Problem, match="after_whole"):
        city.act(boss, "split", whole, at(MONDAY), parts=("甲", "乙"), limit=DAY(2018, 7, 2))
    late = at(DAY(2018, 7, 3))  # the whole is late: what is left of it may take longer
    [more] = services.draft(boss, [city.draft(parent_id=whole.pk, title="补办")], late)
    assert city.act(boss, "issue", more, late, limit=DAY(2018, 7, 6)).state == "issued"


@pytest.mark.django_db
def test_a_whole_is_not_issued_to_end_before_its_parts(city: Offices) -> None:
    boss = city.city_office()
    [whole] = services.draft(boss, [city.draft()], at(MONDAY))
    part = city.issued(at(MONDAY), DAY(2018, 6, 29), parent_id=whole.pk)
    with pytest.raises(Problem, match="parts_later"):
        city.act(boss, "issue", whole, at(MONDAY), limit=DAY(2018, 6, 22))
    assert city.act(boss, "issue", whole, at(MONDAY), limit=DAY(2018, 6, 29)).limit_at == part.limit_at
