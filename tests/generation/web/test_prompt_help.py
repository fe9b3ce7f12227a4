"""Help with the prompt on /create/: with script a part of the page, without it the form again; nothing is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from billing import ledger
from generation import fair_shares
from generation.models import Job, ModerationTotal
from generation.prompts import known, rewriting
from tests.generation.prompts.llm import Writer, serving
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import make_picture

KEY = "0123456789abcdef0123456789abcdef"
TYPED = {
    "prompt": "a red sailboat",
    "model": "bundled",
    "shape": "16:9",
    "size": "4k",
    "count": "2",
    "key": KEY,
}


@pytest.fixture
def writer(settings: Any) -> Iterator[Writer]:
    with serving(Writer()) as running:
        settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = running.address, "writer-1"
        yield running


def said(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def note(hers: Client, prompt: str, **more: str) -> str:
    return said(
        hers.post("/create/price/", TYPED | {"prompt": prompt} | more, headers=FRAGMENT).content.decode()
    )


def ask(hers: Client, action: str, **more: str) -> Any:
    return hers.post("/create/prompt/", TYPED | {"action": action} | more, headers=FRAGMENT)


def offers(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'data-use="([^"]*)"', page)]


def box(page: str) -> str:
    found = re.search(r'<textarea[^>]*id="id_prompt"[^>]*>([^<]*)</textarea>', page)
    assert found
    return html.unescape(found[1])


# --- what the model makes of the words --------------------------------------------------------------------------------


def test_unknown_words_are_named_while_one_types(hers: Client) -> None:
    page = note(hers, "a dragon on a red sailbot by the lake")
    assert "leaves out words it doesn't know: dragon , sailbot , lake" in page
    assert "sailbot: did you mean sailboat" in page
    assert "lake: did you mean calm water" in page
    assert "knows none" not in page
    assert "doesn't know" not in note(hers, "a red sailboat on a calm sea")
    assert "and 3 more" in note(hers, "red " + " ".join(f"qqqq{number}" for number in range(9)))


def test_nothing_is_claimed_about_the_words_of_other_models(hers: Client, settings: Any) -> None:
    assert "doesn't know" not in note(hers, "a dragon on a sofa", model="z-image-turbo")


def test_a_prompt_in_another_language_says_what_is_read(hers: Client) -> None:
    page = note(hers, "ein rotes Haus am See bei Nacht, mit Drachen")
    assert "The model reads: a red house on calm water at night Image" in page
    assert "words it doesn't know: Drachen" in page


def test_a_prompt_that_is_too_long_for_the_model_says_so(hers: Client) -> None:
    assert f"reads the first {known.MOST_READ} words" in note(hers, "red house " * 30)


def test_without_script_a_suggested_word_is_a_button_that_changes_the_box(hers: Client) -> None:
    page = hers.post("/create/", TYPED | {"prompt": "a red sailbot & co", "action": "price"}).content.decode()
    (value,) = re.findall(r'value="(use [^"]*)"', page)
    after = hers.post("/create/", TYPED | {"prompt": "a red sailbot & co", "action": html.unescape(value)})
    assert box(after.content.decode()) == "a red sailboat & co"
    assert not Job.objects.exists()


def test_after_the_form_was_sent_without_script_the_jobs_page_says_it(hers: Client) -> None:
    sent = hers.post("/create/", TYPED | {"prompt": "ein roter Drache am Strand", "size": "1k"})
    page = said(hers.get(sent["Location"]).content.decode())
    assert "The model reads: a red on the beach" in page or "The model reads: red on the beach" in page
    assert "Drache" in page
    assert "did you mean" not in page


def test_the_history_keeps_what_was_typed_and_the_picture_says_what_was_read(
    hers: Client, alice: User
) -> None:
    typed = "ein rotes Haus"
    picture = make_picture(alice, prompt=typed)
    read = {"language": "de", "prompt": "a red house", "negative_prompt": ""}
    type(picture).objects.filter(pk=picture.pk).update(recipe={**picture.recipe, "read": read})
    page = said(hers.get(f"/pictures/{picture.pk}/").content.decode())
    assert typed in page
    assert "The model reads: a red house" in page


def test_both_what_was_typed_and_what_is_read_are_checked(hers: Client, settings: Any) -> None:
    settings.MODERATION_CHECKER = "tests.generation.moderation.own.no_boats"
    for prompt in ("ein Segelschiff", "a boat"):  # the first says boat in English only
        answer = hers.post("/create/", TYPED | {"prompt": prompt})
        assert answer.status_code == 422
        assert "Nothing was charged." in answer.content.decode()
    assert hers.post("/create/", TYPED | {"prompt": "ein Haus", "size": "1k"}).status_code == 302
    assert ModerationTotal.objects.get().count == 2


# --- fuller prompts ---------------------------------------------------------------------------------------------


def test_additions_are_offered_and_what_is_added_is_marked(hers: Client) -> None:
    answer = ask(hers, "expand 0")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(offers(page)) == 3
    for text in offers(page):
        assert text.startswith("a red sailboat ")
    assert page.count("<ins>") == 3
    assert offers(ask(hers, "expand 1").content.decode()) != offers(page)
    assert "<html" not in page


@pytest.mark.parametrize(
    ("sent", "sentence", "status"),
    [
        ({"prompt": ""}, "Describe the picture in a few words.", 422),
        ({"prompt": "Schrödinger"}, "knows none of these words", 200),
        ({"prompt": "two rabbits in space"}, "There is nothing to add", 200),
        ({"prompt": "ein Dorf mit Haus", "model": "z-image-turbo"}, "are in English", 200),
        ({"prompt": "x" * 50_000}, "knows none of these words", 200),
        ({"action": "expand -1"}, "", 200),
        ({"action": "expand 9999999999999"}, "", 200),
    ],
)
def test_where_nothing_can_be_offered_a_sentence_says_why(
    hers: Client, sent: dict[str, str], sentence: str, status: int
) -> None:
    answer = hers.post("/create/prompt/", TYPED | {"action": "expand 0"} | sent, headers=FRAGMENT)
    assert answer.status_code == status
    assert sentence in answer.content.decode()


def test_without_script_offers_come_with_the_form_and_can_be_taken_back(hers: Client) -> None:
    typed = TYPED | {"prompt": "a <red> sailboat", "negative_prompt": "clouds", "seed": "7"}
    first = hers.post("/create/", typed | {"action": "expand 0"}).content.decode()
    assert box(first) == "a <red> sailboat"
    assert re.search(r'<details class="prompt-help" open', first)
    chosen = offers(first)[0]
    second = hers.post("/create/", typed | {"action": f"use {chosen}"}).content.decode()
    assert box(second) == chosen
    assert 'value="clouds"' in second
    assert 'value="use a &lt;red&gt; sailboat"' in second
    third = hers.post(
        "/create/", typed | {"prompt": chosen, "action": "use a <red> sailboat"}
    ).content.decode()
    assert box(third) == "a <red> sailboat"
    assert not Job.objects.exists()


# --- a rewrite --------------------------------------------------------------------------------------------------


def test_without_a_language_model_nothing_of_it_is_shown(hers: Client, settings: Any) -> None:
    settings.PROMPT_LLM_URL = ""
    assert 'value="rewrite"' not in hers.get("/create/").content.decode()
    answer = ask(hers, "rewrite")
    assert (answer.status_code, "doesn't rewrite prompts" in said(answer.content.decode())) == (422, True)


def test_the_page_says_what_is_sent_where(hers: Client, writer: Writer, settings: Any) -> None:
    settings.PROMPT_LLM_KEY = "a-secret-key"
    page = hers.get("/create/").content.decode()
    assert "to writer-1 at 127.0.0.1" in said(page)
    assert rewriting.instruction(None)[:60] in said(page)
    assert "a-secret-key" not in page
    assert writer.asked == []


def test_a_rewrite_is_offered_and_taken_only_by_a_press(hers: Client, alice: User, writer: Writer) -> None:
    before = ledger.balance(alice)
    assert offers(ask(hers, "rewrite").content.decode()) == [writer.text]
    page = hers.post("/create/", TYPED | {"action": "rewrite"}).content.decode()
    assert (box(page), offers(page)) == ("a red sailboat", [writer.text])
    assert ledger.balance(alice) == before
    assert len(writer.asked) == 2
    assert all("alice" not in str(asked) for asked in writer.asked)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"status": 500}, "didn't answer as expected. Your words are unchanged"),
        ({"text": ""}, "couldn't be used, so it was dropped. Your words are unchanged."),
        ({"text": "child pornography"}, "couldn't be used, so it was dropped. Your words are unchanged."),
    ],
)
def test_a_failure_is_one_sentence_and_the_form_is_as_it_was(
    hers: Client, writer: Writer, wrong: dict[str, Any], sentence: str
) -> None:
    for name, value in wrong.items():
        setattr(writer, name, value)
    part = ask(hers, "rewrite")
    assert (part.status_code, sentence in said(part.content.decode())) == (422, True)
    page = hers.post("/create/", TYPED | {"action": "rewrite"}).content.decode()
    assert sentence in said(page)
    assert box(page) == "a red sailboat"


def test_words_that_are_not_made_here_are_not_sent_anywhere(hers: Client, writer: Writer) -> None:
    answer = ask(hers, "rewrite", prompt="child pornography")
    assert answer.status_code == 422
    assert "are never made here" in answer.content.decode()
    assert writer.asked == []


def test_too_many_rewrites_keep_the_form_without_script(hers: Client, alice: User, writer: Writer) -> None:
    with fair_shares.turn("rewrite", caller=alice.pk):
        answer = hers.post("/create/", TYPED | {"action": "rewrite"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert box(answer.content.decode()) == "a red sailboat"
    assert "several rewrites just now" in answer.content.decode()
    assert writer.asked == []


def test_a_strangers_words_are_not_looked_at(client: Client, writer: Writer) -> None:
    assert client.post("/create/prompt/", TYPED | {"action": "rewrite"}).status_code == 302
    assert writer.asked == []
