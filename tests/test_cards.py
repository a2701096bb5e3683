"""The cards that ship: each can be used, says by what right, when it was looked at, and has a recorded page of its family."""

import re
import tomllib
from datetime import date

import pytest
from typer.testing import CliRunner

from harvest.source import SHIPPED, Source, load_sources
from normalize.region import REGIONS, load_regions
from schedules.cli import app
from tests.test_recorded import FOLDERS

CARDS = load_sources([SHIPPED])
ENABLED = [card for card in CARDS.values() if card.enabled]
PILOT = {"helsinki", "espoo", "vantaa", "tampere", "kouvola", "vaasa", "mikkeli", "kuusamo", "taivalkoski"}


def family(card: Source) -> str:
    """Cards that read the same pages in the same way: whose they are, and how many at most, makes no difference."""
    adapter = card.adapter.model_dump_json(exclude={"details": {"budget"}})
    return f"{card.kind} {adapter} {sorted(card.lookups.items())} {card.keep.model_dump_json()}"


def named(cards: list[Source]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("card", cards, ids=lambda card: card.slug)


def test_check_finds_all_cards_regions_and_themes_in_order():
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0, result.output
    assert f"{len(CARDS)} cards" in result.output
    assert f"({len(CARDS) - len(ENABLED)} of them disabled)" in result.output


@named(list(CARDS.values()))
def test_a_card_is_a_runbook(card):
    assert len(card.notes.split()) > 15, "notes are for the person on duty"
    assert re.fullmatch(r"[a-z0-9_]+", card.slug)
    assert date(2026, 1, 1) < card.checked
    assert re.match("Lähde: |Källa: ", card.attribution)


@named(ENABLED)
def test_an_enabled_card_says_by_what_right_and_shows_only_a_link_where_that_is_not_a_licence(card):
    assert card.rights is not None
    exits = {card.rights.markup, card.rights.feed, card.rights.api, card.rights.embed, card.rights.export}
    if card.rights.basis == "link only":
        assert (card.rights.page, exits) == ("link", {"no"})
    else:
        assert card.rights.link


@named(ENABLED)
def test_an_enabled_card_has_a_recorded_page_of_its_family(card):
    recorded = {family(CARDS[slug]) for slug in FOLDERS if slug in CARDS}
    assert family(card) in recorded


@named(ENABLED)
def test_an_enabled_card_waits_between_requests_and_expects_something_fresh(card):
    written = tomllib.loads((SHIPPED / f"{card.slug}.toml").read_text("utf-8"))
    assert {"schedule", "manners", "freshness", "removal", "expect"} <= set(written)
    assert card.manners.delay.total_seconds() >= 1
    if card.schedule.every:
        assert card.freshness.complete_within >= 2 * card.schedule.every
    else:
        assert card.freshness.complete_within.total_seconds() > 24 * 3600


@named([card for card in CARDS.values() if not card.enabled])
def test_a_disabled_card_says_why_in_a_sentence(card):
    assert card.disabled_because.endswith(".")
    assert len(card.disabled_because.split()) > 6


@named([card for card in CARDS.values() if card.kind in ("news", "event")])
def test_of_news_and_events_what_is_about_working_life_is_kept_and_waits_for_an_editor(card):
    assert (card.keep.topic, card.keep.publish) == ("working_life", "after_approval")


@named([card for card in CARDS.values() if card.kind == "news"])
def test_news_closes_nothing_by_absence_and_belongs_somewhere(card):
    assert card.removal.mode == "window"
    assert card.removal.max_age is not None
    assert len(card.defaults["municipality"]) == 3


def test_every_pilot_area_has_a_card_of_services_with_the_classes_of_work():
    services = {slug.removeprefix("ptv_"): card for slug, card in CARDS.items() if slug.startswith("ptv_")}
    assert set(services) == PILOT | {"pohjanmaa", "tampereen_seutu"}
    assert all(set(card.keep.classes) == {"P10", *(f"P10.{n}" for n in range(1, 8))} for card in services.values())
    codes = {slug: [start.rpartition("/")[2] for start in card.start] for slug, card in services.items()}
    assert len(codes["mikkeli"]) == 11, "the province of Etelä-Savo since 2025"
    assert codes["mikkeli"][0] == "491"
    regions, day = load_regions([REGIONS]), date(2026, 11, 24)
    for core, around in (("vaasa", "pohjanmaa"), ("tampere", "tampereen_seutu")):
        assert {*codes[core], *codes.pop(around)} == {*regions[core].members(day)}
    assert {slug: own for slug, own in codes.items() if slug != "mikkeli"} == {
        "helsinki": ["091"],
        "espoo": ["049"],
        "vantaa": ["092"],
        "tampere": ["837"],
        "kouvola": ["286"],
        "vaasa": ["905"],
        "kuusamo": ["305"],
        "taivalkoski": ["832"],
    }


def test_the_boards_of_municipalities_state_and_parishes_are_linked_to_and_ask_no_more_than_they_need():
    boards = [CARDS[slug] for slug in ("kuntarekry", "valtiolle", "kirkkorekry")]
    assert all(card.enabled and card.rights and card.rights.basis == "link only" for card in boards)
    assert all(card.manners.delay.total_seconds() >= 2 and card.removal.mode == "snapshot" for card in boards)
    assert CARDS["kirkkorekry"].adapter.paging.cap == 48


def test_events_come_as_a_stream_that_names_what_was_taken_back_and_wait_for_an_editor():
    card = CARDS["tapahtumat_helsinki"]
    assert (card.removal.mode, card.keep.publish) == ("stream", "after_approval")
    assert card.adapter.request.params["show_deleted"] == "true"
    assert "{watermark}" in card.adapter.request.params["last_modified_since"]


def test_what_robots_or_terms_refuse_ships_disabled():
    for slug in ("tpt_api", "tyomarkkinatori", "tyomarkkinatori_p67", "duunitori", "kuntarekry_mikkeli", "eures_suomi"):
        assert not CARDS[slug].enabled


def test_what_terms_forbid_to_pass_on_is_shown_on_our_own_pages_alone_and_forgotten_when_it_is_removed():
    card = CARDS["tyomarkkinatori_p67"]
    assert card.rights is not None
    exits = [card.rights.markup, card.rights.feed, card.rights.api, card.rights.embed, card.rights.export]
    assert (card.rights.page, exits) == ("full", ["no"] * 5)
    assert (card.retention.closed_text.total_seconds(), card.removal.mode) == (0, "stream")
    assert "contacts" in card.adapter.ignore
