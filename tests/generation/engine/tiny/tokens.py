"""Tokenizers built by hand from the byte-level alphabet: every text becomes tokens, and no file is fetched."""

from typing import Final

from transformers import CLIPTokenizer, GemmaTokenizer, Qwen2Tokenizer, T5Tokenizer

# Those that the pipelines' own templates and processors name.
_QWEN_MARKS: Final = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_CHAT: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def _alphabet() -> list[str]:
    """One character a byte, as byte-level tokenizers write them."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(code) for code in printable] + [chr(256 + n) for n in range(256 - len(printable))]


def _numbered(*words: str) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


def clip() -> CLIPTokenizer:
    letters = _alphabet()
    words = (*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>")
    return CLIPTokenizer(vocab=_numbered(*words), merges=[], model_max_length=77)


def qwen() -> Qwen2Tokenizer:
    return Qwen2Tokenizer(
        vocab=_numbered(*_alphabet(), *_QWEN_MARKS),
        merges=[],
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=list(_QWEN_MARKS),
        chat_template=_CHAT,
    )


def gemma() -> GemmaTokenizer:
    marks = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>")
    return GemmaTokenizer(vocab=_numbered(*marks, *(f"<0x{code:02X}>" for code in range(256))), merges=[])


def t5() -> T5Tokenizer:
    words = ["<pad>", "</s>", "<unk>", "▁", *(chr(code) for code in range(33, 127))]
    return T5Tokenizer(vocab=[(word, -float(place > 3)) for place, word in enumerate(words)], extra_ids=0)
