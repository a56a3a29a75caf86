from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegisterConfig(AppConfig):
    name = "tuopin.register"
    label = "register"
    verbose_name = "Register"

    def ready(self) -> None:
        from tuopin.platform import place, scopes

        from . import selectors
        from .place import AREAS

        scopes.publish(
            "area", find=selectors.area_id_of, paths=selectors.paths_of, names=selectors.area_names,
            within=selectors.area_ids_within,
        )  # fmt: skip
        scopes.publish(
            "household", find=selectors.household_id_of, paths=selectors.household_paths,
            names=selectors.household_codes, within=selectors.household_ids_within,
        )  # fmt: skip
        place.publish(AREAS)
        post_migrate.connect(_make_cards, sender=self)


def _make_cards(**_signal: object) -> None:
    """After an upgrade from a version without them: the rows that lists and the search read."""
    from . import cards

    cards.ensure()
