"""Template tags about the words of a request: {% load prompts %}."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from generation.requests.request import GenerationRequest
from generation.views.creating import chosen, helping

register = template.Library()


@register.simple_tag
def words_read(request: GenerationRequest) -> str | SafeString:
    """Draw what the model makes of the words of a request, where that is anything but what was typed."""
    note = helping.words_note(request.prompt, chosen.entry_of(request.model))
    if note is None:
        return ""
    return render_to_string("generation/prompts/_words.html", {"note": note, "is_read_only": True})
