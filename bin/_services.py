"""The servers and the browser that the tests start: install what is missing, or say what it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Debian's packages by what shows that they are there.
WANTED = {
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb"),
    "redis-server": lambda: shutil.which("redis-server") or shutil.which("valkey-server"),
    "chromium": lambda: any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    # Without a font Chromium lays text out with no width, and pictures of pages are empty.
    "fonts-dejavu-core": lambda: any(Path("/usr/share/fonts").glob("**/*.ttf")) or sys.platform != "linux",
}


def main() -> int:
    """Return 0 when everything is there."""
    missing = [package for package, is_there in WANTED.items() if not is_there()]
    if not missing:
        return 0
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(
            f"image2: the tests need {', '.join(missing)}; on Debian: sudo {' '.join(install)}",
            file=sys.stderr,
        )
        return 1
    print(f"image2: installing {', '.join(missing)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], env=environment, stdout=sys.stderr, check=False)
    subprocess.run(install, env=environment, stdout=sys.stderr, check=False)
    missing = [package for package, is_there in WANTED.items() if not is_there()]
    if missing:
        print(f"image2: could not install {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
