"""The WSGI application (granian, or any other server)."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from tuopin.platform.prepare import prepare

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
application = get_wsgi_application()
prepare()

from tuopin.platform.lists.registry import listings  # noqa: E402 - it reaches tables, which are there once Django is up

_pages = get_resolver().url_patterns, listings()  # imported now: nobody's first page should wait for it
# What was loaded stays: it need not be looked through again for every few hundred objects that a page makes.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 100)
