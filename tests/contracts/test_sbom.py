"""The software bill of materials names every package that is installed, and what the repository holds of others."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long  # the list of licences takes a while
def test_it_names_everything_that_is_installed_and_shipped(tmp_path: Path) -> None:
    target = tmp_path / "bill.json"
    done = subprocess.run(
        [sys.executable, "bin/_check.py", "--sbom", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    bill = json.loads(target.read_text())
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "image2")
    named = {
        (part["name"].lower().replace("_", "-").replace(".", "-"), part["version"])
        for part in bill["components"]
    }
    installed = {
        (found.name.lower().replace("_", "-").replace(".", "-"), found.version) for found in distributions()
    }
    assert installed - named - {("image2", "0.1.0")} == set()
    assert {"htmx-org", "inter", "image2-bundled-model"} <= {name for name, _version in named}
    weights = next(part for part in bill["components"] if part["name"] == "image2-bundled-model")
    files = {entry["name"].removeprefix("image2:sha256:") for entry in weights["properties"]}
    assert files == {
        str(path.relative_to(ROOT)) for path in ROOT.glob("generation/bundled/weights/**/*.safetensors")
    }
