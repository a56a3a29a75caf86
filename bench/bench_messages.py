"""Messages: 100,000 posted, posted again, and 20,000 digests sent by mail and by gateway, both answered at once.

usage: bench_messages.py [--quick]     (--quick: a tenth)

On the database of DATABASE_URL, else on SQLite in a folder of its own. ``post_seconds``: 100,000 letters to 20,000
accounts; ``again_seconds``: the same with nothing new; ``plan_seconds``: 20,000 digests gathered; ``mail_seconds``:
sent into a backend that takes everything (what the mail server costs is not ours); ``badge_ms``: the account with its
number of unread messages, the median of 200.
"""

from __future__ import annotations

import datetime
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING, cast

from harness import report, say, workplace

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    with workplace() as folder:
        os.environ["TUOPIN_HOME"] = str(folder / "home")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tuopin.platform.settings"
        report(measure(10 if "--quick" in sys.argv else 1))


def measure(part: int) -> dict[str, float]:
    import django

    django.setup()
    from tuopin.platform.prepare import prepare

    prepare()
    from django.conf import settings

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import system
    from tuopin.platform.models import MessageChoice, User
    from tuopin.platform.outbox import selectors, services
    from tuopin.platform.outbox.kinds import Kind, all_kinds
    from tuopin.platform.outbox.planning import plan
    from tuopin.platform.outbox.sending import send

    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    kind = Kind("bench.remind", Title("限时提醒", "reminder"))
    cast("dict[str, Kind]", all_kinds())[kind.key] = kind  # the one dictionary, kept
    now = datetime.datetime(2018, 12, 3, 1, tzinfo=datetime.UTC)
    people, each = 20_000 // part, 5
    users = User.objects.bulk_create(User(username=f"u{at}", password="!") for at in range(people))
    MessageChoice.objects.bulk_create(
        MessageChoice(user=user, mail=True, confirmed=f"{user.username}@office.example") for user in users
    )
    letters = [
        services.Letter(user.pk, f"matter:{at}:remind:2018-12-05", kind.key, now.date(),
                        Title("还剩 {left} 天", "{left} days left"), {"left": 3}, f"№ {at}", "platform:jobs", (),
                        f"matter:{at}")
        for user in users for at in range(each)
    ]  # fmt: skip
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        began = time.perf_counter()
        work()
        found[name] = round(time.perf_counter() - began, 2)
        say(f"{name} {found[name]}")

    timed("post_seconds", lambda: services.post(system(), letters, now=now))
    timed("again_seconds", lambda: services.post(system(), letters, now=now))
    timed("plan_seconds", lambda: plan(("mail",), now))
    timed("mail_seconds", lambda: send(system(), now))
    spans = []
    for at in range(200):
        began = time.perf_counter()
        selectors.Backend().get_user(users[at * 7 % people].pk)
        spans.append(time.perf_counter() - began)
    found["badge_ms"] = round(statistics.median(spans) * 1000, 2)
    return found


if __name__ == "__main__":
    main()
