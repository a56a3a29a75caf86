"""An official who is complained about tries to learn of it, or who it was: pages, counts, addresses guessed, acts, what
the logs say. What such a reader gets must be the same before and after, and the same as of what is not there."""

from __future__ import annotations

import datetime
import itertools
import re
from difflib import unified_diff
from typing import TYPE_CHECKING

import pytest
from django.template import defaulttags
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.orders.office import MONDAY, Offices, at
from rooms.orders.petitioners import DAY, WHO, accepted, client, letter, office, taken, text
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.clock.tick import tick
from tuopin.orders.petitions import daily, erasing, revealing
from tuopin.orders.petitions import services as petitions
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.accounts import services as accounts
from tuopin.platform.auditing import readlog, words
from tuopin.platform.lists import recent
from tuopin.platform.models import AuditEntry, Message, ReadEntry, User
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tuopin.orders.models import Matter
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db
NOWHERE = 10**7
ROLES = ("petition_office", "township", "county", "headquarters", "auditor", "discipline", "department")
# what differs from one look to the next anyway
_TOKENS = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|name="(?:key|at)" value="[^"]*"')


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock goes on by a thousandth of a second each time it is asked, from a noon on. Pages say the minute in
    which they are printed, and the day: with the clock of the machine two looks are of two minutes now and then."""
    noon, asked = at(MONDAY, 12), itertools.count()

    def now() -> datetime.datetime:
        return noon + next(asked) * datetime.timedelta(milliseconds=1)

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return now().astimezone(tz)

    monkeypatch.setattr(timezone, "now", now)
    monkeypatch.setattr(defaulttags, "datetime", Clock)  # {% now %} asks no timezone.now


@pytest.fixture
def city() -> Offices:
    recent.forget()
    made = Offices()
    office(made)
    made.department()
    return made


def accused(city: Offices, role: str) -> tuple[User, int]:
    """Somebody of the county with a role over it, and a post in its township."""
    user = city.account(f"accused-{role}", role, "area", city.county.area_id)
    return user, city.official("钱被告", city.township, user=user)


def about(city: Offices, who: int) -> Matter:
    """A petition about that person, at work, with a letter sent; and one still to be accepted."""
    now = timezone.now()
    row = accepted(city, now, about_official_id=who)
    letter(city, row, "accepted", now)
    taken(city, now, about_official_id=who)
    return row


def addresses(city: Offices) -> list[str]:
    here = {"area": city.county.code}
    found = [reverse(f"orders:{name}", query=here) for name in ("matters", "board", "heat", "inbox", "ledger")]
    found += [reverse("orders:matters", query={**here, name: "petition"}) for name in ("kind", "source")]
    found += [reverse("console:area", args=[city.county.code]), reverse("platform:messages")]
    found += [reverse("console:household", args=[city.here[0].code])]
    found += [reverse("orders:petitions"), reverse("orders:petitions", query={"state": "draft"})]
    return [*found, reverse("orders:petition_erasing"), reverse("orders:hotline", query=here)]


def seen(browser: Client, pages: list[str]) -> dict[str, tuple[int, str]]:
    recent.forget()
    answers = {page: browser.get(page) for page in pages}
    return {page: (each.status_code, _TOKENS.sub("", text(each))) for page, each in answers.items()}


def told_apart(before: str, after: str) -> list[str]:
    """The lines that differ: an assertion says them, not whole pages."""
    return list(unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), n=0))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("role", ROLES)
def test_no_page_differs_once_somebody_complained(city: Offices, role: str) -> None:
    user, who = accused(city, role)
    browser, pages = client(user.username), addresses(city)
    seen(browser, pages)  # once, so that what a first look writes is written
    before = seen(browser, pages)
    row = about(city, who)
    later = timezone.now() + 20 * DAY
    tick(system(), later, force=True)
    daily.tell(system(), later)
    after = seen(browser, pages)
    for page in pages:
        assert (page, before[page][0], told_apart(before[page][1], after[page][1])) == (page, after[page][0], [])
    assert not list(Message.objects.filter(user=user).values_list("kind", "key"))
    assert Message.objects.filter(user__username="petitions").exists()  # something was there to be told
    assert row.title in text(client("petitions").get(reverse("orders:petitions")))
    for name in ("matter", "petition", "papers", "petition_letter"):
        asked = [reverse(f"orders:{name}", args=[number]) for number in (row.pk, NOWHERE)]
        there, nowhere = (browser.get(address) for address in asked)
        # the address that was asked for stands in the form that changes the language
        said = [_TOKENS.sub("", text(each)).replace(f'name="next" value="{address}"', "")
                for each, address in zip((there, nowhere), asked, strict=True)]  # fmt: skip
        assert (name, there.status_code, told_apart(*said)) == (name, nowhere.status_code, [])
        assert there.status_code in {403, 404}


def refusal(call: Callable[..., object], *given: object) -> tuple[int, str, str]:
    with pytest.raises(Problem) as found:
        call(*given)
    return found.value.status, found.value.code, found.value.zh


@pytest.mark.parametrize("role", ROLES)
def test_every_act_upon_it_is_refused_as_upon_nothing(city: Offices, role: str) -> None:
    user, who = accused(city, role)
    row, actor = about(city, who), actor_for(user)
    now = timezone.now()
    for act in ("receive", "progress", "accept", "reassign", "return", "void", "merge", "attach", "report_up"):
        told = []
        for number in (row.pk, NOWHERE):
            with pytest.raises(Problem) as found:
                petitions_act(actor, act, number, now)
            told.append((found.value.status, found.value.code, found.value.zh))
        assert told[0] == told[1], act
    assert refusal(revealing.reveal, actor, row.pk, "ask", "") == refusal(revealing.reveal, actor, NOWHERE, "ask", "")
    if role == "petition_office":
        before = refusal(petitions._earlier, actor, NOWHERE)
        assert refusal(petitions._earlier, actor, row.pk) == before
        assert not erasing.due(actor, now + 4000 * DAY).filter(pk=row.pk).exists()


def petitions_act(actor: Actor, name: str, number: int, now: datetime.datetime) -> object:
    return services.act(actor, name, [number], Given(note="试", into_id=NOWHERE + 1), now)


def test_searching_finds_nothing(city: Offices) -> None:
    user, who = accused(city, "county")
    browser = client(user.username)
    row = about(city, who)
    for mark in (WHO.name, row.title, str(row.pk), "钱被告"):
        assert row.title not in text(browser.post("/search/", {"q": mark}, follow=True))


def test_the_log_of_readings_tells_neither_how_few_nor_an_area(city: Offices) -> None:
    row = taken(city, timezone.now())
    browser = client("petitions")
    readlog.drain()  # what other tests read
    last = max(ReadEntry.objects.values_list("pk", flat=True), default=0)
    browser.get(reverse("orders:petitions"))
    revealing.reveal(office(city), row.pk, "ask", "")
    readlog.drain()
    assert [each.count for each in ReadEntry.objects.filter(pk__gt=last, what="orders.petitions")] == [5]
    assert words.subject(f"petitioner:{row.pk}", {}).zh == f"信访件来访人 № {row.pk}"
    user, _password = accounts.add_user(local_admin(), "reads", PASSWORD, must_change=False)
    accounts.grant_by_code(local_admin(), user, "auditor", "all", "")
    shown = text(client("reads").get(reverse("platform:reads")))
    assert f"信访件来访人 № {row.pk}" in shown


def test_nothing_that_is_logged_names_anybody(city: Offices) -> None:
    _user, who = accused(city, "county")
    row = about(city, who)
    client("petitions").get(reverse("orders:petition", args=[row.pk]))
    readlog.drain()
    said = str([*AuditEntry.objects.values(), *ReadEntry.objects.values(), *Message.objects.values()])
    assert not [each for each in (WHO.name, WHO.phone, WHO.words, "钱被告") if each in said]
