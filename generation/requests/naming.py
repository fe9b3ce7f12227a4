"""The names of pictures in requests: ``upload:…`` and ``picture:…`` with an id."""

import re
from typing import Final, TypeGuard

_REFERENCE: Final = re.compile(
    r"(upload|picture):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


def is_reference(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(_REFERENCE.fullmatch(value))
