"""What a picture's Content Credentials say: how it began, what was done, and with what. No words of its person."""

from __future__ import annotations

from typing import Any, Final

from generation.requests.recipe import EDITOR, SOFTWARE, Recipe, digital_source_type, made_with_ai

# The label by which the actions name the picture that was opened.
PARENT: Final = "parent"
_TITLE: Final = "picture"


def manifest(recipe: Recipe, *, has_parent: bool) -> dict[str, Any]:
    """The manifest's definition, as c2pa reads it: one that begins with a picture says so, with `ingredient`."""
    source, agent = digital_source_type(recipe), {"name": _agent(recipe)}
    if has_parent:
        done = {"action": "c2pa.edited", "softwareAgent": agent}
        if made_with_ai(recipe):
            done["digitalSourceType"] = source
        actions = [{"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}, done]
    else:
        actions = [{"action": "c2pa.created", "softwareAgent": agent, "digitalSourceType": source}]
    return {
        "title": _TITLE,
        "claim_generator_info": [{"name": SOFTWARE}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def ingredient() -> dict[str, Any]:
    """The definition of the picture that it was made from."""
    return {"title": _TITLE, "relationship": "parentOf", "label": PARENT}


def _agent(recipe: Recipe) -> str:
    model = recipe["model"]["id"]
    return f"{SOFTWARE} editor" if model == EDITOR else str(model)
