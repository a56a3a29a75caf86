"""The form of corrections, as a clerk and as somebody hostile."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from rooms.register.correcting.steps import DAY, FORM, fields_of, the, user
from tuopin.platform.access import local_admin
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.models import (
    AreaVersion,
    CorrectedValue,
    Correction,
    HouseholdIncome,
    Person,
    PersonIdentity,
    VillageCondition,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_form_sent_back_untouched_changes_nothing_and_one_value_changes_one(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    page = clerk.get(address)
    html = page.content.decode()
    assert page.status_code == 200
    sent = fields_of(html)
    answer = clerk.post(address, sent | FORM)
    assert answer.status_code == 400
    assert "没有任何改动" in answer.content.decode()
    assert not Correction.objects.exists()
    name = f"h{the()}-wage"
    answer = clerk.post(address, sent | FORM | {name: "1.3万元"})
    assert answer.status_code == 302
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_300_000
    line = CorrectedValue.objects.get()
    assert (line.field, line.old, line.new) == ("wage", "1200000", "1300000")
    html = clerk.get(address).content.decode()
    assert "更正 1 项" in html
    assert "入户核对" in html
    assert "撤销这次更正" in html


def test_closed_classes_are_neither_shown_nor_taken(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    html = clerk.get(address).content.decode()
    assert "resident_insurance" not in html
    assert PersonIdentity.objects.get(person__code="990101").id_number not in html
    key = Person.objects.get(code="990101").pk
    answer = clerk.post(address, fields_of(html) | FORM | {f"p{key}-resident_insurance": "否"})
    assert answer.status_code == 400
    assert not Correction.objects.exists()


def test_faults_are_named_at_their_field_and_nothing_is_written(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    sent = fields_of(clerk.get(address).content.decode())
    name = f"h{the()}"
    answer = clerk.post(address, sent | FORM | {f"{name}-wage": "约一万", f"{name}-house_area": "80"})
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "不是可读的数字" in html
    assert 'value="约一万"' in html
    assert 'value="80"' in html
    assert not Correction.objects.exists()
    assert clerk.post(address, sent | FORM | {"reason": "", f"{name}-wage": "1"}).status_code == 400
    assert clerk.post(address, sent | FORM | {"as_of": "2018-02-30", f"{name}-wage": "1"}).status_code == 400
    assert clerk.post(address, sent | FORM | {"source": "national_export", f"{name}-wage": "1"}).status_code == 400


def test_the_second_clerk_sees_both_values_and_decides(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    sent = fields_of(clerk.get(address).content.decode())
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY))
    name = f"h{the()}-wage"
    answer = clerk.post(address, sent | FORM | {name: "14000"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "local administrator" in html
    assert "13,000.00" in html
    assert "14,000.00" in html
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_300_000
    again = fields_of(html)
    assert f"{name}-now" in again
    kept = clerk.post(address, again | FORM | {name: "14000", f"{name}-decide": "theirs"})
    assert kept.status_code == 400  # nothing is left to change
    taken = clerk.post(address, again | FORM | {name: "14000", f"{name}-decide": "mine"})
    assert taken.status_code == 302
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_400_000


def test_versions_of_others_are_not_looked_into(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    sent = fields_of(clerk.get(address).content.decode())
    theirs = HouseholdIncome.objects.get(household=the("9903")).pk
    answer = clerk.post(address, sent | FORM | {f"h{the()}-seen-household_income": str(theirs)})
    assert answer.status_code in {302, 400, 409}
    assert not Correction.objects.exists()


def test_undo_from_the_history(clerk: Client) -> None:
    act = correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY)).correction
    assert act is not None
    address = f"/register/corrections/{act.pk}/undo/"
    assert clerk.get(address).status_code == 405
    answer = clerk.post(address, {"next": "//evil.example/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/register/corrections/"
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_200_000
    west = correct(local_admin(), [Change("household", the("9903"), "wage", 1)], Why(DAY)).correction
    assert west is not None
    assert clerk.post(f"/register/corrections/{west.pk}/undo/").status_code == 404


def test_a_village_is_corrected(clerk: Client) -> None:
    address = "/register/corrections/village/990101100201/"
    sent = fields_of(clerk.get(address).content.decode())
    key = AreaVersion.objects.get(code="990101100201").area_id
    assert clerk.post(address, sent | FORM | {f"v{key}-population": "401人"}).status_code == 302
    assert VillageCondition.objects.get(superseded_at=None).population == 401
    assert clerk.get("/register/corrections/village/990101101201/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/register/corrections/household/9903/",
        "/register/corrections/household/none/",
        "/register/corrections/household/%00/",
        "/register/corrections/village/990101101201/",
        "/register/corrections/drafts/1/",
        "/register/issues/nonsense/correct/",
    ],
)
def test_outside_and_not_existing_look_alike(clerk: Client, address: str) -> None:
    assert clerk.get(address).status_code == 404
    assert clerk.post(address, FORM).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/register/corrections/", "/register/corrections/household/9901/", "/register/corrections/workbook/",
     "/register/corrections/bulk/households/", "/register/issues/bad_number/correct/"],
)  # fmt: skip
def test_who_may_only_look_may_not_correct(county: None, address: str) -> None:
    client = Client()
    client.force_login(user("viewer", "village", "990101100201"))
    assert client.get(address).status_code == 403
    assert client.post(address, FORM).status_code == 403
    assert client.get("/register/issues/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/register/corrections/household/9901/",
        "/register/corrections/village/990101100201/",
        "/register/corrections/",
        "/register/corrections/workbook/",
        "/register/corrections/bulk/households/",
        "/register/corrections/bulk/persons/",
        "/register/issues/",
        "/register/issues/list/",
        "/register/issues/bad_number/correct/",
    ],
)
def test_pages_ask_little(clerk: Client, address: str, django_assert_max_num_queries: Any) -> None:
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY))
    with django_assert_max_num_queries(20):
        assert clerk.get(address).status_code == 200
