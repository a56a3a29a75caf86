"""``tuopin serve`` and ``tuopin work``"""

from __future__ import annotations

import signal
import socket
import threading
from typing import Any

import click

from tuopin.platform.cli import say


@click.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="监听地址。 Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口。 Port.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="网页进程数。 Web processes.")
@click.option("--no-jobs", is_flag=True, help="不在本进程处理任务（另有 tuopin work）。 Leave jobs to `tuopin work`.")
def serve(address: str, port: int, workers: int, no_jobs: bool) -> None:
    """启动网站。 Serve the site; jobs run in the same process."""
    import multiprocessing

    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces
    from granian.errors import ConfigurationError

    from tuopin.platform.problems import Problem
    from tuopin.platform.worker import start

    _refuse_taken(address, port)
    # Web processes are started anew, not forked: a fork would copy the threads' locks as they happen to stand.
    multiprocessing.set_start_method("spawn", force=True)
    stop = threading.Event()
    threads = [] if no_jobs else start(stop)
    server = Granian(
        "tuopin.platform.wsgi:application", address=address, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=4, log_enabled=False, respawn_failed_workers=True, backlog=256,
    )  # fmt: skip
    threading.Thread(target=_tell, args=(address, port, stop), daemon=True).start()
    connections.close_all()
    try:
        server.serve()
    except ConfigurationError as error:
        raise Problem("bad_server", "服务器参数不正确。", "The server's settings are wrong.") from error
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=10)


def _tell(address: str, port: int, stop: threading.Event) -> None:
    """Print the address once something answers there, so that whoever reads it can go there at once."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - compared, not bound
    while not stop.wait(0.1):
        try:
            socket.create_connection((shown, port), timeout=1).close()
        except OSError:
            continue
        click.echo(f"http://{f'[{shown}]' if ':' in shown else shown}:{port}", err=True)
        return


def _refuse_taken(address: str, port: int) -> None:
    """Say so if something listens there already, instead of failing somewhere inside the server."""
    from tuopin.platform.problems import Problem

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise Problem(
                "address_taken",
                f"无法监听 {address}:{port}：可能已有程序占用。请换一个端口（--port）或先停掉它。",
                f"Cannot listen on {address}:{port}: something may be there already. Use another --port or stop it.",
            ) from error


@click.command()
@click.option("--until-empty", is_flag=True, help="任务做完即退出。 End when no job is due.")
def work(until_empty: bool) -> None:
    """处理排队的任务。 Do queued jobs, in a process of their own."""
    from tuopin.platform import worker

    stop = threading.Event()

    def end(*_signal: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if until_empty:
        done = worker.work(stop, until_empty=True)
        say(f"处理了 {done} 个任务。", f"{done} jobs done.")
        return
    say("等待任务。Ctrl-C 结束。", "Waiting for jobs. Ctrl-C ends.")
    tending = threading.Thread(target=worker.tend, args=(stop,), daemon=True)
    tending.start()
    worker.work(stop)
    tending.join(timeout=10)
