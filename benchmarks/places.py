"""``python -m benchmarks.places``: how many texts, fields and points a core places a second, as one JSON object.

The texts are adverts of the small Finland, each repeated to 2,000 characters, with titles; nothing is remembered from one
round to the next but what the product itself remembers. Seconds are of the processor."""

import json
import time
from collections.abc import Callable
from datetime import date

from normalize.evidence import gather
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

    return {
        "names": a_second(len(some), names),
        "evidence": a_second(len(some), evidence),
        "placed": a_second(len(some), placed),
        "fields": a_second(20_000, fields),
        "points": a_second(5_000, points),
    }


if __name__ == "__main__":
    print(json.dumps(main()))
