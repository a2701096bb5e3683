"""``python -m benchmarks.places``: how many texts, fields and points a core places a second, as one JSON object.

The texts are adverts of the small Finland, each repeated to 2,000 characters, with titles; nothing is remembered from one
round to the next but what the product itself remembers. Seconds are of the processor."""

import itertools
import json
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from normalize.evidence import gather
from normalize.gazetteer import borders
from normalize.mention import mentions
from normalize.place import decide

TODAY = date(2026, 11, 24)
SIZE = 2000


def texts(some: int) -> list[tuple[str, str, str]]:
    """Language, title and text of adverts, all different, with their towns and the places of their sentences."""
    from pocket.advert import shown
    from pocket.world import World

    told = []
    for advert in World(postings=some, today=TODAY).adverts("tpt"):
        one = shown(advert)
        text = one.text
        while len(text) < SIZE:
            text += "\n\n" + one.text
        told.append((one.language, one.title, text[:SIZE]))
    return told


def a_second(times: int, work: Callable[[], object]) -> float:
    """How often it was done in a second of the processor, the best of three."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        work()
        best = max(best, times / (time.process_time() - began))
    return best


def squares() -> dict[str, object]:
    """Three hundred municipalities of one kind, 6,000 corners in all, as border geometry."""

    def ring(west: float, south: float) -> list[list[float]]:
        corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
        sides = itertools.pairwise(corners)
        some = [(x + (u - x) * part / 5, y + (v - y) * part / 5) for (x, y), (u, v) in sides for part in range(5)]
        return [[west + x * 0.5, south + y * 0.5] for x, y in (*some, corners[0])]

    places = [(20 + 0.5 * (number % 20), 60 + 0.5 * (number // 20)) for number in range(300)]
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": f"{number:03d}"},
         "geometry": {"type": "Polygon", "coordinates": [ring(*place)]}} for number, place in enumerate(places, 1)
    ]}  # fmt: skip


def main() -> dict[str, float]:
    """The figures."""
    some = texts(3000)
    for language, _, text in some[:100]:
        mentions(text, language)

    def names() -> None:
        for language, _, text in some:
            mentions(text, language)

    def evidence() -> None:
        for language, title, text in some:
            gather({}, titles={language: title}, texts={language: text})

    def placed() -> None:
        for language, title, text in some:
            decide(gather({}, titles={language: title}, texts={language: text})[0], TODAY)

    def fields() -> None:
        for number in range(20_000):
            town = ("Mikkeli", "Vaasa", "Kouvola", "Kuusamo")[number % 4]
            gather({"place": town, "postal_code": f"{number % 100:05d}"}, titles={})

    def points() -> None:
        for number in range(5_000):
            gather({"point": f"{60 + number / 1000:.4f},{22 + number / 1000:.4f}"}, titles={})

    def inside() -> None:
        for number in range(5_000):
            known.at(60 + number / 1000, 22 + number / 1000)

    without = a_second(5_000, points)
    with tempfile.TemporaryDirectory(prefix="aluetori-bench-") as folder:
        file = Path(folder) / "borders.geojson"
        file.write_text(json.dumps(squares()), encoding="utf-8")
        borders.use(file)
    known = borders.borders()
    assert known is not None
    return {
        "points": without,
        "bordered": a_second(5_000, points),
        "borders": a_second(5_000, inside),
        "names": a_second(len(some), names),
        "evidence": a_second(len(some), evidence),
        "placed": a_second(len(some), placed),
        "fields": a_second(20_000, fields),
    }


if __name__ == "__main__":
    print(json.dumps(main()))
