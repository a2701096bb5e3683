"""aluetori new as it is typed: what is written, what is shown, and what is said of what cannot be joined."""

import io
import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from harvest.declaration import read
from harvest.records import HarvestError, Page, Problem, Reason, Request, Step
from harvest.source import Source
from normalize.region import load_regions
from schedules.joining import Asked, Drafted, join
from schedules.looking import Looked
from schedules.scrub import scrubbed
from tests.harvest.cards import Net
from tests.hostile import HostileServer, answer
from tests.test_cli import Shell, filled, shell
from tests.test_recorded import RECORDED

__all__ = ["filled", "shell"]

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ROWS = [
    {"id": f"K-{at}", "title": title, "location": "Mikkeli", "url": f"https://example.fi/{at}",
     "contact": {"name": "Essi Esimerkki"},
     "description": f"Soita ja kysy: essi.esimerkki@example.fi, 044 000 000{at}"}
    for at, title in enumerate(("Kokki", "Leipuri", "Siivooja"), 1)
]  # fmt: skip
BODY = json.dumps({"jobs": ROWS}).encode()


def a_person_reads(card: Path) -> None:
    """What a person does to a drafted card: says by what right, and enables it."""
    text = card.read_text("utf-8")
    because = 'enabled = false\ndisabled_because = "drafted by aluetori new, not yet read by a person"'
    for old, new in (
        (because, "enabled = true"),
        ('# [rights]\n# basis = "agreement"', '[rights]\nbasis = "own data"'),
        ('delay = "1s"', 'delay = "0s"'),
    ):
        assert old in text
        text = text.replace(old, new)
    card.write_text(text, "utf-8")


def drafted(config: Path, pages: dict[str, bytes], where: str = "https://example.fi/jobs", **more: str) -> Drafted:
    regions = load_regions()
    asked = Asked(
        where=where, slug=more.get("slug", ""), kind=more.get("kind", ""), publisher=more.get("publisher", ""),
        region=regions[more["region"]] if "region" in more else None,
    )  # fmt: skip
    return join(asked, Net(pages), config, {}, regions, NOW)


# -- what is drafted


def test_a_file_becomes_a_card_of_an_inbox_folder_that_harvests_it(shell: Shell) -> None:
    (shell.folder / "paikat.json").write_bytes(BODY)
    said = shell("new", "paikat.json", "--publisher", "Esimerkkikunta")
    assert (said.returncode, said.stderr) == (0, "")
    assert "Kokki (Esimerkkikunta)" in said.stdout
    assert "491 Mikkeli, region mikkeli, because municipality name Mikkeli in place" in said.stdout
    assert "aluetori check paikat --live" in said.stdout
    card = shell.folder / "config" / "sources" / "paikat.toml"
    assert tomllib.loads(card.read_text("utf-8"))["enabled"] is False
    a_person_reads(card)
    (shell.folder / "config" / "inbox" / "paikat" / "paikat.json").write_bytes(BODY)
    import os

    os.utime(shell.folder / "config" / "inbox" / "paikat" / "paikat.json", (1e9, 1e9))
    assert shell("check", "paikat").returncode == 0
    assert shell.json("harvest", "paikat")[0]["new"] == 3


def test_an_address_is_asked_with_all_manners_and_told_as_json(shell: Shell) -> None:
    shell.server.routes["/jobs"] = answer(200, BODY)
    told = shell.json("new", shell.server.url("/jobs"), "--slug", "kunta", "--region", "mikkeli", "--kind", "vacancy")
    assert [seen.path for seen in shell.server.log][:2] == ["/robots.txt", "/jobs"]
    assert all("tests@localhost" in seen.headers["user-agent"] for seen in shell.server.log)
    assert (told["slug"], told["adapter"], told["languages"]) == ("kunta", "json_api", ["fi"])
    assert [one["municipalities"] for one in told["postings"]] == [["491"]] * 3
    assert 'kind = "vacancy"' not in " ".join(told["unsure"])


def test_robots_that_refuse_are_obeyed(shell: Shell) -> None:
    shell.server.routes |= {
        "/robots.txt": answer(200, b"User-agent: *\nDisallow: /jobs\n"), "/jobs": answer(200, BODY),
    }  # fmt: skip
    said = shell("new", shell.server.url("/jobs"))
    assert (said.returncode, "robots.txt" in said.stderr) == (2, True)
    assert shell.server.asked("/jobs") == []


def test_nothing_is_asked_without_a_contact(shell: Shell) -> None:
    said = shell("new", shell.server.url("/jobs"), ALUETORI_CONTACT="")
    assert (said.returncode, shell.server.log) == (2, [])
    assert "set ALUETORI_CONTACT" in said.stderr


def test_what_is_there_is_never_overwritten(shell: Shell) -> None:
    (shell.folder / "good.json").write_bytes(BODY)
    before = (shell.folder / "config" / "sources" / "good.toml").read_bytes()
    said = shell("new", "good.json")
    assert (said.returncode, said.stdout) == (2, "")
    assert "there is a card good already" in said.stderr
    assert "--slug" in said.stderr
    assert (shell.folder / "config" / "sources" / "good.toml").read_bytes() == before
    said = shell("new", "good.json", "--slug", "vantaa_tyopaikat")
    assert "there is a card vantaa_tyopaikat already" in said.stderr


def test_a_card_without_rights_cannot_be_enabled_by_flipping_a_word(tmp_path: Path) -> None:
    card = drafted(tmp_path, {"/jobs": BODY}, slug="kunta").card
    text = card.read_text("utf-8")
    assert "unsure: by what right do we show this?" in text
    card.write_text(text.replace("enabled = false", "enabled = true"), "utf-8")
    with pytest.raises(HarvestError, match=r"an enabled card needs \[rights\]"):
        read(card, Source, slug="kunta")


def test_guesses_are_marked_and_fields_of_persons_ignored(tmp_path: Path) -> None:
    rows = [{"nro": one["id"], "foo": one["title"], "contact": one["contact"]} for one in ROWS]
    draft = drafted(tmp_path, {"/jobs": json.dumps(rows).encode()})
    text = draft.card.read_text("utf-8")
    assert "title = \"foo\"  # unsure: by its values only; the source calls it 'foo'" in text
    assert 'ignore = ["contact"]' in text
    assert any("no field tells the place" in line for line in draft.unsure)


def test_what_a_page_calls_its_fields_cannot_write_the_card(tmp_path: Path) -> None:
    mean = 'x\nenabled = true\n[rights]\nbasis = "open licence"\n'
    odd = {mean: "1", f"{mean} title": "Kokki", "\x7f": "2", '"': "3", "contract": "Vakinainen\nenabled = true"}
    rows = [{**one, **odd} for one in ROWS]
    card = tomllib.loads(drafted(tmp_path, {"/jobs": json.dumps(rows).encode()}).card.read_text("utf-8"))
    assert (card["enabled"], "rights" in card) == (False, False)


def test_recorded_pages_that_are_there_are_kept(tmp_path: Path) -> None:
    drafted(tmp_path, {"/jobs": BODY}, slug="kunta").card.unlink()
    with pytest.raises(HarvestError, match="there are recorded pages of kunta already"):
        drafted(tmp_path, {"/jobs": BODY}, slug="kunta")


def test_a_region_speaks_where_the_source_is_silent(tmp_path: Path) -> None:
    silent = json.dumps([{"id": one["id"], "title": one["title"]} for one in ROWS]).encode()
    town = drafted(tmp_path, {"/jobs": silent}, slug="a", region="kouvola")
    assert tomllib.loads(town.card.read_text("utf-8"))["defaults"] == {"municipality": "286"}
    assert town.postings[0]["regions"] == ["kouvola"]
    province = drafted(tmp_path, {"/jobs": silent}, slug="b", region="mikkeli")
    assert "mikkeli" in province.postings[0]["regions"]


def test_the_next_page_is_found_by_asking_for_it(tmp_path: Path) -> None:
    def page(first: int) -> bytes:
        rows = [{**ROWS[0], "id": f"K-{at}", "url": f"https://example.fi/{at}"} for at in range(first, first + 2)]
        return json.dumps({"total": 4, "rows": rows}).encode()

    pages = {"/jobs": page(1), "/jobs?page=2": page(1), "/jobs?offset=2": page(3), "/jobs?offset=0": page(1)}
    card = tomllib.loads(drafted(tmp_path, pages, slug="a").card.read_text("utf-8"))
    assert card["adapter"]["paging"] == {"kind": "offset", "param": "offset", "start": 0}
    lost = drafted(tmp_path, {"/jobs": page(1)}, slug="b")
    assert any("how the others are asked for was not found" in line for line in lost.unsure)


def test_a_page_for_people_leads_to_the_feed_that_it_names(tmp_path: Path) -> None:
    feed = (RECORDED / "teamtailor" / "jobs.rss").read_bytes()
    named = b"<html><head><link rel='alternate' type='application/rss+xml' href='/feed'></head><body></body></html>"
    draft = drafted(tmp_path, {"/jobs": named, "/feed": feed, "/feed?per_page=100&offset=0": feed})
    assert tomllib.loads(draft.card.read_text("utf-8"))["start"] == ["https://example.fi/feed"]
    assert "names the feed" in draft.because


def test_kinds_follow_the_system_unless_they_are_said(tmp_path: Path) -> None:
    body = (RECORDED / "wordpress" / "posts.json").read_bytes()
    card = tomllib.loads(drafted(tmp_path, {"/jobs": body}, region="kouvola").card.read_text("utf-8"))
    assert (card["kind"], card["keep"]["publish"], card["removal"]["mode"]) == ("news", "after_approval", "window")


@pytest.mark.parametrize("name", ["ptv_vaasa/page1.json", "laura_tuni/list.html"])
def test_a_system_is_read_as_the_shipped_card_reads_it_at_its_own_address(name: str, tmp_path: Path) -> None:
    draft = drafted(tmp_path, {"/jobs": (RECORDED / name).read_bytes(), "/jobs?page=1": (RECORDED / name).read_bytes()})
    text = draft.card.read_text("utf-8")
    assert draft.system
    assert "palvelutietovaranto" not in text
    assert "rekrytointi.com" not in text
    assert draft.postings or draft.problems


# -- what cannot be joined


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere.json", "nowhere.json: there is no such file; expected the address of a page (https://…) or a saved file"),
        ("config", "config is a folder; expected the address of a page"),
        ("empty.json", "is empty; expected a list of postings"),
        ("picture.png", "is a binary file"),
        ("words.csv", "no row of it holds headings that we know"),
        ("numbers.json", "and no ref nor title was found among 'a', 'b'; write the card by hand"),
        ("", "there is no such file"),
        ("ftp://example.fi/x", "there is no such file"),
    ],
)  # fmt: skip
def test_what_cannot_be_joined_is_told_in_a_sentence_and_leaves_nothing(shell: Shell, name: str, told: str) -> None:
    for file, body in {"empty.json": b"", "picture.png": b"\x89PNG\r\n\x1a\n\0\0", "words.csv": b"a;b\n1;2\n",
                       "numbers.json": b'[{"a": 1.5, "b": true}, {"a": 1.5, "b": true}]'}.items():  # fmt: skip
        (shell.folder / file).write_bytes(body)
    before = sorted((shell.folder / "config").rglob("*"))
    said = shell("new", name, "--slug", "x")
    assert (said.returncode, said.stdout, "Traceback" in said.stderr) == (2, "", False)
    assert told in said.stderr if name else said.stderr
    assert sorted((shell.folder / "config").rglob("*")) == before


def test_an_address_that_is_not_there_is_told(shell: Shell) -> None:
    said = shell("new", shell.server.url("/none"))
    assert (said.returncode, said.stdout) == (2, "")
    assert "answered 404 where a page was expected" in said.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--slug", "Not Good"], "expected small letters"),
        (["--region", "mikeli"], "did you mean 'mikkeli'?"),
        (["--kind", "job"], "is not one of"),
    ],
)
def test_wrong_options_are_told(shell: Shell, words: list[str], told: str) -> None:
    (shell.folder / "a.json").write_bytes(BODY)
    said = shell("new", "a.json", *words)
    assert (said.returncode, told in said.stderr) == (2, True)


def test_a_page_is_asked_for_once() -> None:
    net = Net({"/jobs": BODY})
    looked = Looked(net)
    for _ in range(2):
        assert looked.get(Request(url="https://example.fi/jobs")).read() == BODY
    assert len(net.asked) == 1
    lost = Problem(step=Step.GET, reason=Reason.DNS, about="x", detail="it was not found")
    looked = Looked(lambda request: Page(url=request.url, fetched=NOW, problem=lost))
    assert looked.get(Request(url="https://example.fi/x")).problem == lost
    assert looked.met == {}


# -- persons


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "Kokki", "contact": {"name": "Essi Esimerkki", "tel": "044 000 0000"}}',
        '[{"title": "Kokki", "yhteyshenkilö": "Essi Esimerkki", "text": "Soita 044 000 0000"}]',
        "<jobs><job><title>Kokki</title><contactPerson><name>Essi Esimerkki</name></contactPerson></job></jobs>",
        "<rss><item><author><![CDATA[Essi Esimerkki]]></author><title>Kokki</title></item></rss>",
        "<jobs><job><title>Kokki</title><contact>Essi Esimerkki</contact><Visa>torn</visa></job></jobs>",
        "<!doctype html><html><body><h1>Kokki</h1><div class='contact'>Essi Esimerkki</div></body></html>",
        "<!doctype html><html><p>Kokki</p><p>Lisätietoja antaa rehtori Essi Esimerkki, puh. 044 000 0000</p></html>",
        "<!doctype html><html><body>Kokki<dl><dt>Kontaktperson</dt><dd>Essi Esimerkki</dd></dl></body></html>",
        '<html><script type="application/ld+json">{"title": "Kokki", "applicationContact": {"name": "Essi Esimerkki"}}'
        "</script></html>",
        "Tunniste;Tehtävä;Yhteyshenkilö\r\n1;Kokki;Essi Esimerkki\r\n",
        "id,title,e-mail\n1,Kokki,essi.esimerkki@example.fi\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_no_person_is_left_on_a_recorded_page(text: str, encoding: str) -> None:
    left = scrubbed(text.encode(encoding), encoding).decode(encoding)
    assert not any(one in left for one in ("Essi", "Esimerkki", "esimerkki@", "044 000"))
    assert "Kokki" in left


def test_an_address_before_an_at_sign_is_left_as_it_is() -> None:
    text = (
        '<html><script type="application/ld+json">{"@context":"http://schema.org","@type":"JobPosting"}</script></html>'
    )
    assert scrubbed(text.encode()).decode() == text


def test_no_person_is_left_in_a_workbook() -> None:
    book = Workbook()
    for row in (["Tunniste", "Tehtävä", "Yhteyshenkilö"], ["1", "Kokki, puh. 044 000 0000", "Essi Esimerkki"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(scrubbed(out.getvalue()))).active
    assert [[cell.value for cell in row] for row in sheet.rows][1] == ["1", "Kokki, [phone]", "[person]"]


def test_a_page_that_is_too_large_is_not_recorded_and_the_card_says_so(tmp_path: Path) -> None:
    rows = [
        {**ROWS[0], "id": f"K-{at}", "url": f"https://example.fi/{at}", "description": "a b c " * 400}
        for at in range(3000)
    ]
    draft = drafted(tmp_path, {"/jobs": json.dumps({"jobs": rows}).encode()}, slug="big")
    assert draft.recorded is None
    assert "the page is too large" in draft.card.read_text("utf-8")
    assert len(draft.postings) == 5


def test_the_server_is_really_asked_over_http(shell: Shell) -> None:
    with HostileServer({"/list": answer(200, (RECORDED / "jobylon" / "feed.json").read_bytes())}) as other:
        told = shell.json("new", other.url("/list"))
    assert told["system"] == "Jobylon feed"
    assert {one["places"][0] for one in told["postings"]} == {"837 Tampere", "905 Vaasa"}
