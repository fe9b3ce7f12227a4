"""Sends damaged files through the ingest, and compares what it accepts with what Chromium shows."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from django.conf import settings
from playwright.sync_api import Page

from generation.ingest.outcome import THUMBNAIL_SIDES, Cause, DecodeOrder, Outcome
from generation.uploads import intake
from tests.generation.files.forking import Decoded, Forking
from tests.generation.files.mutations import Mutant, rules

AT_ONCE: Final = 25
_BY_LIMIT: Final = {-9, -14, -24}  # as generation.ingest.isolation reads them
# As an <img> paints both files on black and on white paper; and whether the whole of the first was decoded, which an
# <img> doesn't tell. Of very large pictures the first 4096 pixels of each side.
_COMPARE: Final = """
async pairs => {
  const within = (work, seconds) =>
    Promise.race([work, new Promise(resolve => setTimeout(() => resolve('late'), 1000 * seconds))]);
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const loaded = async blob => {
    const image = new Image();
    const done = new Promise(resolve => { image.onload = () => resolve(image); image.onerror = () => resolve(null); });
    image.src = URL.createObjectURL(blob);
    const found = await within(done, 60);
    URL.revokeObjectURL(image.src);
    return found;
  };
  const painted = (image, paper, width, height) => {
    const context = Object.assign(document.createElement('canvas'), {width, height})
      .getContext('2d', {willReadFrequently: true});
    context.fillStyle = paper;
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  };
  const one = async ([type, theirs, ours]) => {
    const blob = new Blob([bytes(theirs)], {type});
    const whole = await within(createImageBitmap(blob).then(() => true, () => false), 60);
    const image = await loaded(blob);
    if (whole === 'late' || image === 'late') return ['late', 0];
    if (!image) return ['refused', 0];
    const kind = whole ? 'whole' : 'part';
    if (!ours) return [kind, 0];
    const master = await loaded(new Blob([bytes(ours)], {type: 'image/png'}));
    if (!master || master === 'late') return ['no master', 256];
    if (master.naturalWidth !== image.naturalWidth || master.naturalHeight !== image.naturalHeight) return [kind, 256];
    const [width, height] = [Math.min(4096, image.naturalWidth), Math.min(4096, image.naturalHeight)];
    let worst = 0;
    for (const paper of ['black', 'white']) {
      const [a, b] = [painted(image, paper, width, height), painted(master, paper, width, height)];
      for (let at = 0; at < a.length; at++) worst = Math.max(worst, Math.abs(a[at] - b[at]));
    }
    return [kind, worst];
  };
  const found = [];
  for (const pair of pairs) found.push(await one(pair));
  return found;
}
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """One file: the ingest's answer, and Chromium's ("whole", "part", "refused", "late") with the levels between."""

    mutant: Mutant
    outcome: Outcome
    sentence: str
    seconds: float
    shown: str
    levels: int
    opaque: bool
    reason: str = ""
    fault: str = ""

    @property
    def is_accepted(self) -> bool:
        return not self.outcome.cause

    @property
    def is_painted_otherwise(self) -> bool:
        """More than one level from what Chromium paints; two where it is seen through, or through a table of inks."""
        if not self.is_accepted or self.shown not in {"whole", "part"} or self.levels <= 1:
            return False
        return self.levels > 2 or (self.opaque and not rules.has_table_of_inks(self.mutant.content))


@dataclass(slots=True)
class Tally:
    """Figures of a run, every file that broke a rule, and those that are painted otherwise without a known reason."""

    files: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def add(self, judged: Judged) -> None:
        self.files["all"] += 1
        self.files["accepted" if judged.is_accepted else f"refused: {judged.outcome.cause}"] += 1
        self.files[f"{'accepted' if judged.is_accepted else 'refused'}, Chromium {judged.shown}"] += 1
        if judged.is_painted_otherwise:
            self.files[f"painted otherwise: {judged.reason or 'unexplained'}"] += 1
            if not judged.reason:
                self.unexplained.append(
                    f"{judged.mutant.number} ({judged.mutant.name}): {judged.levels} levels"
                )
        self.slowest = max(self.slowest, judged.seconds)
        if judged.fault:
            self.faults.append(f"{judged.mutant.number} ({judged.mutant.name}): {judged.fault}")


def judge(mutants: Iterable[Mutant], page: Page) -> Iterator[Judged]:
    """Yield the files with what became of them, in their order."""
    with Forking() as process:
        left = iter(mutants)
        while batch := list(islice(left, AT_ONCE)):
            decoded = [process.decode(mutant.content, order()) for mutant in batch]
            pairs = [_pair(mutant, found) for mutant, found in zip(batch, decoded, strict=True)]
            for mutant, found, (shown, levels) in zip(
                batch, decoded, page.evaluate(_COMPARE, pairs), strict=True
            ):
                judged = _judged(mutant, found, shown, levels)
                if judged.is_painted_otherwise and not judged.reason:
                    whole = replace(mutant, content=mutant.original)
                    pair = _pair(whole, process.decode(whole.content, order()))
                    if page.evaluate(_COMPARE, [pair])[0][1] >= levels:
                        judged = replace(judged, reason=rules.UNDAMAGED)
                yield judged


def order() -> DecodeOrder:
    """The product's limits; the descriptors come later."""
    return DecodeOrder(
        max_pixels=settings.UPLOAD_MAX_PIXELS,
        max_side=intake.MAX_SIDE,
        max_bytes=settings.UPLOAD_MASTER_MAX_BYTES,
        memory=intake.MEMORY,
        seconds=intake.SECONDS,
        master=0,
        thumbnails=dict.fromkeys(THUMBNAIL_SIDES, 0),
    )


def _outcome(found: Decoded) -> Outcome | None:
    return Outcome(cause=Cause.TOO_COSTLY) if found.status in _BY_LIMIT else found.outcome


def _pair(mutant: Mutant, found: Decoded) -> tuple[str, str, str]:
    outcome = _outcome(found)
    is_accepted = outcome is not None and not outcome.cause
    kind = outcome.format if outcome and is_accepted else mutant.form.lower().replace("other", "png")
    master = base64.b64encode(found.master).decode() if is_accepted else ""
    return f"image/{kind}", base64.b64encode(mutant.content).decode(), master


def _judged(mutant: Mutant, found: Decoded, shown: str, levels: int) -> Judged:
    outcome = _outcome(found)
    if outcome is None:
        crashed = Outcome(cause=Cause.DAMAGED)
        return Judged(
            mutant, crashed, "", found.seconds, shown, levels, True, f"crash, status {found.status}"
        )
    if refusal := outcome.refusal():
        sentence = intake.sentence_of(refusal)
        fault = "" if sentence.endswith(".") and "%" not in sentence else f"no sentence: {sentence!r}"
        return Judged(mutant, outcome, sentence, found.seconds, shown, levels, True, fault)
    intake._check(outcome, io.BytesIO(found.master), [io.BytesIO(each) for each in found.thumbnails])
    opaque = found.master[25] == 2
    judged = Judged(mutant, outcome, "", found.seconds, shown, levels, opaque)
    return replace(judged, reason=rules.why_it_may_differ(mutant, shown))
