"""What a person decides about runs over the whole library: the rules of `metarr.evt.rules`."""

from typing import Annotated, Any, Literal, cast

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from metarr_contracts.base import AsWhole, Request, Utc, Value

OnQuota = Literal["stop", "pause_provider"]
MAX_RESERVE = 90


class RunRules(Value):
    """How a run over the whole library behaves. The last three only ever save requests."""

    on_quota: OnQuota = Field(
        default="stop",
        description="When a provider's quota is used up: end the run, or go on without that provider",
    )
    manual_reserve: int = Field(
        default=0,
        ge=0,
        le=MAX_RESERVE,
        description="Percent of a provider's daily quota, once it is known, that runs leave for manual refreshes",
    )
    tmdb_changes: bool = Field(
        default=True, description="Films that TMDB's list of changes does not name are not asked again at TMDB"
    )
    age_by_release: bool = Field(
        default=True, description="The longer ago a film was released, the more rarely it is asked about"
    )
    back_off: bool = Field(
        default=True, description="What a provider did not know is asked again after 7, 14, 30, then 90 days"
    )


_NOT_NAMED: Any = None


def _without_defaults(schema: JsonDict) -> None:
    for rule in cast("dict[str, JsonDict]", schema["properties"]).values():
        rule.pop("default")


class ChangeRules(Request):
    """`metarr.lib.rules` and `PATCH /api/rules`: what is not named stays; nothing named only asks for the rules.

    A rule that is not named is None here; a null that is sent is refused, since it does not say what the rule shall be.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    on_quota: OnQuota = Field(default=_NOT_NAMED)
    manual_reserve: Annotated[int, Field(ge=0, le=MAX_RESERVE, strict=True), AsWhole] = Field(default=_NOT_NAMED)
    tmdb_changes: bool = Field(default=_NOT_NAMED, strict=True)
    age_by_release: bool = Field(default=_NOT_NAMED, strict=True)
    back_off: bool = Field(default=_NOT_NAMED, strict=True)

    def to_json(self) -> bytes:
        """What is named, and nothing else."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class RulesChanged(Value):
    """The rules are these from now on, all of them."""

    rules: RunRules
    at: Utc


class RulesReply(RunRules):
    """Reply to `metarr.lib.rules`: the rules now in force."""

    seq: int = Field(description="Sequence of the event that set them; 0 for the defaults")
