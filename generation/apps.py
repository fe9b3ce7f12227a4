"""Django's registration of the app."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Generation"

    def ready(self) -> None:
        from accounts import preferences
        from billing import references
        from generation import catalogue, checks, job_lines, sizes  # noqa: F401  (checks register themselves)

        references.register("job", job_lines.explain)
        preferences.offer("model", lambda: [(entry.id, entry.label) for entry in catalogue.enabled()])
        preferences.offer("shape", lambda: [(shape, shape) for shape in sizes.SHAPES])
        preferences.offer("size", lambda: [(size, size.upper()) for size in sizes.SIZES])
