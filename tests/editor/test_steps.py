"""A step of several operations says where its undo leads; all else of the editor looks past that."""

from __future__ import annotations

import copy
import random

import pytest

from editor.log import schema
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from tests.editor.calling import NoAssets
from tests.editor.operations import Author, Operation
from tests.examples import examples

ID = "0198c0de-0000-7000-8000-000000000001"


def marked(operations: list[Operation], seed: int) -> list[Operation]:
    """The same operations, some of which lead an undo further back."""
    chance, out = random.Random(seed), copy.deepcopy(operations)
    for each in out[1:]:
        if chance.random() < 0.6:
            each["body"]["back"] = ID
    return out


def digest(kernels: Kernels, operations: list[Operation]) -> str:
    document = Document(kernels, NoAssets())
    for each in operations:
        schema.check(each["kind"], each["body"], each["blob"])
        try:
            document.apply(each["kind"], each["body"], each["blob"])
        except Impossible:
            continue
    return document.digest()


@pytest.mark.parametrize("seed", range(examples(6)))
def test_a_replay_makes_the_same_of_operations_that_are_one_step(kernels: Kernels, seed: int) -> None:
    operations = Author(7000 + seed).document(15)
    assert digest(kernels, marked(operations, seed)) == digest(kernels, operations)


@pytest.mark.parametrize("back", [None, "", 7, ["a"], {"id": ID}, "x" * 41, "a b"])
def test_what_names_no_operation_is_refused(back: object) -> None:
    with pytest.raises(schema.Refused):
        schema.check("clear", {"layer": "base", "back": back}, b"")
    schema.check("clear", {"layer": "base", "back": ID}, b"")


def test_the_first_operation_has_nothing_before_it() -> None:
    body = {"width": 9, "height": 9, "layer": "base", "name": ""}
    schema.check("open", body, b"")
    with pytest.raises(schema.Refused):
        schema.check("open", {**body, "back": ID}, b"")
