"""The adverts of a pocket world as a file of adverts: ``python -m benchmarks.pocket_rows 2000 out.jsonl --seed 7``."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from benchmarks.rows_file import write
from pocket.advert import joinable, shown
from pocket.world import SITES, World


def rows(seed: int, size: int) -> Iterator[dict[str, Any]]:
    """Each advert that stands on a site, with what the site shows of it."""
    world = World(seed, size, today=date(2026, 3, 1))
    for site in SITES:
        for advert in world.adverts(site):
            facts = shown(advert)
            listed = site == "vantaa"
            row = {
                "id": f"{site} {advert.ref}", "source": site, "url": f"https://{site}.example/{advert.ref}",
                "ref": advert.ref if site == "kuntarekry" else None, "title": facts.title, "employer": facts.employer,
                "municipality": list(facts.towns), "language": facts.language, "contract": None if listed else facts.contract,
                "hours": None if listed else facts.hours, "text": "" if listed else facts.text,
                "posted": f"{facts.posted:%Y-%m-%d}", "ends": f"{facts.ends:%Y-%m-%d}" if facts.ends else None,
                "unit": facts.unit if site in ("vantaa", "kuntarekry") else None,
                "openings": None if listed else facts.openings,
                "cluster": advert.vacancy.id, "kind": joinable(advert, advert.original) if advert.original else "",
                "family": advert.vacancy.family,
            }  # fmt: skip
            yield {key: value for key, value in row.items() if value not in (None, [])}


def main() -> None:
    """Write a file."""
    write(lambda seed, size, _habit: rows(seed, size))


if __name__ == "__main__":
    main()
