"""Tiny networks that remove backgrounds, as ONNX files: one that keeps red things, one of random weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_SIDE = 32


def save(folder: Path) -> Path:
    """A 1×1 convolution of three colours and a sigmoid: what is red is in front."""
    weight = np.asarray([[[[60.0]], [[-60.0]], [[-60.0]]]], np.float32)
    nodes = [
        helper.make_node("Conv", ["picture", "weight"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["opacity"]),
    ]
    return _save(folder, nodes, {"weight": weight}, ["opacity"])


def save_random(folder: Path) -> Path:
    """Two convolutions of random weights, with a coarser second output as U²-Net has six; logits, as BiRefNet gives."""
    random = np.random.default_rng(3)
    weights = {
        "first": random.normal(0, 1, (4, 3, 3, 3)).astype(np.float32),
        "second": random.normal(0, 2, (1, 4, 3, 3)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["picture", "first"], ["inner"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["inner"], ["positive"]),
        helper.make_node("Conv", ["positive", "second"], ["opacity"], pads=[1, 1, 1, 1]),
        helper.make_node("AveragePool", ["opacity"], ["coarse"], kernel_shape=[4, 4], strides=[4, 4]),
    ]
    return _save(folder, nodes, weights, ["opacity", "coarse"])


def _save(
    folder: Path, nodes: list[Any], weights: dict[str, NDArray[np.float32]], outputs: list[str]
) -> Path:
    folder.mkdir()
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, _SIDE, _SIDE])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    settings = {"size": [_SIDE, _SIDE], "mean": [0.5] * 3, "std": [0.5] * 3}
    (folder / "preprocess.json").write_text(json.dumps(settings))
    return folder
