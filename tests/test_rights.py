"""Every exit lets out what a card allows, and nothing more: one walk with a card of each kind.

A new exit is one function in ``EXITS``: given a scene, all that it lets out, as one text.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from harvest.records import Problem, Reason, Step
from harvest.source import EXITS as CARD_EXITS
from normalize.records import Channel, Evidence, Posting
from normalize.vocabulary import Act, Level
from schedules.cli import app
from schedules.commands.export import harmless
from store import db
from store.explain import explain
from tests.built import MIKKELI, Scene, card, posting

RIGHTS = ("full", "facts", "link", "no")


def secret(name: str) -> dict[str, Any]:
    """Facts of a posting in which each says what it is, so that a leak names itself."""
    return {
        "title": f"Otsikko{name}",
        "summaries": {"fi": f"Tiivistelmä{name}"},
        "plain": {"fi": f"Teksti{name}"},
        "html": {"fi": f"<p>Teksti{name}</p>"},
        "employer": f"Työnantaja{name}",
        "address": f"Katu{name} 1",
        "channels": (Channel(kind="phone", phone=f"040{name}", email=f"{name}@post.example"),),
        "evidence": (
            Evidence(level=Level.NAME, field="place", value=f"Mikkeli, Paikka{name}", rule="municipality name Mikkeli",
                     weight=0.95, codes=(MIKKELI,)),
        ),
    }  # fmt: skip


def view(scene: Scene) -> list[dict[str, Any]]:
    with scene.store.engine.connect().execution_options(readonly=True) as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM curated_listing ORDER BY id")).mappings()]


def export(scene: Scene, form: str) -> tuple[str, str]:
    """What the command writes, and what it says beside it."""
    said = typed(scene, "export", "--format", form)
    return said.stdout, said.stderr


def typed(scene: Scene, *words: str) -> Result:
    """A command on the scene's database; through its engine, since no process ends here that would close another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "opened", lambda _url, _create: scene.store.engine)
        said = CliRunner().invoke(app, [*words, "--database", "sqlite://"], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    return said


EXITS: Mapping[str, tuple[str, Callable[[Scene], str]]] = {
    "view": ("page", lambda scene: json.dumps(view(scene), default=str, ensure_ascii=False)),
    "csv": ("export", lambda scene: export(scene, "csv")[0]),
    "jsonl": ("export", lambda scene: export(scene, "jsonl")[0]),
}


@pytest.fixture
def four(scene: Scene) -> Scene:
    """A card of each kind at every exit, with one posting."""
    for right in RIGHTS:
        exits = dict.fromkeys(("page", "markup", "feed", "api", "embed", "export"), right)
        source = card(right, rights={"basis": "agreement", **exits})
        scene.harvest(source, [posting("1", source=right, **secret(right.upper()))])
    scene.curate()
    return scene


@pytest.mark.parametrize("name", EXITS)
def test_nothing_of_a_card_that_says_no_leaves(four: Scene, name: str) -> None:
    assert "NO" not in EXITS[name][1](four)


@pytest.mark.parametrize("name", EXITS)
def test_a_card_that_allows_a_link_gives_title_address_and_attribution_only(four: Scene, name: str) -> None:
    out = EXITS[name][1](four)
    assert "OtsikkoLINK" in out
    assert "https://link.example/jobs/1" in out
    assert "Source: link" in out
    assert out.count("LINK") == 1


LET_OUT = {"id", "kind", "language", "url", "source", "attribution", "municipalities", "regions", "first_seen"}
EDITION = {"classification", "rules"}


@pytest.mark.parametrize(
    ("name", "columns"),
    [("view", {"title_fi"}), ("csv", {"titles_fi"} | EDITION), ("jsonl", {"titles"} | EDITION)],
)
def test_with_a_link_exactly_these_columns_hold_something(four: Scene, name: str, columns: set[str]) -> None:
    out = EXITS[name][1](four)
    rows: list[dict[str, Any]] = {
        "view": lambda: json.loads(out),
        "csv": lambda: list(csv.DictReader(io.StringIO(out))),
        "jsonl": lambda: [json.loads(line) for line in out.splitlines()],
    }[name]()
    (row,) = (row for row in rows if row["source"] == "link")
    assert {key for key, value in row.items() if value} == LET_OUT | columns
    ours = ([MIKKELI], ["mikkeli"]) if name == "jsonl" else (MIKKELI, "mikkeli")
    assert (row["municipalities"], row["regions"]) == ours, "places are our own judgement"


@pytest.mark.parametrize("name", EXITS)
def test_a_card_that_allows_facts_gives_no_text(four: Scene, name: str) -> None:
    out = EXITS[name][1](four)
    assert "OtsikkoFACTS" in out
    assert "TyönantajaFACTS" in out
    assert "TekstiFACTS" not in out
    assert "PaikkaFACTS" not in out


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_the_text_leaves_only_with_full(four: Scene, name: str) -> None:
    out = EXITS[name][1](four)
    assert "TekstiFULL" in out
    assert out.count("Teksti") == 1


NUMBER, ADDRESS = "puh. 040 123 4567", "maija.mallinen@post.example"
PERSON = f"Maija Mallinen, {NUMBER}, {ADDRESS}"
"""As adverts have it in any field."""

OPERATOR: Mapping[str, Callable[[Scene], str]] = {
    "explain": lambda scene: typed(scene, "explain", "full-1").stdout,
    "explain as JSON": lambda scene: typed(scene, "explain", "full-1", "--json").stdout,
    "explain by a reference that is a contact": lambda scene: typed(scene, "explain", ADDRESS, "--json").stdout,
    "explain what stayed behind": lambda scene: typed(scene, "explain", f"0401234567 {ADDRESS}").stdout,
    "runs": lambda scene: typed(scene, "runs", "full").stdout,
    "runs as JSON": lambda scene: typed(scene, "runs", "full", "--json").stdout,
    "problems": lambda scene: typed(scene, "runs", "--problems", "1").stdout,
    "problems as JSON": lambda scene: typed(scene, "runs", "--problems", "1", "--json").stdout,
}


@pytest.fixture
def talkative(scene: Scene) -> Scene:
    """A source that names a person wherever it can, and lets all out everywhere."""
    said = {"title": f"Kokki, {NUMBER}", "summaries": {"fi": PERSON}, "plain": {"fi": PERSON}, "employer": PERSON,
            "channels": (Channel(kind="phone", phone=NUMBER, email=ADDRESS),),
            "evidence": (Evidence(level=Level.NAME, field="place", value=f"Mikkeli, {PERSON}", rule="municipality name",
                                  weight=0.95, codes=(MIKKELI,)),)}  # fmt: skip
    full = card("full", rights={"basis": "own data", **dict.fromkeys(CARD_EXITS, "full")})
    slips = [
        Problem(step=Step.CLEAN, reason=Reason.BAD_DATE, about="full-1 ends", detail=f"{PERSON!r} is not a date"),
        Problem(step=Step.CLEAN, reason=Reason.BAD_DATE, about=f"{ADDRESS} ends", detail="'040 1234567' is not a date"),
        Problem(step=Step.KEEP, reason=Reason.OFF_TOPIC, about=f"0401234567 {ADDRESS}", detail=PERSON, drops=True),
    ]
    listed = [posting("full-1", source="full", **said), posting(ADDRESS, source="full", url="", **said)]
    scene.harvest(full, listed, more=slips, detail=PERSON)
    scene.curate()
    return scene


@pytest.mark.parametrize("name", [*OPERATOR, "csv", "jsonl"])
def test_contact_facts_leave_nowhere(talkative: Scene, name: str) -> None:
    out = OPERATOR[name](talkative) if name in OPERATOR else EXITS[name][1](talkative)
    words = " ".join(out.split())
    assert "1234567" not in words.replace(" ", "")
    assert "maija.mallinen" not in words
    assert "[phone]" in words or "[e-mail]" in words or name == "runs", "which shows no details"


def test_a_page_shows_an_advert_as_it_was_published_and_never_its_channels(talkative: Scene) -> None:
    out = EXITS["view"][1](talkative)
    assert out.count(NUMBER) == len(("title", "summary", "employer"))
    (one,) = talkative.exported()
    assert one["text"] == {"fi": PERSON}


@pytest.mark.parametrize(("exit_", "names"), [("page", ["view"]), ("export", ["csv", "jsonl"])])
def test_each_exit_has_its_own_right(scene: Scene, exit_: str, names: list[str]) -> None:
    closed = {"page": "no", "export": "no"}
    scene.harvest(card(rights={"basis": "agreement", **closed, exit_: "facts"}), [posting("1", **secret("X"))])
    scene.curate()
    shown = [name for name in EXITS if "OtsikkoX" in EXITS[name][1](scene)]
    assert shown == names


@pytest.mark.parametrize("speaks", ["full", "facts", "link"])
@pytest.mark.parametrize("silent", ["full", "facts", "link", "no"])
@pytest.mark.parametrize("name", EXITS)
def test_a_merged_listing_never_shows_what_another_member_says(
    scene: Scene, name: str, speaks: str, silent: str
) -> None:
    exits = ("page", "export")
    told: list[Posting] = []
    for slug, right, trust in (("speaks", speaks, 0.9), ("silent", silent, 0.1)):
        source = card(slug, trust=trust, rights={"basis": "agreement", **dict.fromkeys(exits, right)})
        facts = secret(slug.upper())
        if slug == "silent":
            signs = facts["evidence"]
            facts["evidence"] = (*signs, *(_stronger(one, "SILENT") for one in signs))
        told.append(posting("1", source=slug, **facts))
        scene.harvest(source, told[-1:])
        scene.clock.move(minutes=5)
    scene.decide(Act.SAME, *told)
    scene.curate()
    assert len(scene.groups()) == 1
    out = EXITS[name][1](scene)
    assert "OtsikkoSPEAKS" in out
    assert "SILENT" not in out
    assert ("silent" in out) <= (silent != "no"), "a card that says no is not even named"


def _stronger(sign: Evidence, name: str) -> Evidence:
    """Evidence in a title, so heavy that it decides."""
    return Evidence(level=Level.NAME, field="title", value=f"Otsikko{name} Mikkelissä", rule="local case", weight=0.99,
                    codes=sign.codes)  # fmt: skip


def test_an_export_says_what_it_leaves_out_and_by_which_rules(four: Scene) -> None:
    out, beside = export(four, "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 3
    assert all(row["rules"] and row["classification"] and row["attribution"] and row["source"] for row in rows)
    assert [row["municipalities"] for row in rows if row["source"] != "link"] == [MIKKELI, MIKKELI]
    assert "3 listings written; left out, since their cards do not allow export: 1 of no" in beside


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_codes_keep_their_leading_zeros(scene: Scene, form: str) -> None:
    scene.harvest(card(rights={"basis": "own data", "export": "facts"}), [posting("1", codes=("091",))])
    scene.curate()
    assert "091" in export(scene, form)[0]


FORMULA = re.compile(r"\A[^\w']*?[=+@＝＋＠－-]")
"""How the strictest reader would find one: what is no letter, digit or apostrophe is dropped from the beginning."""

ATTACKS = [
    *("=", "+", "-", "@", "＝", "＋", "－", "＠"),
    *("\t=", " =", "\r@", "\n+", "\r\n=", "\v=", "\f=", "\x00=", "\x1f=", "\x7f=", "\x85="),
    *(
        "\ufeff=",
        "\u200b=",
        "\u200d@",
        "\u2060=",
        "\xad=",
        "\xa0=",
        "\u3000=",
        "\u202e=",
        "\u2066=",
        "\u2028=",
        "\ufe0f=",
    ),
    *(" \ufeff\t\u200b =", '"=', '""=', ' "\ufeff='),
    *(
        "Kokki;=",
        "Kokki; =",
        'Kokki;"=',
        "Kokki;\ufeff=",
        "Kokki;;@",
        "Kokki;1;-",
        "Kokki\t=",
        "Kokki\n=",
        "Kokki\r\n\n+",
    ),
    *('Kokki, "hyvä";=', "Kokki;\n=", "Kokki\u2028="),
]


@pytest.mark.parametrize("start", ATTACKS)
def test_no_spreadsheet_takes_a_cell_for_a_formula(start: str) -> None:
    told = harmless(f"{start}HYPERLINK(1)")
    assert isinstance(told, str)
    assert told.replace("'", "") == f"{start}HYPERLINK(1)"
    for cell in re.split(r"[;\t\n\v\f\r\x85\u2028\u2029]", told):
        assert not FORMULA.match(cell), cell


@pytest.mark.parametrize(
    "said",
    [
        "Kokki = keittäjä",
        "",
        "a+b",
        "C++-kehittäjä",
        "puh. (09) 1-2",
        "1; 2; 3",
        "maija@x",
        "'=1",
        "2026-11-24",
        "a;b=c",
        "\ufeffKokki",
    ],
)
def test_what_is_no_formula_stays_as_it_is(said: str) -> None:
    assert harmless(said) == said


def test_a_cell_that_is_no_text_stays_one() -> None:
    assert harmless(3) == 3
    assert harmless(None) == ""


def test_a_cell_of_nothing_but_beginnings_takes_no_longer_than_its_length() -> None:
    assert harmless("\n" * 200_000 + "=") == "\n" * 200_000 + "'="
    assert harmless(" " * 200_000) == " " * 200_000


def test_every_cell_of_an_export_is_harmless(scene: Scene) -> None:
    formula = "Kokki;=HYPERLINK(1)"
    scene.harvest(
        card(rights={"basis": "own data", "export": "full"}, attribution=formula),
        [posting("1", title=formula, employer=formula, plain={"fi": formula}, summaries={"fi": formula})],
    )
    scene.curate()
    (row,) = csv.DictReader(io.StringIO(export(scene, "csv")[0], newline=""))
    assert ";=" not in str(row)
    assert str(row).count(";'=HYPERLINK(1)") == len(("title", "employer", "text", "summary", "attribution"))


def test_the_explanation_is_the_operators_whatever_a_card_allows(four: Scene) -> None:
    trace = explain(four.store.engine, "https://no.example/jobs/1")
    assert trace is not None
    assert trace["titles"] == {"fi": "OtsikkoNO"}


def test_sources_tells_which_card_was_removed(four: Scene) -> None:
    told = typed(four, "sources").stdout
    assert told.count("disabled: its card was removed") == len(RIGHTS)
    told = json.loads(typed(four, "sources", "--json").stdout)
    states = {row["source"]: (row["enabled"], row["disabled_because"]) for row in told if row["source"] in RIGHTS}
    assert states == dict.fromkeys(RIGHTS, (False, "its card was removed"))


def test_the_command_names_what_else_is_called_so(four: Scene) -> None:
    told = typed(four, "explain", "1").stdout
    assert told.startswith("3 more of that name, to be asked for by posting or listing:")
    assert "ref 1 of no, open" in told
