"""Static files under hashed names, with the imports of our JavaScript modules rewritten to them."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStatic(CompressedManifestStaticFilesStorage):
    """A file's name changes with its content, so that browsers may keep it for ever."""

    support_js_module_import_aggregation = True
