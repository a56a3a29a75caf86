"""``tuopin serve``: it answers, chains the audit log meanwhile, and ends when told to."""

from __future__ import annotations

import signal
import socket
import time
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    from installation import Installation


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_serves_tends_and_ends(installed: Installation) -> None:
    port = str(_free_port())
    installed.run("audit", "head")
    server = installed.start("serve", "--port", port)
    try:
        assert server.stderr is not None
        assert server.stderr.readline().strip() == f"http://127.0.0.1:{port}"
        with urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=60) as response:
            assert "登录" in response.read().decode()
        with urlopen(f"http://127.0.0.1:{port}/static/platform/tuopin.css", timeout=60) as response:
            assert response.headers["Content-Type"].startswith("text/css")
        assert "Cannot listen" in installed.run("serve", "--port", port, expect=2)
        installed.run(
            code="""
from tuopin.platform.accounts import services as accounts
from tuopin.platform.access import local_admin
accounts.add_user(local_admin(), "liwei")
"""
        )
        count = "from tuopin.platform.models import AuditPending\nprint(AuditPending.objects.count())"
        end = time.monotonic() + 30
        while installed.run(code=count).strip() != "0":
            assert time.monotonic() < end, "nobody chained the entry"
    finally:
        server.send_signal(signal.SIGTERM)
        _out, err = server.communicate(timeout=600)
    assert server.returncode == 0, err


def test_a_worker_ends_when_told_to(installed: Installation) -> None:
    installed.run("audit", "head")
    worker = installed.start("work")
    assert worker.stderr is not None
    assert "Waiting" in worker.stderr.readline()
    worker.send_signal(signal.SIGTERM)
    _out, err = worker.communicate(timeout=600)
    assert (worker.returncode, err) == (0, "")
