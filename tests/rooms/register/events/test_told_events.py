"""Who is in prison or went abroad, and what was written of it, is told only to whom the class ``identity`` is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from people import account, signed_in
from rooms.register.events.steps import COUNTY, happen, house, one, why
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import limits, tokens
from tuopin.platform.models import AuditEntry
from tuopin.register.events.kinds import VEILED
from tuopin.register.events.planning import Wish
from tuopin.register.events.services import Why, record

if TYPE_CHECKING:
    from django.test import Client

    from tuopin.platform.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]
DAY = "2019-03-01"
TELLING = ("判刑收监", "出国定居", "其他转出", "imprison", "emigration", "other_out", "盗窃", "判决书")
LIST = f"/register/events/?area={COUNTY}"


@pytest.fixture
def auditor() -> User:
    happened()
    return account("auditor", "auditor", COUNTY)


def happened() -> None:
    given = why(DAY, "盗窃")
    said = Why(given.day, given.reason, "判决书十二号")
    record(local_admin(), "imprisonment", [Wish(house("9901"), (one("990103"),))], said)
    happen("emigration", DAY, "9903", "990302")
    happen("other_out", DAY, "9901", "990102")


def pages(client: Client) -> dict[str, str]:
    addresses = {
        "list": LIST, "sorted": f"{LIST}&sort=kind", "household": "/households/9901/",
        "balance": f"/register/balance/?area={COUNTY}&from=2019-01-01",
        "csv": f"/register/balance/?area={COUNTY}&from=2019-01-01&csv=1",
    }  # fmt: skip
    return {name: client.get(address).content.decode() for name, address in addresses.items()}


def test_an_auditor_reads_that_somebody_left(auditor: User) -> None:
    client = signed_in(auditor)
    for name, text in pages(client).items():
        assert not [word for word in TELLING if word in text], name
        assert "离开" in text, name
    sheet = client.get(f"/register/balance/?area={COUNTY}&from=2019-01-01").context["sheet"]
    assert sheet.whole["persons"].outs == {"left": 3}
    assert all(each["persons"].adds_up for each in sheet.parts.values())
    for kind in VEILED:
        assert client.get(f"{LIST}&kind={kind}").status_code == 400
    assert client.get(f"{LIST}&kind=left").content.decode().count(">离开<") >= 3
    trail = [str(each.detail) for each in AuditEntry.objects.filter(action="register.record_events")]
    assert len(trail) == 3
    assert all('"kind":"left"' in each.replace(" ", "") for each in trail)


def test_the_county_reads_all_of_it(auditor: User) -> None:
    assert auditor.pk
    client = signed_in(account("clerk", "county", COUNTY))
    found = pages(client)
    for name in ("list", "household"):
        assert "判刑收监" in found[name], name
        assert "判决书十二号" in found["household"]
    assert "盗窃" in found["list"]
    assert "出国定居" in found["balance"]
    assert client.get(f"{LIST}&kind=imprisonment").status_code == 200
    assert client.get(f"{LIST}&kind=left").status_code == 400


def test_programs_read_no_more(auditor: User, client: Client) -> None:
    limits.RATE.forget()
    boss = account("boss", "headquarters", COUNTY)
    actor = actor_for(boss)
    offered = [each.name for each in tokens.offered(actor)]
    keys = [each.pk for each in grants_of(actor)]
    made = tokens.make_token(actor, "t", grants=keys, permissions=offered, days=1)[1]
    for path in (f"/api/events?area={COUNTY}", f"/api/areas/{COUNTY}/balance?from=2019-01-01&to=2019-12-31"):
        answer = client.get(path, headers={"Authorization": f"Bearer {made}"})
        text = answer.content.decode()
        assert answer.status_code == 200, text
        assert not [word for word in TELLING if word in text], path
        assert "left" in text
    assert auditor.pk
