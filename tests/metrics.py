"""What tests need of metrics: the page that lists them, and a scrape."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(metarr_\w+)` \| (\w+) \| (.*?) \| (.*?) \| (.*) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """A metric as the page has it."""

    name: str
    type: str
    labels: tuple[str, ...]
    services: tuple[str, ...]
    meaning: str


@cache
def page() -> tuple[Row, ...]:
    """All rows."""
    return tuple(
        Row(name, kind, tuple(re.findall(r"`(\w+)`", labels)), tuple(services.split(", ")), meaning)
        for name, kind, labels, services, meaning in ROW.findall(PAGE.read_text(encoding="utf-8"))
    )


@dataclass(frozen=True)
class Scrape:
    """What a service showed."""

    text: str

    def families(self) -> dict[str, str]:
        """The types of all our metrics by their names, counters with `_total`."""
        found = {family.name: family.type for family in text_string_to_metric_families(self.text)}
        return {
            name + ("_total" if kind == "counter" else ""): kind
            for name, kind in found.items()
            if name.startswith("metarr_")
        }

    def value(self, name: str, **labels: str) -> float | None:
        """The figure with exactly these labels; None where there is none."""
        for family in text_string_to_metric_families(self.text):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None


async def scrape(url: str) -> Scrape:
    """What is at `/metrics` there now."""
    async with aiohttp.ClientSession() as client, client.get(f"{url}/metrics") as answer:
        assert answer.status == 200
        return Scrape(await answer.text())
