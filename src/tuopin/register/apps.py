from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "tuopin.register"
    label = "register"
    verbose_name = "Register"
