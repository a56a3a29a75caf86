"""The invented city: the same every time, and its people could exist (though they do not)."""

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tuopin.register.demo import CitySummary, areas, sizes, write_city
from tuopin.register.demo.faults import RATES, Faults
from tuopin.register.demo.people import check_digit, completed_years
from tuopin.register.demo.streams import share_out, stream

SIZES = {"counties": 2, "townships": 5, "villages": 14, "households": 900}
DAY = date(2018, 12, 1)
MARK = "演示数据，人物均为虚构"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CitySummary:
    return write_city(tmp_path_factory.mktemp("city"), **SIZES)


def cells(path: Path) -> list[list[str]]:
    return [
        [str(cell) for cell in row] for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    ]


def records(city: CitySummary, name: str) -> list[dict[str, str]]:
    """All counties' rows of one workbook by header; the totals row is left out."""
    found = []
    for path in city.files:
        if path.name == name:
            rows = cells(path)
            found += [dict(zip(rows[2], row, strict=True)) for row in rows[3:] if row[0] != "合计"]
    return found


@pytest.fixture(scope="module")
def people(city: CitySummary) -> list[dict[str, str]]:
    return records(city, "户人信息.xlsx")


def faulty(city: CitySummary, *names: str) -> set[str]:
    return {code for name in names for code in city.faults[name]}


def test_the_same_seed_gives_the_same_cells(city: CitySummary, tmp_path: Path) -> None:
    again = write_city(tmp_path, **SIZES)
    assert [path.relative_to(tmp_path) for path in again.files] == [
        path.relative_to(city.folder) for path in city.files
    ]
    assert again.faults == city.faults
    for first, second in zip(city.files, again.files, strict=True):
        if first.suffix == ".csv":
            assert first.read_bytes() == second.read_bytes()
        else:
            assert cells(first) == cells(second)


def test_another_seed_gives_another_city(city: CitySummary, tmp_path: Path) -> None:
    other = write_city(tmp_path, seed=2, **SIZES)
    assert other.files[0].read_bytes() != city.files[0].read_bytes()
    assert other.statuses != city.statuses


def test_ledgers_leave_the_other_workbooks_as_they_are(city: CitySummary, tmp_path: Path) -> None:
    more = write_city(tmp_path, with_ledgers=True, **SIZES)
    known = {path.relative_to(city.folder): path for path in city.files}
    added = [path for path in more.files if path.relative_to(tmp_path) not in known]
    assert Counter(path.name for path in added) == {
        "九大工程台账.xlsx": 2,
        "饮水安全核查.xlsx": 2,
        "六改工程台账.xlsx": 2,
        "县级指标.xlsx": 2,
    }
    for path in more.files:
        if path not in added and path.suffix != ".csv":
            assert cells(path) == cells(known[path.relative_to(tmp_path)])
    assert all(MARK in cells(path)[0][0] for path in added)
    safe = {row["户编号"]: row["饮水是否安全"] for row in records(more, "户人信息.xlsx")}
    for row in records(more, "饮水安全核查.xlsx"):
        least = 20 if row["水资源条件"] == "缺水地区" else 35
        enough = not row["人均日用水量（升）"] or float(row["人均日用水量（升）"]) >= least
        way = row["自来水是否入户"] == "是" or int(row["单次取水往返时间（分钟）"]) <= 20
        sound = enough and way and int(row["年缺水停水天数"]) <= 36 and row["水质检测是否合格"] != "不合格"
        assert sound == (safe[row["户编号"]] != "否")


def test_sizes_are_exact(city: CitySummary, people: list[dict[str, str]]) -> None:
    with city.files[0].open(encoding="utf-8") as file:
        areas = list(csv.DictReader(file))
    assert Counter(row["level"] for row in areas) == {
        "province": 1,
        "city": 1,
        "county": SIZES["counties"],
        "township": SIZES["townships"],
        "village": SIZES["villages"],
    }
    codes = {row["code"] for row in areas}
    assert len(codes) == len(areas)
    assert all(row["code"].startswith("99") and len(row["code"]) == 12 for row in areas)
    assert all(row["parent"] in codes for row in areas if row["level"] != "province")
    assert len({row["户编号"] for row in people}) == SIZES["households"] == sum(city.statuses.values())
    assert len(people) == city.persons
    assert 3.0 < city.persons / city.households < 3.6
    assert len(records(city, "村信息.xlsx")) == SIZES["villages"]


def test_every_row_finds_its_village(city: CitySummary, people: list[dict[str, str]]) -> None:
    villages = {(row["县"], row["镇"], row["村"]) for row in records(city, "村信息.xlsx")}
    assert len(villages) == SIZES["villages"]
    assert {(row["县"], row["镇"], row["村"]) for row in people} <= villages


def test_every_workbook_says_that_it_is_invented(city: CitySummary) -> None:
    books = [path for path in city.files if path.suffix == ".xlsx"]
    assert len(books) == 4 * SIZES["counties"]
    for path in books:
        rows = cells(path)
        assert MARK in rows[0][0]
        assert rows[1][0] == "导出时间：2018-12-01"


def test_id_numbers_are_sound_and_agree_with_birth_and_sex(city: CitySummary, people: list[dict[str, str]]) -> None:
    exempt = faulty(city, "id_check_digit", "id_length", "id_missing", "birth_mismatch")
    seen = set()
    for row in people:
        if row["户编号"] in exempt:
            continue
        number = row["证件号码"]
        assert len(number) == 18
        assert check_digit(number[:17]) == number[17]
        assert number.startswith("9901"), "no real area has this prefix"
        assert number[6:14] == row["出生日期"].replace("-", "")
        assert int(number[16]) % 2 == (row["性别"] == "男")
        assert number not in seen
        seen.add(number)


@pytest.mark.parametrize(("body", "last"), [("11010519491231002", "X"), ("44052418800101001", "4")])
def test_check_digit_of_the_standard(body: str, last: str) -> None:
    """The two examples printed in GB 11643."""
    assert check_digit(body) == last


def test_planted_faults_in_id_numbers_are_faults(city: CitySummary, people: list[dict[str, str]]) -> None:
    by_household = defaultdict(list)
    for row in people:
        by_household[row["户编号"]].append(row)

    def wrong(row: dict[str, str]) -> bool:
        number = row["证件号码"]
        return (
            len(number) != 18
            or check_digit(number[:17]) != number[17]
            or number[6:14] != row["出生日期"].replace("-", "")
        )

    for code in faulty(city, "id_check_digit", "id_length", "id_missing", "birth_mismatch"):
        assert sum(map(wrong, by_household[code])) == 1


def test_families_are_plausible(city: CitySummary, people: list[dict[str, str]]) -> None:
    by_household = defaultdict(list)
    for row in people:
        by_household[row["户编号"]].append(row)
    exempt = faulty(city, "no_head", "two_heads", "birth_mismatch")
    for code, members in by_household.items():
        if code in exempt:
            continue
        birth = defaultdict(list)
        for row in members:
            birth[row["与户主关系"]].append(date.fromisoformat(row["出生日期"]))
        (head,) = birth["户主"]
        sexes = {row["与户主关系"]: row["性别"] for row in members if row["与户主关系"] in {"户主", "配偶"}}
        assert len(birth["配偶"]) <= 1
        assert len(sexes) < 2 or sexes["户主"] != sexes["配偶"]
        mother = birth["配偶"][0] if sexes["户主"] == "男" and birth["配偶"] else head
        for child in birth["之子"] + birth["之女"]:
            assert 17 <= (child - mother).days / 365.25 <= 48, code
        for parent in birth["之父"] + birth["之母"]:
            assert (head - parent).days / 365.25 > 16, code
        for row in members:
            age = completed_years(date.fromisoformat(row["出生日期"]), DAY)
            assert 0 <= age < 95
            if row["与户主关系"] in {"之子", "之父", "之孙子"}:
                assert row["性别"] == "男"
            if row["与户主关系"] in {"之女", "之母", "之儿媳", "之孙女"}:
                assert row["性别"] == "女"


def test_columns_of_one_person_agree(city: CitySummary, people: list[dict[str, str]]) -> None:
    exempt = faulty(city, "out_of_school", "study_unknown", "birth_mismatch")
    for row in people:
        if row["户编号"] in exempt:
            continue
        age = completed_years(date.fromisoformat(row["出生日期"]), DAY)
        assert bool(row["文化程度"]) != bool(row["在校生状况"]), "exactly one of the two is filled"
        if age <= 15:
            assert row["在校生状况"]
        if age < 16 or row["在校生状况"]:
            assert row["劳动技能"] == "无劳动力"
            assert row["务工时间（月）"] == "0"
        assert bool(row["务工所在地"]) == (row["务工时间（月）"] != "0")
        assert bool(row["残疾证号码"]) == ("残疾" in row["健康状况"])


def test_causes_are_borne_out_by_the_members(people: list[dict[str, str]]) -> None:
    health, study, cause = defaultdict(str), defaultdict(str), {}
    for row in people:
        health[row["户编号"]] += row["健康状况"]
        study[row["户编号"]] += row["在校生状况"]
        cause[row["户编号"]] = row["主要致贫原因"]
    for code, value in cause.items():
        assert value != "因病" or "病" in health[code]
        assert value != "因残" or "残疾" in health[code]
    assert len(set(cause.values())) >= 6


def fen(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)


def test_income_adds_up_and_agrees_with_work(city: CitySummary, people: list[dict[str, str]]) -> None:
    sizes = Counter(row["户编号"] for row in people)
    months = Counter[str]()
    for row in people:
        months[row["户编号"]] += int(row["务工时间（月）"])
    transfers = ("计划生育金", "低保金", "特困供养金", "养老保险金", "生态补偿金", "其他转移性收入")
    net: dict[str, int] = {}
    for row in people:
        code = row["户编号"]
        assert fen(row["转移性收入"]) == sum(fen(row[part]) for part in transfers)
        if not row["工资性收入"]:
            assert code in city.faults["blank_wage"]
            assert row["人均纯收入"] == row["纯收入"] == ""
            continue
        parts = [fen(row[name]) for name in ("工资性收入", "生产经营性收入", "财产性收入", "转移性收入")]
        net[code] = sum(parts) - fen(row["生产经营性支出"])
        assert fen(row["纯收入"]) == net[code]
        assert fen(row["人均纯收入"]) == (2 * net[code] + sizes[code]) // (2 * sizes[code])
        assert (parts[0] > 0) == (months[code] > 0)
    for name, extra in (("exactly_on_line", 0), ("one_fen_above_line", 1), ("one_fen_below_line", -1)):
        for code in city.faults[name]:
            assert net[code] == 299_500 * sizes[code] + extra


def test_statuses_and_villages_have_the_expected_mix(tmp_path: Path) -> None:
    city = write_city(tmp_path, counties=2, townships=20, villages=200, households=5000)
    assert set(city.statuses) == {"已脱贫", "未脱贫", "预脱贫", "新识别", "返贫"}
    assert 0.80 < city.statuses["已脱贫"] / 5000 < 0.89
    assert 0.30 < city.poor_villages / 200 < 0.50
    assert 0.02 < len(city.faults["village_above_2"]) / 200 < 0.30
    assert 0 < len(city.faults["village_short"]) / 200 < 0.30
    assert all(
        city.faults[name] for name in ("exactly_on_line", "two_live_helpers", "without_live_helper", "uninsured")
    )


def test_the_second_export_is_the_same_city_three_months_later(
    city: CitySummary, people: list[dict[str, str]], tmp_path: Path
) -> None:
    later = write_city(tmp_path, later=True, **SIZES)
    assert later.day == date(2019, 3, 1)
    assert later.files[0].read_bytes() == city.files[0].read_bytes()
    assert later.faults == city.faults | {name: later.faults[name] for name in ("village_short", "village_above_2")}
    first = {row["人编号"]: row for row in people}
    second = {row["人编号"]: row for row in records(later, "户人信息.xlsx")}
    born, died = second.keys() - first.keys(), first.keys() - second.keys()
    assert {first[code]["户编号"] for code in died} == set(later.changes["died"])
    assert {second[code]["户编号"] for code in born} == set(later.changes["born"])
    assert all(second[code]["出生日期"] > "2018-12-01" for code in born)
    changed = set[str]().union(*later.changes.values())
    assert all(row == second[code] for code, row in first.items() if row["户编号"] not in changed)
    assert {row["脱贫属性"] for row in second.values() if row["户编号"] in later.changes["exit_confirmed"]} == {
        "已脱贫"
    }
    assert all(later.changes[kind] for kind in ("born", "died", "corrected", "helper_changed"))
    assert city.changes == dict.fromkeys(later.changes, ())


def test_live_helpers_are_as_planted(city: CitySummary, people: list[dict[str, str]]) -> None:
    live = Counter(row["户编号"] for row in records(city, "帮扶责任人.xlsx") if not row["帮扶结束时间"])
    households = {row["户编号"] for row in people}
    assert all(
        not row["帮扶结束时间"] or row["帮扶开始时间"] < row["帮扶结束时间"] for row in records(city, "帮扶责任人.xlsx")
    )
    assert {code for code in households if not live[code]} == set(city.faults["without_live_helper"])
    assert {code for code in households if live[code] > 1} == set(city.faults["two_live_helpers"])


def test_phones_ring_nowhere(city: CitySummary, people: list[dict[str, str]]) -> None:
    phones = {row["联系电话"] for row in people + records(city, "帮扶责任人.xlsx")}
    assert all(len(phone) == 11 and phone.startswith("154") for phone in phones)


def test_a_city_without_households_has_its_villages(tmp_path: Path) -> None:
    city = write_city(tmp_path, counties=1, townships=1, villages=2, households=0)
    assert [path.name for path in city.files] == ["divisions.csv", "村信息.xlsx"]
    assert city.persons == 0


@pytest.mark.parametrize(
    "sizes",
    [
        {"counties": 0},
        {"counties": 3, "townships": 2},
        {"counties": 1, "townships": 3, "villages": 2},
        {"counties": 1, "townships": 1, "villages": 1, "households": -1},
    ],
)
def test_sizes_that_make_no_city_are_refused(tmp_path: Path, sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a city needs"):
        write_city(tmp_path / "city", **sizes)
    assert not (tmp_path / "city").exists()


@pytest.mark.parametrize("households", [20, 500])
def test_demo_accounts_find_their_areas(tmp_path: Path, households: int) -> None:
    city = write_city(tmp_path, seed=7, **sizes(households))
    codes = {line.split(",")[0] for line in city.files[0].read_text(encoding="utf-8").splitlines()}
    assert {areas.CITY_CODE, areas.FIRST_COUNTY, areas.FIRST_TOWNSHIP, areas.FIRST_VILLAGE} <= codes


def test_sizes_of_the_full_city() -> None:
    assert sizes(20_000) == {"counties": 4, "townships": 60, "villages": 600, "households": 20_000}


def test_shares_add_up() -> None:
    assert share_out(10, [1.0, 1.0, 1.0]) == [4, 3, 3]
    assert share_out(0, [2.0, 5.0]) == [0, 0]
    assert sum(share_out(997, [stream(i).random() for i in range(50)])) == 997


def test_streams_do_not_change_between_versions() -> None:
    """A demo city that changes with Python would make every picture and figure in the docs wrong."""
    assert stream(1, "990121100201").randrange(10**6) == 118483


def test_every_fault_has_a_place() -> None:
    assert set(Faults().found) == set(RATES)
    assert sum(RATES.values()) < 0.1
