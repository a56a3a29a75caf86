"""Pages, API and command of comparing: numbers lead to the names behind them, hostile input is refused in words."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

import migrated
from console_city import City, restored
from installation import installation
from people import account
from tuopin.platform import worker
from tuopin.platform.models import Job, User
from tuopin.register.models import Household
from tuopin.standards.comparing import files, services

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = "/standards/compare/"
FIELDS = {
    "a_standard": "shangqiu-2018/household_exit", "a_day": "2018-12-01", "a_parameters": "",
    "b_standard": "shangqiu-2018/household_exit", "b_day": "2018-12-01", "b_parameters": "poverty_line = 4200",
}  # fmt: skip


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    for each in files.folder().iterdir():
        each.unlink()
    return restored(tmp_path_factory, households=150)


def client(name: str) -> Client:
    made = Client()
    made.force_login(User.objects.get(username=name))
    return made


def begun(there: Client, area: str, **changes: str) -> Job:
    answer = there.post(PAGE, {"area": area, **FIELDS, **changes})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    worker.work(threading.Event(), until_empty=True)
    job = Job.objects.filter(kind=services.JOB).latest("pk")
    assert job.state == Job.State.DONE, job.error
    return job


@pytest.mark.django_db(transaction=True)
def test_from_the_form_to_the_names(city: City, django_assert_max_num_queries: Callable[..., Any]) -> None:
    there = client("county")
    with django_assert_max_num_queries(20):
        form = there.get(PAGE, {"area": city.top.code}).content.decode()
    assert "poverty_line" in form
    job = begun(there, city.top.code)
    assert job.result is not None
    with django_assert_max_num_queries(20):
        page = there.get(job.result["href"])
    text = page.content.decode()
    assert "试算，不是核查结果" in text
    cell = next(each for row in page.context["matrix"]["rows"] for each in row["cells"] if each["href"])
    assert f'href="{cell["href"].replace("&", "&amp;")}"' in text
    listed = there.get(cell["href"])
    assert listed.context["list"]["total"] == cell["number"]
    assert "试算" in listed.content.decode()
    names = [str(line.cells[0].text.zh) for line in listed.context["list"]["lines"] if line.cells[0].text]
    assert names
    assert set(names) <= set(Household.objects.values_list("code", flat=True))
    for item in ("income", "housing"):
        assert there.get(job.result["href"], {"item": item}).status_code == 200
    assert there.get(job.result["href"], {"item": "nothing"}).status_code == 404
    assert there.get(job.result["href"], {"area": city.township.code}).status_code == 200
    for chart in ("compare-areas", "compare-sides", "compare-contributions", "compare-several"):
        assert there.get(job.result["href"], {"csv": chart})["content-type"].startswith("text/csv"), chart
    assert "compare" in there.get(PAGE, {"area": city.top.code}).content.decode()
    # somebody else, with all the same rights, has no part in it
    address = cell["href"]
    assert client("leader").get(job.result["href"]).status_code == 404
    assert client("leader").get(address).status_code == 404
    for wrong in ("compare=abc", f"compare={job.pk}&was=nowhere", f"compare={job.pk}&compared_item=x", "was=met"):
        assert there.get(f"/areas/{city.top.code}/households/?{wrong}").status_code in {400, 404}


@pytest.mark.django_db(transaction=True)
def test_who_may_not_and_what_may_not(city: City) -> None:
    assert client("counter").get(PAGE, {"area": city.township.code}).status_code == 403
    assert client("clerk").get(PAGE, {"area": city.top.code}).status_code == 404
    assert client("clerk").post(PAGE, {"area": city.other.code, **FIELDS}).status_code == 404
    there = client("clerk")
    for changes in (
        {"b_parameters": "poverty_line = '; drop table"},
        {"b_parameters": "\n".join(f"p{at} = 1" for at in range(1000))},
        {"b_parameters": ""},
        {"b_standard": "shangqiu-2018/village_exit"},
        {"b_standard": "../../etc/passwd"},
        {"b_standard": ""},
        {"b_day": "2018-02-30"},
        {"b_day": "\0"},
        {"a_day": "1000-01-01"},
    ):
        answer = there.post(PAGE, {"area": city.township.code, **FIELDS, **changes})
        assert answer.status_code == 400, changes
        assert 'role="alert"' in answer.content.decode()
    assert not Job.objects.filter(kind=services.JOB).exists()
    for address in (f"{PAGE}1/", f"{PAGE}999999999999999999999999/", f"{PAGE}-1/", f"{PAGE}x/"):
        assert there.get(address).status_code == 404
    assert there.get(f"{PAGE}{'9' * 400}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_few_are_not_told_to_a_reader_of_figures(city: City) -> None:
    account("assessor", "assessor", city.township.code)
    there = client("assessor")
    job = begun(there, city.township.code)
    assert job.result is not None
    page = there.get(job.result["href"])
    for row in page.context["matrix"]["rows"]:
        for cell in row["cells"]:
            assert not cell["href"]
            assert cell["text"].zh.startswith("少于") or int(cell["text"].zh.replace(",", "")) % 5 == 0
    assert there.get(f"/areas/{city.township.code}/households/", {"compare": job.pk}).status_code in {403, 404}


def test_by_command(tmp_path: Path) -> None:
    from county import areas, household, households, person

    areas(tmp_path / "set")
    poor = household("9901", person("990101"), 工资性收入="2995")
    households(tmp_path / "set", poor, household("9902", person("990201"), 工资性收入="3300"))
    compare = ("standards", "compare", "household_exit", "--on", "2018-12-01")
    with installation(tmp_path / "home", like=migrated.made()) as made:
        made.env["TUOPIN_LANGUAGE"] = "zh"
        done = made.commands(
            ("import", str(tmp_path / "set"), "--as-of", "2018-12-01"),
            (*compare, "--set", "poverty_line=3300", "--names", "--json"),
            (*compare, "--set", "poverty_line=3300", "--names"),
            (*compare, "--set", "poverty_line=3299.99", "--json"),
            (*compare, "--set", "poverty_line=abc"),
            compare,
            ("check", "household_exit", "--on", "2018-12-01", "--json"),
        )
        assert not list((tmp_path / "home" / "comparisons").iterdir()), "nothing stays behind"
    _, document, text, lower, bad, same, check = done
    found = document.document
    assert found["what"] == "what-if"
    assert found["matrix"]["income"] == {"m>n": 1, "n>n": 1}, "who stands on the line is not above it"
    assert list(found["subjects"]) == ["9902"]
    assert found["income"]["a"]["missing"] == ["0", "0"]
    assert found["income"]["b"]["missing"] == ["305", "305"]
    assert "试算，不是核查结果" in text.out
    assert "9902" in text.out
    assert lower.document["matrix"]["income"] == {"m>m": 1, "n>n": 1}
    assert bad.status == same.status == 2
    assert "poverty_line = 3200" in bad.err
    assert check.document["tally"]["income"] == {"met": 1, "not_met": 1}, "the evaluation knows nothing of it"
    assert json.dumps(found)
