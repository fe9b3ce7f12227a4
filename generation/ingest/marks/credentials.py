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
    manifests = _object(store.get("manifests"))
    label, seen = str(store.get("active_manifest", "")), set[str]()
    while label in manifests and label not in seen and len(seen) < MOST_CLAIMS:
        seen.add(label)
        manifest = _object(manifests[label])
        yield _claim(manifest)
        label = _parent(manifest)


def _parent(manifest: _Json) -> str:
    for ingredient in _objects(manifest.get("ingredients")):
        if ingredient.get("relationship") == "parentOf":
            return str(ingredient.get("active_manifest", ""))
    return ""


def _claim(manifest: _Json) -> Claim:
    signature = _object(manifest.get("signature_info"))
    generators = _objects(manifest.get("claim_generator_info"))
    return Claim(
        signer=_text(signature.get("common_name") or signature.get("issuer")),
        signed_at=_text(signature.get("time")),
        generator=_text(generators[0].get("name") if generators else manifest.get("claim_generator")),
        actions=tuple(_actions(manifest))[:MOST_ACTIONS],
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
