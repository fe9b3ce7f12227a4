"""How Django's form fields are drawn: label, control, help and errors that a screen reader finds together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
# Radios and checkbox groups are drawn option by option; these are their styles.
GROUP_KINDS = ("list", "segments", "choices")


def draw(bound: BoundField, kind: str, options: dict[str, Any]) -> SafeString:
    """Draw a field. kind: "" (by widget), "switch", "range", "segments", "choices" or "list".

    Options: label, help, hide_label, optional (say so beside the label), prefix_icon, unit (of a range), full (segments
    over the whole width), and attr_… for attributes of the control (attr_placeholder="…"; an underscore after attr_
    becomes a hyphen).
    """
    if bound.is_hidden:
        return SafeString(bound.as_hidden())
    kind = kind or _kind_of(bound)
    attrs = {
        name.removeprefix("attr_").replace("_", "-"): value
        for name, value in options.items()
        if name.startswith("attr_")
    }
    context = {
        "field": bound,
        "kind": kind,
        "label": options.get("label") or bound.label,
        "help": options.get("help") or bound.help_text,
        "hide_label": options.get("hide_label", False),
        "optional": options.get("optional", False) and not bound.field.required,
        "prefix_icon": options.get("prefix_icon", ""),
        "unit": options.get("unit", ""),
        "full": options.get("full", False),
        "errors": bound.errors,
    }
    if kind in GROUP_KINDS:
        context["choices"] = _choices(bound)
    else:
        context["control"] = bound.as_widget(attrs=_control_attrs(bound, kind, context, attrs))
    if kind == "range":
        context["range"] = {
            "value": bound.value(),
            **{name: bound.field.widget.attrs.get(name, "") for name in ("min", "max", "step")},
        }
    return SafeString(render_to_string("_components/field.html", context))


def _kind_of(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, GROUPS):
        return "list"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.PasswordInput):
        return "password"
    return "input"


def _choices(bound: BoundField) -> list[BoundWidget]:
    """Return the options one by one; those of a select become radio buttons."""
    widget = bound.field.widget
    if isinstance(widget, GROUPS) or not isinstance(widget, forms.Select):
        return list(bound.subwidgets)
    radios = forms.RadioSelect(choices=widget.choices)
    attrs = {"id": bound.auto_id, "required": bound.field.required}
    options = radios.subwidgets(bound.html_name, bound.value(), attrs)
    return [BoundWidget(radios, option, bound.form.renderer) for option in options]


def _control_attrs(
    bound: BoundField, kind: str, context: dict[str, Any], attrs: dict[str, Any]
) -> dict[str, Any]:
    own = bound.field.widget.attrs
    described = [own["aria-describedby"]] if own.get("aria-describedby") else []
    if context["help"]:
        described.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    look = "" if kind in ("check", "switch") else "input"
    classes = " ".join(name for name in (look, own.get("class", ""), attrs.pop("class", "")) if name)
    return {
        **({"class": classes} if classes else {}),
        **({"aria-describedby": " ".join(described)} if described else {}),
        **({"role": "switch"} if kind == "switch" else {}),
        **attrs,
    }
