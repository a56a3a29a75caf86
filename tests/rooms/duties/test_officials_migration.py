"""Helpers of an earlier version become officials and their assignments: nothing is lost, accounts stay theirs."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tuopin.duties.models import Assignment, Official, OfficialName
from tuopin.duties.naming import named
from tuopin.platform import database
from tuopin.platform.models import User
from tuopin.register.models import Household

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, AFTER = [("duties", "0002_helper_accounts")], [("duties", "0005_officials_required")]
SINCE = datetime.date(2017, 3, 1)


@pytest.fixture
def before() -> Iterator[Any]:
    """The models as they were; afterwards the tables are those of today, whatever happened."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    today = MigrationExecutor(connection)
    today.migrate(today.loader.graph.leaf_nodes())


def test_helpers_become_officials(before: Any) -> None:
    Helper, Identity = before.get_model("duties", "Helper"), before.get_model("duties", "HelperIdentity")  # noqa: N806
    user = User.objects.create(username="张伟1234")
    homes = [Household.objects.create(code=f"41142310020100{at}") for at in range(4)]
    lead = Identity.objects.create(name="张伟", unit="县财政局", phone="1", decided=True, user_id=user.pk)
    Identity.objects.create(name="张伟", unit="财政局", phone="1", decided=True, same_as=lead)
    rows = [("张伟", "县财政局", "1"), ("张伟", "财政局", "1"), ("李娜", "县医院", ""), ("李娜", "县医院", "")]
    for home, (name, unit, phone) in zip(homes, rows, strict=True):
        Helper.objects.create(
            household_id=home.pk, role="helper", name=name, unit=unit, phone=phone, sex="female", valid_from=SINCE
        )
    ids = list(Helper.objects.order_by("pk").values_list("pk", flat=True))

    MigrationExecutor(connection).migrate(AFTER)

    kept = list(Assignment.objects.order_by("pk"))
    assert [each.pk for each in kept] == ids, "the grants of helpers name their terms by id"
    assert [(each.name, each.unit, each.household_id) for each in kept] == [
        (name, unit, home.pk) for home, (name, unit, _phone) in zip(homes, rows, strict=True)
    ]
    assert kept[0].official_id == kept[1].official_id != kept[2].official_id == kept[3].official_id
    assert kept[0].official.user_id == user.pk
    assert kept[2].official.sex == "female"
    assert (Official.objects.count(), OfficialName.objects.count()) == (2, 3)
    with database.write():
        new = named([("王强", "乡政府", "")])
    assert new["王强", "乡政府", ""] > max(each.official_id for each in kept), "ids go on where they stood"
