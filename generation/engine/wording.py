"""The words that a model reads: those of a request, or for a model of a known vocabulary what they say in it."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from generation.engine.contract import PictureOrder, Read
from generation.requests.catalogue import VOCABULARIES, Entry


def read(orders: Sequence[PictureOrder], entry: Entry) -> list[PictureOrder]:
    """Return the orders, each with what is read of it; those in the model's own language stay as they are.

    So do requests from before words were read at all: their pictures come out as they did.
    """
    if not entry.vocabulary:
        return list(orders)
    reader = importlib.import_module(VOCABULARIES[entry.vocabulary])
    return [_read(order, reader.read_request) if order.request.is_read else order for order in orders]


def _read(order: PictureOrder, read_request: Callable[[str, str], tuple[Any, Any]]) -> PictureOrder:
    prompt, negative = read_request(order.request.prompt, order.request.negative_prompt)
    if not (prompt.language or negative.language):
        return order
    read = Read(prompt.language or negative.language, prompt.prompt, negative.prompt)
    return replace(order, read=read)
