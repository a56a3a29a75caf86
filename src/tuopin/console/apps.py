"""The Django application of the room ``console``."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "tuopin.console"
    label = "console"
    verbose_name = "控制台 Console"
