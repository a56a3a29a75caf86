"""Pages of visits, and photos: recorded on a phone, shown by class, refused with a reason; hostile files and forms."""

from __future__ import annotations

import datetime
import io
import json
import re
import struct
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import ExifTags, Image

from officials import assigned
from people import signed_in
from rooms.duties.place import Place
from rooms.duties.visiting import draft, helping
from tuopin.duties.models import Visit, VisitPhoto, VisitPlace, VisitProblem
from tuopin.duties.visits import photos, places, services
from tuopin.duties.visits.drafts import Draft, Found, Trouble
from tuopin.platform import evidence, pictures
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import tokens
from tuopin.platform.models import Evidence
from tuopin.platform.problems import Missing, Problem
from tuopin.register import cards

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse
    from pytest_django import DjangoAssertNumQueries

    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUOPIN_HOME", str(tmp_path / "home"))


@pytest.fixture
def place() -> Place:
    return Place()


def today() -> datetime.date:
    return timezone.localdate()


def picture(day: datetime.date | None = None, form: str = "JPEG") -> bytes:
    """A photo with a camera's metadata: when, where, whose camera."""
    image = Image.effect_noise((640, 480), 40).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SECRET-CAMERA"
    exif[ExifTags.Base.Artist] = "SECRET-NAME"
    if day is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{day:%Y:%m:%d} 09:30:00"
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (34.0, 27.0, 0.0)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (115.0, 18.0, 0.0)
    target = io.BytesIO()
    image.save(target, form, exif=exif)
    return target.getvalue()


def upload(content: bytes, name: str = "照片.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it is 50,000 pixels square."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9_000)) + chunk(b"IEND", b"")
    )


# -- photos -------------------------------------------------------------------------------------------------------


def test_a_photo_keeps_nothing_but_the_picture() -> None:
    found = pictures.read(upload(picture(today())), "a.jpg")
    assert b"SECRET" not in found.content
    assert found.taken_at is not None
    assert found.taken_at.date() == today()
    assert (found.latitude, found.longitude) == (3445000, 11530000)
    again = Image.open(io.BytesIO(found.content))
    assert again.format == "JPEG"
    assert not again.getexif()
    assert max(Image.open(io.BytesIO(found.thumb)).size) <= 320
    assert pictures.read(upload(picture(form="PNG")), "a.jpg").content[:2] == b"\xff\xd8"


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")])
def test_a_photo_that_lies_on_its_side_is_set_upright_and_made_smaller(form: str, mode: str) -> None:
    image = Image.new("RGB", (4_000, 1_000), "white")
    image.paste("black", (0, 0, 2_000, 1_000))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # turned by a quarter: what is left stands on top
    target = io.BytesIO()
    image.convert(mode).save(target, form, exif=exif)
    found = pictures.read(upload(target.getvalue()), "a.jpg")
    assert (found.width, found.height) == (640, 2_560)
    made = Image.open(io.BytesIO(found.content)).convert("L")
    assert made.getpixel((320, 300)) < 30  # type: ignore[operator]  # one band
    assert made.getpixel((320, 2_200)) > 220  # type: ignore[operator]
    assert not Image.open(io.BytesIO(found.content)).getexif()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_photo"),
        (b"GIF89a" + b"\0" * 100, "no_photo"),
        (b"<html><script>alert(1)</script>", "no_photo"),
        (b"\xff\xd8\xff" + b"\0" * 200, "no_photo"),
        (b"%PDF-1.4", "no_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_photo"),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as found:
        pictures.read(upload(content), "a.jpg")
    assert found.value.code == code


def test_a_cut_off_photo_a_bomb_and_forty_megabytes_are_refused() -> None:
    for content, code in (
        (picture()[:-2000], "no_photo"),
        (bomb(), "photo_too_many_pixels"),
        (picture() + b"\0" * (40 << 20), "photo_too_large"),
    ):
        with pytest.raises(Problem) as found:
            pictures.read(upload(content), "a.jpg")
        assert found.value.code == code


def visited(place: Place, **more: object) -> tuple[User, Visit]:
    user, term = helping(place.here[0])
    (made,) = services.record(actor_for(user), [draft(term, day=today(), **more)])
    return user, made.visit


def test_a_corrected_day_leaves_no_place_of_its_photos_on_the_old_one(place: Place) -> None:
    user, visit = visited(place)
    actor = actor_for(user)
    photos.attach(actor, visit.number, photos.read_all([upload(picture(today()))]))
    assert VisitPlace.objects.get().photo is not None
    same = replace(draft_of(visit), note="补记")
    services.correct(actor, visit.number, same, seen=1, reason="补记")
    assert VisitPlace.objects.exists(), "the day is the same"
    day = today() - datetime.timedelta(days=2)
    services.correct(actor, visit.number, replace(same, day=day), seen=2, reason="日期写错")
    assert not VisitPlace.objects.exists()
    assert VisitPhoto.objects.filter(removed_at=None).count() == 1, "the photo stays"


def test_photos_of_a_visit(place: Place) -> None:
    user, visit = visited(place)
    actor = actor_for(user)
    found = photos.read_all([upload(picture(today())), upload(picture(today() - datetime.timedelta(days=3)))])
    assert photos.attach(actor, visit.number, found) == photos.Taken(2, 0, 1)
    assert photos.attach(actor, visit.number, found) == photos.Taken(0, 2, 0)
    assert VisitPlace.objects.get().latitude == 3445000  # of the photo of that day alone
    first = VisitPhoto.objects.order_by("pk")[0]
    client = signed_in(user)
    answer = client.get(reverse("duties:visit_photo", args=[first.pk]))
    assert b"".join(answer.streaming_content) == found[0].content  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    small = client.get(reverse("duties:visit_thumb", args=[first.pk]))
    assert small.status_code == 200
    assert b"".join(small.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]
    stranger = signed_in(helping(place.there[0], "丙")[0])
    for name in ("visit_photo", "visit_thumb"):
        assert stranger.get(reverse(f"duties:{name}", args=[first.pk])).status_code == 404
    with pytest.raises(Missing):
        photos.take_away(actor_for(helping(place.here[1], "丁")[0]), first.pk, reason="x")
    with pytest.raises(Problem):
        photos.take_away(actor, first.pk, reason=" ")
    client.post(reverse("duties:remove_visit_photo", args=[first.pk]), {"reason": "拍到了证件"})
    assert client.get(reverse("duties:visit_photo", args=[first.pk])).status_code == 404
    assert not VisitPlace.objects.exists()
    assert not Evidence.objects.filter(about="visit_photo", about_id=first.pk).exists()
    assert evidence.purge(now=9e12) == 2  # photo and thumbnail: no row names them any more
    many = [replace(found[0], content=found[0].content + bytes([at])) for at in range(9)]
    with pytest.raises(Problem):
        photos.attach(actor, visit.number, many)
    assert VisitPhoto.objects.count() == 2


def test_places_go_after_a_year(place: Place) -> None:
    _user, visit = visited(place, clock=datetime.time(9, 0))
    VisitPlace.objects.filter(visit_number=visit.number).update(day=today() - datetime.timedelta(days=365))
    assert places.erase(local_admin()) == 0
    VisitPlace.objects.filter(visit_number=visit.number).update(day=today() - datetime.timedelta(days=366))
    places.tend()
    assert not VisitPlace.objects.exists()


# -- pages --------------------------------------------------------------------------------------------------------


def form_of(client: Client, address: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    text = client.get(address).content.decode()
    key = re.search(r'name="key" value="(\w+)"', text)
    assert key is not None
    return {"key": key[1], "day": today().isoformat(), "outcome": "met", "sort": "routine"}


def test_a_helper_records_a_visit_in_two_taps(place: Place) -> None:
    user, term = helping(place.here[0])
    client = signed_in(user)
    home = client.get("/").content.decode()
    address = reverse("duties:record_visit", args=[place.here[0].code])
    assert address in home
    assert "还没有走访记录" in home
    sent = {**form_of(client, address), "official": str(term.official_id), "said": "<script>x</script>",
            "problem-sort-0": "water", "problem-0": "断水", "photo": upload(picture(today()))}  # fmt: skip
    answer = client.post(address, sent)
    visit = Visit.objects.get()
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "&lt;script&gt;x" in page
    assert "断水" in page
    assert VisitPhoto.objects.count() == 1
    again = client.post(address, {**sent, "photo": upload(picture(today()))})
    assert again.status_code == 302
    assert Visit.objects.count() == 1
    home = client.get("/").content.decode()
    assert "本期已走访" in home
    assert "未处理问题 1" in home
    assert visit.actor == user.username


def test_a_refused_form_says_why_and_keeps_what_was_typed(place: Place) -> None:
    user, term = helping(place.here[0])
    client = signed_in(user)
    address = reverse("duties:record_visit", args=[place.here[0].code])
    sent = {**form_of(client, address), "official": str(term.official_id), "said": "这句要留着"}
    for more in (
        {"day": "2999-01-01"}, {"day": "昨天"}, {"official": ""}, {"official": "9" * 30}, {"outcome": "x"},
        {"outcome": "not_reachable"}, {"met": ["1", "x", "-1"]}, {"clock": "25:00"}, {"latitude": "1e5"},
        {"latitude": "34.1", "longitude": "nan"}, {"item-food": "perhaps"}, {"problem-0": "x", "problem-sort-0": "x"},
        {"photo": upload(b"no photo", "x.jpg")}, {"photo": upload(b"\xff\xd8\xff", "../../etc/passwd\0.jpg")},
    ):  # fmt: skip
        answer = client.post(address, {**sent, **more})
        assert answer.status_code == (404 if "9" * 30 in more.values() else 400), more
        if answer.status_code == 404:
            continue
        text = answer.content.decode()
        assert 'role="alert"' in text
        if more.get("outcome") is None:
            assert "这句要留着" in text
    assert not Visit.objects.exists()
    assert client.post(address, {**sent, "photo": [upload(picture())] * 10}).status_code == 400
    script = client.post(address, {**sent, "photo": upload(picture())}, headers={"X-Visit": "1"})
    assert script.status_code == 204
    assert script["X-Location"] == reverse("duties:visit", args=[Visit.objects.get().number])


def test_what_was_said_is_for_those_of_the_class(place: Place) -> None:
    told = {
        "said": "药费太贵了", "note": "问了病情", "findings": (Found("food", "met", "说明在此"),),
        "problems": (Trouble("health", "看病难"), Trouble("water", "断水了")),
    }  # fmt: skip
    user, visit = visited(place, **told)
    address = reverse("duties:visit", args=[visit.number])
    closed = ("药费太贵了", "问了病情", "说明在此", "看病难")
    own = signed_in(user).get(address).content.decode()
    assert all(each in own for each in (*closed, "断水了"))
    clerk = place.user("county")
    text = signed_in(clerk).get(address).content.decode()
    assert not any(each in text for each in closed)
    assert "断水了" in text
    assert "未向您开放" in text
    number = VisitProblem.objects.get(sort="health").pk
    assert signed_in(clerk).get(reverse("duties:visit_problem", args=[number])).status_code == 404
    page = reverse("duties:visit_problems") + f"?area={place.county.code}"
    listed = signed_in(clerk).get(page).content.decode()
    assert "断水了" in listed
    assert "看病难" not in listed
    assert signed_in(clerk).get(page + "&sort=health").status_code == 400
    nurse = accounts.add_user(local_admin(), "nurse", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), nurse, "county", "area", place.county.area_id, field_classes=("health",))
    assert all(each in signed_in(nurse).get(address).content.decode() for each in closed)
    stranger = signed_in(helping(place.here[1], "丙")[0])
    for name in ("visit", "correct_visit"):
        assert stranger.get(reverse(f"duties:{name}", args=[visit.number])).status_code == 404
    assert stranger.get(reverse("duties:visit_problem", args=[number])).status_code == 404


def test_correcting_and_taking_back_on_pages(place: Place) -> None:
    user, visit = visited(place, said="原话")
    client = signed_in(user)
    address = reverse("duties:correct_visit", args=[visit.number])
    assert "原话" in client.get(address).content.decode()
    official = visit.by.get().official_id
    sent = {"day": today().isoformat(), "outcome": "met", "sort": "care", "official": official, "seen": "1",
            "said": "改过的话"}  # fmt: skip
    assert client.post(address, sent).status_code == 400  # without a reason
    assert client.post(address, {**sent, "reason": "听错了"}).status_code == 302
    text = client.get(reverse("duties:visit", args=[visit.number])).content.decode()
    assert "改过的话" in text
    assert "原话" in text  # the version before
    page = reverse("duties:visit", args=[visit.number])
    assert client.post(page, {"do": "take_back", "seen": "1", "reason": "x"}).status_code == 400
    assert client.post(page, {"do": "take_back", "seen": "2", "reason": "记错户"}).status_code == 302
    assert "已于" in client.get(page).content.decode()
    assert client.post(page, {"do": "nothing"}).status_code == 400


def test_the_form_of_a_correction_tells_no_more_than_the_visit(place: Place) -> None:
    user, visit = visited(place, said="药费太贵了", note="问了病情")
    services.correct(
        actor_for(user), visit.number, replace(draft_of(visit), said="尿毒症，药费太贵"), seen=1, reason="户主患尿毒症"
    )
    closed = ("药费", "病情", "尿毒症")
    clerk = signed_in(place.user("township"))
    form = clerk.get(reverse("duties:correct_visit", args=[visit.number]))
    assert form.status_code == 403
    page = clerk.get(reverse("duties:visit", args=[visit.number])).content.decode()
    assert not any(each in text for each in closed for text in (form.content.decode(), page))
    services.take_back(actor_for(user), visit.number, seen=2, reason="户主患尿毒症，记错")
    page = clerk.get(reverse("duties:visit", args=[visit.number])).content.decode()
    assert "已于" in page
    assert "尿毒症" not in page
    assert "尿毒症" in signed_in(user).get(reverse("duties:visit", args=[visit.number])).content.decode()


def test_not_reached_waits_for_a_second_look(place: Place) -> None:
    user, visit = visited(place, outcome="not_reachable", why_not="working_away")
    client = signed_in(user)
    assert "再去" in client.get("/").content.decode()
    assert "再去一次" in client.get(reverse("duties:visit", args=[visit.number])).content.decode()
    listed = reverse("duties:visits") + f"?area={place.county.code}&second=1"
    clerk = signed_in(place.user("county"))
    assert str(today()) in clerk.get(listed).content.decode()
    services.record(actor_for(user), [draft_of(visit)])
    assert "再去" not in client.get("/").content.decode()


def draft_of(visit: Visit) -> Draft:
    return Draft(today(), (visit.by.get().official_id,), visit.household_id)


def test_pages_of_leaders(place: Place, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    user, _visit = visited(place)
    assigned("乙", household=place.here[1])
    secretary, term = place.user("village"), assigned("书记", area=place.village.area, role="first_responsible")
    term.official.user = secretary
    term.official.save()
    for name in ("visit_coverage", "visits", "visit_problems"):
        with django_assert_max_num_queries(30):
            answer = signed_in(secretary).get(reverse(f"duties:{name}") + f"?area={place.county.code}")
        assert answer.status_code == 200, name
        other = reverse(f"duties:{name}") + f"?area={place.other.code}"
        assert signed_in(secretary).get(other).status_code == 404, name
    text = signed_in(secretary).get(
        reverse("duties:visit_coverage") + f"?area={place.county.code}&duty=helper_month"
    ).content.decode()  # fmt: skip
    assert "visit=helper_month.overdue" in text
    assert "乙" in text
    cards.refresh_all()
    households = reverse("console:households", args=[place.county.code])
    late = signed_in(secretary).get(households + "?visit=helper_month.overdue").content.decode()
    assert place.here[1].code in late
    assert place.here[0].code not in late
    for bad in ("day=9999-99-99", "day=0001-01-01", "duty=nothing", "day=%00"):
        answer = signed_in(secretary).get(reverse("duties:visit_coverage") + f"?area={place.county.code}&{bad}")
        assert answer.status_code in {400, 404}, bad
    area = reverse("duties:record_area_visit", args=[place.village.code])
    sent = {**form_of(signed_in(secretary), area), "official": str(term.official_id), "sort": "stay"}
    assert signed_in(secretary).post(area, sent).status_code == 302
    assert Visit.objects.get(household=None).area_id == place.village.area_id
    assert signed_in(user).get(area).status_code == 404
    number = signed_in(user).get(reverse("duties:household_visits", args=[place.here[0].code]))
    assert number.status_code == 200


def test_who_sees_no_households_sees_numbers_alone(place: Place) -> None:
    _user, visit = visited(place, problems=(Trouble("water", "断水了"),))
    client = signed_in(place.user("assessor"))
    answer = client.get(reverse("duties:visit_coverage") + f"?area={place.county.code}")
    assert answer.status_code == 200
    for name in ("visits", "visit_problems"):
        answer = client.get(reverse(f"duties:{name}") + f"?area={place.county.code}")
        assert answer.status_code == 403, name
        assert "断水了" not in answer.content.decode()
    assert client.get(reverse("duties:visit", args=[visit.number])).status_code == 404
    number = VisitProblem.objects.get().pk
    assert client.get(reverse("duties:visit_problem", args=[number])).status_code == 404


def test_by_programs(place: Place) -> None:
    term = assigned("甲", household=place.here[0])
    clerk = place.clerk("township")
    grants, may = [each.pk for each in grants_of(clerk)], [each.name for each in tokens.offered(clerk)]
    secret = tokens.make_token(clerk, "t", grants=grants, permissions=may, days=1)[1]
    client, headers = Client(), {"Authorization": f"Bearer {secret}"}
    address = reverse("api:record_visit", args=[place.here[0].code])
    body: dict[str, Any] = {
        "day": today().isoformat(), "said": "药费太贵", "problems": [{"sort": "water", "text": "断水"}],
        "key": "a" * 32, "officials": [term.official_id],
    }  # fmt: skip

    def post(where: str, sent: dict[str, Any]) -> HttpResponse:
        return client.post(where, sent, content_type="application/json", headers=headers)

    for expected in (False, True):
        made = post(address, body)
        assert made.status_code == 201, made.content
        assert json.loads(made.content)["again"] is expected
    assert Visit.objects.count() == 1
    for wrong in ({"day": "2999-01-01"}, {"day": "0001-01-01"}, {"sort": "x"}, {"officials": [10**30]}, {"key": "x"}):
        assert post(address, {**body, "key": "", **wrong}).status_code in {400, 422}, wrong
    assert post(reverse("api:record_visit", args=[place.there[0].code]), body).status_code == 404
    listed = reverse("api:visits_of_household", args=[place.here[0].code])
    assert client.get(listed, headers=headers).json()[0]["said"] is None  # a class that is not open to the clerk
    asked = {"area": place.county.code}
    found = client.get(reverse("api:visit_coverage"), asked, headers=headers).json()
    assert found["duties"][0]["done"] == 1
    other = client.get(reverse("api:visit_coverage"), {"area": place.other.code}, headers=headers)
    assert other.status_code == 404
    problems = client.get(reverse("api:visit_problems"), asked, headers=headers).json()
    assert [each["text"] for each in problems] == ["断水"]
