"""What has closed loses its text when its card says so, and stays what it was in every count."""

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

import pytest
from sqlalchemy import insert, select

from harvest.records import Gone, Kind, RawPosting
from normalize.facts import posting as posting_of
from normalize.packing import unpack
from normalize.records import Posting
from store.tables import PostingRow, ProblemRow, table
from store.write.retention import PROBLEMS_STAY, forget_problems
from tests.built import MIKKELI, Scene, card, many, posting

AT_ONCE = card(retention={"closed_text": "0"}, removal={"mode": "stream"})
LATER = card(retention={"closed_text": "30d"}, removal={"misses": 1})
SECRET = "Soppaa syntyy ja leipää paistetaan"


def said(scene: Scene) -> str:
    """Everything that the database holds, as text in small letters."""
    told = repr(scene.snapshot())
    return (told + "".join(repr(unpack(row["packed"])) for row in scene.rows(PostingRow))).casefold()


def cleaned(ref: str, **fields: str) -> Posting:
    """A posting as cleaning makes it of a source's own words."""
    digest = blake2b(repr(fields).encode(), digest_size=16).digest()
    raw = RawPosting(
        source="town",
        kind=Kind.VACANCY,
        ref=ref,
        fields=fields,
        digest=digest,
        page="https://town.example",
        fetched=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return next(one for one in posting_of(raw) if isinstance(one, Posting))


WORDS = ("keittäjä", "salakuja", "58450", "soppaa", "lyhyesti", "paistetaan")


def test_no_word_of_title_text_or_address_is_left_of_what_cleaning_made(scene: Scene) -> None:
    """Nor in a reason, nor in what is kept for ever of a move."""
    told = {"title": "Keittäjä Kesälahdelle", "text": f"<p>{SECRET}</p>", "summary": "Lyhyesti sanottuna",
            "employer": "Ravintola Oy", "salary": "15 soppaa"}  # fmt: skip
    scene.harvest(AT_ONCE, [cleaned("1", **told, address="Salakuja 3, 58450 Punkaharju")])
    scene.curate()
    scene.harvest(AT_ONCE, [cleaned("1", **told, address="Salakuja 3, 50100 Mikkeli")])
    scene.curate()
    assert [change[0] for change in scene.changes()] == ["added", "moved"]
    assert {word for word in WORDS if word in said(scene)} == {*WORDS} - {"58450"}
    scene.harvest(AT_ONCE, [], more=[Gone(ref="1", because="archived")])
    scene.curate()
    assert [word for word in WORDS if word in said(scene)] == []
    assert scene.municipalities("1") == [MIKKELI], "where it was stays known"


def test_where_the_terms_forbid_it_nothing_is_kept_of_a_closed_text_once_it_is_judged(scene: Scene) -> None:
    cook = posting("1", title="Keittäjä Kesälahdelle", plain={"fi": SECRET}, summaries={"fi": f"Lyhyesti: {SECRET}"})
    scene.harvest(AT_ONCE, [cook, posting("2")])
    scene.curate()
    assert SECRET.casefold() in said(scene)
    scene.harvest(AT_ONCE, [posting("2")], more=[Gone(ref="1", because="archived")])
    scene.curate()
    listing = scene.listing("1")
    assert (listing["status"], listing["status_because"], listing["titles"]) == ("closed", "archived", "{}")
    assert SECRET.casefold() not in said(scene)
    assert "keittäjä" not in said(scene), "nor in a reason"
    assert json.loads(scene.listing("2")["titles"]) == {"fi": "Työ 2"}


def test_a_text_is_kept_for_as_long_as_the_card_says_and_no_day_longer(scene: Scene) -> None:
    scene.harvest(LATER, many(2))
    scene.curate()
    scene.day(LATER, many(1))
    for day, titles in ((29, {"fi": "Työ 001"}), (30, {})):
        scene.clock.at(f"{date(2026, 11, 25) + timedelta(days=day)} 10:00")
        scene.curate()
        assert json.loads(scene.listing("001")["titles"]) == titles
    assert scene.changes()[-1][0] == "closed", "a reader hears nothing of it"


def test_what_is_open_keeps_its_text_however_old(scene: Scene) -> None:
    scene.harvest(AT_ONCE, [posting("1", plain={"fi": SECRET})])
    scene.clock.move(days=400)
    scene.curate()
    assert SECRET.casefold() in said(scene)


def test_what_ends_by_date_is_forgotten_in_the_same_curation(scene: Scene) -> None:
    scene.harvest(AT_ONCE, [posting("1", plain={"fi": SECRET}, ends_on=date(2026, 11, 24))])
    scene.curate()
    scene.clock.at("2026-11-25 00:00")
    scene.curate()
    assert scene.status("1") == "closed"
    assert SECRET.casefold() not in said(scene)


def test_what_returns_has_its_text_again(scene: Scene) -> None:
    scene.harvest(AT_ONCE, [posting("1", plain={"fi": SECRET})])
    scene.harvest(AT_ONCE, [], more=[Gone(ref="1", because="archived")])
    scene.curate()
    scene.day(AT_ONCE, [posting("1", plain={"fi": SECRET})])
    assert scene.status("1") == "open"
    assert SECRET.casefold() in said(scene)
    assert json.loads(scene.listing("1")["titles"]) == {"fi": "Työ 1"}


@pytest.mark.parametrize("ref", ["a", "b"])
def test_a_double_advert_stays_one_when_its_texts_are_gone(scene: Scene, ref: str) -> None:
    double = [posting(one, title="Työ", url="", plain={"fi": SECRET}) for one in ("a", "b")]
    scene.harvest(AT_ONCE, double)
    scene.curate()
    assert scene.groups() == [["town/a", "town/b"]]
    gone = [Gone(ref=one, because="archived") for one in (ref, "b" if ref == "a" else "a")]
    scene.harvest(AT_ONCE, [], more=gone[:1])
    scene.curate()
    assert scene.groups() == [["town/a", "town/b"]], "one of them is forgotten, the other speaks"
    assert json.loads(scene.listing(ref)["titles"]) == {"fi": "Työ"}
    scene.harvest(AT_ONCE, [], more=gone[1:])
    scene.curate()
    scene.touch_everything()
    scene.curate()
    assert scene.groups() == [["town/a", "town/b"]]
    assert SECRET.casefold() not in said(scene)


def test_a_change_of_the_card_counts_from_the_next_curation(scene: Scene) -> None:
    scene.harvest(LATER, [posting("1", plain={"fi": SECRET}), posting("2")])
    scene.day(LATER, [posting("2")])
    assert SECRET.casefold() in said(scene)
    scene.store.declare_again([card(retention={"closed_text": "0"}, removal={"misses": 1})])
    scene.curate()
    assert SECRET.casefold() not in said(scene)


def test_problems_of_old_runs_are_deleted_but_for_the_newest_run_of_each_source(scene: Scene) -> None:
    engine, ids = scene.store.engine, {}
    for slug in ("town", "town", "rare"):
        run = scene.harvest(card(slug), many(1, source=slug)).id
        ids.setdefault(slug, []).append(run)
        with engine.begin() as connection:
            told = {
                "run": run,
                "source": slug,
                "step": "keep",
                "reason": "off_topic",
                "about": "1",
                "detail": "x",
                "drops": True,
            }
            connection.execute(insert(table(ProblemRow)), told)
    assert forget_problems(engine, scene.clock.now.date() + PROBLEMS_STAY) == 0
    assert forget_problems(engine, scene.clock.now.date() + PROBLEMS_STAY + timedelta(days=1)) == 1
    with engine.connect() as connection:
        left = set(connection.execute(select(table(ProblemRow).c.run)).scalars())
    assert left == {ids["town"][-1], ids["rare"][-1]}
