"""What every test shares: a data folder of its own, the database, Hypothesis profiles and a browser.

The database is SQLite in that folder, or the server named by DATABASE_URL (script/test runs rooms and flows on both).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import django
import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.base.creation import BaseDatabaseCreation
    from playwright.sync_api import Browser, Page, Route

# Before the settings are imported, which read both: so they stand here and not in pyproject.toml, where pytest-django
# would import the settings before this file. Each worker of pytest-xdist gets a folder of its own.
HOME = Path(tempfile.mkdtemp(prefix="tuopin-test-home-"))
os.environ["TUOPIN_HOME"] = str(HOME)
os.environ["TUOPIN_SECOND_FACTOR_ROLES"] = "none"  # accounts of tests have a password alone; those of access say more
os.environ["DJANGO_SETTINGS_MODULE"] = "tuopin.platform.settings"

hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable" if os.environ.get("CI") else "explore")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--no-skips``: a skipped test fails the run, so that nothing is left out unseen."""
    parser.addoption("--no-skips", action="store_true", help="fail the run if any test was skipped")


def pytest_configure(config: pytest.Config) -> None:
    """Sets up Django, now that its settings can be read, and registers the watch on skipped tests."""
    django.setup()
    if config.getoption("--no-skips"):
        config.pluginmanager.register(NoSkips(), "no-skips")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes this process's data folder and, after the last worker, the server's database of migrated tables."""
    shutil.rmtree(HOME, ignore_errors=True)
    if os.environ.get("DATABASE_URL") and not hasattr(config, "workerinput"):
        import migrated

        migrated.forget()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks the browser tests by their folder; leaves out what the other database's run will do."""
    on_postgresql = bool(os.environ.get("DATABASE_URL"))
    chosen, left_out = [], []
    for item in items:
        if "browser" in item.path.relative_to(config.rootpath / "tests").parts[:1]:
            item.add_marker("browser")
        other = item.get_closest_marker("postgresql") is not None and not on_postgresql
        (left_out if other else chosen).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen


class NoSkips:
    """Counts skipped tests and modules, and fails a run that had any."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes a skipped test (an expected failure is reported as skipped too, but says so)."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notes a module that skipped itself whole."""
        if report.skipped:
            self.skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turns a pass with skips into a failure."""
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says why the run failed."""
        if self.skipped:
            terminalreporter.section("skipped, which --no-skips forbids")
            terminalreporter.write_line("\n".join(sorted(set(self.skipped))))


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_emptied() -> Iterator[None]:
    """The audit tables refuse to be emptied; between transactional tests they must be."""
    import append_only_flush

    with pytest.MonkeyPatch.context() as patch:
        append_only_flush.allow(patch)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The test database begins as a copy of one that was migrated (pytest-django asks for this fixture first)."""
    from django.db import connection

    import migrated

    template = migrated.made()
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.database()
        yield
        return
    create = type(connection.creation)._create_test_db

    def copied(self: BaseDatabaseCreation, *arguments: Any, **named: Any) -> str:
        name: str = create(self, *arguments, **named)
        shutil.copy(template.home / "tuopin.sqlite3", name)
        return name

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.creation), "_create_test_db", copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def _databases_of_tests_need_not_outlive_a_power_cut() -> Iterator[None]:
    """In this process SQLite does not wait for the disk; the installed product, in processes of its own, does."""
    from django.db.backends.signals import connection_created

    def hurry(connection: BaseDatabaseWrapper, **_signal: object) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=OFF")

    connection_created.connect(hurry)
    yield
    connection_created.disconnect(hurry)


@pytest.fixture(scope="session", autouse=True)
def _passwords_of_tests_need_not_withstand_guessing() -> Iterator[None]:
    """The same hash with the least work: what it costs is Django's choice (a tenth of a second and 100 MB each time),
    and the product sets nothing of it. Processes of their own hash as installed."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        for name in ("time_cost", "parallelism"):
            patch.setattr(Argon2PasswordHasher, name, 1)
        patch.setattr(Argon2PasswordHasher, "memory_cost", 8)  # KiB
        yield


@pytest.fixture(autouse=True)
def _no_audit_head_of_another_test() -> None:
    """The head kept beside the key outlives the rolled-back entries of the test before: they would seem cut off."""
    (HOME / "keys" / "audit_head.json").unlink(missing_ok=True)


def chromium() -> str:
    """The browser's path: named by script/test, else found in PATH."""
    named = os.environ.get("TUOPIN_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not named:
        pytest.fail("the browser tests need Chromium: run script/test, or install the package chromium")
    return named


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django would take every query of a test for one made inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_FLAGS))
        yield instance
        instance.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh context, in Chinese. The test fails if the page asks anything outside this machine or if a
    script or a content rule fails on it. Use it with pytest-django's ``live_server``."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    faults: list[str] = []

    def guard(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"http", "https"} and address.hostname not in LOOPBACK:
            faults.append(f"request outside: {route.request.url}")
            route.abort()
        else:
            route.fallback()

    context.route("**/*", guard)
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    opened.on(
        "console",
        lambda message: faults.append(f"console: {message.text}") if "Content Security" in message.text else None,
    )
    yield opened
    context.close()
    assert not faults, "\n".join(faults)
