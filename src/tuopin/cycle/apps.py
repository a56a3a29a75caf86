from django.apps import AppConfig


class CycleConfig(AppConfig):
    name = "tuopin.cycle"
    label = "cycle"
    verbose_name = "Cycle"
