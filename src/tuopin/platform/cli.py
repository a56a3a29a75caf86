"""The command line ``tuopin``: rooms add their commands, problems become messages, every command finds a ready home.

A room's ``cli.py`` holds ``commands: list[click.Command]``. Django is set up before it is imported.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import uuid
from typing import TYPE_CHECKING, Any

import click

from tuopin.platform.problems import DISK_FULL, Problem, disk_is_full

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_UNPREPARED = frozenset({"restore"})  # commands that want the data folder as it is


class Rooms(click.Group):
    """The commands of every installed room."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        if self.commands:
            return
        from tuopin.platform.catalogue import rooms_modules
        from tuopin.platform.commands import commands

        for command in commands:
            self.add_command(command)
        for room, module in rooms_modules("cli"):
            if room != "platform":
                for command in module.commands:
                    self.add_command(command)


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tuopin", prog_name="tuopin")
@click.pass_context
def tuopin(context: click.Context) -> None:
    """脱贫攻坚：从工作簿到逐项说明的判定。 From workbooks to explained verdicts."""
    asked_for_help = any(word in {"-h", "--help"} for word in sys.argv[1:])
    if not asked_for_help and context.invoked_subcommand not in _UNPREPARED:
        from tuopin.platform.prepare import prepare

        prepare()


def output(document: Any, as_json: bool, text: str | None = None) -> None:
    """Print a result on stdout: one JSON document, or ``text`` (the document line by line if there is none)."""
    import orjson

    if as_json or text is None:
        options = orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE | (0 if as_json else orjson.OPT_INDENT_2)
        sys.stdout.write(orjson.dumps(document, option=options, default=str).decode())
    else:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def say(zh: str, en: str) -> None:
    """A message to the person at the terminal, on stderr, in the terminal's language."""
    from tuopin.platform.words import terminal_languages

    for language in terminal_languages():
        click.echo(en if language == "en" else zh, err=True)


class Progress:
    """A bar on stderr while work goes on; where stderr is no terminal, nothing. Call it with the work done so far."""

    def __init__(self, title: str, total: int | None = None) -> None:
        self.title, self.total = title, total
        self._shown = -1
        self._live = sys.stderr.isatty()

    def __call__(self, done: int, total: int | None = None) -> None:
        total = total or self.total
        if not self._live:
            return
        step = done * 100 // total if total else done // 1_000
        if step == self._shown:
            return
        self._shown = step
        part = f"{'█' * (step * 30 // 100):░<30} {step:3d} %" if total else f"{done:,}"
        sys.stderr.write(f"\r{self.title} {part}\x1b[K")
        sys.stderr.flush()


@contextlib.contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Progress]:
    """``with progress("导入 import", rows) as bar: bar(done)``; the line is cleared in the end."""
    bar = Progress(title, total)
    try:
        yield bar
    finally:
        if bar._live and bar._shown >= 0:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


json_option = click.option(
    "--json", "as_json", is_flag=True, help="只输出一个 JSON 文档。 Print one JSON document only."
)


def writable[P: (str, Path)](_context: click.Context, _parameter: click.Parameter, path: P | None) -> P | None:
    """Callback of options that name a file to write: refuses (exit 2) before the work is done, not after."""
    if path is not None and not os.access(path if os.path.exists(path) else os.path.dirname(path) or ".", os.W_OK):  # noqa: PTH110, PTH120 - start-up without pathlib
        raise click.BadParameter(f"{path}：目录不存在或不可写。 The folder does not exist or cannot be written.")
    return path


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: run a command and leave the process with its exit status."""
    status = run(arguments)
    _hang_up()
    sys.exit(status)


def _hang_up() -> None:
    """Close this thread's connections, where the settings were good enough to open any."""
    from django.apps import apps
    from django.db import connections

    if apps.ready:
        for connection in connections.all(initialized_only=True):
            connection.close()


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command: 0 done, 1 a fault of the program (with a number), 2 a problem or a wrong call, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        _set_up()
        try:
            result = tuopin.main(list(arguments) if arguments is not None else None, "tuopin", standalone_mode=False)
        finally:
            _finish()
    except Problem as problem:
        _show(problem)
        return 2
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("已中断。", "Interrupted.")
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - nothing else may be flushed into the pipe
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost frame: everything else is a fault of the program
        if disk_is_full(error):
            _show(DISK_FULL)
            return 2
        return _fault(error)
    return result if isinstance(result, int) else 0


def _set_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    try:
        django.setup()
    except ValueError as error:
        if "DATABASE_URL" in str(error):
            raise Problem(
                "bad_database_url",
                "DATABASE_URL 应写作 postgresql://用户@主机/库名；使用 SQLite 时请不要设置。",
                str(error),
            ) from error
        raise


def _finish() -> None:
    """Chain what the command wrote into the audit log, and take in the read log, if there is a database at all."""
    from tuopin.platform.commands import settle

    settle()


def _show(problem: Problem) -> None:
    from tuopin.platform.words import terminal_languages

    for language in terminal_languages():
        click.echo(f"{'Error' if language == 'en' else '错误'}: {problem.text(language)}", err=True)


def _fault(error: Exception) -> int:
    """Name the place in the program, not the text of the exception: it may quote a person's data."""
    from tuopin.platform.logs import places

    number = uuid.uuid4().hex[:12]
    say(
        f"程序内部错误，编号 {number}。数据未作未完成的改动。",
        f"Internal error, number {number}. Nothing is left half done.",
    )
    logging.getLogger("tuopin.platform").error("error %s\n%s", number, places(error))
    return 1


if __name__ == "__main__":
    main()
