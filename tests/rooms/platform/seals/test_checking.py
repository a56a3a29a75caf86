"""Checking a seal of this installation: bytes, chain, signature, audit log; who is who is told, not judged."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tuopin.core import snapshot
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.auditing import audit, signing
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry, Seal
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.platform.seals import checking, genuine, selectors, services
from tuopin.platform.seals.identities import Vault, destroy
from tuopin.register import models as m

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.register.demo import CitySummary

pytestmark = pytest.mark.django_db(transaction=True)


def codes(number: int = 1) -> list[str]:
    return [fault.code for fault in checking.verify(local_admin(), number).faults]


def a_part(root: Path, number: int = 1) -> Path:
    manifest = snapshot.read(root / str(number))
    (part, *_) = (part for part in manifest.parts("register_household_income") if part.county != "-")
    return root / str(number) / part.file


def forge(root: Path, number: int, *, signed: bool = True, **changes: Any) -> None:
    """Alter a manifest, and sign it with the key of this installation: whoever has the folder of keys could."""
    path = root / str(number) / "manifest.json"
    document = json.loads(path.read_bytes()) | changes
    if signed:
        document["signature"] = genuine.sign(snapshot.canonical(document))
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))


def test_a_sound_seal_is_noted_as_sound(city: CitySummary) -> None:
    services.seal(local_admin())
    services.seal(local_admin())
    for number in (1, 2):
        found = checking.verify(local_admin(), number)
        assert found.sound
        assert found.same_schema
        assert (found.identities, found.erased) == ("present", ())
        row = Seal.objects.get(number=number)
        assert (row.state, row.faults, row.verified_by) == ("sound", [], local_admin().name)
        assert row.verified_at is not None
        assert (found.rows, found.bytes) == (row.rows, row.bytes)
    assert AuditEntry.objects.filter(action="platform.verify_seal", subject="seal:2").exists()


def test_one_changed_byte_is_found_and_noted(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    path = a_part(root)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert codes() == ["changed"]
    row = Seal.objects.get(number=1)
    assert (row.state, row.faults) == ("faulty", [{"code": "changed", "file": path.relative_to(root / "1").as_posix()}])
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert codes() == []
    assert Seal.objects.get(number=1).state == "sound"


def test_a_file_of_an_older_seal_is_found(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    m.HouseholdIncome.objects.update(wage=1)
    services.seal(local_admin())
    path = a_part(root, 2)
    shutil.copy(a_part(root, 1), path)
    assert codes(2) == ["changed"]
    path.unlink()
    assert codes(2) == ["missing"]


def test_an_altered_manifest_is_found_even_with_the_right_signature(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    kept = (root / "1" / "manifest.json").read_bytes()
    forge(root, 1, signed=False, data_version=99)
    assert codes() == ["manifest_altered", "not_genuine", "entry_differs"]
    (root / "1" / "manifest.json").write_bytes(kept)
    forge(root, 1, data_version=99)
    assert codes() == ["manifest_altered", "entry_differs"]
    Seal.objects.update(digest=snapshot.read(root / "1").digest)
    assert codes() == ["entry_differs"], "the audit log knows better than the table"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": 7}, "unknown_format"),
        ({"tables": [{"table": "x", "county": "-", "file": "../../keys/secret_key", "rows": 0, "bytes": 0,
                      "sha256": "0" * 64, "columns": []}]}, "bad_path"),
        ({"data_version": "one"}, "bad_manifest"),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_used_is_refused_in_words(
    city: CitySummary, root: Path, changes: dict[str, Any], code: str
) -> None:
    services.seal(local_admin())
    forge(root, 1, **changes)
    assert codes() == [code]
    with pytest.raises(Problem) as caught:
        selectors.manifest_of(local_admin(), 1)
    assert caught.value.code == f"seal_{code}"
    assert caught.value.zh
    assert caught.value.en


def test_the_chain_of_seals_is_checked(city: CitySummary, root: Path) -> None:
    for _ in range(3):
        services.seal(local_admin())
    (root / "2").rename(root / "away")
    assert codes(3) == [], "moved away: the register knows its digest"
    assert checking.verify(local_admin(), 3).document()["previous_away"] is True
    digest = Seal.objects.get(number=2).digest
    Seal.objects.filter(number=2).update(digest="0" * 64)
    assert codes(3) == ["previous_missing"]
    Seal.objects.filter(number=2).update(digest=digest)
    assert codes(2) == ["no_manifest"]
    (root / "away").rename(root / "2")
    forge(root, 2, data_version=99)
    assert codes(3) == ["previous_differs"]
    assert "manifest_altered" in codes(2)
    assert codes(1) == []


def test_the_audit_head_in_the_manifest_is_checked(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    seq, hashed = audit.head()
    for head, code in (
        (signing.sign_head(seq + 100, hashed), "audit_cut"),
        (signing.sign_head(seq, "f" * 64), "audit_differs"),
        (signing.SignedHead(seq, hashed, "0" * 64, "00"), "audit_unsigned"),
    ):
        forge(root, 1, audit={"seq": head.seq, "hash": head.hash, "key": head.key, "signature": head.signature})
        assert code in codes()
    forge(root, 1, audit=None)
    assert "audit_unsigned" in codes()


def test_a_seal_signed_by_a_stranger_is_not_genuine(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    keys = home() / "keys"
    aside = keys.rename(home() / "keys-aside")
    try:
        keys.mkdir()
        assert codes()[0] == "not_genuine"
        (keys / "trusted").mkdir(exist_ok=True)
        for path in (aside / "trusted").glob("*.pem"):
            shutil.copy(path, keys / "trusted")
        assert "not_genuine" not in codes(), "the key of a former installation is trusted"
    finally:
        shutil.rmtree(keys)
        aside.rename(keys)


def test_who_may_check(city: CitySummary) -> None:
    services.seal(local_admin())

    def made(name: str, role: str) -> Any:
        user, _password = accounts.add_user(local_admin(), name, "a-long-password-1", must_change=False)
        accounts.grant_by_code(local_admin(), user, role, "all", "")
        return actor_for(user)

    assert checking.verify(made("auditor", "auditor"), 1).sound
    assert checking.verify(made("assessor", "assessor"), 1).sound
    clerk = made("clerk", "county")
    for call in (lambda: checking.verify(clerk, 1), lambda: selectors.seal(clerk, 1)):
        with pytest.raises(Refused):
            call()
    for number in (0, -1, 2, 2**63, 10**30):
        with pytest.raises(Missing):
            checking.verify(local_admin(), number)


# -- who is who ---------------------------------------------------------------------------------------------------


def names(root: Path, number: int = 1) -> dict[int, str]:
    vault = Vault.open(root / str(number), number)
    assert vault is not None
    found: dict[int, str] = {}
    for county, table in vault.tables():
        with vault.rows(county, table) as reader:
            if table == "register_person":
                found |= {row["id"]: row["name"] for row in reader.read_all().to_pylist()}
    return found


def test_identities_lie_apart_and_encrypted(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    known = dict(m.PersonIdentity.objects.filter(superseded_at=None).values_list("person_id", "name"))
    assert names(root) == known
    content = b"".join(path.read_bytes() for path in (root / "1").rglob("*") if path.is_file())
    assert not [name for name in known.values() if name.encode() in content]
    numbers = m.PersonIdentity.objects.values_list("id_number", flat=True)
    assert not [number for number in numbers if number and number.encode() in content]


def test_without_the_identities_nothing_is_unsound(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    assert destroy(root / "1")
    found = checking.verify(local_admin(), 1)
    assert (found.sound, found.identities) == (True, "absent")
    assert Vault.open(root / "1", 1) is None
    assert not destroy(root / "1")


def test_identities_that_were_touched_or_are_not_ours_do_not_open(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    services.seal(local_admin())
    (path, *_) = sorted((root / "1" / "identities").rglob("register_person.enc"))
    content = path.read_bytes()
    (other, *_) = sorted((root / "2" / "identities").rglob("register_person.enc"))
    for touched in (content[:-1], content[:40] + bytes([content[40] ^ 1]) + content[41:], b"", other.read_bytes()):
        path.write_bytes(touched)
        with pytest.raises(Problem) as caught:
            names(root)
        assert caught.value.code == "identities_unreadable"
    path.write_bytes(content)
    assert checking.verify(local_admin(), 1).sound
    key = home() / "keys" / "identity_key"
    kept = key.read_bytes()
    key.unlink()
    try:
        with pytest.raises(Problem) as caught:
            names(root)
        assert caught.value.code == "identities_unreadable"
        assert checking.verify(local_admin(), 1).sound
    finally:
        key.write_bytes(kept)


def test_a_person_is_erased_from_all_seals_and_the_chain_stays(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    services.seal(local_admin())
    gone = min(names(root))
    house = m.Membership.objects.get(person_id=gone, valid_to=None).household_id
    before = (root / "1" / "identities" / "key.json").read_bytes()
    done = services.erase(
        local_admin(), persons=frozenset({gone}), households=frozenset({house}), document="示扶〔2018〕9号"
    )
    assert done == {"seals": 2, "rows": 4}
    for number in (1, 2):
        assert gone not in names(root, number)
        assert len(names(root, number)) == m.Person.objects.count() - 1
        found = checking.verify(local_admin(), number)
        assert found.sound
        assert [(each["persons"], each["households"]) for each in found.erased] == [(1, 1)]
    entry = AuditEntry.objects.get(action="platform.erase_identities")
    assert json.loads(entry.detail) == {
        "document": "示扶〔2018〕9号", "households": 1, "persons": 1, "rows": 4, "seals": 2,
    }, "not who it was"  # fmt: skip
    folders = [path for path in (root / "1" / "identities").iterdir() if path.is_dir()]
    assert len(folders) == 1, "the former files are gone"
    (root / "1" / "identities" / "key.json").write_bytes(before)
    vault = Vault.open(root / "1", 1)
    assert vault is not None
    assert list(vault.tables()) == [], "the former key opens nothing any more"


def test_an_erasure_says_who_and_why(city: CitySummary) -> None:
    for call, code in (
        ({"document": "1"}, "nobody_named"),
        ({"persons": frozenset({1}), "document": " "}, "no_document"),
    ):
        with pytest.raises(Problem) as caught:
            services.erase(local_admin(), **call)
        assert caught.value.code == code
