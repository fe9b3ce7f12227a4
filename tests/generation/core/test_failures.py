"""Every cause of a failed job has a sentence for its owner and a few words for staff."""

from __future__ import annotations

import pytest

from generation.jobs import failures


@pytest.mark.parametrize("cause", failures.Failure)
def test_a_cause_has_a_sentence_of_its_own_and_words_for_staff(cause: failures.Failure) -> None:
    assert failures.sentence(cause) != failures.sentence("something else")
    assert "You were not charged." in failures.sentence(cause)
    assert failures.label(cause) != cause


def test_a_code_that_is_not_known_any_more_has_both() -> None:
    assert "You were not charged." in failures.sentence("gone")
    assert failures.label("gone") == "gone"
