from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "tuopin.duties"
    label = "duties"
    verbose_name = "Duties"

    def ready(self) -> None:
        from tuopin.platform import scopes

        from .organisations import scoping

        scopes.publish(
            "organisation", find=scoping.find, paths=scoping.paths, names=scoping.names, within=scoping.within
        )
