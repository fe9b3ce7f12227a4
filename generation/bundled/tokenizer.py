"""A word-level tokenizer: every word of the grammar, and no others; unknown words are dropped before they count."""

import re
from typing import Final

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from . import vocabulary
from .captions import TAGS

LENGTH: Final = 40  # tokens of a prompt, begin and end included
_SPECIAL: Final = ("[PAD]", "[UNK]", "[BOS]", "[EOS]")
BOS: Final = 2
EOS: Final = 3


def all_words() -> list[str]:
    """Every word that a caption can hold, sorted."""
    phrases: list[str] = ["a an and next to beside with the background paper over of"]
    for singular, plural in vocabulary.OBJECTS.values():
        phrases += [*singular, *plural]
    for table in (
        vocabulary.SETTINGS, vocabulary.LANDSCAPES, vocabulary.TIMES, vocabulary.WEATHERS, vocabulary.SKY,
        vocabulary.PLACES, vocabulary.COLOURS, vocabulary.COUNTS, TAGS,
    ):  # fmt: skip
        for names in table.values():
            phrases += names
    phrases += [*vocabulary.FILLERS, *vocabulary.FLOURISHES, *vocabulary.ADJECTIVES]
    return sorted({word for phrase in phrases for word in vocabulary.words(phrase)})


def build() -> PreTrainedTokenizerFast:
    known = all_words()
    table = {word: index for index, word in enumerate((*_SPECIAL, *known))}
    inner = Tokenizer(models.WordLevel(table, unk_token="[UNK]"))  # noqa: S106 - a token of words, not a secret
    unknown = r"\b(?!(?:" + "|".join(map(re.escape, known)) + r")\b)\w+"
    inner.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[^\w\s]|_"), " "),
            normalizers.Replace(Regex(unknown), " "),
        ]
    )
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.TemplateProcessing(
        single="[BOS] $A [EOS]", pair="[BOS] $A $B [EOS]", special_tokens=[("[BOS]", BOS), ("[EOS]", EOS)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="[BOS]", eos_token="[EOS]", unk_token="[UNK]", pad_token="[EOS]",  # noqa: S106
        model_max_length=LENGTH,
    )  # fmt: skip
