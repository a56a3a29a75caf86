"""Folders of seals at an address: a local folder, or S3-type storage through fsspec. Nothing is ever written there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tuopin.core.snapshot import MANIFEST
from tuopin.platform.problems import DISK_FULL, Problem, disk_is_full

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMES = frozenset({"file", "memory", "s3"})
"""What an address may begin with. ``memory`` holds within one process: for tests."""
MOST_MANIFEST = 64 << 20
_PIECE = 1 << 20
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


class Folder:
    """The folder that holds an instance's seals, one folder a number. Raises Problem for an address that is none, and
    for storage that does not answer."""

    def __init__(self, address: str) -> None:
        import fsspec  # what it brings is loaded only where folders are read

        self.address = _checked(address)
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.address)
        except ImportError as error:
            raise Problem(
                "storage_not_installed",
                f"读取 {urlsplit(address).scheme} 地址需要另装组件：pip install 'tuopin[s3]'。",
                f"Reading {urlsplit(address).scheme} addresses needs a package of its own: pip install 'tuopin[s3]'.",
            ) from error
        except (OSError, ValueError) as error:
            raise self._silent() from error

    def numbers(self) -> list[int]:
        """The numbers of the seals that lie there, in order; those still being written have no manifest."""
        with self._answers():
            self._files.invalidate_cache()
            found = self._files.ls(self._root, detail=False)
            names = [str(each).rstrip("/").rsplit("/", 1)[-1] for each in found]
            numbers = sorted(int(name) for name in names if _NUMBER.fullmatch(name))
            return [each for each in numbers if self._files.exists(self._path(each, MANIFEST))]

    def manifest(self, number: int) -> bytes:
        """The bytes of a seal's manifest. Raises Problem where it is not there or larger than a manifest can be."""
        with self._answers(number):
            # no pipe or device that somebody linked there: reading it would never end
            size = self._files.size(self._path(number, MANIFEST))
            if size == 0:
                raise self._silent()
            data: bytes = self._files.cat_file(self._path(number, MANIFEST), start=0, end=MOST_MANIFEST + 1)
        if len(data) > MOST_MANIFEST:
            raise Problem(
                "seal_manifest_too_large",
                f"封存 {number} 的清单过大，不予读取。",
                f"The manifest of seal {number} is larger than any manifest: it is not read.",
            )
        return data

    def copy(self, number: int, file: str, to: Path, size: int) -> str:
        """Copy a file of a seal and return the SHA-256 of what was copied; '' for one that is not of this many bytes,
        of which no more is copied. Raises Problem where it is not there."""
        digest = hashlib.sha256()
        source = self._path(number, file)
        with self._answers(number, file):
            if self._files.size(source) != size:
                return ""
        with self._answers(number, file), self._files.open(source, "rb") as there, to.open("wb") as here:
            while piece := there.read(_PIECE):
                if (size := size - len(piece)) < 0:
                    return ""
                digest.update(piece)
                here.write(piece)
        return digest.hexdigest()

    def _path(self, number: int, file: str) -> str:
        return f"{self._root.rstrip('/')}/{int(number)}/{file}"

    def _answers(self, number: int | None = None, file: str = MANIFEST) -> Any:
        return _Answers(self, number, file)

    def _silent(self) -> Problem:
        return Problem(
            "seals_unreachable",
            f"读不到 {self.address}。请检查地址、网络和权限。",
            f"{self.address} cannot be read. Check the address, the network and the rights.",
            address=self.address,
        )


class _Answers:
    """Turns what storage raises into a Problem that names the seal and the file; never its own text, which may quote
    keys."""

    def __init__(self, folder: Folder, number: int | None, file: str) -> None:
        self._folder, self._number, self._file = folder, number, file

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, Problem) or not isinstance(error, Exception):
            return
        if disk_is_full(error):  # here, where the copies go: nothing is wrong there
            raise DISK_FULL from None
        if isinstance(error, FileNotFoundError) and self._number is not None:
            raise Problem(
                "seal_file_missing",
                f"{self._folder.address} 的封存 {self._number} 缺文件 {self._file}。",
                f"Seal {self._number} at {self._folder.address} lacks the file {self._file}.",
                file=self._file,
            ) from None
        raise self._folder._silent() from None


def _checked(address: str) -> str:
    """An address as it may stand in the database: a known scheme, no account and no key in it."""
    given = address.strip()
    parts = urlsplit(given)
    # "::" chains storages: file::http://… would ask a server of anybody's choice
    known = (not parts.scheme or parts.scheme in SCHEMES) and "::" not in given
    if not given or len(given) > 500 or not known or parts.query or parts.fragment or any(c < " " for c in given):
        raise Problem(
            "bad_address",
            "地址应为文件夹，或 file:// 、s3:// 开头。",
            "The address must be a folder, or begin with file:// or s3://.",
        )
    if "@" in parts.netloc:
        raise Problem(
            "secret_in_address",
            "地址里不要写账号和密钥：请放在环境变量（AWS_ACCESS_KEY_ID 等）里。",
            "No account or key in the address: put them into the environment (AWS_ACCESS_KEY_ID and so on).",
        )
    return given if parts.scheme else str(Path(given).expanduser().resolve())


def pieces(path: Path) -> Iterator[bytes]:
    """A local file, a piece at a time."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def digest_of(path: Path) -> str:
    """SHA-256 of a local file."""
    digest = hashlib.sha256()
    for piece in pieces(path):
        digest.update(piece)
    return digest.hexdigest()
