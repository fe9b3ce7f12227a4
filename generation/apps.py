"""Django's registration of the app."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Generation"

    def ready(self) -> None:
        from accounts import training as consent
        from accounts.people import preferences
        from billing.ledger import meanings
        from generation import (
            availability,
            checks,  # noqa: F401  (checks register themselves)
        )
        from generation.avatars import choosing
        from generation.files import storing
        from generation.jobs import ledger_lines
        from generation.pictures import training
        from generation.requests import sizes
        from generation.requests.request import MAX_COUNT
        from generation.uploads import storage_kinds

        meanings.register("job", ledger_lines.explain)
        consent.register("pictures", consent.Made(training.count, training.withdraw))
        storage_kinds.register()
        storing.keep_published(choosing.published)
        preferences.offer("model", lambda: [(entry.id, entry.label) for entry in availability.switched_on()])
        preferences.offer("shape", lambda: [(shape, shape) for shape in sizes.SHAPES])
        preferences.offer("count", lambda: [(str(count), str(count)) for count in range(1, MAX_COUNT + 1)])
        preferences.offer("size", lambda: [(size, size.upper()) for size in sizes.SIZES])
