from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "tuopin.register"
    label = "register"
    verbose_name = "Register"

    def ready(self) -> None:
        from tuopin.platform import place, scopes

        from . import selectors
        from .place import AREAS

        scopes.publish("area", find=selectors.area_id_of, paths=selectors.paths_of, name=selectors.area_name)
        scopes.publish("household", find=selectors.household_id_of)
        place.publish(AREAS)
