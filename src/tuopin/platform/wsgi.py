"""The WSGI application (granian, or any other server)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from tuopin.platform.prepare import prepare

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
application = get_wsgi_application()
prepare()
