"""Pages of changes of areas: the form, the workbook, the preview, recording once, taking back, ended areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from people import account, signed_in
from rooms.register.areas.tree import DAY, happen, line, lived, now, plant, rows
from tuopin.register.models import AreaDraft, AreaEvent, AreaVersion

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "/register/areas/new/"


@pytest.fixture
def city(transactional_db: None) -> dict[str, AreaVersion]:
    return plant()


@pytest.fixture
def headquarters(city: dict[str, AreaVersion]) -> Client:
    return signed_in(account("headquarters", "headquarters", "99"))


def fill(client: Client, *given: dict[str, str], **more: Any) -> HttpResponse:
    posted: dict[str, Any] = {"document": "民函〔2020〕3号", "day": "2020-03-01", "do": "preview"} | more
    for at, row in enumerate(given, 1):
        posted |= {f"{name}-{at}": value for name, value in row.items()}
    return client.post(NEW + "?area=99", posted)


def text(answer: HttpResponse, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.content.decode()


def test_filled_in_previewed_recorded_and_taken_back(headquarters: Client) -> None:
    before = rows()
    answer = fill(
        headquarters,
        {"kind": "merged", "old": "A1-1", "code": "A1-3"},
        {"kind": "merged", "old": "A1-2", "code": "A1-3"},
    )
    assert answer.status_code == 302
    shown = text(headquarters.get(answer["Location"]))
    assert "8</strong>" in shown
    assert rows() == before
    for _twice in (1, 2):  # a second press records nothing more
        recorded = headquarters.post(answer["Location"], {"do": "record"})
    assert AreaEvent.objects.count() == 1
    assert lived_in("A1-3") == 12
    page = text(headquarters.get(recorded["Location"]))
    assert "民函〔2020〕3号" in page
    assert "A1第1村" in page
    assert "A1第1村" in text(headquarters.get("/register/areas/of/A1-3/"))
    taken = headquarters.post(recorded["Location"], {"reason": "登记有误"})
    assert taken.status_code == 302
    assert rows() == before
    assert "登记有误" in text(headquarters.get(recorded["Location"]))


def lived_in(code: str) -> int:
    return lived(DAY)[code]


def test_faults_stand_by_their_lines_and_what_was_typed_stays(headquarters: Client) -> None:
    answer = fill(
        headquarters, {"kind": "recoded", "old": "A1-1"}, {"kind": "renamed", "old": "A1-2", "name": "长" * 200}
    )
    shown = text(answer, 400)
    assert "第 1 行" in shown
    assert "第 2 行" in shown
    assert 'value="A1-1"' in shown
    answer = fill(headquarters, {"kind": "merged", "old": "A1-1", "code": "A1-1"})
    assert "不能并入自己" in text(answer, 400)
    assert not AreaDraft.objects.exists()


def test_a_draft_that_time_has_overtaken_says_what_is_wrong_now(headquarters: Client) -> None:
    answer = fill(headquarters, {"kind": "merged", "old": "A1-1", "code": "A1-3"})
    happen(line("merged", "A1-1", "A1-2"))
    assert "没有区划 A1-1" in text(headquarters.get(answer["Location"]), 400)
    assert "没有区划 A1-1" in text(headquarters.post(answer["Location"], {"do": "record"}), 400)
    headquarters.post(answer["Location"], {"do": "drop"})
    assert not AreaDraft.objects.exists()


def test_more_lines_without_javascript(headquarters: Client) -> None:
    shown = text(fill(headquarters, {"kind": "renamed", "old": "A1-1", "name": "新"}, do="more", count="6"))
    assert 'name="old-12"' in shown
    assert 'value="A1-1"' in shown


@pytest.mark.parametrize("day", ["", "soon", "2020-13-45"])
def test_a_bad_day_is_a_message(headquarters: Client, day: str) -> None:
    assert "2018-12-01" in text(fill(headquarters, {"kind": "renamed", "old": "A1-1", "name": "新"}, day=day), 400)


def workbook(*lines: str) -> SimpleUploadedFile:
    head = "变更类型,生效日期,原代码,原名称,新代码,新名称"
    return SimpleUploadedFile("变更.csv", "\n".join([head, *lines]).encode("utf-8-sig"))


def test_a_yearly_table_is_read_and_previewed(headquarters: Client) -> None:
    file = workbook("合并,2020-03-01,A1-1,A1第1村,A1-3,", "更名,2020-06-01,A2-1,A2第1村,,红旗村")
    answer = headquarters.post(NEW, {"document": "年度区划代码变更", "file": file})
    assert answer.status_code == 302, text(answer, 400)
    headquarters.post(answer["Location"], {"do": "record"})
    assert now("A2-1").name == "红旗村"
    assert AreaEvent.objects.get().origin == "workbook"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["合并,2020-03-01,A1-1,别的村,A1-3,"], "与所填原名称不同"),
        (["并吞,2020-03-01,A1-1,,A1-3,"], "读不出来"),
        (["合并,那一天,A1-1,,A1-3,"], "读不出来"),
        (["合并,,A1-1,,A1-3,"], "没有填写生效日期"),
    ],
)
def test_faulty_rows_of_a_table_are_named(headquarters: Client, lines: list[str], said: str) -> None:
    answer = headquarters.post(NEW, {"document": "x", "file": workbook(*lines)})
    shown = text(answer, 400)
    assert said in shown
    assert "第 2 行" in shown


def test_another_file_is_refused(headquarters: Client) -> None:
    file = SimpleUploadedFile("x.csv", "甲,乙\n1,2".encode())
    assert "表头" in text(headquarters.post(NEW, {"document": "x", "file": file}), 400)


def test_an_ended_village_says_what_became_of_it(headquarters: Client) -> None:
    happen(line("merged", "A1-1", "A1-3"))
    assert "已并入 A1第3村" in text(headquarters.get("/register/areas/former/A1-1/"))
    assert headquarters.get("/areas/A1-1/")["Location"] == "/register/areas/former/A1-1/"
    assert headquarters.get("/register/areas/former/nowhere/").status_code == 404
    found = text(headquarters.post("/find/", {"q": "A1第1"}))
    assert "/register/areas/former/A1-1/" in found


def test_others_see_no_more_than_their_own(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "A1-1", "A1-3"))
    number = AreaEvent.objects.get().pk
    other = signed_in(account("other", "county", "B"))
    assert other.get(f"/register/areas/changes/{number}/").status_code == 404
    assert other.get("/register/areas/former/A1-1/").status_code == 404
    assert other.get("/register/areas/of/A1-3/").status_code == 404
    village = signed_in(account("cadre", "village", "A1-3"))
    assert village.get(NEW).status_code == 403
    assert "A1第1村" in text(village.get("/register/areas/of/A1-3/"))
    assert village.post(f"/register/areas/changes/{number}/", {"reason": "x"}).status_code == 403
    AreaDraft.objects.create(user_id=None, created_at="2020-01-01T00:00:00Z", origin="page", given={})
    assert village.get("/register/areas/drafts/1/").status_code in {403, 404}


def test_the_list_is_exported(headquarters: Client) -> None:
    happen(line("merged", "A1-1", "A1-3"))
    answer = headquarters.post("/register/areas/of/A1/", {"export": "csv"})
    assert "A1第1村" in b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address", ["/register/areas/of/99/", "/register/areas/of/A1-3/", "/register/areas/former/A1-1/"]
)
def test_pages_ask_few_questions(headquarters: Client, django_assert_max_num_queries: Any, address: str) -> None:
    happen(line("merged", "A1-1", "A1-3"), line("renamed", "A2-1", name="新"))
    with django_assert_max_num_queries(20):
        assert headquarters.get(address).status_code == 200
