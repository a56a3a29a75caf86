"""The Django application of the lowest room."""

from __future__ import annotations

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Users, grants, audit, jobs, settings and the command line: what every other room stands on."""

    name = "tuopin.platform"
    label = "platform"
    verbose_name = "平台 Platform"

    def ready(self) -> None:
        from tuopin.platform import checks, database

        checks.register_checks()
        database.install()
