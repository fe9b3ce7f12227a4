"""Django's registration of the app."""

from django.apps import AppConfig


class EditorConfig(AppConfig):
    name = "editor"
    verbose_name = "Editor"

    def ready(self) -> None:
        from django.conf import settings
        from django.utils.translation import gettext_lazy as _

        from editor import assets, documents, generations, sharing
        from editor.fonts import catalogue
        from generation import copies
        from generation.files import storing
        from generation.jobs import outcomes
        from generation.uploads import storage_used

        catalogue.use_folder(settings.FONTS_FOLDER)
        storing.keep_published(assets.published)
        copies.register(documents.copies_of)
        outcomes.register(generations.ended)
        sharing.register()
        storage_used.register(
            storage_used.Kind(
                name="documents",
                label=_("Documents"),
                symbol="brush",
                route="editor:documents",
                measure=assets.bytes_of,
                is_limited=True,
            )
        )
