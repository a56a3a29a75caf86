"""An invented insurance office's list, whose answers are known: who is found, who is proposed, what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuopin.platform.access import local_admin
from tuopin.register.demo import write_city
from tuopin.register.importing.services import import_paths
from tuopin.register.matching import services, store, writing
from tuopin.register.models import DataIssue, MatchPair, Person, PersonCondition

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def codes_of(table: str, run_id: int) -> set[str]:
    ids = [person for (person,) in store.rows(f"select person_id from {store.table(run_id, table)} order by 1")]
    return set(Person.objects.filter(pk__in=ids).values_list("code", flat=True))


def test_every_answer_is_found(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city", counties=2, townships=4, villages=10, households=320)
    import_paths(local_admin(), city.files)
    (answers,) = city.lists
    assert min(len(answers.slips), len(answers.blank), len(answers.old), len(answers.absent), answers.repeated) > 0
    run = services.open_run(
        local_admin(), answers.path, name=answers.path.name, digest="d", kind=answers.kind, as_of=answers.day,
        area=answers.area, complete=True,
    )  # fmt: skip
    services.match(local_admin(), run.pk)
    run.refresh_from_db()

    # by number: exactly these, old numbers too
    assert codes_of("matched", run.pk) == set(answers.matched)
    assert run.counts["rows"] == answers.rows
    assert run.counts["upgraded"] == len(answers.old)
    assert run.counts["repeated"] == answers.repeated
    assert run.counts["not_found"] == answers.outsiders

    # proposed: each with the right person first and the right reason
    best: dict[int, MatchPair] = {}
    for pair in MatchPair.objects.filter(run=run).select_related("person").order_by("-points", "pk"):
        best.setdefault(pair.row, pair)
    found = {pair.person.code: pair for pair in best.values()}
    assert set(found) == set(answers.slips) | set(answers.blank) | set(answers.mended)
    for code, slip in answers.slips.items():
        assert found[code].reasons[0] == f"number_{slip}"
    for code in answers.blank:
        assert found[code].reasons == ["name_equal", "birth_equal", "area_village"]

    # what follows
    for code, pair in found.items():
        if code not in answers.mended:
            services.decide(local_admin(), pair.pk, "yes")
    writing.write(local_admin(), run.pk)
    open_issues = DataIssue.objects.filter(closed_at=None, kind="list_resident_insurance")
    said_no = set(open_issues.filter(code="insured_per_department_not_in_register").values_list("person", flat=True))
    assert said_no >= set(answers.contradicting)
    assert said_no <= set(answers.contradicting) | set(answers.slips) | set(answers.blank)
    missing = set(open_issues.filter(code="insured_in_register_not_on_list").values_list("person", flat=True))
    assert missing == set(answers.absent)
    insured = PersonCondition.objects.filter(superseded_at=None, as_of=answers.day, resident_insurance=True)
    assert set(insured.values_list("person__code", flat=True)) >= set(answers.contradicting)
    lapsed = PersonCondition.objects.filter(superseded_at=None, as_of=answers.day, resident_insurance=False)
    assert set(lapsed.values_list("person__code", flat=True)) == set(answers.absent)
