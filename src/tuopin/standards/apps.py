from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "tuopin.standards"
    label = "standards"
    verbose_name = "Standards"
