import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

from pocket import truth
from pocket.advert import Advert, joinable, shown
from pocket.bulletin import NEWS_TOWNS
from pocket.cards import cards
from pocket.world import FROZEN, SITES, World

TODAY = date(2026, 9, 15)


def vacancies(world: World) -> list[dict]:
    return [each for each in world.truth()["postings"] if each["kind"] == "vacancy"]


def rendered(world: World) -> list:
    return [(advert.site, advert.ref, shown(advert)) for site in SITES for advert in world.adverts(site)]


def copies_of(world: World, of: str) -> list[Advert]:
    there = [each for site in SITES for each in world.adverts(site) if each.original]
    return [each for each in there if joinable(each, each.original) == of]


def test_the_same_seed_gives_the_same_world_down_to_the_texts_also_after_days():
    one, two = World(7, 120, today=TODAY), World(7, 120, today=TODAY)
    assert rendered(one) == rendered(two)
    assert one.advance(3) == two.advance(3)
    assert rendered(one) == rendered(two)
    assert one.truth() == two.truth()


def test_another_seed_gives_another_world():
    assert rendered(World(7, 120, today=TODAY)) != rendered(World(8, 120, today=TODAY))


def test_about_a_fifth_are_copies_half_of_them_exact_one_in_six_in_another_language_and_about_a_third_has_look_alikes():
    told = vacancies(World(2021, 4000, today=TODAY))
    joinable = Counter(each["joinable"] for each in told)
    copies = len(told) - joinable[""]
    assert 0.16 < copies / len(told) < 0.24
    assert 0.4 < joinable["exact"] / copies < 0.6
    assert 0.1 < joinable["semantic"] / copies < 0.25
    assert set(joinable) == {"", "exact", "partial", "semantic"}
    assert 0.24 < sum(bool(each["family"]) for each in told) / len(told) < 0.36
    assert {each["family"] for each in told} == {"", "town", "unit", "contract", "later"}


def test_every_pilot_area_and_every_bucket_has_postings():
    told = vacancies(World(2021, 400, today=TODAY))
    codes = {code for each in told for code in each["municipalities"]}
    assert codes >= {"091", "049", "092", "837", "286", "905", "491", "305", "832"}
    assert {each["bucket"] for each in told} == {"", "remote", "national", "abroad", "unplaced"}
    assert all(bool(each["municipalities"]) != bool(each["bucket"]) for each in told)


def test_texts_come_in_three_languages_and_are_of_a_fair_length():
    facts = [shown(advert) for advert in World(2021, 400, today=TODAY).adverts("tpt")]
    assert {each.language for each in facts} == {"fi", "sv", "en"}
    whole = [len(each.text) for each in facts if "…" not in each.text]
    assert min(whole) > 500
    assert max(whole) < 2000
    assert not any("{" in each.text for each in facts)


def test_an_exact_copy_shows_what_an_exact_rule_needs():
    world = World(2021, 2000, today=TODAY)
    for advert in copies_of(world, "exact"):
        copy, original = shown(advert), shown(advert.original)
        if advert.differs & {"link", "same page"}:
            continue
        if "reference" in advert.differs:
            assert advert.vacancy.reference in copy.text
            assert advert.vacancy.reference in original.text
            assert copy.employer == original.employer
        else:
            assert "fields" in advert.differs
            assert (copy.title, copy.employer, copy.towns) == (original.title, original.employer, original.towns)
            assert advert.site != advert.original.site or copy.text == original.text


def test_a_partial_copy_shows_another_title_employer_or_end_or_another_text_on_the_same_board():
    for advert in copies_of(World(2021, 2000, today=TODAY), "partial"):
        copy, original = shown(advert), shown(advert.original)
        assert copy.language == original.language
        if (copy.title, copy.employer) == (original.title, original.employer):
            assert advert.site == advert.original.site
            assert copy.text != original.text


def test_a_semantic_copy_is_in_another_language():
    for advert in copies_of(World(2021, 2000, today=TODAY), "semantic"):
        assert shown(advert).language != shown(advert.original).language


def test_a_copy_whose_original_got_more_time_is_no_longer_exactly_the_same():
    copy = next(
        each for each in copies_of(World(2021, 2000, today=TODAY), "exact") if each.differs >= {"fields"} and each.ends
    )
    assert joinable(copy, replace(copy.original, extended=7)) == "partial"


def test_references_are_unique_on_each_site():
    world = World(2021, 3000, today=TODAY)
    told = vacancies(world)
    assert len({(each["source"], each["ref"]) for each in told}) == len(told)


def test_advance_changes_exactly_what_it_says():
    world = World(2021, 1000, today=TODAY)
    before = {(advert.site, advert.ref): advert for site in SITES for advert in world.adverts(site)}
    moved = world.advance()
    after = {(advert.site, advert.ref): advert for site in SITES for advert in world.adverts(site)}
    assert world.today == date(2026, 9, 16)
    assert len(after.keys() - before.keys()) == moved.new > 0
    assert len(before.keys() - after.keys()) == moved.gone > 0
    both = before.keys() & after.keys()
    assert sum(before[key] != after[key] for key in both) == moved.changed > 0
    gone = {(each["source"], each["ref"]) for each in vacancies(world) if not each["open"]}
    assert gone == before.keys() - after.keys()


def test_the_frozen_site_never_changes():
    world = World(2021, 400, today=TODAY)
    before, changed = world.adverts(FROZEN), world.changed_on(FROZEN)
    world.advance(5)
    assert world.adverts(FROZEN) == before
    assert world.changed_on(FROZEN) == changed


def test_a_change_is_seen_in_the_text_or_in_the_end():
    world = World(2021, 100, today=TODAY)
    advert = next(each for each in world.adverts("tpt") if not each.differs and each.ends)
    assert shown(advert).text != shown(replace(advert, revision=1)).text
    assert shown(advert).ends != shown(replace(advert, extended=7)).ends


def test_the_truth_is_written_as_json(tmp_path: Path):
    import json

    world = World(2021, 50, today=TODAY)
    truth.write(world.truth(), tmp_path / "truth.json")
    assert json.loads((tmp_path / "truth.json").read_text()) == world.truth()


def test_a_small_world_has_work_trials_and_cards_that_allow_an_export():
    trials = [
        each for each in World(2021, 400, today=TODAY).adverts("vantaa") if each.vacancy.work_form == "work_trial"
    ]
    assert len(trials) >= 3
    addresses = dict.fromkeys(("tpt", "kuntarekry", "vantaa", "osterbotten", "pilvi", "ptv", *NEWS_TOWNS), "http://x")
    rights = {slug: tomllib.loads(text)["rights"].get("export", "no") for slug, text in cards(addresses).items()}
    assert set(rights.values()) == {"full", "facts", "link", "no"}
    assert rights["vantaa"] == "full"
