"""The API: tokens carry less than their owner, repeated writes are done once, errors are said in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import limits, repeated, tokens
from tuopin.platform.auditing import readlog
from tuopin.platform.models import Job, KeptAnswer, ReadEntry, Token, User
from tuopin.platform.problems import Problem
from tuopin.register.models import Correction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db

DAY = "2018-12-01"


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    limits.RATE.forget()
    yield
    limits.RATE.forget()


class Caller:
    """A program with a token."""

    def __init__(self, secret: str) -> None:
        self._client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True, raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._client.get(f"/api/{path}", query or {}, headers={**self.headers, **headers})

    def post(self, path: str, body: Any, kind: str = "application/json", **headers: str) -> Any:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self._client.post(f"/api/{path}", data, kind, headers={**self.headers, **headers})


def secret_of(name: str, *permissions: str, days: int = 30) -> str:
    actor = actor_for(User.objects.get(username=name))
    grants = [each.pk for each in grants_of(actor)]
    chosen = permissions or [each.name for each in tokens.offered(actor)]
    return tokens.make_token(actor, "test", grants=grants, permissions=chosen, days=days)[1]


@pytest.fixture
def clerk(city: City, db: None) -> Caller:
    return Caller(secret_of("clerk"))


def problem(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["zh"]
    assert document["en"]
    return str(document["code"])


# -- tokens -------------------------------------------------------------------------------------------------------


def test_without_a_good_token_nothing_is_said(city: City, login: Login) -> None:
    secret = secret_of("clerk")
    for bad in ("", "Bearer", "Bearer x", f"Basic {secret}", f"Bearer {secret}x", "Bearer tuopin_" + "é" * 20):
        caller = Caller("")
        caller.headers = {"Authorization": bad}
        assert problem(caller.get("me"), 401) == "no_token"
        assert caller.get("me").headers["WWW-Authenticate"].startswith("Bearer")
        assert problem(caller.get("no/such/place"), 401) == "no_token"
    session = login("county")
    assert session.get("/api/me").status_code == 401, "a session is no token"
    assert session.post("/api/corrections", "{}", "application/json").status_code == 401


def test_a_token_says_who_it_is_and_notes_the_day(clerk: Caller) -> None:
    document = clerk.get("me").json()
    assert document["username"] == "clerk"
    assert "register.view_household" in document["permissions"]
    assert document["grants"][0]["role"] == "township"
    assert Token.objects.get().last_used == timezone.localdate()


@pytest.mark.parametrize("how", ["revoked", "expired", "closed", "password"])
def test_an_ended_token_opens_nothing(clerk: Caller, how: str) -> None:
    user = User.objects.get(username="clerk")
    match how:
        case "revoked":
            tokens.revoke_tokens(actor_for(user), [Token.objects.get().pk])
        case "expired":
            Token.objects.update(expires_at=timezone.now())
        case "closed":
            accounts.set_active(local_admin(), user, False)
        case "password":
            User.objects.filter(pk=user.pk).update(must_change_password=True)
    assert problem(clerk.get("me"), 401) == "no_token"


def test_a_token_is_never_more_than_its_owner_is_now(clerk: Caller, city: City) -> None:
    path = f"households/{city.ours[0]}"
    assert clerk.get(path).status_code == 200
    user = User.objects.get(username="clerk")
    user.grants.update(valid_to=timezone.localdate())
    assert problem(clerk.get(path), 404) == "no_such_household"
    assert clerk.get("me").json()["permissions"] == []


def test_a_token_carries_only_what_was_chosen(city: City, db: None) -> None:
    caller = Caller(secret_of("clerk", "register.view_area"))
    assert caller.get(f"areas/{city.township.code}").status_code == 200
    assert problem(caller.get(f"households/{city.ours[0]}"), 404) == "no_such_household"
    assert problem(caller.get("packs"), 403) == "refused"
    body = {"as_of": DAY, "changes": [{"household": city.ours[0], "field": "phone", "value": "1"}]}
    assert problem(caller.post("corrections", body), 403) == "refused"


def test_no_token_carries_more_than_its_maker_holds(city: City, db: None) -> None:
    actor = actor_for(User.objects.get(username="clerk"))
    mine = [each.pk for each in grants_of(actor)]
    theirs = [each.pk for each in grants_of(actor_for(User.objects.get(username="county")))]
    view = ["register.view_household"]
    for grants, permissions, days, name in (
        (theirs, view, 30, "x"), (mine, ["standards.evaluate"], 30, "x"), (mine, ["platform.make_token"], 30, "x"),
        (mine, ["no.such"], 30, "x"), ([], view, 30, "x"), (mine, [], 30, "x"), (mine, view, 0, "x"),
        (mine, view, 366, "x"), (mine, view, 30, " "), (mine, view, 30, "x" * 61), (mine, view, 30, "\u202e"),
    ):  # fmt: skip
        with pytest.raises(Problem):
            tokens.make_token(actor, name, grants=grants, permissions=permissions, days=days)
    limited = tokens.actor_of(tokens.make_token(actor, "x", grants=mine, permissions=view, days=1)[1])
    assert limited is not None
    with pytest.raises(Problem):
        tokens.make_token(limited, "x", grants=mine, permissions=view, days=1)
    with pytest.raises(Problem):
        tokens.make_token(actor_for(User.objects.get(username="helper")), "x", grants=mine, permissions=view, days=1)


def test_tokens_on_the_page_are_shown_once_and_revoked(login: Login, city: City) -> None:
    client = login("clerk")
    grant = grants_of(actor_for(User.objects.get(username="clerk")))[0].pk
    form = {"name": "报表 <b>", "grant": [grant], "permission": ["register.view_area"], "days": "30"}
    page = client.post("/tokens/", form).content.decode()
    secret = page.split('value="tuopin_')[1].split('"')[0]
    assert Caller(f"tuopin_{secret}").get("me").status_code == 200
    assert Token.objects.get().digest != secret
    again = client.get("/tokens/").content.decode()
    assert secret not in again
    assert "报表 &lt;b&gt;" in again
    number = Token.objects.get().pk
    assert login("county").post(f"/tokens/{number}/revoke/").status_code == 404
    assert client.post(f"/tokens/{number}/revoke/").status_code == 302
    assert Caller(f"tuopin_{secret}").get("me").status_code == 401
    assert login("helper").get("/tokens/").status_code == 403
    wrong = client.post("/tokens/", {**form, "grant": ["9" * 30, "x", ""], "days": "1e9"})
    assert wrong.status_code in {400, 403}


# -- what outside the grants looks like ---------------------------------------------------------------------------


def test_outside_and_not_existing_look_the_same(clerk: Caller, city: City) -> None:
    pairs = [
        (f"households/{city.theirs[0]}", "households/00000000000000"),
        (f"areas/{city.other.code}", "areas/000000000000"),
        (f"explanations/{city.theirs[0]}", "explanations/00000000000000"),
        (f"evaluations?area={city.other.code}", "evaluations?area=000000000000"),
        (f"verdicts?area={city.other.code}&standard=household_exit", "verdicts?area=000&standard=household_exit"),
    ]
    for outside, nowhere in pairs:
        answers = [clerk.get(path) for path in (outside, nowhere)]
        codes = [problem(answer, 404) for answer in answers]
        assert codes[0] == codes[1], outside
    listed = clerk.get("areas", {"size": 1000}).json()["items"]
    assert city.township.code in {each["code"] for each in listed}
    assert city.other.code not in {each["code"] for each in listed}
    assert city.top.code not in {each["parent"] for each in listed}


def test_a_household_holds_what_the_classes_open(city: City, db: None) -> None:
    code = city.ours[0]
    readlog.drain()
    before = ReadEntry.objects.filter(what__startswith="household:").count()
    wide = Caller(secret_of("county")).get(f"households/{code}", {"on": DAY}).json()
    narrow = Caller(secret_of("leader")).get(f"households/{code}", {"on": DAY}).json()
    assert {"health", "birth_date"} <= set(wide["members"][0]["facts"])
    assert not {"health", "birth_date", "disability_number", "study"} & set(narrow["members"][0]["facts"])
    assert "bank_account" not in wide["facts"]
    assert "phone" not in narrow["facts"]
    assert narrow["members"][0]["masked_id"] == ""
    numbers = [each["masked_id"] for each in wide["members"] if each["masked_id"]]
    assert numbers
    assert all("*" in each or "•" in each or "…" in each for each in numbers)
    assert wide["facts"]["wage"] is None or "." in wide["facts"]["wage"]
    readlog.drain()
    assert ReadEntry.objects.filter(what__startswith="household:").count() == before + 2


def test_lists_are_paged_by_their_cursor_and_noted(city: City, db: None) -> None:
    caller = Caller(secret_of("county"))
    seen: list[str] = []
    after = ""
    while True:
        page = caller.get("villages", {"size": 5, "after": after}).json()
        seen += [row["code"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert len(seen) == page["count"] == 12
    assert len(set(seen)) == 12
    assert problem(caller.get("villages", {"nonsense": "1"}), 400) == "unknown_filter"
    assert problem(caller.get("villages", {"after": "x"}), 400) == "bad_cursor"
    assert problem(caller.get("villages", {"size": "9" * 40}), 422) == "not_valid"
    described = caller.get("lists/register.villages").json()
    assert "population" in {each["key"] for each in described["columns"]}
    assert "register.villages" in {each["key"] for each in caller.get("lists").json()}


def test_verdicts_and_their_reasons(clerk: Caller, city: City) -> None:
    query = {"area": city.township.code, "standard": "household_exit"}
    page = clerk.get("verdicts", query).json()
    figures = {each["standard"]: each for each in clerk.get("evaluations", {"area": city.township.code}).json()}
    assert page["total"] == sum(figures["household_exit"]["counts"]["overall"].values())
    why = clerk.get(f"explanations/{page['rows'][0]['code']}").json()
    assert why[0]["standard"] == "household_exit"
    assert clerk.get(f"packs/{figures['household_exit']['pack']}/standards/household_exit").json()["items"]


# -- writes -------------------------------------------------------------------------------------------------------


def change(code: str, value: object = 7) -> dict[str, Any]:
    return {"as_of": DAY, "reason": "入户核实", "changes": [{"household": code, "field": "wage", "value": value}]}


def test_a_write_sent_twice_is_done_once(clerk: Caller, city: City) -> None:
    first = clerk.post("corrections", change(city.ours[0], 700), **{"Idempotency-Key": "a-1"})
    assert first.status_code == 201, first.content
    again = clerk.post("corrections", change(city.ours[0], 700), **{"Idempotency-Key": "a-1"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Correction.objects.count() == 1
    other = clerk.post("corrections", change(city.ours[0], 800), **{"Idempotency-Key": "a-1"})
    assert problem(other, 422) == "key_used"
    assert Correction.objects.count() == 1


def test_while_the_first_is_being_answered_the_second_waits(clerk: Caller, city: City) -> None:
    clerk.post("corrections", change(city.ours[0], 700), **{"Idempotency-Key": "a-1"})
    KeptAnswer.objects.update(status=None)
    body = change(city.ours[0], 700)
    assert problem(clerk.post("corrections", body, **{"Idempotency-Key": "a-1"}), 409) == "in_progress"
    KeptAnswer.objects.update(created_at=timezone.now() - repeated._STALE * 2)
    assert clerk.post("corrections", body, **{"Idempotency-Key": "a-1"}).status_code == 201, "the first one died"


def test_a_refusal_is_kept_too_and_answers_go_after_a_day(clerk: Caller, city: City) -> None:
    answers = [clerk.post("corrections", change(city.theirs[0]), **{"Idempotency-Key": "b"}) for _ in range(2)]
    assert [problem(each, 404) for each in answers] == ["no_such_subject"] * 2
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    KeptAnswer.objects.update(created_at=timezone.now() - repeated.KEPT)
    assert repeated.purge() == 1
    assert repeated.purge() == 0


def test_a_fault_keeps_nothing(clerk: Caller, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuopin.register import api

    def broken(*_values: object) -> None:
        User.objects.filter(username="clerk").update(display_name="half done")
        raise KeyError("411423199001010011")

    monkeypatch.setattr(api, "correct", broken)
    answer = clerk.post("corrections", change(city.ours[0]), **{"Idempotency-Key": "c"})
    assert problem(answer, 500) == "internal"
    assert b"4114231990" not in answer.content
    assert not KeptAnswer.objects.exists()
    assert not User.objects.filter(display_name="half done").exists()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"field": "no_such"}, 400, "no_such_fact"), ({"value": "x"}, 400, ""), ({"value": 10**30}, 422, "not_valid"),
        ({"value": 1.5}, 422, "not_valid"), ({"household": ""}, 422, "not_valid"),
        ({"person": "no"}, 400, ""), ({"value": {}}, 422, "not_valid"),
    ],
)  # fmt: skip
def test_a_wrong_change_is_refused_in_words(
    clerk: Caller, city: City, changes: dict[str, Any], status: int, code: str
) -> None:
    body = change(city.ours[0])
    body["changes"][0] |= changes
    answer = clerk.post("corrections", body)
    assert answer.status_code in {status, 400, 404, 422}
    found = problem(answer, answer.status_code)
    assert not code or found == code or status != answer.status_code
    assert not Correction.objects.exists()


def test_a_workbook_is_begun_and_its_job_seen_by_this_token_alone(clerk: Caller, city: City) -> None:
    answer = clerk.post("workbooks", {"kind": "household_check", "area": city.township.code, "on": DAY})
    assert answer.status_code == 202, answer.content
    number = answer.json()["id"]
    assert clerk.get(f"jobs/{number}").json()["state"] == "queued"
    assert [each["id"] for each in clerk.get("jobs").json()["items"]] == [number]
    assert problem(Caller(secret_of("clerk")).get(f"jobs/{number}"), 404) == "no_such_job"
    row = Job.objects.get(pk=number)
    assert row.limits["permissions"]
    for kind, area in (("divisions", city.township.code), ("village", city.other.code)):
        assert clerk.post("workbooks", {"kind": kind, "area": area}).status_code in {400, 404}


# -- hostile ------------------------------------------------------------------------------------------------------


def test_bodies_that_are_built_to_hurt_are_refused(clerk: Caller) -> None:
    assert problem(clerk.post("corrections", "[" * 100_000), 400) == "json_too_deep"
    assert problem(clerk.post("corrections", '{"a":' * 500 + "1" + "}" * 500), 400) == "json_too_deep"
    assert problem(clerk.post("corrections", '"[[[[[[[[[[[[[[[[[[[[[[[[[[["'), 422) == "not_valid"
    assert problem(clerk.post("corrections", "[" + "1," * 300_000 + "1]"), 400) == "json_too_long"
    assert problem(clerk.post("corrections", b'"' + b"x" * 1_500_000 + b'"'), 413) == "too_large"
    assert problem(clerk.post("corrections", "{nonsense"), 400) == "bad_json"
    assert problem(clerk.post("corrections", b"\xff\xfe{}"), 400) == "bad_json"
    assert problem(clerk.post("corrections", '{"as_of": NaN}'), 400) == "bad_json"
    assert problem(clerk.post("corrections", '{"reason": "a\\u0000b"}'), 400) == "bad_request"
    assert problem(clerk.post("corrections", '{"reason": "a\\\\u0000b"}'), 422) == "not_valid", "letters behind a slash"
    assert problem(clerk.post("corrections", "as_of=1", "application/x-www-form-urlencoded"), 415) == "wrong_type"
    assert problem(clerk.post("corrections", "<a/>", "application/xml"), 415) == "wrong_type"
    assert problem(clerk.post("corrections", ""), 422) == "not_valid"


def test_wrong_addresses_and_methods_are_problems_too(clerk: Caller) -> None:
    assert problem(clerk.get("no/such/place"), 404) == "not_found"
    assert problem(clerk.get("corrections"), 405) == "no_such_method"
    assert clerk.get("corrections").headers["Allow"] == "POST"
    assert problem(clerk.post("me", {}), 405) == "no_such_method"
    assert problem(clerk.get("areas", {"after": "a\0b"}), 400) == "bad_request"
    assert problem(clerk.get("jobs/9999999999999999999999999"), 422) == "not_valid"
    assert problem(clerk.get("lists/../rows"), 404) in {"not_found", "no_such_list"}


def test_a_token_that_comes_too_often_waits(clerk: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.RATE, "a_minute", 3)
    answers = [clerk.get("me") for _ in range(4)]
    assert [each.status_code for each in answers[:3]] == [200] * 3
    assert problem(answers[3], 429) == "too_many"
    assert int(answers[3].headers["Retry-After"]) >= 1


def test_errors_speak_the_language_asked_for(clerk: Caller) -> None:
    assert "token" not in clerk.get("areas/x").json()["detail"]
    english = clerk.get("areas/x", **{"Accept-Language": "en-GB"}).json()
    assert english["detail"].startswith("There is no area")


def test_the_description_for_people_needs_no_script(login: Login) -> None:
    page = login("clerk").get("/api/").content.decode()
    assert "/api/households/{code}" in page
    assert "masked_id" in page
    assert "/tokens/" in page
    assert "/tokens/" not in login("helper").get("/api/").content.decode().split("<main")[1]
