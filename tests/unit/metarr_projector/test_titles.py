"""How titles are sorted and searched."""

import pytest

from metarr_projector.titles import MAX_SORT_LENGTH, MAX_WORD_LENGTH, search_words, sort_title


@pytest.mark.parametrize(
    ("title", "sorted_as"),
    [
        ("The Matrix", "matrix"),
        ("A Bug's Life", "bugs life"),
        ("Amélie", "amelie"),
        ("The", "the"),
        ("Thelma & Louise", "thelma and louise"),
        ("七人の侍", "七人の侍"),
        ("...!", "...!"),
    ],
)
def test_sort_title(title: str, sorted_as: str) -> None:
    """Articles, case, accents and punctuation do not count, but every title keeps something to be sorted by."""
    assert sort_title(title) == sorted_as


def test_search_words() -> None:
    """Each word once, in the form in which words are compared; articles are words."""
    assert search_words("The Good, the Bad & the Ugly") == ["and", "bad", "good", "the", "ugly"]


def test_long_titles_fit_an_index() -> None:
    """Sort titles and words have a limit, since index entries have one."""
    assert len(sort_title("x" * 5_000)) == MAX_SORT_LENGTH
    assert search_words("y" * 5_000) == ["y" * MAX_WORD_LENGTH]
