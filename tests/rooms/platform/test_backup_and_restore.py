"""Backup and restore: everything comes back, nothing bad comes in, nothing is left half done."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from installation import Done, Installation

PASSPHRASE = "三低于两高于一接近-2018-长口令"
ON_POSTGRESQL = bool(os.environ.get("DATABASE_URL"))


@pytest.fixture
def passphrase(tmp_path: Path) -> str:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n", "utf-8")
    return str(path)


FILL = (["user", "add", "liwei", "--name", "李伟"], ["user", "grant", "liwei", "county", "--all"])
LIST = ["user", "list", "--json"]
VERIFY = ["audit", "verify", "--json"]


def names(done: Done) -> list[str]:
    return [user["username"] for user in done.document["users"]]


@pytest.fixture
def filled(installed: Installation, tmp_path: Path) -> Installation:
    """An installation with a user, a grant and a map, and its backup ``b`` beside it; then another user came."""
    installed.env["BACKUP"] = str(tmp_path / "b")
    (installed.home / "maps").mkdir(parents=True)
    (installed.home / "maps" / "ningling.toml").write_text('x = "村"', "utf-8")
    (installed.home / "packs").mkdir(exist_ok=True)
    (installed.home / "packs" / "given-limits.json").write_text("[]", "utf-8")
    done = installed.commands(*FILL, ["backup", str(tmp_path / "b")], ["user", "add", "zhang"])
    assert [item.status for item in done] == [0, 0, 0, 0]
    (installed.home / "maps" / "later.toml").write_text("", "utf-8")
    (installed.home / "packs" / "given-limits.json").write_text("lost", "utf-8")
    return installed


def leftovers(home: Path) -> list[str]:
    return [path.name for pattern in (".restore-*", "replaced-*", "restore.json") for path in home.glob(pattern)]


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_everything_comes_back_with_replace(filled: Installation, tmp_path: Path) -> None:
    file = str(tmp_path / "b")
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    refused, before, restored, after, sound, _, still = filled.commands(
        ["restore", file], LIST, ["restore", file, "--replace", "--json"], LIST, VERIFY, ["user", "add", "wang"], VERIFY
    )
    assert refused.status == 2
    assert "--replace" in refused.err
    assert names(before) == ["liwei", "zhang"]
    assert names(after) == ["liwei"]
    assert after.document["users"][0]["grants"][0]["role"] == "county"
    assert [path.name for path in (filled.home / "maps").iterdir()] == ["ningling.toml"]
    assert (filled.home / "packs" / "given-limits.json").read_text("utf-8") == "[]"
    assert Path(restored.document["former"]).is_dir()
    assert sound.document["status"] == still.document["status"] == "ok"


def test_restoring_says_in_the_log_what_it_replaced(filled: Installation, tmp_path: Path) -> None:
    former, restored = filled.commands(
        ["audit", "head", "--json"], ["restore", str(tmp_path / "b"), "--replace", "--json"]
    )
    head = restored.document["audit_head"]
    code = (
        "from tuopin.platform.models import AuditEntry\nprint(AuditEntry.objects.get(action='platform.restore').detail)"
    )
    detail = json.loads(filled.run(code=code))
    assert (detail["backup_head"], detail["replaced_head"]) == (head, former.document["anchor"])
    report = filled.document("audit", "verify", "--anchor", head)
    assert (report["status"], report["anchor"]) == ("ok", "found")


@pytest.mark.parametrize("sealed", [False, True])
def test_into_an_empty_home_on_another_machine(
    filled: Installation, tmp_path: Path, passphrase: str, sealed: bool
) -> None:
    extra = ["--passphrase-file", passphrase] if sealed else []
    filled.run("backup", str(tmp_path / "c"), *extra)
    key, secret = ((filled.home / "keys" / name).read_bytes() for name in ("audit_key.pem", "secret_key"))
    with zipfile.ZipFile(tmp_path / "c") as archive:
        contents = [archive.read(name) for name in archive.namelist()]
    assert not [content for content in contents if secret in content or b"PRIVATE KEY" in content]

    filled.env["TUOPIN_HOME"] = str(tmp_path / "elsewhere")
    arguments = ["restore", str(tmp_path / "c"), *extra, *(["--replace"] if ON_POSTGRESQL else [])]
    restored, users, sound = filled.commands(arguments, LIST, VERIFY)
    assert restored.status == 0, restored.err
    assert names(users) == ["liwei", "zhang"]
    assert ((tmp_path / "elsewhere" / "keys" / "audit_key.pem").read_bytes() == key) is sealed
    assert sound.document["status"] == "ok", "the old public key stays trusted"
    for path in (tmp_path / "elsewhere" / "keys").glob("*.*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wrong_passphrase_changes_nothing(filled: Installation, tmp_path: Path, passphrase: str) -> None:
    (tmp_path / "wrong").write_text("not the passphrase at all", "utf-8")
    (tmp_path / "short").write_text("short", "utf-8")
    made, refused, short, users = filled.commands(
        ["backup", str(tmp_path / "c"), "--passphrase-file", passphrase],
        ["restore", str(tmp_path / "c"), "--replace", "--passphrase-file", str(tmp_path / "wrong")],
        ["backup", str(tmp_path / "d"), "--passphrase-file", str(tmp_path / "short")],
        LIST,
    )
    assert (made.status, refused.status, short.status) == (0, 2, 2)
    assert "wrong" in refused.err
    assert not (tmp_path / "d").exists()
    assert names(users) == ["liwei", "zhang"]
    assert not leftovers(filled.home)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _flip(path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = next(name for name in parts if name.startswith(("tuopin.sqlite3", "tables/platform_user")))
        parts[name] = parts[name].replace(b"liwei", b"wewei")

    rewrite(path, change)


def _drop(path: Path) -> None:
    rewrite(path, lambda parts: parts.pop("maps/ningling.toml") and None)


def _climb(path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        manifest["files"]["../evil"] = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
        parts["manifest.json"], parts["../evil"] = json.dumps(manifest).encode(), b"x"

    rewrite(path, change)


def _from_the_future(path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = parts["manifest.json"].replace(b'"format": 1', b'"format": 2')

    rewrite(path, change)


def _no_backup(path: Path) -> None:
    path.write_text("户编号", "utf-8")


HARM = (_truncate, _flip, _drop, _climb, _from_the_future, _no_backup)


def test_a_damaged_backup_changes_nothing(filled: Installation, tmp_path: Path) -> None:
    files = []
    for harm in HARM:
        files.append(tmp_path / harm.__name__)
        shutil.copy(tmp_path / "b", files[-1])
        harm(files[-1])
    before, *refused, missing, after, users = filled.commands(
        ["audit", "head", "--json"],
        *(["restore", str(file), "--replace"] for file in files),
        ["restore", str(tmp_path / "nothing"), "--replace"],
        ["audit", "head", "--json"],
        LIST,
    )
    for done in refused:
        assert done.status == 2, done.err
        assert "cannot be used" in done.err
    assert "no file" in missing.err
    assert after.document == before.document
    assert names(users) == ["liwei", "zhang"]
    assert not leftovers(filled.home)
    assert not (tmp_path / "evil").exists()


def test_a_file_that_goes_meanwhile_stops_no_backup(tmp_path: Path) -> None:
    from tuopin.platform.backup import writing
    from tuopin.platform.backup.manifest import Manifest

    (tmp_path / "there").write_bytes(b"paper")
    manifest = Manifest(version="", created_at="", vendor="sqlite", migrations=[], audit_head="", keys="none")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for name in ("there", "gone"):
            writing._add_file(archive, manifest, tmp_path, tmp_path / name)
        assert archive.namelist() == ["there"]
    assert list(manifest.files) == ["there"]


def test_a_backup_overwrites_no_file(installed: Installation, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("important", "utf-8")
    exists, nowhere = installed.commands(
        ["backup", str(tmp_path / "b")], ["backup", str(tmp_path / "no" / "such" / "folder")]
    )
    assert (exists.status, nowhere.status) == (2, 2)
    assert "already a file" in exists.err
    assert (tmp_path / "b").read_text("utf-8") == "important"


def test_no_restore_under_a_running_program(filled: Installation, tmp_path: Path) -> None:
    running = filled.start(code="import time\nprint('up', flush=True)\ntime.sleep(60)")
    assert running.stdout is not None
    assert running.stdout.readline() == "up\n"
    assert "Stop it first" in filled.run("restore", str(tmp_path / "b"), "--replace", expect=2)
    running.kill()
    running.communicate()
    filled.run("restore", str(tmp_path / "b"), "--replace")


def test_a_backup_while_others_write_is_one_moment(installed: Installation, tmp_path: Path) -> None:
    writer = installed.start(
        code="""
from tuopin.platform.database import write
from tuopin.platform.models import Marker
print("up", flush=True)
for n in range(400):
    with write():
        Marker.objects.create(name=f"a{n}")
        Marker.objects.create(name=f"b{n}")
"""
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "up\n"
    installed.run("backup", str(tmp_path / "b"))
    writer.communicate(timeout=600)
    assert writer.returncode == 0
    installed.run("restore", str(tmp_path / "b"), "--replace")
    count = "print(*(Marker.objects.filter(name__startswith=letter).count() for letter in 'ab'))"
    a, b = installed.run(code="from tuopin.platform.models import Marker\n" + count).split()
    assert a == b


@pytest.mark.parametrize("step", [0, 1, 2, 5, 8])
def test_a_restore_killed_in_its_last_step_is_completed(filled: Installation, tmp_path: Path, step: int) -> None:
    """The swap dies after ``step`` renames; the next command finishes it."""
    code = f"""
import os
from pathlib import Path
from tuopin.platform.access import local_admin
from tuopin.platform.backup import restoring
left, rename = [{step}], Path.rename
def dying(self, target):
    if (restoring.make_home() / restoring.JOURNAL).exists():
        if not left[0]: os._exit(9)
        left[0] -= 1
    return rename(self, target)
Path.rename = dying
restoring.restore(local_admin(), Path({str(tmp_path / "b")!r}), replace=True)
os._exit(9)
"""
    filled.run(code=code, expect=9)
    users, sound = filled.commands(LIST, VERIFY)
    assert names(users) == ["liwei"]
    assert sound.document["status"] == "ok"
    assert not (filled.home / "restore.json").exists()
    assert not list(filled.home.glob(".restore-*"))
    assert [path.name for path in (filled.home / "maps").iterdir()] == ["ningling.toml"]
