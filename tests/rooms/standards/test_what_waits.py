"""Standards that can judge nobody yet stay out of an evaluation, and say why; a ledger that comes in brings them."""

from __future__ import annotations

import datetime
import threading
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, write
from people import account, signed_in
from tuopin.platform import worker
from tuopin.platform.access import local_admin
from tuopin.register.importing.services import import_paths
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.services import bind_pack, evaluate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
COUNTY = "990101000000"
WATER = {
    "户编号": "9901", "水资源条件": "缺水地区", "供水方式": "分散供水", "人均日用水量（升）": "20", "感官性状": "良好",
    "自来水是否入户": "是", "年缺水天数": "36", "年缺水月数": "1", "核查日期": "2018-09-20",
}  # fmt: skip
WORKS = {
    "户编号": "9901",
    "改水": "已完成",
    "改电": "原已达标",
    "改厕": "未完成",
    "改厨": "已改",
    "改院": "不涉及",
    "改习": "",
}


def evaluated() -> dict[str, str]:
    """Standard → pack of what the county's evaluation judged."""
    found = Evaluation.objects.exclude(kind="quality")
    return dict(found.values_list("standard", "pack"))


def test_a_standard_comes_with_its_ledger_and_the_others_say_why_not(tmp_path: Path) -> None:
    areas(tmp_path / "a")
    households(tmp_path / "a", household("9901"), household("9902", person("990201")))
    import_paths(local_admin(), [tmp_path / "a"], as_of=DAY)
    bind_pack(local_admin(), COUNTY, "shangqiu-2018", valid_from=datetime.date(2018, 1, 1))
    client = signed_in(account("clerk", "county", COUNTY))
    page = client.get("/standards/evaluate/", {"area": COUNTY}).content.decode()
    assert "六改工程：还没有导入所用的资料" in page
    assert "农村饮水安全（四项基本达标）：还没有导入所用的资料" in page
    assert "产业扶贫：户：还没有导入所用的资料" in page

    def press() -> None:
        client.post("/standards/evaluate/", {"area": COUNTY, "day": DAY.isoformat()})
        worker.work(threading.Event(), until_empty=True)

    press()
    assert evaluated() == {"household_exit": "shangqiu-2018"}
    write(tmp_path / "b" / "饮水.csv", [WATER])
    write(tmp_path / "b" / "六改.csv", [WORKS])
    import_paths(local_admin(), [tmp_path / "b"], as_of=DAY)
    press()
    assert evaluated() == {
        "household_exit": "shangqiu-2018",
        "home_improvement": "shangqiu-2018",
        "water_safety": "water",
        "water_full": "water",
    }

    def letters(standard: str) -> dict[int, str]:
        run = Evaluation.objects.get(standard=standard)
        return dict(Verdict.objects.filter(evaluation=run).order_by("subject_id").values_list("subject_id", "letters"))

    assert list(letters("water_safety").values()) == ["mmmmm", "uuuuu"], "on every limit; never surveyed"
    assert list(letters("home_improvement").values()) == ["nmmnmau", "uuuuuuu"]


def test_a_survey_decays_in_the_register_too(tmp_path: Path) -> None:
    areas(tmp_path)
    households(tmp_path, household("9901"))
    write(tmp_path / "饮水.csv", [WATER])
    import_paths(local_admin(), [tmp_path], as_of=DAY)

    def on(day: str) -> str:
        run = evaluate(local_admin(), "water_safety", pack="water", day=datetime.date.fromisoformat(day))
        return Verdict.objects.get(evaluation=run).letters

    assert on("2019-03-19") == "mmmmm"
    assert on("2019-03-20") == "ummmu", "six months after a survey where water runs short in some season"
    assert on("2019-09-20") == "ummmu"
    assert on("2019-09-21") == "uuuuu", "a year after any survey"


def test_lists_lead_with_the_exit_standard_however_late_the_others_were_judged(tmp_path: Path) -> None:
    areas(tmp_path)
    households(tmp_path, household("9901"))
    write(tmp_path / "饮水.csv", [WATER])
    import_paths(local_admin(), [tmp_path], as_of=DAY)
    evaluate(local_admin(), "household_exit", day=DAY)
    evaluate(local_admin(), "water_safety", pack="water", day=DAY)
    client = signed_in(account("clerk", "county", COUNTY))
    listed = client.get(f"/areas/{COUNTY}/households/").content.decode()
    assert "住房" in listed
    assert "供水保证率基本达标" not in listed
    assert "供水保证率基本达标" in client.get(f"/areas/{COUNTY}/households/?standard=water_safety").content.decode()
    page = client.get(f"/areas/{COUNTY}/results/").content.decode()
    assert 0 < page.index("贫困人口退出标准") < page.index("农村饮水安全")
    one = client.get("/households/9901/").content.decode()
    assert 0 < one.index("贫困人口退出标准") < one.index("农村饮水安全")
    assert "饮水安全核查" in one, "the facts behind it"
