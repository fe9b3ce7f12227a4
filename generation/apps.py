"""Django's registration of the app."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Generation"

    def ready(self) -> None:
        from billing import references
        from generation import job_lines

        references.register("job", job_lines.explain)
