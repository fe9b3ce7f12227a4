"""The text encoder learns what captions say, by naming the facts they hold. Afterwards it is frozen."""

from dataclasses import dataclass
from random import Random
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from generation.bundled import tokenizer
from generation.bundled.captions import Facts, caption
from generation.bundled.scenes import ALL_SETTINGS, COLOUR_NAMES, KINDS, sample
from generation.bundled.vocabulary import PLACES, SKY, TIMES, WEATHERS

from .data import TRAINING
from .loop import Step, parser, plan, train

WIDTH: Final = 192
# The parts of an answer: one choice each, with its values (the first, "", is unsaid).
PICTURE_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "setting": ("", *ALL_SETTINGS), "background": ("", *COLOUR_NAMES), "time": ("", *TIMES),
    "weather": ("", *WEATHERS), "sky": ("", *SKY),
}  # fmt: skip
COUNTS: Final = 5
COLOUR_CHOICES: Final = ("", *COLOUR_NAMES)
PLACE_CHOICES: Final = ("", *PLACES)
_PER_KIND: Final = COUNTS + len(COLOUR_CHOICES) + len(PLACE_CHOICES)
ANSWERS: Final = sum(map(len, PICTURE_FACTS.values())) + len(KINDS) * _PER_KIND


def encoder() -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer.build()), hidden_size=WIDTH, intermediate_size=576, num_hidden_layers=3,
            num_attention_heads=6, max_position_embeddings=tokenizer.LENGTH, hidden_act="gelu", projection_dim=WIDTH,
            bos_token_id=tokenizer.BOS, eos_token_id=tokenizer.EOS, pad_token_id=tokenizer.EOS,
            attn_implementation="eager",  # twice as fast as the fused one at this size
        )
    )  # fmt: skip


class Reader(nn.Module):
    """The text encoder with a head that answers: what does this caption say?"""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = encoder()
        self.head = nn.Linear(WIDTH, ANSWERS)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.encoder(ids).pooler_output)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Labels:
    """The right answers of a batch: picture facts [B, 5], counts, colours and places [B, kinds]."""

    facts: Tensor
    counts: Tensor
    colours: Tensor
    places: Tensor


def labels(said: list[Facts]) -> Labels:
    facts = [[values.index(getattr(f, name)) for name, values in PICTURE_FACTS.items()] for f in said]
    counts, colours, places = (torch.zeros(len(said), len(KINDS), dtype=torch.long) for _ in range(3))
    for row, f in enumerate(said):
        for group in f.groups:
            kind = KINDS.index(group.kind)
            counts[row, kind] = group.count
            colours[row, kind] = COLOUR_CHOICES.index(group.colour)
            places[row, kind] = PLACE_CHOICES.index(group.place)
    return Labels(torch.tensor(facts), counts, colours, places)


def split(answers: Tensor) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
    """Logits by part: picture facts, then counts, colours and places [B, kinds, choices]."""
    sizes = [len(values) for values in PICTURE_FACTS.values()]
    *facts, rest = answers.split([*sizes, len(KINDS) * _PER_KIND], 1)
    rest = rest.view(len(answers), len(KINDS), _PER_KIND)
    counts, colours, places = rest.split([COUNTS, len(COLOUR_CHOICES), len(PLACE_CHOICES)], 2)
    return list(facts), counts, colours, places


def answer_loss(answers: Tensor, right: Labels) -> Tensor:
    facts, counts, colours, places = split(answers.float())
    loss = sum(
        (functional.cross_entropy(logits, right.facts[:, i]) for i, logits in enumerate(facts)),
        torch.zeros(()),
    )
    loss = loss + 16 * functional.cross_entropy(counts.flatten(0, 1), right.counts.flatten())
    there = right.counts > 0
    if there.any():
        loss = loss + functional.cross_entropy(colours[there], right.colours[there])
        loss = loss + 0.5 * functional.cross_entropy(places[there], right.places[there])
    return loss


_TOKENIZER: list[PreTrainedTokenizerFast] = []


def tokens(texts: list[str]) -> Tensor:
    """[B, LENGTH] ids, as the stock pipeline makes them."""
    if not _TOKENIZER:
        _TOKENIZER.append(tokenizer.build())
    out = _TOKENIZER[0](
        texts, padding="max_length", max_length=tokenizer.LENGTH, truncation=True, return_tensors="pt"
    )
    return out.input_ids  # type: ignore[no-any-return]


BATCH: Final = 96


def captions(kind: str, step: int, worker: int, count: int) -> tuple[list[str], list[Facts]]:
    rng = Random(f"text:{kind}:{step}:{worker}")
    pairs = [caption(sample(rng), rng) for _ in range(count)]
    return [text for text, _ in pairs], [facts for _, facts in pairs]


def loss(module: nn.Module, at: Step) -> Tensor:
    device = at.device
    texts, said = captions(TRAINING, at.number, at.worker, at.batch or BATCH)
    with torch.autocast(device.type, torch.bfloat16):
        ids = tokens(texts)
        longest = (
            int((ids != tokenizer.EOS).sum(1).max()) + 1
        )  # what stands after the first end is never read
        answers = module(ids[:, :longest].to(device))
    right = labels(said)
    return answer_loss(answers.cpu() if device.type != "cpu" else answers, right)


def accuracy(module: Reader, kind: str, count: int = 1000) -> dict[str, float]:
    """Share of right answers on captions of a kind (held-out ones, say)."""
    texts, said = captions(kind, 0, 0, count)
    with torch.no_grad():
        facts, counts, colours, places = split(module.eval()(tokens(texts)))
    right = labels(said)
    there = right.counts > 0
    scores = {
        name: float((facts[i].argmax(1) == right.facts[:, i]).float().mean())
        for i, name in enumerate(PICTURE_FACTS)
    }
    scores["counts, all kinds right"] = float((counts.argmax(2) == right.counts).all(1).float().mean())
    scores["colours"] = float((colours.argmax(2) == right.colours)[there].float().mean())
    scores["places"] = float((places.argmax(2) == right.places)[there].float().mean())
    return scores


def main() -> None:
    chosen = parser("text", 3000, 1e-3).parse_args()
    train(Reader, loss, plan("text", chosen))


if __name__ == "__main__":
    main()
