"""Judging from a seal: the same rows as at sealing time, for good; what cannot be read is refused by name."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from county import areas, household, households, take, taken
from people import account
from rooms.standards.sealed import steps
from rooms.standards.sealed.steps import DAY, asked, rows_of, sealed_rows
from tuopin.core.engine import Engine
from tuopin.platform.access import actor_for, local_admin, may
from tuopin.platform.models import AuditEntry, Seal, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.platform.seals.selectors import folder_of
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.standards import results
from tuopin.standards.models import Evaluation, SealedEvaluation
from tuopin.standards.packs import get_prepared
from tuopin.standards.sealed import files, opening, selectors, services
from tuopin.standards.sealed.judging import SealedRun
from tuopin.standards.sealed.sources import Part, needed
from tuopin.standards.services import bind_pack, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[Path]:
    """Two villages in two townships, four households."""
    areas(tmp_path)
    steps.workbooks(tmp_path)
    taken("sealed_county", tmp_path)
    steps.clear_seals()
    yield tmp_path
    steps.clear_seals()


def test_a_seal_gives_row_by_row_what_was_stored_and_goes_on_giving_it(county: Path) -> None:
    stored = evaluate(local_admin(), "household_exit", day=DAY)
    number = steps.seal()
    first = services.evaluate(local_admin(), asked(number))
    assert sealed_rows(first) == rows_of(stored)
    assert first.tally == stored.tally
    assert (first.pack, first.parameter_hash) == (stored.pack, stored.parameter_hash)
    (source,) = first.sources
    assert (source["number"], source["data_version"]) == (number, stored.data_version)
    assert source["digest"] == Seal.objects.get().digest
    assert first.facts["household_income"] == ["2018-12-01", "2018-12-01"]
    households(county, household("9902", 工资性收入="1"), day="2018-12-01", name="更正.csv")
    take(county / "更正.csv")
    later = evaluate(local_admin(), "household_exit", day=DAY)
    assert rows_of(later) != rows_of(stored)
    assert services.evaluate(local_admin(), asked(number)).pk == first.pk
    again = services.evaluate(local_admin(), asked(number, area="990100000000"))
    assert sealed_rows(again) == rows_of(stored)
    assert again.rows_digest == first.rows_digest
    assert Evaluation.objects.count() == 2  # nothing of the register's own came of it


@pytest.mark.parametrize("standard", ["village_exit", "county_exit", "household_exit"])
def test_every_level_and_pack_agrees_with_the_register(county: Path, standard: str) -> None:
    households(county, household("9905", 村="乙村委会"), day="2018-12-01", name="乙.csv")
    take(county / "乙.csv")
    number = steps.seal()
    for area in (None, "990101000000", "990101100000", "990101100201"):
        if standard == "county_exit" and area not in {None, "990101000000"}:
            continue
        stored = evaluate(local_admin(), standard, day=DAY, area=area, pack="shangqiu-2018")
        assert sealed_rows(
            services.evaluate(local_admin(), asked(number, standard=standard, area=area, pack="shangqiu-2018"))
        ) == rows_of(stored)


def test_a_blank_cell_and_a_missing_column_stay_apart(county: Path) -> None:
    """``absent = false`` needs the columns that a sheet had: they are sealed too."""
    number = steps.seal()
    stored = evaluate(local_admin(), "household_exit", day=DAY, pack="shangqiu-2018")
    row = services.evaluate(local_admin(), asked(number, pack="shangqiu-2018"))
    assert sealed_rows(row) == rows_of(stored)
    assert {letters for _id, letters, _shown in sealed_rows(row)} > {"a" * len(sealed_rows(row)[0][1])}


def test_the_pack_bound_when_it_was_sealed_holds(county: Path) -> None:
    number = steps.seal()
    bind_pack(local_admin(), "990101000000", "shangqiu-2018", valid_from=datetime.date(2018, 1, 1))
    bound = steps.seal()
    packs = [services.evaluate(local_admin(), asked(each, area="990101000000")).pack for each in (number, bound)]
    assert packs == ["national", "shangqiu-2018"]


def test_only_the_county_that_is_asked_for_is_opened(county: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    rows = [("990102000000", "邻县", "county", "990100000000"), ("990102100000", "南乡", "township", "990102000000"),
            ("990102100201", "丁村委会", "village", "990102100000")]  # fmt: skip
    from county import write

    write(more / "divisions.csv", (dict(zip(("code", "name", "level", "parent"), row, strict=True)) for row in rows))
    households(more, *(household(f"97{at:02d}", 县="邻县", 镇="南乡", 村="丁村委会") for at in range(30)))
    take(more)
    number = steps.seal()
    prepared = get_prepared("national", "household_exit", DAY)
    read = {}
    for area in ("990101000000", "990102000000", None):
        with SealedRun([Part(opening.own(number))], DAY) as run:
            run.judge(prepared, run.tree.place(area))
            read[area] = run.source.read
    folders = {area: {each.file.split("/")[1] for each in found} for area, found in read.items()}
    assert folders["990101000000"] == {"-", "990101000000"}
    assert folders["990102000000"] == {"-", "990102000000"}
    assert folders[None] == {"-", "990101000000", "990102000000"}
    tables = {each.file.rsplit("/", 1)[1].removesuffix(".parquet") for found in read.values() for each in found}
    assert tables <= {*needed(prepared), "register_area_version", "register_sheet"}  # nothing that it does not need

    def of_counties(found: Any) -> int:
        return sum(each.rows for each in found if "/-/" not in each.file)

    own = opening.own(number).manifest
    expected = sum(part.rows for part in own.tables if part.county == "990101000000" and part.table in tables)
    assert of_counties(read["990101000000"]) == expected < of_counties(read["990102000000"])


def test_who_moved_to_another_county_since_is_judged_where_they_lived_on_the_day(county: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    from county import write

    rows = [("990102000000", "邻县", "county", "990100000000"), ("990102100000", "南乡", "township", "990102000000"),
            ("990102100201", "丁村委会", "village", "990102100000")]  # fmt: skip
    write(more / "divisions.csv", (dict(zip(("code", "name", "level", "parent"), row, strict=True)) for row in rows))
    take(more)
    stored = evaluate(local_admin(), "household_exit", day=DAY, area="990101000000")
    moved = Residence.objects.get(household__code="9901")
    Residence.objects.filter(pk=moved.pk).update(valid_to=datetime.date(2019, 3, 1))
    there = AreaVersion.objects.get(code="990102100201")
    Residence.objects.create(
        household_id=moved.household_id, area_id=there.area_id, valid_from=datetime.date(2019, 3, 1)
    )
    number = steps.seal()
    then = services.evaluate(local_admin(), asked(number, area="990101000000"))
    assert sealed_rows(then) == rows_of(stored)
    now = services.evaluate(local_admin(), asked(number, area="990102000000", day=datetime.date(2019, 4, 1)))
    assert [row[0] for row in sealed_rows(now)] == [moved.household_id]


def test_the_tree_of_the_day_and_codes_of_today(county: Path) -> None:
    """The shire got another code and lost a township since: on the day both were as they were."""
    shire = AreaVersion.objects.get(code="990101000000")
    since = datetime.date(2019, 6, 1)
    AreaVersion.objects.filter(pk=shire.pk).update(valid_to=since)
    kept = {
        "area_id": shire.area_id,
        "name": "示范区",
        "level": "county",
        "parent_id": shire.parent_id,
        "path": shire.path,
    }
    AreaVersion.objects.create(code="990191000000", valid_from=since, **kept)
    west = AreaVersion.objects.get(code="990101101000")
    AreaVersion.objects.filter(pk=west.pk).update(valid_to=since)
    AreaVersion.objects.create(
        area_id=west.area_id, code=west.code, name=west.name, level="township", parent_id=shire.parent_id,
        path=f"{shire.path[:-8]}{west.area_id:08d}", valid_from=since,
    )  # fmt: skip
    number = steps.seal()
    for day in (DAY, datetime.date(2019, 7, 1)):
        for area in ("990191000000", "990101101000", "990101101201"):
            stored = evaluate(local_admin(), "household_exit", day=day, area=area)
            assert sealed_rows(services.evaluate(local_admin(), asked(number, area=area, day=day))) == rows_of(stored)
            assert services.recompute(local_admin(), stored.pk, number).against["differ"] == 0  # type: ignore[index]


# -- what is refused ------------------------------------------------------------------------------------------------


def test_a_changed_file_is_named_and_not_read(county: Path) -> None:
    number = steps.seal()
    path = steps.file_of(folder_of(number).parent, "register_household_living", number)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Problem) as refused:
        services.evaluate(local_admin(), asked(number))
    assert refused.value.code == "seal_tampered"
    assert refused.value.details["file"].endswith("register_household_living.parquet")
    path.unlink()
    with pytest.raises(Problem, match="seal_file_missing"):
        services.evaluate(local_admin(), asked(number))
    assert not SealedEvaluation.objects.exists()


def test_a_changed_manifest_another_format_and_an_unknown_seal_are_refused(county: Path) -> None:
    number = steps.seal()
    path = folder_of(number) / "manifest.json"
    whole = orjson.loads(path.read_bytes())
    for changed, code in (
        ({"sealed_at": "2018-01-01T00:00:00+00:00"}, "seal_rewritten"),
        ({"format": 99}, "seal_unknown_format"),
    ):
        path.write_bytes(orjson.dumps(whole | changed))
        with pytest.raises(Problem, match=code):
            services.evaluate(local_admin(), asked(number))
    with pytest.raises(Missing, match="no_such_seal"):
        services.evaluate(local_admin(), asked(77))


def test_a_seal_that_does_not_know_a_fact_is_refused_and_names_it(county: Path) -> None:
    number = steps.seal()
    path = folder_of(number) / "manifest.json"
    whole = orjson.loads(path.read_bytes())
    for part in whole["tables"]:
        if part["table"] == "register_household_living":
            part["columns"] = [each for each in part["columns"] if each[0] != "water_safe"]
    path.write_bytes(orjson.dumps(whole))
    import hashlib

    Seal.objects.update(digest=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(Problem) as refused:
        services.evaluate(local_admin(), asked(number))
    assert refused.value.code == "seal_other_schema"
    assert refused.value.details["lacking"] == ["register_household_living.water_safe"]


def test_a_county_or_day_that_the_seal_does_not_have_is_missing(county: Path) -> None:
    number = steps.seal()
    with pytest.raises(Missing, match="no_such_area"):
        services.evaluate(local_admin(), asked(number, area="330000000000"))
    before = services.evaluate(local_admin(), asked(number, day=datetime.date(2018, 1, 1)))
    assert before.tally == {key: {} for key in before.tally}


def test_a_seal_older_than_the_day_says_so(county: Path) -> None:
    number = steps.seal()
    Seal.objects.update(sealed_at="2018-11-01T00:00:00Z")
    row = services.evaluate(local_admin(), asked(number))
    assert row.sources[0]["older"] is False  # sealed now, long after the day
    assert services.source_of(opening.own(number), datetime.date(2999, 1, 1))["older"] is True


# -- computed again ---------------------------------------------------------------------------------------------------


def test_a_stored_evaluation_computed_again_is_equal_or_says_in_what_it_differs(county: Path) -> None:
    stored = evaluate(local_admin(), "household_exit", day=DAY, area="990101000000")
    number = steps.seal()
    same = services.recompute(local_admin(), stored.pk, number)
    assert same.against is not None
    assert (same.against["equal"], same.against["differ"], same.against["same_data"]) == (4, 0, True)
    assert same.against["same_pack"]
    assert services.said(same.against).en == "Equal: 4 subjects agree in every item."
    households(county, household("9901", 工资性收入="1"), household("9906"), day="2018-12-01", name="更正.csv")
    take(county / "更正.csv")
    later = steps.seal()
    other = services.recompute(local_admin(), stored.pk, later)
    assert other.against is not None
    assert (other.against["equal"], other.against["differ"], other.against["only_sealed"]) == (3, 1, 1)
    assert other.against["items"] == {"overall": 1, "income": 1}
    assert not other.against["same_data"]
    changed = Household.objects.get(code="9901").pk
    assert [each[0] for each in other.against["examples"]][:1] == [changed]


def test_results_are_audited_and_their_files_can_be_made_again(county: Path) -> None:
    number = steps.seal()
    row = services.evaluate(local_admin(), asked(number))
    (entry,) = AuditEntry.objects.filter(action="standards.evaluate_sealed")
    assert json.loads(entry.detail)["seals"] == [[row.sources[0]["instance"], number]]
    assert "9901" not in entry.detail
    before = sealed_rows(row)
    import shutil

    shutil.rmtree(files.folder(row.digest))
    with pytest.raises(Missing, match="result_gone"):
        selectors.shown(row)
    assert services.evaluate(local_admin(), asked(number)).pk == row.pk
    assert sealed_rows(row) == before


def test_areas_of_a_result_add_up(county: Path) -> None:
    row = services.evaluate(local_admin(), asked(steps.seal()))
    whole = selectors.shown(row)
    assert [each.level for each in whole.below] == ["province"]
    east = selectors.shown(row, "990101100000").area
    west = selectors.shown(row, "990101101000").area
    shire = selectors.shown(row, "990101000000").area
    assert east
    assert west
    assert shire
    assert shire.counts[0] == tuple(a + b for a, b in zip(east.counts[0], west.counts[0], strict=True))
    assert shire.counts[0] == (1, 1, 1, 1)
    with pytest.raises(Missing):
        selectors.shown(row, "123456")


def test_no_identities_stand_in_what_comes_of_it(county: Path) -> None:
    row = services.evaluate(local_admin(), asked(steps.seal()))
    with Engine() as engine:
        names = [
            str(each[0]) for each in engine.rows(f"DESCRIBE SELECT * FROM '{files.folder(row.digest) / files.ROWS}'")
        ]
    assert names == ["id", "area_id", "path", "area_code", "letters", "shown"]


def test_outside_the_grants_and_not_there_look_the_same(county: Path) -> None:
    number = steps.seal()
    nobody = actor_for(User.objects.create_user("nobody", password="x"))
    for area in ("990101000000", "330000000000"):
        with pytest.raises(Missing, match="no_such_area"):
            services.evaluate(nobody, asked(number, area=area))
    with pytest.raises(Refused):
        services.evaluate(nobody, asked(number))
    row = services.evaluate(local_admin(), asked(number))
    with pytest.raises(Missing):
        selectors.sealed(nobody, row.pk)
    assert selectors.newest(nobody, joint=False) == []


def test_many_results_of_elsewhere_do_not_crowd_out_ones_own(county: Path) -> None:
    number = steps.seal()
    own = services.evaluate(local_admin(), asked(number, area="990101000000"))
    whole = services.evaluate(local_admin(), asked(number))
    values = {field.attname: getattr(whole, field.attname) for field in SealedEvaluation._meta.concrete_fields}
    SealedEvaluation.objects.bulk_create(
        SealedEvaluation(**(values | {"id": None, "digest": f"{at:064x}"})) for at in range(4 * selectors.LISTED)
    )
    auditor = actor_for(account("auditor-990101000000", "auditor", "990101000000"))
    assert selectors.newest(auditor, joint=False) == [own]
    assert len(selectors.newest(local_admin(), joint=False)) == selectors.LISTED
    assert selectors.newest(local_admin(), joint=True) == []


def test_rows_of_persons_need_what_rows_of_households_need(county: Path) -> None:
    """No pack in the product judges persons; a city's own may."""
    row = services.evaluate(local_admin(), asked(steps.seal(), area="990101000000"))
    shire = AreaVersion.objects.get(code="990101000000")
    reader = actor_for(account("figures-990101000000", "department", "990101000000"))
    for level in ("household", "person"):
        row.level = level
        assert selectors.may_list(reader, row) is may(reader, VIEW_HOUSEHOLD, area_path=shire.path)
        assert results.may_view(reader, shire, level) is may(reader, VIEW_HOUSEHOLD, area_path=shire.path)
    row.level = "village"
    assert selectors.may_list(reader, row)
    assert results.may_view(reader, shire, "village")
    assert not may(reader, VIEW_HOUSEHOLD, area_path=shire.path)
