"""The pieces: texts written for comparing, the needles in them against a plain reading of the rule, and the tokens."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generation.search import pieces
from tests.generation.search import naive

# Few letters, so that pieces meet often; one of every kind, and what is dropped or folded.
ALPHABET = "aAbß1２. ,_%\n红房の子กİıé\u0301\u0307\u00ad\u200b\u200d\ufe0f🏠👩🏽"
texts = st.text(st.sampled_from(ALPHABET), max_size=12)
any_text = st.text(max_size=30)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        (" \u200b ", ""),
        ("v1.5 red_house", "\n v 1 . 5\n red _ house"),
        ("Red  SAILBOAT", "\n red\n sailboat"),
        ("İSTANBUL", "\n istanbul"),
        ("straße", "\n strasse"),
        ("cafe\u0301", "\n café"),
        ("so\u00adft hy\u200bphen", "\n soft\n hyphen"),
        ("ﬁne ２", "\n fine\n 2"),
        ("红色的房子", "\n 红 色 的 房 子"),
        ("日本語ﾃﾞｽ", "\n 日 本 語 デ ス"),
        ("👩\u200d🚀!", "\n 👩 🚀 !"),
        ("❤\ufe0f", "\n ❤"),
        ("می\u200cخواهم", "\n میخواهم"),
        ("हिन्दी", "\n हिन्दी"),
        ("서울의", "\n 서울의"),
    ],
)
def test_a_text_is_written_by_its_pieces(text: str, written: str) -> None:
    assert pieces.search_text(text) == written


@given(any_text)
@example("\u1f88\u0345")
@example("\u3164a")
def test_normalising_again_changes_nothing(text: str) -> None:
    once = pieces.normalise(text)
    assert pieces.normalise(once) == once


@given(any_text)
def test_a_text_is_found_by_itself(text: str) -> None:
    assert all(needle in pieces.search_text(text) for needle in pieces.needles(text))


@given(query=texts, prompt=texts)
def test_needles_find_what_a_plain_reading_of_the_rule_finds(query: str, prompt: str) -> None:
    written = pieces.search_text(prompt)
    assert all(needle in written for needle in pieces.needles(query)) == naive.finds(query, prompt)


@given(prompt=any_text, start=st.integers(0, 29), length=st.integers(1, 29))
def test_a_text_with_a_needle_has_a_token_for_each_of_its_terms(prompt: str, start: int, length: int) -> None:
    written = pieces.search_text(prompt)
    tokens = pieces.tokens(written)
    for needle in pieces.needles(prompt[start : start + length]):
        if needle in written:
            for term in pieces.terms(needle):
                assert any(_is_of(token, term) for token in tokens), (needle, term)


@given(query=texts, prompt=texts)
def test_a_text_with_a_needle_has_a_token_for_each_of_its_terms_where_pieces_meet(
    query: str, prompt: str
) -> None:
    written = pieces.search_text(prompt)
    tokens = pieces.tokens(written)
    for needle in pieces.needles(query):
        if needle in written:
            assert all(any(_is_of(token, term) for token in tokens) for term in pieces.terms(needle))


@given(st.text(min_size=1, max_size=400))
def test_no_token_is_longer_than_an_index_takes(text: str) -> None:
    assert all(
        len(token) <= 1 + 4 * (pieces.LONGEST + 2) for token in pieces.tokens(pieces.search_text(text))
    )


def _is_of(token: bytes, term: pieces.Term) -> bool:
    return token == term.low if term.high is None else term.low <= token < term.high
