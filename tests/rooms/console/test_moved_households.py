"""A household that moved belongs to the readers of where it lives now, with all that was judged of it before."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import limits, tokens
from tuopin.platform.models import User
from tuopin.platform.problems import Missing
from tuopin.register import selectors
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.standards import results
from tuopin.standards.explaining.subject import explain
from tuopin.standards.models import Evaluation
from tuopin.standards.selectors import rows_with_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console_city import City
    from rooms.console.conftest import Login
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db

MOVED_ON = datetime.date(2019, 3, 1)


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    limits.RATE.forget()
    yield
    limits.RATE.forget()


@pytest.fixture
def moved(city: City) -> str:
    """The last of our households, judged in 2018, lives in the other township since March 2019."""
    code = city.ours[-1]
    household = Household.objects.get(code=code)
    village = AreaVersion.objects.filter(path__startswith=city.other.path, level="village", valid_to=None)[0]
    Residence.objects.filter(household=household, valid_to=None).update(valid_to=MOVED_ON)
    Residence.objects.create(household=household, area_id=village.area_id, valid_from=MOVED_ON)
    user = accounts.add_user(local_admin(), "theirs", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), user, "township", "area", city.other.area_id)
    return code


def actor(name: str) -> Actor:
    return actor_for(User.objects.get(username=name))


def api(name: str) -> Any:
    who = actor(name)
    permissions = [each.name for each in tokens.offered(who)]
    grants = [each.pk for each in grants_of(who)]
    secret = tokens.make_token(who, "test", grants=grants, permissions=permissions, days=1)[1]
    client = Client(headers={"host": "localhost", "Authorization": f"Bearer {secret}"})
    return lambda path, **query: client.get(f"/api/{path}", query)


def test_the_old_village_opens_it_no_more(city: City, login: Login, moved: str) -> None:
    run = Evaluation.objects.get(level="household")
    for path in (f"/households/{moved}/", f"/households/{moved}/?run={run.pk}", f"/find/?code={moved}"):
        assert login("clerk").get(path).status_code == 404, path
    ask = api("clerk")
    for path, query in ((f"households/{moved}", {"on": "2018-12-01"}), (f"explanations/{moved}", {})):
        assert ask(path, **query).status_code == 404, path
    with pytest.raises(Missing):
        explain(actor("clerk"), moved, standard="household_exit", day=run.day)
    assert login("clerk").get(f"/households/{city.ours[0]}/").status_code == 200


def test_the_new_village_opens_all_of_it_also_what_was_judged_before(city: City, login: Login, moved: str) -> None:
    page = login("theirs").get(f"/households/{moved}/")
    assert page.status_code == 200
    assert page.context["village"].path.startswith(city.other.path)
    assert page.context["judged"]
    assert page.context["verdicts"], "explained by the facts of the day and village judged"
    ask = api("theirs")
    then = ask(f"households/{moved}", on="2018-12-01").json()
    now = ask(f"households/{moved}", on="2019-12-01").json()
    old = AreaVersion.objects.get(code=then["village"], valid_to=None)
    assert old.path.startswith(city.township.path)
    assert then["village"] != now["village"]
    [why] = ask(f"explanations/{moved}").json()
    assert why["differs_from_stored"] is False


def test_an_old_evaluation_counts_it_and_does_not_name_it(city: City, moved: str) -> None:
    """The verdicts' list has as many rows as the tally says: the moved one without its code and facts."""
    ask = api("clerk")
    query = {"area": city.township.code, "standard": "household_exit"}
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = ask("verdicts", **query, after=after).json()
        rows += page["rows"]
        assert moved not in (page["next"] or "")
        if page["next"] is None:
            break
        after = page["next"]
    assert len(rows) == page["total"] == len(city.ours)
    assert [row["facts"] for row in rows if not row["code"]] == [{}]
    assert {row["code"] for row in rows} == {*city.ours[:-1], ""}
    assert ask("verdicts", **query, after=moved).status_code == 404, "whether it stands there is not told either"
    assert ask("verdicts", **query, after="nothing").status_code == 404
    for wrong in ("id:x", "id:" + "9" * 30, "id:0", "id:"):
        assert ask("verdicts", **query, after=wrong).status_code == 404
    run = Evaluation.objects.get(level="household")
    assert moved not in {code for code, *_rest in rows_with_codes(actor("clerk"), run)}
    assert moved not in {code for code, *_rest in rows_with_codes(actor("theirs"), run)}, "not judged there"
    assert moved in {code for code, *_rest in rows_with_codes(actor("county"), run)}
    assert {city.ours[0]} <= {code for code, *_rest in rows_with_codes(actor("clerk"), run)}


def test_pages_turn_over_a_row_that_is_not_named(city: City, moved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "PAGE", 1)
    run = Evaluation.objects.get(level="household")
    seen: list[str] = []
    after = ""
    for _ in range(len(city.ours) + 1):
        page = results.subjects(actor("clerk"), run, city.township, results.OVERALL, "", after=after)
        seen += [row.code for row in page.rows]
        after = page.after
        if not after:
            break
    assert sorted(seen) == ["", *sorted(city.ours[:-1])]
    back = results.subjects(actor("clerk"), run, city.township, results.OVERALL, "", before=page.before)
    assert back.first == page.first - 1


def test_who_may_open_which_of_many(city: City, moved: str) -> None:
    ids = dict(Household.objects.filter(code__in=[moved, city.ours[0], city.theirs[0]]).values_list("code", "pk"))
    asked = list(ids.values())
    for name, codes in (
        ("clerk", {city.ours[0]}), ("theirs", {moved, city.theirs[0]}), ("county", set(ids)),
        ("helper", {city.ours[0]}), ("outsider", set()),
    ):  # fmt: skip
        found = selectors.opened_households(actor(name), asked)
        assert found == {ids[code] for code in codes}, name
        for code in ids:
            if code in codes:
                assert selectors.household(actor(name), code).household.pk == ids[code]
            else:
                with pytest.raises(Missing):
                    selectors.household(actor(name), code)


def test_one_that_left_the_register_stays_with_its_last_village(city: City, login: Login) -> None:
    code = city.ours[-1]
    Residence.objects.filter(household__code=code, valid_to=None).update(valid_to=MOVED_ON)
    assert login("clerk").get(f"/households/{code}/").status_code == 200
    assert selectors.opened_households(actor("clerk"), [Household.objects.get(code=code).pk])
