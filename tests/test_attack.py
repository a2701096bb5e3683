"""What a hostile session found, from the outside: each stays found. Loopback or no net at all, and no waiting."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvest.declaration import DeclarationError, runs_away
from harvest.reading import LONGEST_REF
from harvest.records import Reason, Whole
from harvest.source import Source, load_sources
from schedules import show
from schedules.run import run_source
from schedules.settings import settings
from schedules.workbench import Workbench
from store.door import Store
from tests.harvest.cards import HEAD, JSON, SITE, Net, card, walked
from tests.hostile import HostileServer
from tests.test_cli import Shell

CARD = HEAD.replace("{start}", f"{SITE}/jobs") + JSON
LINKS = JSON.replace('url = "url"', 'url = "link"\napply_url = "link"')
DETAIL = '[adapter.details]\nurl = "%s"\n'
READ = '[adapter.details.adapter]\nkind = "json_api"\nfields = { text = "text" }\n'
NO_ADDRESS = "http://[bad"


def jobs(*items: dict[str, Any], **more: Any) -> str:
    return json.dumps({"jobs": items, **more})


def read(folder: Path, text: str | bytes) -> Source:
    """The card as a partner wrote it, from the file on disk."""
    (folder / "example.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return load_sources([folder])["example"]


def refused(folder: Path, text: str) -> str:
    """What is said of a card that cannot be used."""
    with pytest.raises(DeclarationError) as error:
        read(folder, text)
    assert "example.toml: " in str(error.value)
    return str(error.value)


WRONG = {
    "a host in open brackets": (f"{SITE}/jobs", "http://[bad/x", "start: expected an address with a host"),
    "a port that is none": (f"{SITE}/jobs", "http://example.fi:99999/x", "start: expected an address with a host"),
    "a port in words": (f"{SITE}/jobs", "http://example.fi:http/x", "start: expected an address with a host"),
    "an address without a host": (f"{SITE}/jobs", "http://:80/x", "start: expected an address with a host"),
    "a list for a kind": ('"json_api"', '["json_api"]', "adapter: kind is ['json_api']; expected one of"),
    "a time without end": ('"0s"', '"99999999999999d"', "manners.delay: expected a shorter time"),
    "lists in lists in lists": ("[rights]", f"deep = {'[' * 3000}{']' * 3000}\n[rights]", "cannot be read as TOML"),
    "a number of ten thousand digits": ("[rights]", f"trust = {'9' * 10_000}\n[rights]", "cannot be read as TOML"),
    "a function that JMESPath has not": ('"name"', '"lower(name)"', "not lower(); known are abs"),
    "an empty list of expressions": ('"name"', "[]", "title: expected an expression, not an empty list"),
    "a template without an expression": ('"name"', '{ template = "{}" }', "expected expressions in braces in template"),
    "a secret in an address": (
        "[adapter.fields]", '[adapter.request.params]\nkey = "env:KEY"\n[adapter.fields]', "only headers are taken"),
    "a constant for a ref": ('"id"', '{ const = "1" }', "ref: a constant is the same for all"),
    "an expression that takes for ever": ('"name"', '{ from = "name", match = "^(a+)+$" }', "can take for ever"),
    "another of them": ('"name"', '{ from = "name", match = "((?:x|[)]*y)*)z" }', "can take for ever"),
    "no name": ('"Example"', '" "', "name: expected words that people read"),
    "one address twice": (f'["{SITE}/jobs"]', f'["{SITE}/jobs", "{SITE}/jobs"]', "start: expected each address once"),
    "a page that nobody counts": (f"{SITE}/jobs", f"{SITE}/jobs?p={{page}}", "start: {page} is replaced only"),
    "pages below zero": ("[adapter.fields]", '[adapter.paging]\nkind = "page"\nparam = "p"\nstart = -1\n[adapter.fields]',
                         "paging.start: Input should be greater than or equal to 0"),
}  # fmt: skip
WRONG_TABLES = {
    "fewer at most than at least": (
        "[expect]\nat_least = 5\nat_most = 3\n",
        "at_most: expected no fewer than at_least = 5",
    ),
    "an age of nothing": ('[removal]\nmax_age = "0d"\n', "removal.max_age: expected a time"),
    "fresh for no time": ('[freshness]\ncomplete_within = "0h"\n', "freshness.complete_within: expected a time"),
    "a code that is none": ('[defaults]\nmunicipality = "9999"\n', "defaults.municipality: expected a code of three"),
    "a language that we have not": ('[defaults]\nlanguage = "xx"\n', "defaults.language: expected fi, sv or en"),
    "an empty word to keep": ('[keep]\nwords = [""]\n', "keep.words: an empty word would keep everything, or nothing"),
    "a bare star to keep": ('[keep]\nwords = ["*"]\n', "keep.words: an empty word would keep everything, or nothing"),
    "an empty word not to keep": (
        '[keep]\nnot_words = ["*"]\n',
        "keep.not_words: an empty word would keep everything, or nothing",
    ),
    "a topic that there is none of": ('[keep]\ntopic = "working_live"\n', "did you mean 'working_life'?"),
    "details at no field": (DETAIL % "link" + READ, "adapter.details.url: 'link' is not a field that this card maps"),
    "details by no field": (DETAIL % "/job/{number}" + READ, "adapter.details.url: 'number' is not a field"),
}


@pytest.mark.parametrize(("old", "new", "told"), WRONG.values(), ids=WRONG)
def test_a_card_that_would_crash_or_find_nothing_is_refused_with_its_key(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in CARD
    assert told in refused(tmp_path, CARD.replace(old, new))


@pytest.mark.parametrize(("table", "told"), WRONG_TABLES.values(), ids=WRONG_TABLES)
def test_a_table_that_cannot_be_meant_is_refused_with_its_key(tmp_path: Path, table: str, told: str) -> None:
    assert told in refused(tmp_path, CARD + table)


def test_a_password_in_a_start_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = refused(tmp_path, CARD.replace(f"{SITE}/jobs", "https://us:hush@example.fi/jobs"))
    assert "a user or password does not belong in it" in said
    assert "hush" not in said


def test_a_folder_that_is_called_like_a_card_is_told(tmp_path: Path) -> None:
    (tmp_path / "example.toml").mkdir()
    with pytest.raises(DeclarationError, match=r"expected a \.toml file"):
        load_sources([tmp_path])


def test_a_card_of_windows_with_its_mark_and_line_ends_is_read(tmp_path: Path) -> None:
    plain = read(tmp_path, CARD)
    assert read(tmp_path, b"\xef\xbb\xbf" + CARD.replace("\n", "\r\n").encode()) == plain


def test_a_link_that_is_no_address_costs_neither_its_record_nor_its_neighbours() -> None:
    result = walked(card(LINKS), {"/jobs": jobs({"id": 1, "name": "a", "link": NO_ADDRESS}, {"id": 2, "name": "b"})})
    assert (result.refs, result.verdict.whole) == (["1", "2"], Whole.COMPLETE)


def test_a_next_page_that_is_no_address_makes_it_partial() -> None:
    text = JSON.replace("[adapter.fields]", '[adapter.paging]\nkind = "next"\nnext = "next"\n[adapter.fields]')
    result = walked(card(text), {"/jobs": jobs({"id": 1, "name": "a"}, next=NO_ADDRESS)})
    assert (result.refs, result.verdict.whole) == (["1"], Whole.PARTIAL)


def test_a_detail_page_that_is_at_no_address_keeps_its_record_and_is_told() -> None:
    text = LINKS + DETAIL % "url" + READ + '[adapter.details.adapter.request.params]\nfull = "1"\n'
    result = walked(card(text), {"/jobs": jobs({"id": 1, "name": "a", "link": NO_ADDRESS})})
    assert (result.refs, result.reasons) == (["1"], [Reason.NOT_FOUND])


@pytest.mark.parametrize(("items", "page"), [
    ("a", "<html><body><a href='http://[bad'>a</a><a href='/ok'>b</a></body></html>"),
    ("sitemap", "<urlset><url><loc>http://[bad</loc></url><url><loc>/ok</loc></url></urlset>"),
])  # fmt: skip
def test_a_list_of_links_with_one_that_is_no_address_is_read_to_its_end(items: str, page: str) -> None:
    text = f'[adapter]\nkind = "job_posting"\nitems = "{items}"\n[adapter.fields]\nref = "url"\ntitle = "url"\n'
    assert walked(card(text), {"/jobs": page}).refs == [NO_ADDRESS, f"{SITE}/ok"]


def test_half_an_emoji_in_one_title_does_not_cost_the_whole_answer() -> None:
    body = '{"jobs": [{"id": 1, "name": "Hoitaja \\ud83d"}, {"id": 2, "name": "Opettaja \\ud83d\\ude00"}]}'
    result = walked(card(), {"/jobs": body})
    assert [one.fields["title"] for one in result.raw] == ["Hoitaja \ufffd", "Opettaja \U0001f600"]


def test_a_backslash_before_what_looks_like_an_escape_stays_as_it_is() -> None:
    result = walked(card(), {"/jobs": '{"jobs": [{"id": 1, "name": "\\\\u0000 \\u0000\\u0000x"}]}'})
    assert result.fields["title"] == "\\u0000 x"


def test_a_very_long_ref_is_shortened_and_still_tells_postings_apart() -> None:
    long = "x" * 100_000
    net = {"/jobs": jobs({"id": f"{long}1", "name": "a"}, {"id": f"{long}2", "name": "b"})}
    first = walked(card(), net)
    assert [len(ref) for ref in first.refs] == [LONGEST_REF, LONGEST_REF]
    assert len(set(first.refs)) == 2
    assert walked(card(), net, first.known()).seen == first.refs


@pytest.mark.parametrize("item", [
    {"id": "1\x00", "name": "a\x00"},
    {"id": "1\x00"},
    {"id": "1", "name": "a", "k\x00ey": 1, "changed": "9\x00"},
    {"id": "".join(f"{number:x}" for number in range(20_000)), "name": "a"},
    {"id": "1", "name": "a", "url": "https://x.fi/" + "".join(f"{number:x}" for number in range(20_000))},
    {"id": "1", "name": "a", "url": "https://x.fi/?q=" + "".join(chr(number) for number in range(0x4e00, 0x4e00 + 1_900))},
    {"id": "1", "name": "a", "url": "https://x.fi/a%00b"},
], ids=["a NUL in ref and title", "a NUL in a ref that drops", "a NUL in an unread name", "a long ref", "a long address",
        "an address of long letters", "a NUL in an address"])  # fmt: skip
def test_what_a_database_cannot_hold_does_not_fail_the_run(store: Store, item: dict[str, Any]) -> None:
    text = JSON + 'changed = "changed"\n'
    result = run_source(card(text), Net({"/jobs": jobs(item, {"id": "other", "name": "b"})}), store)
    assert (result.verdict, result.found) == ("complete", 2)


def test_a_source_of_which_nothing_has_a_title_is_not_complete_and_says_why() -> None:
    text = JSON.replace('"name"', '"to_number(name, name)"')
    result = walked(card(text), {"/jobs": jobs({"id": 1, "name": "a"}, {"id": 2, "name": "b"})})
    assert (result.verdict.whole, result.verdict.cause) == (Whole.PARTIAL, Reason.SHAPE_CHANGED)
    assert "none of the 2 found has a title" in result.verdict.detail
    assert "for function to_number()" in result.problems[0].detail


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with HostileServer() as server:
        yield Shell(tmp_path, server)


@pytest.mark.parametrize(("words", "told"), [
    (["counts", "--on", "9999-12-31"], "expected 2000 to 2099"),
    (["counts", "--by", ""], "expected names like region,municipality,kind"),
    (["runs", "--problems", "99999999999999999999"], "Input should be less than"),
    (["runs", "--limit", "99999999999999999999"], "Input should be less than"),
])  # fmt: skip
def test_an_argument_beyond_all_bounds_ends_with_2_and_a_hint(shell: Shell, words: list[str], told: str) -> None:
    assert shell("init").returncode == 0
    said = shell(*words)
    assert said.returncode == 2
    assert told in " ".join(said.stderr.split())


def test_a_second_harvest_of_one_source_is_told_in_words_of_its_own(shell: Shell) -> None:
    assert shell("init").returncode == 0
    own = Workbench(settings(f"sqlite:///{shell.folder / 'own.db'}", shell.folder / "config", {})).store()
    with own.harvesting("good"):
        said = shell("harvest", "good")
    assert said.returncode == 1
    assert "good: failed, not kept (a run of good is under way in another process" in said.stderr


def test_a_narrow_terminal_gets_sentences_instead_of_letters_below_each_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "30")
    row = {"source": "vantaa_tyopaikat", "not_modified": 3, "last_complete": None}
    show.table([row], list(row))
    assert "source vantaa_tyopaikat;" in capsys.readouterr().out


@pytest.mark.parametrize(
    "pattern", [r"(\d+)", r"^(?:ab)+(c)*$", r"id=([^&]+)(?:&|$)", r"\((a+)\)+", "([)(]+)x+", r"(a{2,5})+"]
)
def test_an_expression_that_repeats_once_is_taken(pattern: str) -> None:
    assert not runs_away(pattern)
