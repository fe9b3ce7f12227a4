"""What /create/ starts with: a picture's recipe, a job's request, a suggestion, or the settings used last."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, QueryDict

from accounts.callers import PersonRequest
from accounts.people import preferences
from generation.bundled import vocabulary
from generation.models import Job, Picture
from generation.prompts import reading
from generation.requests.request import MAX_PROMPT, GenerationRequest, InvalidRequest
from generation.views.creating import chosen, controlling, looks
from generation.views.creating.forms import CreateForm, default_model
from generation.views.pictures import recipes

_SESSION: Final = "create"
_DRAFT_SESSION: Final = "create-draft"
DRAFT: Final = "draft"
# The job whose negative prompt was used last: not a copy of the text, which would outlive the job.
_NEGATIVE_OF: Final = "negative_of"
_PREFERRED: Final = ("model", "shape", "size", "count")
# The preferences that were set when a form was sent.
_UNDER: Final = "preferred"
_REMEMBERED: Final = (
    "model",
    "shape",
    "size",
    "count",
    "steps",
    "guidance",
    "strength",
    "use",
    "style",
    "adapter",
    "adapter_weight",
)
_TAKEN: Final = (
    "prompt",
    "negative_prompt",
    "model",
    "shape",
    "size",
    "seed",
    "steps",
    "guidance",
    "reference",
    "strength",
    "use",
    "style",
    "adapter",
    "adapter_weight",
    "enhance",
    *controlling.FIELDS,
)


def initial(request: PersonRequest) -> dict[str, Any]:
    """Return the initial values: the last settings, then what the URL names. A wrong URL names nothing."""
    values = _usual(request)
    if job := values.pop(_NEGATIVE_OF, ""):
        values["negative_prompt"] = _recipe(request, "", job).get("negative_prompt", "")
    asked = request.GET
    if DRAFT in asked:
        values |= request.session.get(_DRAFT_SESSION, {})
    if found := _recipe(request, asked.get("from", ""), asked.get("job", "")):
        taken = asked.get("take", "")
        names = [name for name in taken.split(",") if name in _TAKEN] if taken else list(found)
        if "prompt" in names:
            names.append("version")
        if "reference" in names:
            names.append("use")
        if "adapter" in names:
            names.append("adapter_weight")
        if "control" in names:
            names += controlling.FIELDS
        values |= {name: found[name] for name in names if found.get(name) is not None}
    if asked.get("reference"):
        # A draft goes on with the pictures it had; any other address names all of them.
        before = str(values.get("reference", "")) if DRAFT in asked else ""
        values["reference"] = _with_another(before, asked["reference"][: chosen.LONGEST], values)
    if asked.get("control"):
        values["control"] = asked["control"][: controlling.LONGEST]
    if asked.get("suggestion", "").isdecimal():
        values["prompt"] = _suggestion(int(asked["suggestion"][:4]))
    return values


def start_with(request: HttpRequest, prompt: str) -> None:
    """Save a prompt typed before signing in; the session's data survives signing up and logging in."""
    request.session[_SESSION] = {**request.session.get(_SESSION, {}), "prompt": prompt[:MAX_PROMPT]}


def keep_draft(request: PersonRequest, typed: QueryDict) -> None:
    """Keep all that is typed, right or wrong, while the person looks for a picture on another page."""
    names = set(CreateForm.base_fields) - {"key", "quoted"}
    request.session[_DRAFT_SESSION] = {name: typed[name][:MAX_PROMPT] for name in names if typed.get(name)}


def remember(request: PersonRequest, form: CreateForm, job: Job) -> None:
    """Keep the settings of a sent form, as typed, so that an empty field stays the model's own default."""
    request.session.pop(_DRAFT_SESSION, None)
    typed = {name: form.cleaned_data.get(name) for name in _REMEMBERED}
    kept = {name: value for name, value in typed.items() if value not in (None, "")}
    if form.cleaned_data.get("negative_prompt"):
        kept[_NEGATIVE_OF] = str(job.pk)
    request.session[_SESSION] = {**kept, _UNDER: _preferred(request)}


def _usual(request: PersonRequest) -> dict[str, Any]:
    """Return the settings of the last form; a preference that was changed since is newer than they are."""
    preferred = _preferred(request)
    values = dict(request.session.get(_SESSION, {}))
    under = values.pop(_UNDER, None)
    if under is None:
        return preferred | values
    for name in _PREFERRED:
        if under.get(name) != preferred.get(name):
            values.pop(name, None)
            values |= {name: preferred[name]} if name in preferred else {}
    return values


def _preferred(request: PersonRequest) -> dict[str, str]:
    row = preferences.of(request.user)
    return {name: getattr(row, name) for name in _PREFERRED if getattr(row, name)}


def _recipe(request: PersonRequest, picture: str, job: str) -> dict[str, Any]:
    asked: GenerationRequest | None = None
    if identity := _uuid(picture):
        found = Picture.objects.visible_to(request.user).filter(pk=identity).first()
        asked = recipes.rerun(found) if found else None
    elif identity := _uuid(job):
        submitted = Job.objects.visible_to(request.user).filter(pk=identity).first()
        try:
            asked = submitted.parsed_request if submitted else None
        except InvalidRequest:
            asked = None
    if asked is None:
        return {}
    values = asked.to_json()
    values["reference"] = " ".join(asked.references)
    values["use"] = chosen.EDIT if asked.kind == "edit" else chosen.START
    values["style"] = looks.name_of(asked.style)
    values["adapter"] = asked.adapter.key if asked.adapter else ""
    values["adapter_weight"] = asked.adapter.weight if asked.adapter else ""
    values |= controlling.named(asked.control)
    taken = {name: values.get(name) for name in (*_TAKEN, "count")}
    return {**taken, "version": asked.version} if _is_kept(asked) else taken


def _is_kept(asked: GenerationRequest) -> bool:
    """Whether its words would draw another picture as those of a request of today."""
    if asked.is_kept_as_it_was:
        return True
    texts = (asked.prompt, asked.negative_prompt)
    return not asked.is_read and any(reading.read_by(asked.model, text).language for text in texts)


def _with_another(before: str, name: str, values: dict[str, Any]) -> str:
    if not before:
        return name
    try:
        return chosen.with_another(before, name, chosen.entry_of(values.get("model") or default_model()))
    except chosen.NoRoom:
        return before


def _suggestion(number: int) -> str:
    return vocabulary.SUGGESTIONS[number % len(vocabulary.SUGGESTIONS)]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
