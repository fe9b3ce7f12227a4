"""Style sheets, icons and templates keep the rules of the design system."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage

from image2.design import ratios
from image2.lib.static.style_sheets import Joined
from tests.pages.colours import STATIC

ROOT = STATIC.parent
SHEETS = sorted((STATIC / "css").rglob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Mail programs know neither style sheets nor policies.
PAGES = [
    template for template in TEMPLATES if "emails" not in template.parts and "email" not in template.parts
]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("sheet", SHEETS, ids=named)
def test_a_style_sheet_keeps_to_its_layer_and_to_known_tokens(sheet: Path) -> None:
    text = sheet.read_text()
    everything = "".join(other.read_text() for other in SHEETS)
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", text))
    known = set(re.findall(r"(--[a-z0-9-]+):", everything))

    assert used <= known
    assert sheet.name in ("site.css", "admin.css", "operator.css") or "@layer" in text


INLINE = (r"<[^>]+\sstyle=", r"<[^>]+\son[a-z]+=", r"hx-on|js:|javascript:")


def inline(text: str) -> list[str]:
    """Return what a strict policy would block."""
    scripts = [
        script
        for script in re.findall(r"<script[^>]*>", text)
        if not ("src=" in script or "json" in script or "nonce=" in script)
    ]
    return [match[0] for pattern in INLINE for match in re.finditer(pattern, text)] + scripts


def test_a_page_needs_no_inline_style_and_no_inline_script() -> None:
    found = [(named(template), inline(template.read_text())) for template in PAGES]

    assert PAGES
    assert [one for one in found if one[1]] == []


@pytest.mark.parametrize(
    "text", ['<p style="">', "<a onclick=x>", "<b hx-on:click>", "<script>", "<a href=javascript:x>"]
)
def test_what_is_inline_is_found(text: str) -> None:
    assert inline(text)


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    have = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons" / "sprite.svg").read_text()))
    asked = {
        (named(template), icon)
        for template in TEMPLATES
        for icon in re.findall(r'(?:{% icon |symbol=)"([^"]+)"', template.read_text())
    }

    assert asked
    assert sorted(one for one in asked if one[1] not in have) == []


def test_every_shape_has_its_class() -> None:
    assert (STATIC / "css" / "components" / "ratios.css").read_text() == ratios.style_sheet()


def test_the_collected_style_sheet_is_one_file_that_finds_its_pictures_and_fonts() -> None:
    source = StaticFilesStorage(location=STATIC, base_url="/static/")

    with Joined(source).open("css/site.css") as file:
        text = file.read().decode()

    addresses = set(re.findall(r'url\("([^"]+)"\)', text))
    assert "@import" not in text
    assert '"../fonts/inter-latin.woff2"' in text
    assert addresses
    assert all((STATIC / "css" / address).resolve().is_file() for address in addresses)
    assert text.index("@layer reset, tokens, base") < text.index(".button")


def test_licences_lie_beside_what_is_not_ours() -> None:
    for licence in ("fonts/LICENSE-Inter.txt", "icons/LICENSE-Lucide.txt", "vendor/htmx-LICENSE.txt"):
        assert (STATIC / licence).stat().st_size > 100
