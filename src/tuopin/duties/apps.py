from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "tuopin.duties"
    label = "duties"
    verbose_name = "Duties"
