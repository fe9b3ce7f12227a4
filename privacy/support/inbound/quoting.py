"""Cuts the quoted history off a reply. In doubt it stays: a person's own words are never cut."""

from __future__ import annotations

import re
from typing import Final

from privacy.support.mailing import MARKER

# "On Monday Ada wrote:", in the languages that mail programs say it in.
_WROTE: Final = re.compile(
    r"^(on|am|le|el|il|op|em|den|w dniu)\b.{4,300}"
    r"(wrote|schrieb.*|a écrit|escribió|ha scritto|schreef.*|escreveu|skrev.*|napisał.*)\s*:$",
    re.IGNORECASE,
)
_ORIGINAL: Final = re.compile(
    r"^-{2,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale"
    r"|forwarded message|oprindelig meddelelse|oorspronkelijk bericht)\s*-{2,}$",
    re.IGNORECASE,
)
# The block of headers with which Outlook begins what it quotes.
_FROM: Final = re.compile(r"^\*?(from|von|de|da|van)\s?:\*?\s+\S", re.IGNORECASE)
_SENT: Final = re.compile(
    r"^\*?(sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden)\s?:", re.IGNORECASE
)
_RULE: Final = re.compile(r"^_{8,}$")
_LONGEST_LINE: Final = 400


def cut(text: str) -> str:
    """Return what the person wrote; the whole text where nothing else would be left."""
    lines = text.split("\n")
    for at in range(len(lines)):
        if _begins_history(lines, at) and not _goes_on(lines, at):
            kept = _without_introduction(lines[:at])
            return "\n".join(kept).strip() or text
    return "\n".join(_without_tail(lines)).strip() or text


def _begins_history(lines: list[str], at: int) -> bool:
    line = lines[at].strip()
    if len(line) > _LONGEST_LINE:
        return False
    if MARKER.strip("- ") in line:
        return True
    # Long ones are wrapped.
    following = lines[at + 1].strip() if at + 1 < len(lines) else ""
    if _WROTE.match(line) or (
        following.endswith(":") and _WROTE.match(f"{line} {following}"[:_LONGEST_LINE])
    ):
        return True
    return bool(
        _ORIGINAL.match(line)
        or (_FROM.match(line) and any(_SENT.match(other.strip()) for other in lines[at + 1 : at + 4]))
    )


def _goes_on(lines: list[str], at: int) -> bool:
    """Whether the person wrote below or between what they quoted: quoted lines have a mark, theirs have none."""
    rest = [line for line in lines[at + 1 :] if line.strip()]
    # The second half of a wrapped introduction.
    if rest and rest[0].strip().endswith(":") and not rest[0].lstrip().startswith(">"):
        rest = rest[1:]
    is_marked = bool(rest) and rest[0].lstrip().startswith(">")
    return is_marked and any(not line.lstrip().startswith(">") for line in rest)


def _without_introduction(lines: list[str]) -> list[str]:
    """Cut what stands above the quoted part and belongs to it: empty lines, "Ada wrote:", a rule, quoted lines."""
    kept = list(lines)
    while kept:
        line = kept[-1].strip()
        wrapped = f"{kept[-2].strip()} {line}"[:_LONGEST_LINE] if len(kept) > 1 else ""
        if not line or line.startswith(">") or _RULE.match(line) or _WROTE.match(line[:_LONGEST_LINE]):
            kept.pop()
        elif line.endswith(":") and _WROTE.match(wrapped):
            del kept[-2:]
        else:
            break
    return kept


def _without_tail(lines: list[str]) -> list[str]:
    """Cut quoted lines at the end."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith(">")):
        kept.pop()
    return kept
