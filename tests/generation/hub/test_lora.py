"""A LoRA file is checked by its header alone: for which network it is; whatever is wrong is one sentence."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generation.hub import lora
from generation.hub.lora import Base
from generation.hub.places import HubError
from generation.styles.adapters import Entry

WIDTHS = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}
XL = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"


def a_file(path: Path, tensors: dict[str, Any], *, claims: dict[str, Any] | None = None) -> Path:
    """A safetensors file of zeros, its header written by hand; `claims` changes what the header says of tensors."""
    header: dict[str, Any] = {}
    place = 0
    for name, (dtype, shape) in tensors.items():
        size = WIDTHS[dtype]
        for length in shape:
            size *= length
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [place, place + size]}
        place += size
    for name, change in (claims or {}).items():
        header[name] |= change
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(place))
    return path


def a_pair(
    layer: str = XL, *, width: int = 2048, out: int = 640, rank: int = 4, dtype: str = "F16"
) -> dict[str, Any]:
    return {f"{layer}.lora_A.weight": (dtype, (rank, width)), f"{layer}.lora_B.weight": (dtype, (out, rank))}


def an_entry(path: Path, **changes: Any) -> Entry:
    sha256 = lora._sha256(path, 0, 0) if path.is_file() else "0" * 64
    lora._sha256.cache_clear()
    values: dict[str, Any] = {
        "key": "sketch", "name": "Sketch", "file": str(path), "sha256": sha256, "licence": "MIT",
        "commercial_use": True, "models": frozenset({"sdxl"}), "trigger": "", "weight": 1.0,
        "least_weight": 0.0, "most_weight": 1.5, "enabled": True,
    }  # fmt: skip
    return Entry(**values | changes)


def refused(path: Path, **changes: Any) -> str:
    with pytest.raises(HubError) as caught:
        lora.look(an_entry(path, **changes))
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_lora_is_read_without_its_numbers(tmp_path: Path) -> None:
    found = lora.look(an_entry(a_file(tmp_path / "a.safetensors", a_pair())))
    assert (found.changes, found.rank, str(found.base)) == (1, 4, "Stable Diffusion XL")


@pytest.mark.parametrize(
    ("layer", "width", "base"),
    [
        ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k", 768, "Stable Diffusion 1"),
        ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_v", 2048, "Stable Diffusion XL"),
        ("unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k", 1024, "Stable Diffusion 2"),
        ("unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k", 32, "a UNet for text of width 32"),
        ("transformer.single_transformer_blocks.3.attn.to_q", 3072, "FLUX"),
        ("lora_unet_double_blocks_0_img_attn_proj", 3072, "FLUX"),
        ("diffusion_model.layers.0.attention.to_q", 3840, "Z-Image"),
        ("transformer.transformer_blocks.0.img_mlp.net.2", 3072, "Qwen-Image"),
        ("transformer.transformer_blocks.0.attn1.to_q", 2240, "Sana"),
        ("text_encoder.encoder.layers.0.self_attn.q_proj", 768, "another network"),
    ],
)
def test_names_and_shapes_tell_what_it_was_made_for(
    tmp_path: Path, layer: str, width: int, base: str
) -> None:
    path = a_file(tmp_path / "a.safetensors", a_pair(layer, width=width))
    assert str(lora.look(an_entry(path)).base) == base


def test_one_of_another_family_is_refused_by_what_the_models_files_say(
    tmp_path: Path, tiny_folder: Path
) -> None:
    assert lora.base_of_folder(tiny_folder) == Base("unet", 32)
    for pair, made_for in (
        (a_pair(), "Stable Diffusion XL"),
        (a_pair("transformer.single_transformer_blocks.3.attn.to_q"), "FLUX"),
    ):
        found = lora.look(an_entry(a_file(tmp_path / "a.safetensors", pair)))
        with pytest.raises(HubError) as caught:
            lora.refuse_other_base(found, tiny_folder, "tiny")
        assert str(caught.value) == (
            f"a.safetensors was made for {made_for}, and tiny is a UNet for text of width 32: choose a LoRA that was "
            "made for it."
        )
    fitting = lora.look(an_entry(a_file(tmp_path / "a.safetensors", a_pair(width=32))))
    lora.refuse_other_base(fitting, tiny_folder, "tiny")


def test_a_pickle_is_refused_by_its_name_and_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(pickle.dumps({"a": 1}))
    assert "can run code" in refused(path)
    for data in (pickle.dumps({"a": list(range(99))}), b"PK\x03\x04" + bytes(99)):
        renamed = tmp_path / "a.safetensors"
        renamed.write_bytes(data)
        assert "is a pickle, which can run code" in refused(renamed)


def test_a_header_of_640_bytes_is_no_pickle(tmp_path: Path) -> None:
    """Its length begins with the two bytes that a pickle begins with."""
    plain = a_file(tmp_path / "a.safetensors", a_pair()).read_bytes()
    length = int.from_bytes(plain[:8], "little")
    text = plain[8 : 8 + length].ljust(640)
    (tmp_path / "a.safetensors").write_bytes((640).to_bytes(8, "little") + text + plain[8 + length :])
    assert lora.look(an_entry(tmp_path / "a.safetensors")).rank == 4


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[: len(data) // 2], "is cut off"),
        (lambda data: data + b"more", "longer than its header says"),
        (lambda data: b"", "is no safetensors file"),
        (lambda data: data[:3], "is no safetensors file"),
        (lambda data: (10**12).to_bytes(8, "little") + data[8:], "is no safetensors file"),
        (lambda data: (9 * 10**6).to_bytes(8, "little") + bytes(10**7), "is no safetensors file"),
        (lambda data: data.replace(b'"F16"', b'"F99"'), "damaged header"),
        (lambda data: data.replace(b"[4, 2048]", b"[4, -204]"), "damaged header"),
        (lambda data: data.replace(b"[4, 2048]", b"[4, 2049]"), "damaged header"),
        (lambda data: data.replace(b'"shape"', b'"shapf"'), "damaged header"),
        (lambda data: data[:8] + b"[" * (len(data) - 8), "no safetensors file|damaged header"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, damage: Damage, says: str) -> None:
    path = a_file(tmp_path / "a.safetensors", a_pair())
    path.write_bytes(damage(path.read_bytes()))
    assert any(part in refused(path) for part in says.split("|"))


def test_tensors_that_overlap_are_a_damaged_header(tmp_path: Path) -> None:
    pair = a_pair(width=640)
    down = next(iter(pair))
    path = a_file(tmp_path / "a.safetensors", pair, claims={down: {"data_offsets": [16, 5136]}})
    assert "damaged header" in refused(path)


@pytest.mark.parametrize(
    ("tensors", "says"),
    [
        (a_pair(rank=2000, width=8, out=8), "has a rank of 2000"),
        (a_pair(width=70_000), "has a tensor of 4×70000 numbers"),
        ({**a_pair(), "a.lora_A.weight": ("F16", ()), "a.lora_B.weight": ("F16", ())}, "a tensor of no numbers"),
        (a_pair() | {"a.lora_A.weight": ("F16", (1, 2, 3)), "a.lora_B.weight": ("F16", (1, 1))}, "of 1×2×3 numbers"),
        ({**a_pair(), "a.lora_A.weight": ("F16", (0, 2)), "a.lora_B.weight": ("F16", (2, 0))}, "of 0×2 numbers"),
        (a_pair(dtype="I64"), "numbers of the type I64"),
        ({"unet.conv_in.weight": ("F16", (4, 4))}, "has no LoRA in it"),
        ({"x.lora_A.weight": ("F16", (4, 8))}, "only one half of the change to x"),
        ({**a_pair(), "x.dora_scale": ("F16", (4,))}, "is a DoRA"),
        ({**a_pair(), "x.lokr_w1": ("F16", (4, 4))}, "is a LoKr"),
        ({**a_pair(), "x.hada_w1_a": ("F16", (4, 4))}, "is a LoHa"),
        ({f"{n}.lora_A.weight": ("F16", (1, 1)) for n in range(20_001)}, "has 20001 tensors"),
    ],
)  # fmt: skip
def test_what_no_lora_has_is_one_sentence(tmp_path: Path, tensors: dict[str, Any], says: str) -> None:
    assert says in refused(a_file(tmp_path / "a.safetensors", tensors))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with path.open("wb") as file:
        file.truncate(lora.LARGEST + 1)  # a hole: nothing is written
    with pytest.raises(HubError, match=r"has 4\.0 GB, and no LoRA has more"):
        lora.look(an_entry(tmp_path / "none", file=str(path)))


def test_a_file_that_is_not_there_and_one_that_is_another(tmp_path: Path) -> None:
    assert "isn't there: copy the file" in refused(tmp_path / "none.safetensors")
    path = a_file(tmp_path / "a.safetensors", a_pair())
    assert "isn't the file that the catalogue names" in refused(path, sha256="1" * 64)


def test_a_file_is_looked_for_beside_the_pulled_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE2_MODELS", str(tmp_path))
    (tmp_path / "adapters").mkdir()
    path = a_file(tmp_path / "adapters" / "a.safetensors", a_pair())
    assert lora.look(an_entry(path, file="a.safetensors")).path == path
