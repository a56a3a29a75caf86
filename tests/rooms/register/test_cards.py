"""The narrow rows that lists and the search read follow every change, at once or in a job, and are right after it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from console_city import build
from tuopin.platform import jobs
from tuopin.platform.access import local_admin
from tuopin.platform.models import Job
from tuopin.register import cards
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, Household, HouseholdCard, Import, Membership, PersonCard, PersonKey
from tuopin.register.services import Correction, correct_households

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2018, 12, 1)


def test_cards_follow_imports_corrections_and_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large import leaves the members to a job; until it ran, the lists know that they are behind."""
    monkeypatch.setattr(cards, "AT_ONCE", 25)
    city = build(tmp_path, households=120)
    assert HouseholdCard.objects.count() == Household.objects.count() == 120
    assert not cards.is_current()
    assert PersonCard.objects.count() == 0
    waiting = Job.objects.filter(kind=cards.JOB)
    assert waiting.exists()
    for job in waiting:
        cards.follow_persons(job.payload["run"])
        cards.follow_persons(job.payload["run"])  # a second time after a crash writes the same
    waiting.update(state=Job.State.DONE)
    assert cards.is_current()
    assert cards.wrong() == 0
    assert PersonCard.objects.count() == Membership.objects.filter(valid_to=None).count() > 0
    assert PersonKey.objects.count() > 0
    assert jobs.kind(cards.JOB).name == cards.JOB

    code = city.ours[0]
    change = Correction(code, "wage", 12_345_678)
    correct_households(local_admin(), [change], as_of=DAY)
    assert cards.wrong() == 0
    card = HouseholdCard.objects.get(code=code)
    before = card.income
    correct_households(local_admin(), [Correction(code, "wage", None)], as_of=DAY)
    card.refresh_from_db()
    assert before is not None
    assert card.income is None, "an unknown part makes the income unknown"
    assert cards.wrong() == 0


def test_the_same_import_again_touches_no_card(tmp_path: Path) -> None:
    """Nothing changed: nothing is written; and where an area moved, the paths of all below follow."""
    city = build(tmp_path, households=60)
    run = Import.objects.order_by("-pk").first()
    assert run is not None
    import_paths(local_admin(), city.summary.files)
    assert cards.wrong() == 0
    village = AreaVersion.objects.filter(level="village", valid_to=None).order_by("pk").first()
    assert village is not None
    AreaVersion.objects.filter(pk=village.pk).update(path=village.path[:-8] + "99999999")
    cards._follow_areas([(AreaVersion._meta.db_table, ["path"], [[village.pk]])])
    assert cards.wrong() == 0


def test_cards_are_made_where_there_are_none(tmp_path: Path) -> None:
    """After an upgrade from a version without them."""
    build(tmp_path, households=40)
    for model in (HouseholdCard, PersonCard, PersonKey):
        model.objects.all().delete()
    assert cards.wrong() > 0
    cards.ensure()
    assert cards.wrong() == 0
    assert HouseholdCard.objects.count() == 40
    assert PersonKey.objects.exists()


def test_an_income_beyond_all_sense_is_unknown_and_stops_nothing(tmp_path: Path) -> None:
    """Sums of such numbers would leave the range of the column."""
    city = build(tmp_path, households=20)
    huge = [Correction(city.ours[0], name, 9_000_000_000_000_000_000) for name in ("wage", "business")]
    correct_households(local_admin(), huge, as_of=DAY)
    assert HouseholdCard.objects.get(code=city.ours[0]).income is None
    assert cards.wrong() == 0
