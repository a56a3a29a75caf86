"""Who is who, beside the facts of a seal and no part of its proof: encrypted, to be shortened or destroyed alone.

``identities/key.json`` names the folder that counts and holds the seal's own key, wrapped by the key of this
installation (``keys/identity_key``): without the one or the other nobody reads them again. Files are Arrow streams in
pieces under AES-256-GCM; a piece that was changed, moved, cut off or put in from elsewhere does not open.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tuopin.core.snapshot import IDENTITIES, folder_name, runs
from tuopin.platform.auditing.signing import write_whole
from tuopin.platform.home import home, keep_secret
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

KEY_FILE = "identity_key"
_MAGIC = b"TPID1\n"
_PIECE = 1 << 20
_TAG = 16
_KEY = "key.json"


def _unreadable() -> Problem:
    return Problem(
        "identities_unreadable",
        "封存的身份资料打不开：密钥不是本机的，或文件被改动。封存的事实数据不受影响。",
        "The sealed identities cannot be opened: the key is not this machine's, or a file was changed. The sealed facts"
        " are not affected.",
    )


def _own() -> AESGCM:
    made = base64.urlsafe_b64encode(secrets.token_bytes(32))
    return AESGCM(base64.urlsafe_b64decode(keep_secret(home() / "keys" / KEY_FILE, made)))


class Vault:
    """The identities of one seal. A new one has a key of its own; :meth:`open` finds the key of one that is there."""

    def __init__(self, seal: Path, number: int, *, folder: str = "", key: bytes = b"", erased: Any = ()) -> None:
        self._seal, self._number = seal, number
        self._folder = folder or secrets.token_hex(4)
        self._key = key or secrets.token_bytes(32)
        self.erased: list[dict[str, Any]] = list(erased)
        """What was erased since, as it may be told: when, and how many persons and households."""

    @property
    def place(self) -> Path:
        return self._seal / IDENTITIES / self._folder

    @classmethod
    def open(cls, seal: Path, number: int) -> Vault | None:
        """The identities of a seal; None if there are none (any more). Raises Problem for a key that is not ours."""
        document = about(seal)
        if document is None:
            return None
        try:
            wrapped = base64.b64decode(document["key"])
            key = _own().decrypt(wrapped[:12], wrapped[12:], f"seal:{number}".encode())
            return cls(seal, number, folder=_name(document["folder"]), key=key, erased=document["erased"])
        except (InvalidTag, ValueError, KeyError, TypeError) as error:
            raise _unreadable() from error

    def keep(self) -> None:
        """Write the key, wrapped: from now on this folder is the one that counts. What lay there before goes."""
        nonce = secrets.token_bytes(12)
        wrapped = nonce + _own().encrypt(nonce, self._key, f"seal:{self._number}".encode())
        document = {"folder": self._folder, "key": base64.b64encode(wrapped).decode(), "erased": self.erased}
        for folder in (self.place.parent, self.place):
            folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(self._seal / IDENTITIES / _KEY, orjson.dumps(document))
        for other in (self._seal / IDENTITIES).iterdir():
            if other.is_dir() and other.name != self._folder:
                shutil.rmtree(other, ignore_errors=True)

    # -- rows -----------------------------------------------------------------------------------------------------

    def write(self, table: str, reader: pa.RecordBatchReader) -> int:
        """Write a table by county; ``reader``: a column ``county`` first, rows sorted by it. Returns the rows."""
        rest = pa.schema(list(reader.schema)[1:])
        county, rows = None, 0
        sink: _Sink | None = None
        stream: Any = None
        try:
            for batch in reader:
                for here, slice_ in runs(batch):
                    if here != county:
                        _close(stream, sink)
                        county, sink = here, _Sink(self._created(here, table), self._key, self._aad(here, table))
                        stream = pa.ipc.new_stream(sink.arrow, rest, options=_options())
                    stream.write_batch(slice_)
                    rows += slice_.num_rows
            _close(stream, sink)
            sink = None
        finally:
            if sink is not None:
                sink.drop()
        return rows

    def tables(self) -> Iterator[tuple[str, str]]:
        """(folder of the county, table) of every file."""
        for path in sorted(self.place.glob("*/*.enc")):
            yield path.parent.name, path.stem

    @contextmanager
    def rows(self, county: str, table: str) -> Iterator[pa.RecordBatchReader]:
        """The rows of one file; ``county`` is the name of its folder. Raises Problem where it does not open."""
        with (self.place / county / f"{table}.enc").open("rb") as file:
            plain = _pieces(file, self._key, self._aad(county, table, named=True))
            try:
                yield pa.ipc.open_stream(pa.BufferReader(b"".join(plain)))
            except pa.ArrowInvalid as error:
                raise _unreadable() from error

    def without(self, gone: Mapping[str, Collection[int]], note: dict[str, Any]) -> int:
        """Write all of it again under a new key without some subjects (table → ids); the former key and files go.
        Returns how many rows went. Cut off at any point, either the old or the new is there, whole."""
        new = Vault(self._seal, self._number, erased=[*self.erased, note])
        removed = 0
        for county, table in self.tables():
            with self.rows(county, table) as reader:
                whole = reader.read_all()
            ids = pa.array(sorted(gone.get(table, ())), pa.int64())
            left = whole.filter(pc.invert(pc.is_in(whole.column(0), value_set=ids)))
            removed += whole.num_rows - left.num_rows
            sink = _Sink(new._created(county, table, named=True), new._key, new._aad(county, table, named=True))
            stream = pa.ipc.new_stream(sink.arrow, left.schema, options=_options())
            stream.write_table(left)
            _close(stream, sink)
        new.keep()
        return removed

    def _aad(self, county: str, table: str, *, named: bool = False) -> bytes:
        return f"{self._number}/{county if named else folder_name(county)}/{table}".encode()

    def _created(self, county: str, table: str, *, named: bool = False) -> IO[bytes]:
        path = self.place / (county if named else folder_name(county)) / f"{table}.enc"
        for folder in (self.place.parent, self.place, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def about(seal: Path) -> dict[str, Any] | None:
    """What stands beside the key of a seal's identities; None if they are gone."""
    try:
        document = orjson.loads((seal / IDENTITIES / _KEY).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except orjson.JSONDecodeError as error:
        raise _unreadable() from error
    if not isinstance(document, dict):
        raise _unreadable()
    return document


def there(seal: Path) -> bool:
    """Whether a seal still has its identities."""
    return (seal / IDENTITIES / _KEY).is_file()


def erased(seal: Path) -> list[dict[str, Any]]:
    """What was erased from a seal's identities: needs no key."""
    try:
        found = (about(seal) or {}).get("erased", [])
    except Problem:
        return []
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def destroy(seal: Path) -> bool:
    """Take away a seal's identities, the key first; whether there were any."""
    there = (seal / IDENTITIES).is_dir()
    (seal / IDENTITIES / _KEY).unlink(missing_ok=True)
    shutil.rmtree(seal / IDENTITIES, ignore_errors=True)
    return there


def _name(folder: Any) -> str:
    if not isinstance(folder, str) or not folder.isalnum():
        raise ValueError("not a folder")
    return folder


def _options() -> pa.ipc.IpcWriteOptions:
    return pa.ipc.IpcWriteOptions(compression="zstd")


def _close(stream: Any, sink: _Sink | None) -> None:
    if sink is not None:
        stream.close()
        sink.finish()


class _Sink:
    """Encrypts what is written, piece by piece. The nonce holds the number of the piece and whether it is the last."""

    def __init__(self, file: IO[bytes], key: bytes, aad: bytes) -> None:
        self._file, self._cipher, self._aad = file, AESGCM(key), aad
        self._prefix = secrets.token_bytes(7)
        self._held, self._count = bytearray(), 0
        self.closed = False
        self._file.write(_MAGIC + self._prefix)
        self.arrow = pa.PythonFile(self, mode="w")

    def write(self, data: Any) -> int:
        self._held += data
        while len(self._held) > _PIECE:  # one piece is held back: the last is known only at the end
            self._put(bytes(self._held[:_PIECE]), last=False)
            del self._held[:_PIECE]
        return len(data)

    def _put(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._prefix, self._count, last=last), plain, self._aad))
        self._count += 1

    def tell(self) -> int:
        return self._count * _PIECE + len(self._held)

    def flush(self) -> None:
        """Pieces are written when they are full."""

    def close(self) -> None:
        """Arrow closes what it writes into; the file is closed by :meth:`finish`."""
        self.closed = True

    def finish(self) -> None:
        self._put(bytes(self._held), last=True)
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())

    def drop(self) -> None:
        self._file.close()


def _pieces(file: IO[bytes], key: bytes, aad: bytes) -> Iterator[bytes]:
    """The plain pieces of a file. Raises Problem where one does not open, or the last is missing."""
    head = file.read(len(_MAGIC) + 7)
    if not head.startswith(_MAGIC):
        raise _unreadable()
    cipher, prefix, count = AESGCM(key), head[len(_MAGIC) :], 0
    piece = file.read(_PIECE + _TAG)
    while piece:
        following = file.read(_PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(prefix, count, last=not following), piece, aad)
        except InvalidTag as error:
            raise _unreadable() from error
        piece, count = following, count + 1
    if not count:
        raise _unreadable()


def _nonce(prefix: bytes, count: int, *, last: bool) -> bytes:
    return prefix + count.to_bytes(4) + bytes([last])
