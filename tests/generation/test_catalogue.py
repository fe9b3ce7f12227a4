"""The catalogue: safe by default, changed by the operator in a file, wrong files refused by name."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generation.requests import catalogue
from generation.requests.catalogue import ROOT, CatalogueError
from generation.requests.enhancing import Enhance
from generation.requests.sizes import SHAPES


@pytest.fixture(autouse=True)
def read_afresh() -> Iterator[None]:
    catalogue.reload()
    yield
    catalogue.reload()


A_MODEL = (
    'label = "Own"\nfamily = "stable_diffusion"\nsource = "/tmp"\n'
    'licence = "research"\ncommercial_use = false\ncapabilities = ["text_to_image"]\n'
    'recommended = "generation/bundled/weights/recommended.json"\nmin_steps = 1\nmax_steps = 99\n'
    "min_guidance = 0.0\nmax_guidance = 20.0\nmemory_mb = 10\nbase_price = 1\n"
)


@pytest.fixture
def operator_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "catalogue.toml"
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(path))
    return path


def test_out_of_the_box_the_bundled_model_alone_is_on() -> None:
    assert [entry.id for entry in catalogue.enabled()] == ["bundled"]
    entry = catalogue.get("bundled")
    assert entry.commercial_use
    assert entry.folder is not None
    assert (entry.folder / "model_index.json").is_file()


def test_every_entry_has_a_size_for_every_shape_and_the_shape_is_about_right() -> None:
    for entry in catalogue.entries():
        for shape in SHAPES:
            across, down = (int(part) for part in shape.split(":"))
            size = entry.base_size(shape)
            assert size.width / size.height == pytest.approx(across / down, rel=0.05), (entry.id, shape)


def test_non_commercial_models_are_off_and_marked() -> None:
    assert [entry.id for entry in catalogue.entries() if not entry.commercial_use] == ["sana-4k"]


def test_every_shipped_entry_says_when_its_licence_was_read() -> None:
    for entry in catalogue.entries():
        assert entry.licence_read, entry.id
        assert entry.licence_read <= datetime.now(tz=UTC).date(), entry.id
        assert entry.licence != catalogue.UNKNOWN_LICENCE


def test_every_shipped_entry_is_of_a_family_that_runs() -> None:
    for entry in catalogue.entries():
        assert importlib.util.find_spec(catalogue.FAMILIES[entry.family]), entry.id


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(catalogue.UnknownModel):
        catalogue.get("nothing")


def test_the_operator_switches_a_model_on_from_a_folder(operator_file: Path, tmp_path: Path) -> None:
    operator_file.write_text(f'[models.sdxl]\nenabled = true\nsource = "{tmp_path}"\nbase_price = 5\n')
    assert [entry.id for entry in catalogue.enabled()] == ["bundled", "sdxl"]
    assert catalogue.get("sdxl").base_price == 5


def test_an_entry_may_name_a_network_that_enlarges_and_how_detail_is_added(operator_file: Path) -> None:
    operator_file.write_text(
        "[models.sdxl]\nscaler = '/srv/models/esrgan.safetensors'\n"
        "enhance = { strength = 0.2, steps = 20, tile = 768 }\n"
    )
    entry = catalogue.get("sdxl")
    assert entry.scaler == "/srv/models/esrgan.safetensors"
    assert entry.enhance == Enhance(strength=0.2, steps=20, tile=768)


def test_the_operator_switches_a_model_on_from_the_hub_at_a_commit(operator_file: Path) -> None:
    operator_file.write_text(f'[models.sdxl]\nenabled = true\nrevision = "{"a" * 40}"\n')
    assert catalogue.get("sdxl").enabled


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[models.sdxl]\nenabled = true\n", "commit"),
        ('[models.sdxl]\nenabled = true\nrevision = "main"\n', "commit"),
        (f'[models.sana-4k]\nenabled = true\nrevision = "{"a" * 40}"\n', "paid site"),
        (f'[models.sdxl]\nenabled = true\nfamily = "unheard"\nrevision = "{"a" * 40}"\n', "family"),
        ("[models.sdxl]\nenabled = true\nlicence = 'unknown'\nsource = '/tmp'\n", "its licence is unknown"),
        ("[models.sdxl]\nlicence_read = 'yesterday'\n", "licence_read"),
        ("[models.sdxl]\noptions = 3\n", "options"),
        ("[models.bundled]\ncolour = 1\n", "colour"),
        ("[models.new]\nlabel = 'New'\n", "is missing"),
        ("[models.bundled]\ndefault_steps = 999\n", "default_steps"),
        ("[models.bundled]\nbase_price = 0\n", "base_price"),
        ("[models.bundled]\nbatch_pictures = 0\n", "batch_pictures"),
        ("[models.bundled]\nscaler = 'magic'\n", "scaler"),
        ("[models.sdxl]\nscaler = '/srv/esrgan.pth'\n", "only .safetensors files are read"),
        ("[models.sdxl]\nenhance = true\n", "enhance: write { strength = 0.3, steps = 20 }"),
        ("[models.sdxl]\nenhance = { strength = 0.9, steps = 30 }\n", "enhance: strength is above 0"),
        ("[models.sana-4k]\nenhance = { strength = 0.3, steps = 20 }\n", "enhance"),
        ("[models.bundled]\ngood_at = 3\n", "good_at"),
        (f"[models.bundled]\ngood_at = '{'x' * 41}'\n", "good_at"),
        (f"[models.bundled]\nexample_prompt = '{'x' * 201}'\n", "example_prompt"),
        (f'[models."my/model"]\n{A_MODEL}', "id = 'my/model'"),
        ("[models.bundled]\ncapabilities = ['flying']\n", "capabilities"),
        (
            "[models.bundled]\noffload = 'disk'\n",
            "offload = 'disk' isn't known; it can be \"model\", or left out",
        ),
        ("[models.bundled]\nquantise = 'int3'\n", 'it can be "int8" or "float8", or left out'),
        ("[models.bundled]\nfamily = 'cutout'\nquantise = 'int8'\n", "loads its weights as they are"),
        ("[models.bundled]\nwarm = 'yes'\n", "warm = 'yes'"),
        ("[models.bundled.base_sizes]\n'1:1' = [64, 64]\n", "base_sizes"),
        ("colour = 1\n", "colour"),
        ("[models\n", "not TOML"),
    ],
)
def test_a_wrong_file_is_refused_and_says_where(operator_file: Path, text: str, says: str) -> None:
    operator_file.write_text(text)
    with pytest.raises(CatalogueError, match=says):
        catalogue.entries()


def test_a_missing_file_is_refused(operator_file: Path) -> None:
    with pytest.raises(CatalogueError, match="can't be read"):
        catalogue.entries()


def test_every_shipped_entry_says_what_it_is_good_at() -> None:
    assert all(entry.good_at for entry in catalogue.entries())


def test_an_entry_of_an_older_file_says_nothing_and_still_loads(operator_file: Path) -> None:
    operator_file.write_text(f"[models.own]\n{A_MODEL}")
    assert (catalogue.get("own").good_at, catalogue.get("own").example_prompt) == ("", "")


def test_a_site_that_takes_no_money_says_so_in_the_file(operator_file: Path, tmp_path: Path) -> None:
    operator_file.write_text(
        f'non_commercial_site = true\n[models.own]\nenabled = true\nsource = "{tmp_path}"\n'
        + A_MODEL.replace('source = "/tmp"\n', "")
    )
    assert catalogue.get("own").enabled


def test_the_values_load_neither_torch_nor_the_database() -> None:
    code = (
        "import sys\n"
        "from generation.requests import catalogue, pricing, recipe, request, sizes\n"
        "catalogue.enabled()\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'django.db'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
