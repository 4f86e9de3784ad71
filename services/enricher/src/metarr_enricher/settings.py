"""What the enricher is told: keys, addresses and rates of the providers."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from metarr_chassis.settings import ServiceSettings
from metarr_contracts.fields import ProviderName
from metarr_enricher.providers.registry import BASE_URLS

SANDBOX_PATHS: dict[ProviderName, str] = {"tmdb": "/tmdb/3", "omdb": "/omdb/", "fanart": "/fanart/v3"}


class EnricherSettings(ServiceSettings):
    """Without any key the enricher works against the provider sandbox only (a demo)."""

    tmdb_key: SecretStr | None = Field(default=None, description="TMDB API key or read access token")
    omdb_key: SecretStr | None = Field(default=None, description="OMDb API key")
    fanart_key: SecretStr | None = Field(default=None, description="fanart.tv project or personal key")
    fanart_client_key: SecretStr | None = Field(default=None, description="fanart.tv personal key beside a project key")
    tmdb_url: str = Field(default=BASE_URLS["tmdb"], description="Address of TMDB")
    omdb_url: str = Field(default=BASE_URLS["omdb"], description="Address of OMDb")
    fanart_url: str = Field(default=BASE_URLS["fanart"], description="Address of fanart.tv")
    tmdb_rate: float = Field(default=40, gt=0, description="Requests per second over all replicas")
    omdb_rate: float = Field(default=10, gt=0, description="Requests per second over all replicas")
    fanart_rate: float = Field(default=10, gt=0, description="Requests per second over all replicas")
    concurrency: int = Field(default=24, ge=2, le=512, description="Films refreshed at once by this replica")
    bulk_window: int = Field(
        default=16,
        ge=1,
        le=511,
        description="Films of a run over the whole library refreshed at once, for each replica; below the concurrency, "
        "so that a refresh by hand starts at once",
    )
    language: str = Field(default="en", pattern=r"^[a-z]{2}$", description="Language of the library, ISO 639-1")
    region: str = Field(default="US", pattern=r"^[A-Z]{2}$", description="Region of the library, ISO 3166-1")

    @model_validator(mode="after")
    def _keys_or_sandbox(self) -> Self:
        keys = [name for name in SANDBOX_PATHS if self._own_key(name)]
        if self.sandbox_url is not None and keys:
            raise ValueError(f"METARR_{keys[0].upper()}_KEY is set, but this is a demo: keys and demo data never meet")
        if self.sandbox_url is None and not keys:
            raise ValueError("no provider key is set; set METARR_TMDB_KEY, METARR_OMDB_KEY or METARR_FANART_KEY")
        return self

    @model_validator(mode="after")
    def _room_for_refreshes(self) -> Self:
        if self.bulk_window >= self.concurrency:
            raise ValueError(
                f"METARR_BULK_WINDOW ({self.bulk_window}) has to be below METARR_CONCURRENCY ({self.concurrency}): "
                "refreshes by hand need a free hand"
            )
        return self

    def key(self, provider: ProviderName) -> str | None:
        """The provider's key; None switches it off."""
        if self.sandbox_url is not None:
            return f"sandbox-{provider}-key"
        own = self._own_key(provider)
        return own.get_secret_value() if own else None

    def url(self, provider: ProviderName) -> str:
        """The provider's address."""
        if self.sandbox_url is not None:
            return self.sandbox_url.rstrip("/") + SANDBOX_PATHS[provider]
        return {"tmdb": self.tmdb_url, "omdb": self.omdb_url, "fanart": self.fanart_url}[provider]

    def rate(self, provider: ProviderName) -> float:
        """Requests per second over all replicas."""
        return {"tmdb": self.tmdb_rate, "omdb": self.omdb_rate, "fanart": self.fanart_rate}[provider]

    def _own_key(self, provider: ProviderName) -> SecretStr | None:
        return {"tmdb": self.tmdb_key, "omdb": self.omdb_key, "fanart": self.fanart_key}[provider]
