"""Static files under hashed names, with the imports of our JavaScript modules rewritten to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

from image2.lib.static.style_sheets import Joined


class HashedStatic(CompressedManifestStaticFilesStorage):
    """A file's name changes with its content, so that browsers may cache it forever."""

    support_js_module_import_aggregation = True
    # A pass settles modules whose imports are settled, in the order of the folder, which may be any: so it may take as
    # many passes as modules import one another in a row. The first one that changes nothing is the last.
    max_post_process_passes = 20

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        joined = {
            name: (Joined(storage), path)
            if name.startswith("css/") and name.endswith(".css")
            else (storage, path)
            for name, (storage, path) in paths.items()
        }
        yield from super().post_process(joined, *args, **options)

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        if name.startswith("django_htmx/"):
            # Not modules, and their comments name files that the package does not bring.
            return lambda match: match[0]
        converter: Callable[[re.Match[str]], str] = super().url_converter(name, hashed_files, template)
        return converter
