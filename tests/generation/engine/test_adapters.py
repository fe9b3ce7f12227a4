"""A LoRA changes the pictures of one run, and nothing of the next: the weights are put back to the last bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from celery.exceptions import SoftTimeLimitExceeded
from diffusers.loaders.lora_conversion_utils import _convert_non_diffusers_lora_to_diffusers

from generation.engine import AdapterUnavailable, adapters, contract, placement
from generation.engine.families.residency import Residency
from generation.engine.production import produce
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.styles import adapters as entries
from generation.styles.adapter import Adapter
from tests.generation.engine.orders import Journal, a_request, draw, orders_of
from tests.generation.engine.tiny import loras
from tests.generation.engine.tiny.models import MODELS

BLOCK = "down_blocks.1.attentions.0.transformer_blocks.0"
SKETCH = Adapter(key="sketch", name="Sketch", weight=1.0)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue file with the LoRA of this folder, `sketch.safetensors`; each test writes it."""
    file = tmp_path / "catalogue.toml"
    file.write_text("")
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    yield tmp_path / "sketch.safetensors"
    entries.reload()
    catalogue.reload()


def offer(path: Path, **tensors: Any) -> None:
    """Write the entry for the file as it is now."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name("catalogue.toml").write_text(
        f'[adapters.sketch]\nname = "Sketch"\nfile = "{path}"\nsha256 = "{digest}"\nlicence = "MIT"\n'
        'commercial_use = true\nmodels = ["bundled"]\n'
    )
    entries.reload()
    catalogue.reload()


def pixels(entry: Entry, folder: Path, residency: Residency, **changes: Any) -> str:
    (picture,) = draw(a_request(steps=2, **changes), entry, folder, residency=residency)
    return picture.sha256


@pytest.mark.few(1)
@pytest.mark.parametrize("form", [loras.peft, loras.diffusers, loras.kohya])
def test_the_next_run_without_it_draws_the_same_bytes_as_before(
    files: Path, tiny_entry: Entry, tmp_path: Path, form: Any
) -> None:
    offer(loras.save(files, loras.halves(loras.UNET, form=form)))
    residency = Residency()
    before = pixels(tiny_entry, tmp_path / "a", residency)
    with_it = pixels(tiny_entry, tmp_path / "b", residency, adapter=SKETCH)
    half = pixels(tiny_entry, tmp_path / "c", residency, adapter=replace(SKETCH, weight=0.5))
    after = pixels(tiny_entry, tmp_path / "d", residency)
    assert before == after
    assert len({before, with_it, half}) == 3
    assert pixels(tiny_entry, tmp_path / "e", residency, adapter=SKETCH) == with_it


@pytest.mark.long
def test_every_form_of_a_file_draws_the_same(files: Path, tiny_entry: Entry, tmp_path: Path) -> None:
    residency, drawn = Residency(), set()
    for number, form in enumerate((loras.peft, loras.diffusers, loras.kohya)):
        offer(loras.save(files, loras.halves(loras.UNET, form=form)))
        drawn.add(pixels(tiny_entry, tmp_path / str(number), residency, adapter=SKETCH))
    assert len(drawn) == 1


@pytest.mark.long
def test_at_weight_zero_it_changes_nothing(files: Path, tiny_entry: Entry, tmp_path: Path) -> None:
    offer(loras.save(files, loras.halves(loras.UNET)))
    residency = Residency()
    none = pixels(tiny_entry, tmp_path / "a", residency)
    assert pixels(tiny_entry, tmp_path / "b", residency, adapter=replace(SKETCH, weight=0.0)) == none


def test_a_run_that_is_cancelled_leaves_the_weights_as_they_were(
    files: Path, tiny_entry: Entry, tmp_path: Path
) -> None:
    offer(loras.save(files, loras.halves(loras.UNET)))
    residency = Residency()
    before = pixels(tiny_entry, tmp_path / "a", residency)

    def cancel(progress: contract.Progress) -> None:
        if progress.stage == "drawing":
            raise contract.Cancelled

    orders = orders_of(a_request(steps=2, adapter=SKETCH))
    with pytest.raises(contract.Cancelled):
        list(produce(orders, tiny_entry, workdir=tmp_path, on_progress=cancel, residency=residency))
    assert pixels(tiny_entry, tmp_path / "b", residency) == before


@pytest.mark.long
def test_xl_changes_network_and_both_text_encoders_and_is_put_back(
    files: Path, tiny_xl_folder: Path, tiny_entry: Entry, tmp_path: Path
) -> None:
    entry = replace(tiny_entry, source=str(tiny_xl_folder))
    words = {"encoder.layers.0.self_attn.q_proj": (32, 32), "encoder.layers.1.mlp.fc1": (37, 32)}
    unet = {"down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v": (32, 64), "conv_in": (16, 4, 3, 3)}
    residency = Residency()
    before = pixels(entry, tmp_path / "a", residency)
    drawn = set()
    for part, layers in (("unet", unet), ("text_encoder", words), ("text_encoder_2", words)):
        offer(loras.save(files, loras.halves(layers, part=part)))
        drawn.add(pixels(entry, tmp_path / part, residency, adapter=SKETCH))
        assert pixels(entry, tmp_path / f"{part}-after", residency) == before
    assert len(drawn | {before}) == 4


def loaded(entry: Entry) -> Any:
    with Residency().lend(entry) as family:
        return family


def unmarked(_is_whole: bool) -> None:
    """No residency holds the model."""


def changed(family: Any, entry: Entry, path: Path, part: str = "unet") -> dict[str, torch.Tensor]:
    """How much each weight differs while the adapter is in."""
    lora = replace(loras.entry(path), models=frozenset({entry.id}))
    network = getattr(family.pipeline, part)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    with adapters.added(adapters.changes_of(family, entry, lora), 0.5, unmarked):
        inside = {name: weight.clone() for name, weight in network.state_dict().items()}
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())
    return {
        name: inside[name] - before[name] for name in before if not torch.equal(inside[name], before[name])
    }


def test_the_change_is_weight_times_alpha_over_rank_times_up_times_down(
    tmp_path: Path, tiny_entry: Entry
) -> None:
    family = loaded(tiny_entry)
    name = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
    halves = loras.halves({name: (32, 32)}, form=loras.kohya)
    down, up = halves.values()
    alpha = f"lora_unet_{name.replace('.', '_')}.alpha"
    plain = changed(family, tiny_entry, loras.save(tmp_path / "plain.safetensors", halves))
    scaled = changed(
        family, tiny_entry, loras.save(tmp_path / "a.safetensors", {**halves, alpha: torch.tensor(1.0)})
    )
    assert plain.keys() == scaled.keys() == {f"{name}.weight"}
    torch.testing.assert_close(plain[f"{name}.weight"], 0.5 * up @ down, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(scaled[f"{name}.weight"], 0.25 * up @ down, atol=1e-5, rtol=1e-4)


def test_weights_in_half_precision_are_put_back_to_the_last_bit(tmp_path: Path, tiny_entry: Entry) -> None:
    for kind in (torch.float16, torch.bfloat16):
        family = loaded(tiny_entry)
        family.pipeline.unet.to(kind)
        path = loras.save(tmp_path / "a.safetensors", loras.halves(loras.UNET))
        assert len(changed(family, tiny_entry, path)) == len(loras.UNET)


def test_a_layer_that_a_file_changes_twice_is_put_back_too(tmp_path: Path, tiny_entry: Entry) -> None:
    family = loaded(tiny_entry)
    path = loras.save(tmp_path / "a.safetensors", loras.halves({"conv_in": (16, 4, 3, 3)}))
    changes = adapters.changes_of(family, tiny_entry, loras.entry(path))
    before = family.pipeline.unet.conv_in.weight.clone()
    with adapters.added([*changes, *changes], 1.0, unmarked):
        assert not torch.equal(family.pipeline.unet.conv_in.weight, before)
    assert torch.equal(family.pipeline.unet.conv_in.weight, before)


class Wrapped(torch.Tensor):
    """As torchao keeps weights: a tensor around others, which claims the type that it stands for."""

    def __tensor_flatten__(self) -> tuple[list[str], None]:
        return [], None


@pytest.mark.parametrize("form", ["smaller numbers", "wrapped", "nowhere"])
def test_a_model_in_another_form_takes_none_and_says_so(tmp_path: Path, tiny_entry: Entry, form: str) -> None:
    family = loaded(tiny_entry)
    layer = family.pipeline.unet.conv_in
    if form == "wrapped":
        layer.weight = torch.nn.Parameter(layer.weight.detach().as_subclass(Wrapped), requires_grad=False)
        assert (type(layer.weight), layer.weight.dtype) == (Wrapped, torch.float32)
    else:
        layer.to(torch.float8_e4m3fn) if form == "smaller numbers" else layer.to("meta")
    path = loras.save(tmp_path / "a.safetensors", loras.halves({"conv_in": (16, 4, 3, 3)}))
    with pytest.raises(AdapterUnavailable, match="takes no LoRA"):
        adapters.changes_of(family, tiny_entry, loras.entry(path))


@pytest.mark.long
def test_an_offloaded_model_takes_one_and_is_put_back(files: Path, tiny_entry: Entry, tmp_path: Path) -> None:
    offer(loras.save(files, loras.halves(loras.UNET)))
    residency = Residency()
    before = pixels(tiny_entry, tmp_path / "a", residency)
    with_it = pixels(tiny_entry, tmp_path / "b", residency, adapter=SKETCH)
    with residency.lend(tiny_entry) as family:
        placement.offload(family.pipeline, torch.device("cpu"))  # type: ignore[attr-defined]
    assert pixels(tiny_entry, tmp_path / "c", residency, adapter=SKETCH) == with_it != before
    assert pixels(tiny_entry, tmp_path / "d", residency) == before


def test_a_model_that_could_not_be_put_back_is_loaded_anew(
    files: Path, tiny_entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(loras.save(files, loras.halves(loras.UNET)))
    residency = Residency()
    before = pixels(tiny_entry, tmp_path / "a", residency)
    put_back = adapters._put_back

    def interrupted(layers: Any) -> None:
        put_back(layers[:1])
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patched:
        patched.setattr(adapters, "_put_back", interrupted)
        with pytest.raises(SoftTimeLimitExceeded):
            pixels(tiny_entry, tmp_path / "b", residency, adapter=SKETCH)
    assert pixels(tiny_entry, tmp_path / "c", residency) == before


@pytest.mark.parametrize(
    ("raised", "becomes"),
    [(torch.OutOfMemoryError("no room"), contract.OutOfMemory), (MemoryError(), contract.OutOfMemory)],
)
def test_without_memory_for_it_the_job_may_be_tried_again(
    files: Path, tiny_entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: Any, becomes: Any
) -> None:
    offer(loras.save(files, loras.halves(loras.UNET)))

    def without(*_of: Any) -> Any:
        raise raised

    monkeypatch.setattr(adapters, "_product", without)
    with pytest.raises(becomes) as caught:
        pixels(tiny_entry, tmp_path / "a", Residency(), adapter=SKETCH)
    assert caught.value.retryable


def test_a_family_without_a_pipeline_takes_none(tmp_path: Path, tiny_entry: Entry) -> None:
    path = loras.save(tmp_path / "a.safetensors", loras.halves(loras.UNET))
    family: Any = object()
    with pytest.raises(AdapterUnavailable, match="take no LoRA"):
        adapters.changes_of(family, tiny_entry, loras.entry(path))


def test_alpha_of_a_peft_file_is_in_its_metadata(tmp_path: Path, tiny_entry: Entry) -> None:
    family = loaded(tiny_entry)
    name = "conv_in"
    halves = loras.halves({name: (16, 4, 3, 3)})
    down, up = halves.values()
    said = '{"unet.r": 2, "unet.lora_alpha": 4}'
    found = changed(
        family, tiny_entry, loras.save(tmp_path / "a.safetensors", halves, lora_adapter_metadata=said)
    )
    wanted = (0.5 * 2 * up.flatten(1) @ down.flatten(1)).reshape(16, 4, 3, 3)
    torch.testing.assert_close(found[f"{name}.weight"], wanted, atol=1e-5, rtol=1e-4)


def test_diffusers_reads_kohyas_names_without_more_packages() -> None:
    """What the conversion relies on, so that an update of diffusers that wants peft for it is seen."""
    halves = loras.halves(loras.UNET, form=loras.kohya)
    found, _alphas = _convert_non_diffusers_lora_to_diffusers(halves)
    assert all(name.startswith("unet.") for name in found)


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ({f"{BLOCK}.attn9.to_q": (32, 32)}, "which this model hasn't"),
        ({f"{BLOCK}.attn1.to_q": (64, 32)}, "had 64×32 numbers, and it has 32×32"),
        ({"conv_in": (16, 4, 5, 5)}, "had 16×4×5×5 numbers, and it has 16×4×3×3"),
        ({f"{BLOCK}.attn2.to_k": (32, 768)}, "made for Stable Diffusion 1"),
    ],
)  # fmt: skip
def test_one_that_does_not_fit_is_one_sentence_and_the_model_stays(
    files: Path, tiny_entry: Entry, tmp_path: Path, layers: Any, says: str
) -> None:
    offer(loras.save(files, loras.halves(layers)))
    residency = Residency()
    before = pixels(tiny_entry, tmp_path / "a", residency)
    with pytest.raises(AdapterUnavailable) as refused:
        pixels(tiny_entry, tmp_path / "b", residency, adapter=SKETCH)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert pixels(tiny_entry, tmp_path / "c", residency) == before


def test_one_whose_file_was_replaced_is_refused(files: Path, tiny_entry: Entry, tmp_path: Path) -> None:
    offer(loras.save(files, loras.halves(loras.UNET)))
    loras.save(files, loras.halves(loras.UNET, seed=6))
    with pytest.raises(AdapterUnavailable, match="isn't the file that the catalogue names"):
        pixels(tiny_entry, tmp_path / "a", Residency(), adapter=SKETCH)


def test_one_that_is_gone_from_the_catalogue_is_refused(
    files: Path, tiny_entry: Entry, tmp_path: Path
) -> None:
    with pytest.raises(AdapterUnavailable, match="no adapter of this key"):
        pixels(tiny_entry, tmp_path / "a", Residency(), adapter=SKETCH)


@pytest.mark.few(2)
@pytest.mark.parametrize("name", ["flux2-klein", "z-image", "qwen-image", "sana"])
def test_other_families_take_one_too_and_are_put_back(name: str, tmp_path: Path) -> None:
    model = MODELS[name]
    entry = model.entry(model.save(tmp_path / "model"))
    family = loaded(entry)
    layers = dict(family.pipeline.transformer.named_modules())
    layer = next(path for path in layers if path.endswith("to_q"))
    out, inner = layers[layer].weight.shape
    path = loras.save(tmp_path / "a.safetensors", loras.halves({layer: (out, inner)}, part="transformer"))
    found = changed(family, entry, path, part="transformer")
    assert found.keys() == {f"{layer}.weight"}


def test_only_jobs_with_the_same_adapter_and_weight_are_drawn_together(
    tmp_path: Path, tiny_entry: Entry
) -> None:
    requests = [a_request(adapter=adapter) for adapter in (None, SKETCH, replace(SKETCH, weight=0.5))]
    assert len({request.batch_key() for request in requests}) == 3
    assert all(len(request.batch_key()) <= 200 for request in requests)
    mixed = [order for request in requests[:2] for order in orders_of(request)]
    with pytest.raises(ValueError, match="same batch key"):
        produce(mixed, tiny_entry, workdir=tmp_path, on_progress=Journal())


def test_the_recipe_names_the_file_by_its_hash_and_the_words_with_the_trigger(
    files: Path, tiny_entry: Entry, tmp_path: Path
) -> None:
    offer(loras.save(files, loras.halves(loras.UNET)))
    digest = hashlib.sha256(files.read_bytes()).hexdigest()
    chosen = replace(SKETCH, trigger="sks sketch, sailboat")
    (picture,) = draw(a_request(steps=2, prompt="a sailboat", adapter=chosen), tiny_entry, tmp_path / "a")
    (adapter,) = picture.recipe["adapters"]
    assert adapter == {"key": "sketch", "name": "Sketch", "weight": 1.0, "sha256": digest, "licence": "MIT"}
    assert picture.recipe["words"] == {"prompt": "a sailboat, sks sketch", "negative_prompt": ""}
    assert picture.recipe["request"]["prompt"] == "a sailboat"
