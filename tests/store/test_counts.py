"""What an analyst asks: listings, postings and openings are three counts, by every dimension, on any day."""

from datetime import date, timedelta

import pytest

from harvest.records import Kind
from normalize.curate import Rules
from normalize.records import Evidence
from normalize.region import Region
from normalize.vocabulary import Bucket, Level
from schedules.run import run_curation
from store.counts import CountsError, counts, open_now
from tests.built import HELSINKI_CODE, KOUVOLA, MIKKELI, Scene, card, many, posting

TOWN, OTHER, NEWS = card(removal={"misses": 1}), card("other"), card("news", kind="news")


def bucket(name: str) -> tuple[Evidence, ...]:
    return (Evidence(level=Level.NAME, field="place", value=name, rule="words", weight=0.9, bucket=name),)


def area(code: str) -> tuple[Evidence, ...]:
    return (Evidence(level=Level.REGION, field="region", value=code, rule="area code", weight=0.9, area=code),)


@pytest.fixture
def busy(scene: Scene) -> Scene:
    scene.harvest(
        TOWN,
        [
            posting("1", title="Kokki", openings=2),
            posting("2", codes=(MIKKELI, KOUVOLA), openings=3),
            posting("3", codes=(HELSINKI_CODE,)),
            posting("trial", work_form="work_trial"),
            posting("nowhere", codes=()),
            posting("abroad", evidence=bucket(Bucket.ABROAD)),
            posting("everywhere", evidence=bucket(Bucket.NATIONAL)),
            posting("remote", remote="fully", evidence=bucket(Bucket.REMOTE)),
            posting("province", evidence=area("maakunta:10")),
            posting("circular", title="Kiertotalouden asiantuntija", codes=(HELSINKI_CODE,)),
        ],
    )
    scene.harvest(OTHER, [posting("a", title="Kokki", source="other", openings=2)])
    scene.harvest(NEWS, [posting("n", source="news", kind=Kind.NEWS, work_form="")])
    scene.curate()
    return scene


def rows(scene: Scene, by: str, **asked: object) -> list[tuple[object, ...]]:
    names = [*by.split(",")] if by else []
    found = counts(scene.store.engine, by=names, **asked)  # type: ignore[arg-type]
    return [(*(row[name] for name in names), row["listings"], row["postings"], row["openings"]) for row in found]


def test_listings_postings_and_openings_are_three_counts(busy: Scene) -> None:
    assert counts(busy.store.engine, by=()) == [
        {"listings": 10, "postings": 11, "openings": 5, "openings_unknown": 7, "work_trials": 1}
    ]
    assert open_now(busy.store.engine) == {"news": 1, "vacancy": 10}


def test_by_kind_and_source(busy: Scene) -> None:
    assert rows(busy, "kind") == [("news", 1, 1, 0), ("vacancy", 9, 10, 5)]
    assert rows(busy, "source") == [("news", 1, 1, 0), ("town", 9, 10, 5)]
    assert rows(busy, "theme") == [("kiertotalous", 1, 1, 0)]


def test_by_region_a_listing_counts_once_in_each(busy: Scene) -> None:
    assert rows(busy, "region") == [
        ("helsinki", 2, 2, 0), ("kouvola", 1, 1, 3), ("mikkeli", 4, 5, 5), ("paakaupunkiseutu", 2, 2, 0),
    ]  # fmt: skip
    assert {row["region_name"] for row in counts(busy.store.engine, by=("region",), region="kouvola")} == {"Kouvola"}


def test_by_municipality_buckets_are_rows_of_their_own(busy: Scene) -> None:
    found = counts(busy.store.engine, by=("municipality",))
    assert [(row["municipality"], row["municipality_name"], row["bucket"], row["listings"]) for row in found] == [
        ("", "", "abroad", 1),
        ("", "", "maakunta:10", 1),
        ("", "", "national", 1),
        ("", "", "remote", 1),
        ("", "", "unplaced", 1),
        ("091", "Helsinki", "", 2),
        ("286", "Kouvola", "", 1),
        ("491", "Mikkeli", "", 3),
    ]


def test_within_a_region_only_its_own_municipalities_are_told(busy: Scene) -> None:
    found = counts(busy.store.engine, by=("municipality", "kind"), region="mikkeli")
    assert [(row["municipality"], row["bucket"], row["kind"], row["listings"]) for row in found] == [
        ("", "maakunta:10", "vacancy", 1),
        ("491", "", "news", 1),
        ("491", "", "vacancy", 2),
    ]
    assert rows(busy, "", region="mikkeli") == [(4, 5, 5)]
    found = counts(busy.store.engine)
    assert {row["region"] for row in found if row["municipality"] == HELSINKI_CODE} == {"helsinki", "paakaupunkiseutu"}


def test_work_trials_stand_apart(busy: Scene) -> None:
    (row,) = counts(busy.store.engine, by=("municipality", "kind"), region="mikkeli")[-1:]
    assert (row["listings"], row["work_trials"]) == (2, 1)


def test_by_status_counts_what_stands_in_the_table(busy: Scene) -> None:
    busy.clock.move(days=1)
    busy.harvest(TOWN, [posting("1", title="Kokki", openings=2), posting("later", published_on=date(2027, 1, 1))])
    busy.harvest(OTHER, [])
    busy.curate()
    found = {(row["status"], row["kind"]): row["listings"] for row in counts(busy.store.engine, by=("status", "kind"))}
    assert found[("hidden", "vacancy")] == 1
    assert found[("open", "news")] == 1
    with pytest.raises(CountsError, match="--by status goes with kind and source only"):
        counts(busy.store.engine, by=("status", "region"))


def test_on_a_day_in_the_past_by_region_and_municipality(busy: Scene) -> None:
    busy.day(TOWN, [posting("1", title="Kokki", codes=(KOUVOLA,), openings=2), *many(3)])
    yesterday, today = date(2026, 11, 24), date(2026, 11, 25)
    assert ("mikkeli", 4, 5, 5) in rows(busy, "region", on=yesterday)
    assert rows(busy, "municipality,kind", on=today) == rows(busy, "municipality,kind")
    assert rows(busy, "region", on=date(2026, 11, 23)) == []


def test_unknown_names_suggest_the_nearest(busy: Scene) -> None:
    with pytest.raises(CountsError, match=r"there is no region 'mikeli'; .*did you mean 'mikkeli'"):
        counts(busy.store.engine, region="mikeli")
    with pytest.raises(CountsError, match=r"--by 'munisipality' is none of .*; did you mean 'municipality'"):
        counts(busy.store.engine, by=("munisipality",))


def test_nothing_gives_zeros_and_no_rows(scene: Scene) -> None:
    scene.curate()
    assert counts(scene.store.engine, by=("region",)) == []
    assert scene.total() == 0


def test_a_day_in_the_past_is_counted_by_its_own_borders(scene: Scene) -> None:
    def under(members: dict[str, str], version: str) -> Rules:
        region = Region.model_validate({
            "name": {"fi": "Seutu", "sv": "Nejd", "en": "Area"}, "owner": "a",
            "covers": [{"municipalities": [code], "role": role} for code, role in members.items()],
        })  # fmt: skip
        return Rules(regions={"seutu": region}, themes={}, version=version)

    def seen(on: date) -> list[tuple[str, str, int]]:
        found = counts(scene.store.engine, by=("municipality",), region="seutu", on=on)
        return [(row["municipality"], row["municipality_name"], row["listings"]) for row in found]

    def judged(rules: Rules) -> date:
        run_curation(rules, scene.store, scene.clock.today)
        return scene.clock.today

    both = [("286", "Kouvola", 1), ("491", "Mikkeli", 1)]
    scene.harvest(TOWN, [posting("1", codes=(MIKKELI,)), posting("2", codes=(KOUVOLA,), published_on=date(2026, 1, 1))])
    first = judged(under({MIKKELI: "core", KOUVOLA: "partner"}, "one"))
    scene.clock.move(days=2)
    without = judged(under({MIKKELI: "core"}, "two"))
    scene.clock.move(days=2)
    again = judged(under({MIKKELI: "core", KOUVOLA: "core"}, "three"))
    scene.clock.move(hours=1)
    judged(under({MIKKELI: "core"}, "four"))
    scene.clock.move(hours=1)
    judged(under({MIKKELI: "core", KOUVOLA: "core"}, "five"))
    scene.clock.move(days=2)
    last = judged(under({MIKKELI: "core"}, "six"))
    assert seen(first) == both
    assert seen(date(2026, 2, 1)) == both[:1], "as far as we know it always was so"
    assert seen(without) == both[1:]
    assert seen(without + timedelta(days=1)) == both[1:]
    assert seen(again) == both
    assert counts(scene.store.engine, by=("municipality",), region="seutu") == counts(
        scene.store.engine, by=("municipality",), region="seutu", on=last
    )


def test_a_municipality_that_has_merged_is_counted_by_its_name_on_a_day_before(scene: Scene) -> None:
    scene.clock.at("2020-12-20 12:00")
    scene.harvest(TOWN, [posting("1", codes=("099",))])
    scene.curate()
    scene.clock.at("2021-01-02 12:00")
    scene.curate()
    told = [
        [
            (row["municipality"], row["municipality_name"])
            for row in counts(scene.store.engine, by=("municipality",), on=on)
        ]
        for on in (date(2020, 12, 31), date(2021, 1, 2))
    ]
    assert told == [[("099", "Honkajoki")], [("214", "Kankaanpää")]]
