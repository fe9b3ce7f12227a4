"""bin/gallery: draw what static/landing/pictures.json lists and isn't there yet; with --all, draw everything again."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
QUALITY = 84  # of WebP; flat areas show banding below


def main(arguments: list[str]) -> int:
    """Return 0 when every picture of the list is there."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")
    django.setup()
    from image2.website import gallery

    wanted = {ROOT / "static" / picture.file: picture for picture in gallery.listed()}
    for left_over in set((ROOT / "static" / gallery.FOLDER).glob("*.webp")) - set(wanted):
        left_over.unlink()
    for target, picture in wanted.items():
        if "--all" in arguments or not target.exists():
            draw(picture.prompt, picture.shape, picture.seed, target)
            print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} KB", flush=True)
    return 0


def draw(prompt: str, shape: str, seed: int, target: Path) -> None:
    """Draw one picture by the command that anybody may use, and keep it as WebP."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder) / "picture.png"
        command = [sys.executable, str(ROOT / "manage.py"), "generate", prompt, "--shape", shape]
        subprocess.run([*command, "--size", "1k", "--seed", str(seed), "--out", str(drawn)], check=True)
        with Image.open(drawn) as picture:
            picture.convert("RGB").save(target, "WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
