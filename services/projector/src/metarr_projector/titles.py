"""How titles are sorted and searched: forms made here, since the database may know neither accents nor languages."""

from metarr_contracts.identifiers import normalise_title

ARTICLES = ("the ", "a ", "an ")
MAX_SORT_LENGTH = 200
"""Characters; an index entry has its limits and ties are broken by id."""
MAX_WORD_LENGTH = 60


def sort_title(title: str) -> str:
    """The title as it is sorted: `The Matrix` under `matrix`. Never empty while the title is not."""
    words = normalise_title(title) or title.strip().casefold()
    bare = next((words.removeprefix(article) for article in ARTICLES if words.startswith(article)), words)
    return bare[:MAX_SORT_LENGTH]


def search_words(text: str) -> list[str]:
    """The different words of a title or of a search, sorted."""
    return sorted({word[:MAX_WORD_LENGTH] for word in normalise_title(text).split()})
