from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "tuopin.measures"
    label = "measures"
    verbose_name = "Measures"
