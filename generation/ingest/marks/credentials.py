"""Content Credentials (C2PA 2.x) of a picture's file: checked, and as a chain of claims, the newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO, Final

import c2pa

from generation.ingest.marks.listing import LONGEST_TEXT, MOST_ACTIONS, MOST_CLAIMS, Action, Claim, Trust

_MEDIA_TYPES: Final = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
# What is wrong with the signer alone (unknown, expired, revoked) doesn't mean that the file was changed.
_OF_SIGNER: Final = "signingCredential."

_Json = dict[str, "str | int | list[_Json] | _Json"]


def read(file: BinaryIO, form: str, anchors: str) -> tuple[Trust, tuple[Claim, ...]]:
    """`anchors` are the trusted roots as PEM. Nothing is fetched from anywhere."""
    trust = {"trust_anchors": anchors} if anchors else {}
    verify = {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}
    file.seek(0)
    try:
        with (
            c2pa.Context.from_dict({"trust": trust, "verify": verify}) as context,
            c2pa.Reader(_MEDIA_TYPES[form], file, context=context) as reader,
        ):
            store = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound:
        return Trust.NONE, ()
    except (c2pa.C2paError, ValueError):
        return Trust.UNREADABLE, ()
    return _trust(store), tuple(_chain(store))


def _trust(store: _Json) -> Trust:
    if store.get("validation_state") == "Trusted":
        return Trust.TRUSTED
    active = _object(_object(store.get("validation_results")).get("activeManifest"))
    codes = [str(each.get("code")) for each in _objects(active.get("failure"))]
    return Trust.UNKNOWN if all(code.startswith(_OF_SIGNER) for code in codes) else Trust.CHANGED


def _chain(store: _Json) -> Iterator[Claim]:
    """The active claim, then that of the picture it was made from, and so on."""
    manifests, vouched = _object(store.get("manifests")), _vouched(store)
    is_trusted = store.get("validation_state") == "Trusted"
    label, seen = str(store.get("active_manifest", "")), set[str]()
    while label in manifests and label not in seen and len(seen) < MOST_CLAIMS:
        seen.add(label)
        manifest = _object(manifests[label])
        yield _claim(manifest, is_trusted=is_trusted)
        parent = _parent(manifest)
        label = str(parent.get("active_manifest", ""))
        is_trusted = is_trusted and label in vouched and not _is_broken(parent)


def _parent(manifest: _Json) -> _Json:
    ingredients = _objects(manifest.get("ingredients"))
    return next((each for each in ingredients if each.get("relationship") == "parentOf"), {})


def _vouched(store: _Json) -> set[str]:
    """The older claims whose signers were found trusted here. What a file itself notes of that isn't believed."""
    deltas = _objects(_object(store.get("validation_results")).get("ingredientDeltas"))
    found: dict[str, set[str]] = {"success": set(), "failure": set()}
    for delta in (_object(each.get("validationDeltas")) for each in deltas):
        for outcome, labels in found.items():
            labels |= {
                _label(each)
                for each in _objects(delta.get(outcome))
                if outcome == "failure" or each.get("code") == f"{_OF_SIGNER}trusted"
            }
    return found["success"] - found["failure"]


def _label(status: _Json) -> str:
    """Of the manifest that a status is about: its address is self#jumbf=/c2pa/LABEL/…, or the label alone."""
    return str(status.get("url", "")).removeprefix("self#jumbf=/c2pa/").partition("/")[0]


def _is_broken(ingredient: _Json) -> bool:
    """Whether it had been changed already when the next step was signed."""
    active = _object(_object(ingredient.get("validation_results")).get("activeManifest"))
    return any(not str(each.get("code")).startswith(_OF_SIGNER) for each in _objects(active.get("failure")))


def _claim(manifest: _Json, *, is_trusted: bool) -> Claim:
    signature = _object(manifest.get("signature_info"))
    generators = _objects(manifest.get("claim_generator_info"))
    return Claim(
        signer=_text(signature.get("common_name") or signature.get("issuer")),
        signed_at=_text(signature.get("time")),
        generator=_text(generators[0].get("name") if generators else manifest.get("claim_generator")),
        actions=tuple(_actions(manifest))[:MOST_ACTIONS],
        is_trusted=is_trusted,
    )


def _actions(manifest: _Json) -> Iterator[Action]:
    for assertion in _objects(manifest.get("assertions")):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            for action in _objects(_object(assertion.get("data")).get("actions")):
                yield Action(
                    name=_text(action.get("action")).removeprefix("c2pa."),
                    source=_text(action.get("digitalSourceType")).rpartition("/")[2],
                    agent=_agent(action.get("softwareAgent")),
                )


def _agent(value: object) -> str:
    return _text(value.get("name") if isinstance(value, dict) else value)


def _text(value: object) -> str:
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def _object(value: object) -> _Json:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[_Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
