"""The form of an empty canvas."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from editor.log.schema import MOST_SIDE

# Width and height; what people make pictures for.
PRESETS: Final = (
    ("1080x1080", _("Square, 1080 × 1080")),
    ("1080x1350", _("Portrait post, 1080 × 1350")),
    ("1080x1920", _("Phone, 1080 × 1920")),
    ("1920x1080", _("Screen, 1920 × 1080")),
    ("3840x2160", _("4K screen, 3840 × 2160")),
    ("4096x4096", _("Large square, 4096 × 4096")),
    ("2480x3508", _("A4 at 300 dpi, 2480 × 3508")),
    ("custom", _("Your own size")),
)
BACKGROUNDS: Final = (
    ("white", _("White")),
    ("transparent", _("Transparent")),
    ("colour", _("A colour")),
)
_SIDE: Final = format_lazy(_("Enter a whole number from 1 to {most}."), most=MOST_SIDE)
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def _side(label: Any, initial: int) -> forms.IntegerField:
    """A number of pixels; whatever is wrong with it, the sentence is one."""
    return forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_SIDE,
        label=label,
        initial=initial,
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), _SIDE),
    )


class CanvasForm(forms.Form):
    """Size and background; once valid, ``canvas`` has what `opening.blank` takes."""

    use_required_attribute = False

    preset = forms.ChoiceField(choices=PRESETS, label=_("Size"), initial="1920x1080")
    width = _side(_("Width in pixels"), 1920)
    height = _side(_("Height in pixels"), 1080)
    background = forms.ChoiceField(
        choices=BACKGROUNDS, label=_("Background"), initial="white", widget=forms.RadioSelect
    )
    colour = forms.CharField(
        required=False, label=_("Colour"), initial="#ffffff", widget=forms.TextInput(attrs={"type": "color"})
    )

    canvas: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        """Turn the choices into numbers."""
        data = self.cleaned_data
        if data.get("preset") == "custom":
            for name in ("width", "height"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _SIDE)
            width, height = data.get("width"), data.get("height")
        else:
            width, height = (int(side) for side in (data.get("preset") or "1x1").split("x"))
        rgba = 0xFFFFFFFF
        if data.get("background") == "transparent":
            rgba = 0
        elif data.get("background") == "colour":
            text = data.get("colour") or ""
            if not _COLOUR.fullmatch(text):
                self.add_error("colour", _("Choose a colour."))
            else:
                red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
                rgba = 0xFF000000 | blue << 16 | green << 8 | red
        self.canvas = {"width": width, "height": height, "rgba": rgba}
        return data
