"""Help with the prompt of /create/: what the model makes of its words, fuller prompts, and a rewrite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from generation import fair_shares
from generation.jobs import refusals
from generation.moderation.checking import NotChecked, WordsRefused
from generation.prompts import expanding, known, reading, rewriting, suggesting
from generation.prompts.chat import Unanswered
from generation.prompts.expanding import Offer
from generation.requests.catalogue import Entry
from generation.requests.request import MAX_PROMPT, InvalidRequest
from generation.views.creating import chosen
from generation.views.creating.forms import default_model

if TYPE_CHECKING:
    from accounts.models import User

# What the buttons of the help send as "action", each with what it needs behind a space: the number of the round for
# "expand", the text for "use".
ACTIONS: Final = ("expand", "rewrite", "use")
# Unknown words that are named, each with its suggestion: more would be a list that nobody reads.
MOST_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that the model doesn't know; `instead` may be what was meant, and `text` is the prompt with it."""

    word: str
    instead: str
    text: str


@dataclass(frozen=True, slots=True)
class WordsNote:
    """What a model with a vocabulary makes of a prompt.

    `read` is what it reads where that isn't what was typed; `knows_none`: nothing of it stands for anything;
    `too_many`: how many words it reads, where there are more.
    """

    model: str
    unknown: tuple[Unknown, ...]
    more: int
    read: str
    knows_none: bool
    too_many: int

    @property
    def suggested(self) -> list[Unknown]:
        return [each for each in self.unknown if each.instead]


@dataclass(frozen=True, slots=True)
class Rewriter:
    """The language model that can be asked, and all that it is sent beside the prompt."""

    host: str
    model: str
    instruction: str


@dataclass(frozen=True, slots=True)
class Help:
    """What came of a button. `before` is what was typed, `next` the number of the next round of offers."""

    before: str
    offers: tuple[Offer, ...] = ()
    next: int | None = None
    sentence: str = ""
    status: int = 200


def words_note(prompt: str, entry: Entry | None) -> WordsNote | None:
    """None for models that read any text, and where every word is known and read as it was typed."""
    text = prompt[:MAX_PROMPT].strip()
    if entry is None or not entry.vocabulary or not text:
        return None
    found = reading.read(text)
    read_words = [word for word in known.words(found.prompt) if word in known.known()]
    note = WordsNote(
        model=entry.label,
        unknown=tuple(_unknown(text, word, found.language) for word in found.unknown[:MOST_NAMED]),
        more=max(0, len(found.unknown) - MOST_NAMED),
        read=found.prompt if found.language else "",
        knows_none=not known.meaningful().intersection(read_words),
        too_many=known.MOST_READ if len(read_words) > known.MOST_READ else 0,
    )
    return note if note.unknown or note.read or note.knows_none or note.too_many else None


def _unknown(text: str, word: str, language: str) -> Unknown:
    """Both words as they are written: with a capital where the person set one."""
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
    typed = found[0] if found else word
    instead = suggesting.instead_of(word, language)
    if typed[:1].isupper() and typed[1:].islower():
        instead = instead[:1].upper() + instead[1:]
    return Unknown(typed, instead, suggesting.replaced(text, word, instead) if instead else "")


def rewriter(entry: Entry | None) -> Rewriter | None:
    """Return None where the operator set no language model."""
    service = rewriting.service()
    if service is None:
        return None
    return Rewriter(service.host, service.model, rewriting.instruction(entry))


def help_with(data: QueryDict, *, user: User) -> Help:
    """Do what the button asks; “use” puts its text into the form's data. Raises OverShare."""
    action, _space, rest = data.get("action", "").partition(" ")
    prompt = data.get("prompt", "")[:MAX_PROMPT]
    if action == "use":
        data["prompt"] = rest[:MAX_PROMPT]
        return Help(prompt)
    entry = chosen.entry_of(data.get("model") or default_model())
    if not prompt.strip():
        return Help(prompt, sentence=_("Describe the picture in a few words."), status=422)
    is_edit = _is_edit(data, entry)
    if action == "rewrite":
        return _rewritten(prompt, entry, user, is_edit=is_edit)
    number = int(rest) if rest.isdecimal() and len(rest) < 4 else 0
    with fair_shares.turn("expand", caller=user.pk):
        return _expanded(prompt, entry, number, is_edit=is_edit)


def _is_edit(data: QueryDict, entry: Entry | None) -> bool:
    names = chosen.names_in(data.get("reference", "")[: chosen.LONGEST])
    try:
        return chosen.kind_for(names, entry, data.get("use", "")) == "edit"
    except InvalidRequest:
        return False


def _expanded(prompt: str, entry: Entry | None, number: int, *, is_edit: bool) -> Help:
    if is_edit:
        return Help(prompt, sentence=_("This is an instruction, not a description: there is nothing to add."))
    has_vocabulary = entry is not None and bool(entry.vocabulary)
    expand = expanding.within_vocabulary if has_vocabulary else expanding.for_any_model
    if offers := expand(prompt, number):
        return Help(prompt, tuple(offers), number + 1)
    note = words_note(prompt, entry)
    if note and note.knows_none:
        sentence = _("%(model)s knows none of these words, so there is nothing to add to.") % {
            "model": note.model
        }
    elif not has_vocabulary and reading.read(prompt).language:
        sentence = _("Additions for this model are in English, so they wouldn't fit your words.")
    else:
        sentence = _("There is nothing to add: your words already say it.")
    return Help(prompt, sentence=sentence)


def _rewritten(prompt: str, entry: Entry | None, user: User, *, is_edit: bool) -> Help:
    service = rewriting.service()
    if service is None:
        return Help(prompt, sentence=_("This site doesn't rewrite prompts."), status=422)
    if is_edit:  # what it is asked for is a description, which would say nothing of what to change
        return Help(prompt, sentence=_("This is an instruction, not a description: it isn't rewritten."))
    try:
        with fair_shares.turn("rewrite", caller=user.pk):
            text = rewriting.rewritten(prompt, entry, service)
    except (WordsRefused, NotChecked) as error:
        return Help(prompt, sentence=refusals.refusal(error).sentence, status=422)
    except Unanswered:
        sentence = _("%(host)s didn't answer as expected. Your words are unchanged; try again in a minute.")
        return Help(prompt, sentence=sentence % {"host": service.host}, status=422)
    except rewriting.Unusable:
        sentence = _("The rewrite couldn't be used, so it was dropped. Your words are unchanged.")
        return Help(prompt, sentence=sentence, status=422)
    return Help(prompt, (Offer(typed="", added=text),))


__all__ = ["ACTIONS", "Help", "Offer", "Rewriter", "WordsNote", "help_with", "rewriter", "words_note"]
