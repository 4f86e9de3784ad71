"""The fields of a film: which are tracked, how they are shown, who may supply them and in which order."""

from typing import Literal, get_args

from pydantic import Field

from metarr_contracts.base import Value

ProviderName = Literal["tmdb", "omdb", "fanart"]
PROVIDERS: tuple[ProviderName, ...] = get_args(ProviderName)
PROVIDER_TITLES: dict[ProviderName, str] = {"tmdb": "TMDB", "omdb": "OMDB", "fanart": "Fanart"}
"""How they are called before a person."""

Category = Literal["metadata", "ratings", "credits", "production", "media"]

USER = "user"
"""Source of a value that a person entered; it outranks all providers."""


class FieldDefinition(Value):
    """A field of a film."""

    name: str
    display_name: str
    category: Category
    providers: tuple[ProviderName, ...] = Field(description="Who can supply it; the first outranks the second")


def _texts(name: str, display_name: str, category: Category) -> FieldDefinition:
    return FieldDefinition(name=name, display_name=display_name, category=category, providers=("tmdb", "omdb"))


def _one(name: str, display_name: str, category: Category, *providers: ProviderName) -> FieldDefinition:
    return FieldDefinition(name=name, display_name=display_name, category=category, providers=providers)


TRACKED: tuple[FieldDefinition, ...] = (
    _texts("plot", "Plot", "metadata"),
    _one("tagline", "Tagline", "metadata", "tmdb"),
    _texts("release_date", "Release Date", "metadata"),
    _texts("runtime", "Runtime", "metadata"),
    _texts("content_rating", "Content Rating", "metadata"),
    _texts("genres", "Genres", "metadata"),
    _one("awards", "Awards", "metadata", "omdb"),
    _one("imdb_rating", "IMDb Rating", "ratings", "omdb"),
    _one("rotten_tomatoes_score", "Rotten Tomatoes Score", "ratings", "omdb"),
    _one("metacritic_score", "Metacritic Score", "ratings", "omdb"),
    _one("tmdb_rating", "TMDB Rating", "ratings", "tmdb"),
    _texts("directors", "Directors", "credits"),
    _texts("writers", "Writers", "credits"),
    _texts("cast", "Cast", "credits"),
    _one("studios", "Studios", "production", "tmdb"),
    _texts("countries", "Countries", "production"),
    _one("poster", "Poster", "media", "fanart", "tmdb", "omdb"),
    _one("fanart", "Fanart", "media", "fanart", "tmdb"),
    _one("clearlogo", "Clear Logo", "media", "fanart", "tmdb"),
    _one("trailer", "Trailer", "media", "tmdb"),
)
"""The twenty fields that completeness counts, in the order in which they are shown."""

EXTRA: tuple[FieldDefinition, ...] = (
    _texts("title", "Title", "metadata"),
    _texts("year", "Year", "metadata"),
    _one("original_title", "Original Title", "metadata", "tmdb"),
    _one("original_language", "Original Language", "metadata", "tmdb"),
    _one("collection", "Collection", "metadata", "tmdb"),
    _one("imdb_votes", "IMDb Votes", "ratings", "omdb"),
    _one("tmdb_votes", "TMDB Votes", "ratings", "tmdb"),
)
"""Kept and merged like the others, but not counted. A title or year that the user gave is shown before these."""

FIELDS: dict[str, FieldDefinition] = {field.name: field for field in (*TRACKED, *EXTRA)}
