"""What both have signed is replaced by both, or with a third's word; words are judged by a third, by a document."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from officials import assigned
from people import account, signed_in
from rooms.duties.commitments_city import Promises, outcome
from rooms.duties.headquarters_city import DAY, TODAY
from tuopin.duties.commitments import agreeing, judging, services
from tuopin.duties.commitments.models import (
    CommitmentJudgement,
    CommitmentReplacement,
    CommitmentSignature,
    CommitmentState,
)
from tuopin.duties.commitments.services import Target
from tuopin.duties.models import Official
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import AuditEntry, User
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.duties.commitments.models import Commitment
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db

WORDS = Target("words", DAY(2018, 9, 30), words="群众认可")
LATE = DAY(2018, 10, 1)


@pytest.fixture
def city() -> Promises:
    return Promises()


def signs(row: Commitment, *sides: str, by: User | None = None) -> None:
    actor = actor_for(by) if by else local_admin()
    services.sign_on_paper(actor, [row.pk], sides, day=TODAY, reference="档案", today=TODAY)


def state(row: Commitment) -> str:
    return CommitmentState.objects.get(pk=row.pk).outcome


def clerk(city: Promises) -> Actor:
    """The clerk of the county's office: made once."""
    found = User.objects.filter(username="county-clerk").first()
    return actor_for(found) if found is not None else city.clerk()


def refused(code: str, problem: pytest.ExceptionInfo[Problem]) -> None:
    assert problem.value.code == code


def test_one_side_alone_replaces_nothing(city: Promises) -> None:
    old = city.signed()
    new = city.made(supersedes=old.pk, reason="目标调低")
    assert state(old) == "ahead", "a draft binds nobody, and frees nobody"
    signs(new, "inferior")
    assert state(old) == "ahead"
    signs(new, "superior")
    assert (state(old), state(new)) == ("superseded", "ahead")
    [kept] = CommitmentReplacement.objects.all()
    assert (kept.commitment_id, kept.by_id, kept.how) == (old.pk, new.pk, "both")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM duties_commitment_replacement")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE duties_commitment_replacement SET how = 'third'")


def test_drafts_between_do_not_free_from_what_was_signed(city: Promises) -> None:
    old = city.signed()
    first = city.made(supersedes=old.pk, reason="一")
    second = city.made(supersedes=first.pk, reason="二")
    assert (state(old), state(first)) == ("ahead", "superseded")
    signs(second, "superior", "inferior")
    assert (state(old), state(second)) == ("superseded", "ahead")
    assert dict(CommitmentReplacement.objects.values_list("commitment_id", "how")) == {
        first.pk: "unsigned",
        old.pk: "both",
    }


def test_a_side_records_nobody_else_s_signature(city: Promises) -> None:
    row = city.made()
    user = account("chief", "county", city.county.code)
    Official.objects.filter(pk=city.chief).update(user=user)
    with pytest.raises(Refused) as problem:
        signs(row, "superior", by=user)
    refused("not_for_the_other", problem)
    with pytest.raises(Refused):
        signs(row, "superior", "inferior", by=user)
    signs(row, "inferior", by=user)
    assert CommitmentState.objects.get(pk=row.pk).signed == 2


def test_other_people_need_the_word_of_a_third(city: Promises) -> None:
    old = city.signed()
    heir = assigned("赵县长", "县政府", role="first_responsible", area_id=city.county.area_id,
                    valid_from=DAY(2018, 6, 1), valid_to=DAY(2018, 6, 2)).official_id  # fmt: skip
    new = city.made(supersedes=old.pk, reason="县长调整", inferior_id=heir)
    with pytest.raises(Problem) as problem:
        agreeing.agree(clerk(city), new.pk, reason="换人", today=TODAY)
    refused("nothing_to_agree", problem)
    signs(new, "superior", "inferior")
    assert (state(old), state(new)) == ("ahead", "ahead"), "the first pair has agreed to nothing"
    for who in (city.chief, heir):
        side = account(f"side{who}", "county", city.county.code)
        Official.objects.filter(pk=who).update(user=side)
        with pytest.raises(Refused) as problem:
            agreeing.agree(actor_for(side), new.pk, reason="换人", today=TODAY)
        refused("is_a_side", problem)
    with pytest.raises(Problem) as problem:
        agreeing.agree(clerk(city), new.pk, reason=" ", today=TODAY)
    refused("no_text", problem)
    away = actor_for(account("away", "county", city.other.code))
    with pytest.raises(Missing):
        agreeing.agree(away, new.pk, reason="换人", today=TODAY)
    with pytest.raises(Problem) as problem:
        agreeing.agree(clerk(city), new.pk, reason="换人", today=LATE)
    refused("due_already", problem)
    assert agreeing.agree(clerk(city), new.pk, reason="县长调整，组织决定", today=TODAY) == old.pk
    assert state(old) == "superseded"
    [kept] = CommitmentReplacement.objects.all()
    assert (kept.how, kept.reason) == ("third", "县长调整，组织决定")
    assert AuditEntry.objects.get(action="duties.agree_commitment").digest == new.digest
    with pytest.raises(Problem):
        agreeing.agree(clerk(city), new.pk, reason="再来", today=TODAY)


def test_a_draft_from_before_does_not_wash_a_promise_whose_day_is_over(city: Promises) -> None:
    old = city.signed()
    new = city.made(supersedes=old.pk, reason="改", due=DAY(2018, 12, 31))
    with pytest.raises(Problem) as problem:
        services.sign_on_paper(local_admin(), [new.pk], services.SIDES, day=TODAY, reference="x", today=LATE)
    refused("due_already", problem)
    assert outcome(old, LATE) != "superseded"


# -- words --------------------------------------------------------------------------------------------------------


def judged(city: Promises, row: Commitment, *, met: bool = True, **change: Any) -> None:
    given: dict[str, Any] = {"day": TODAY, "reason": "测评报告", "reference": "档案 2 号", "today": LATE}
    judging.judge(clerk(city), row.pk, 1, met, **(given | change))


def test_words_are_judged_by_a_third_with_a_document(city: Promises) -> None:
    row = city.signed(targets=(WORDS,))
    assert outcome(row, TODAY) == "ahead"
    assert outcome(row, LATE) == "unknown", "nobody has said anything"
    judged(city, row)
    assert state(row) == "honoured"
    judged(city, row, met=False, reason="复核不符")
    assert state(row) == "broken", "the newest counts"
    assert CommitmentJudgement.objects.count() == 2, "both are kept"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE duties_commitment_judgement SET met = %s", [True])
    assert AuditEntry.objects.filter(action="duties.judge_commitment").count() == 2


def test_figures_alone_do_not_honour_what_holds_words(city: Promises) -> None:
    city.statuses(*["exited"] * 6)
    row = city.signed(targets=(Target("figure", DAY(2018, 9, 30), "unexited", value=0), WORDS))
    assert outcome(row, LATE) == "unknown"
    judging.judge(clerk(city), row.pk, 2, True, day=TODAY, reason="测评", reference="档案", today=LATE)
    assert state(row) == "honoured"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reference": ""}, "no_evidence"),
        ({"reason": ""}, "no_text"),
        ({"reason": "长" * 501}, "bad_text"),
        ({"day": DAY(2018, 10, 2)}, "in_future"),
        ({"day": DAY(1, 1, 1)}, "bad_date"),
        ({"today": DAY(2018, 9, 30)}, "not_to_judge"),
    ],
)
def test_a_judgement_that_is_wrong_is_refused(city: Promises, change: dict[str, Any], code: str) -> None:
    row = city.signed(targets=(WORDS,))
    with pytest.raises(Problem) as problem:
        judged(city, row, **change)
    refused(code, problem)
    assert not CommitmentJudgement.objects.exists()


def test_no_side_judges_the_own_promise_and_nobody_judges_what_does_not_bind(city: Promises) -> None:
    row = city.signed(targets=(WORDS,))
    for at, who in enumerate((city.chief, city.boss)):
        side = account(f"side{at}", "county", city.county.code)
        Official.objects.filter(pk=who).update(user=side)
        with pytest.raises(Refused):
            judging.judge(actor_for(side), row.pk, 1, True, day=TODAY, reason="好", reference="x", today=LATE)
    with pytest.raises(Problem) as problem:
        judged(city, city.made(targets=(WORDS,)))
    refused("not_to_judge", problem)
    away = actor_for(account("away", "county", city.other.code))
    with pytest.raises(Missing):
        judging.judge(away, row.pk, 1, True, day=TODAY, reason="好", reference="x", today=LATE)
    with pytest.raises(Missing):
        judging.judge(clerk(city), row.pk, 9, True, day=TODAY, reason="好", reference="x", today=LATE)


def test_both_acts_on_the_page(city: Promises) -> None:
    row = city.signed(targets=(WORDS,))
    client = signed_in(city.user())
    page = f"/duties/commitments/{row.pk}/"
    assert "登记核定" in client.get(page).content.decode()
    paper = SimpleUploadedFile("测评.pdf", b"%PDF-1.4 told")
    given = {"do": "judge", "target": "1", "met": "yes", "day": "2018-10-08", "reason": "<i>测评</i>", "paper": paper}
    for wrong, status in (
        ({"met": "maybe"}, 400),
        ({"target": "9" * 30}, 404),
        ({"target": "9"}, 404),
        ({"day": "0000-00-00"}, 400),
    ):
        assert client.post(page, given | {"paper": "", "reference": "x"} | wrong).status_code == status
    assert client.post(page, given).status_code == 302
    shown = client.get(page).content.decode()
    assert "&lt;i&gt;测评" in shown
    name = shown.split(f"{page}papers/")[1].split('"')[0]
    assert b"".join(client.get(f"{page}papers/{name}").streaming_content) == b"%PDF-1.4 told"  # type: ignore[attr-defined]
    assert client.post(page, {"do": "agree", "reason": "x"}).status_code == 400
    away = signed_in(account("away", "county", city.other.code))
    assert away.post(page, given | {"paper": "", "reference": "x"}).status_code == 404


# -- at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_last_signature_and_another_draft_at_once(city: Promises) -> None:
    """Either the draft comes first and nobody signs the old one any more, or the signature does and it binds: never one
    that both have signed and that a draft alone has replaced."""
    row = city.made()
    signs(row, "superior")
    start = threading.Barrier(2)

    def attempt(act: Callable[[], object]) -> str:
        try:
            start.wait()
            act()
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "done"

    acts = (lambda: signs(row, "inferior"), lambda: city.made(supersedes=row.pk, reason="改"))
    with ThreadPoolExecutor(2) as pool:
        signing, drafting = [each.result() for each in [pool.submit(attempt, act) for act in acts]]
    assert drafting == "done"
    replaced = CommitmentReplacement.objects.filter(commitment=row).exists()
    signed = CommitmentSignature.objects.filter(commitment=row).count()
    assert (signing, replaced, signed) in {("done", False, 2), ("superseded_already", True, 1)}
    assert state(row) == ("superseded" if replaced else "ahead")
