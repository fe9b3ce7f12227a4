"""Write the software bill of materials: the packages of this environment, and what the repository holds of others.

CycloneDX's own program lists the environment; it can't know the files under static/ and the bundled weights.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# name, version, licence, kind (as CycloneDX has them) and the files of it.
SHIPPED = (
    ("htmx.org", "4.0.1", "0BSD", "library", "static/vendor/htmx-4.0.1.min.js"),
    ("Inter", "4", "OFL-1.1", "file", "static/fonts/*.woff2"),
    (
        "image2-bundled-model",
        "1",
        "Apache-2.0",
        "machine-learning-model",
        "generation/bundled/weights/**/*.safetensors",
    ),
)


def main(target: Path) -> int:
    """Write it to ``target`` and return 0; a component whose files are gone is a failure."""
    listed = subprocess.run(
        [
            Path(sys.executable).with_name("cyclonedx-py"),
            *("environment", "--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--of", "JSON"),
            sys.executable,
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    bill = json.loads(listed.stdout)
    bill["components"] += [component(*entry) for entry in SHIPPED]
    missing = [part["name"] for part in bill["components"] if part.get("properties") == []]
    if missing:
        print(f"bin/check --sbom: no files of {', '.join(missing)}; correct bin/_sbom.py")
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill, indent=2) + "\n")
    print(f"bin/check --sbom: {len(bill['components'])} components in {target}")
    return 0


def component(name: str, version: str, licence: str, kind: str, pattern: str) -> dict[str, Any]:
    """Describe files of the repository that somebody else made, or that aren't code, each with its hash."""
    files = sorted(ROOT.glob(pattern))
    return {
        "type": kind,
        "name": name,
        "version": version,
        "bom-ref": f"{name}=={version}",
        "licenses": [{"license": {"id": licence}}],
        "properties": [
            {
                "name": f"image2:sha256:{file.relative_to(ROOT)}",
                "value": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
            for file in files
        ],
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
