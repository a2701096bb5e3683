"""When a listing counted where: in event time, with a reason at both ends, so that every count is a sum of spells."""

from datetime import UTC, date, datetime

from harvest.records import Gone
from normalize.dates import midnight
from tests.built import HELSINKI_CODE, KOUVOLA, MIKKELI, Scene, card, many, posting

TOWN, OTHER = card(removal={"misses": 1}), card("other", removal={"misses": 1})


def test_a_listing_counts_from_its_publication_in_the_world(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", published_on=date(2026, 11, 20)), posting("2")])
    scene.curate()
    began = {row["began"] for row in scene.spells()}
    assert began == {midnight(date(2026, 11, 20)), scene.clock.now}
    assert {row["recorded"] for row in scene.spells()} == {scene.clock.now}
    assert [scene.total(on=date(2026, 11, day)) for day in (19, 20, 23, 24)] == [0, 1, 1, 2]


def test_what_is_published_later_counts_from_that_midnight_however_late_it_is_judged(scene: Scene) -> None:
    early, late = posting("1", published_on=date(2026, 11, 26)), posting("2", published_on=date(2026, 11, 26))
    scene.harvest(TOWN, [early])
    scene.curate()
    scene.clock.at("2026-11-26 09:00")
    scene.harvest(TOWN, [early, late])
    scene.curate()
    assert [(row["began"], row["recorded"]) for row in scene.spells()] == [
        (midnight(date(2026, 11, 26)), scene.clock.now), (midnight(date(2026, 11, 26)), scene.clock.now),
    ]  # fmt: skip
    assert [scene.total(on=date(2026, 11, day)) for day in (25, 26)] == [0, 2]


def test_what_is_shown_again_counts_from_when_it_was(scene: Scene) -> None:
    once = posting("1", published_on=date(2026, 11, 20))
    scene.day(TOWN, [once])
    scene.day(TOWN, [])
    scene.day(TOWN, [once])
    assert [row["began"] for row in scene.spells()] == [midnight(date(2026, 11, 20)), scene.clock.now]


def test_an_end_by_date_counts_to_that_midnight_however_late_it_is_swept(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", ends_on=date(2026, 11, 26))])
    scene.curate()
    scene.clock.at("2026-11-30 12:00")
    scene.curate()
    (spell,) = scene.spells()
    assert spell["ended"] == datetime(2026, 11, 26, 22, 0, tzinfo=UTC)
    assert (spell["ended_because"], spell["ended_recorded"]) == ("ended 2026-11-26", scene.clock.now)
    assert [scene.total(on=date(2026, 11, day)) for day in (23, 24, 26, 27)] == [0, 1, 1, 0]


def test_a_move_ends_one_spell_and_begins_another_on_the_same_moment(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", codes=(MIKKELI,))])
    scene.day(TOWN, [posting("1", codes=(KOUVOLA,))])
    (old,), (new,) = scene.spells(f"municipality:{MIKKELI}"), scene.spells(f"municipality:{KOUVOLA}")
    assert old["ended"] == new["began"] == scene.clock.now
    assert old["ended_because"] == new["began_because"]
    assert "286 Kouvola" in new["began_because"]
    assert len(scene.spells()) == 1, "it never ceased to count as a whole"
    assert (len(scene.spells("region:mikkeli")), len(scene.spells("region:kouvola"))) == (1, 1)


def test_a_merger_ends_the_spells_of_the_younger(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", title="Kokki")])
    scene.day(OTHER, [posting("a", title="Tarjoilija", source="other")])
    younger = scene.listing("a", "other")["id"]
    scene.day(OTHER, [posting("a", title="Kokki", source="other")])
    spells = [(row["listing"] == younger, row["postings"], row["ended"] is None) for row in scene.spells()]
    assert spells == [(False, 1, False), (True, 1, False), (False, 2, True)]
    assert (scene.total(), scene.total(on=date(2026, 11, 26))) == (1, 2)


def test_another_number_of_openings_is_another_spell(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", openings=1)])
    scene.day(TOWN, [posting("1", openings=3)])
    assert [(row["openings"], row["ended"] is None) for row in scene.spells()] == [(1, False), (3, True)]


def test_every_count_is_the_number_of_open_listings_on_every_day(scene: Scene) -> None:
    days: dict[date, int] = {}
    for number, (here, there) in enumerate([(5, 2), (4, 3), (4, 0), (0, 2), (3, 3), (6, 1)]):
        ends = date(2026, 11, 28)
        scene.clock.move(days=1)
        scene.harvest(OTHER, many(there, source="other", codes=(HELSINKI_CODE,)))
        scene.day(TOWN, [posting(f"e{number}", ends_on=ends), *many(here)], hours=1)
        days[scene.clock.today] = scene.total()
        assert scene.total() == len(scene.exported())
    assert {day: scene.total(on=day) for day in days} == days


def test_what_a_late_curation_finds_counts_from_when_it_happened(scene: Scene) -> None:
    scene.day(TOWN, many(2))
    scene.clock.move(days=1)
    scene.harvest(TOWN, many(1))
    found_out = scene.clock.now
    assert scene.total(on=date(2026, 11, 26)) == 2, "not yet judged"
    scene.clock.move(days=3)
    scene.curate()
    assert [scene.total(on=date(2026, 11, day)) for day in (25, 26, 27)] == [2, 1, 1]
    gone = next(row for row in scene.spells() if row["ended"])
    assert (gone["ended"], gone["ended_recorded"]) == (found_out, scene.clock.now)


def test_what_its_source_takes_back_counts_until_that_was_found_out(scene: Scene) -> None:
    scene.harvest(TOWN, many(2))
    scene.curate()
    began = scene.clock.now
    scene.clock.move(hours=2)
    scene.harvest(TOWN, many(1), more=[Gone(ref="001", because="taken back")])
    scene.curate()
    (spell,) = [row for row in scene.spells() if row["ended"]]
    assert (spell["began"], spell["ended"], spell["ended_because"]) == (began, scene.clock.now, "taken back")


def test_a_listing_that_is_hidden_or_ended_never_counted(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", published_on=date(2026, 12, 1)), posting("2", ends_on=date(2026, 11, 1))])
    scene.curate()
    assert scene.spells() == []
