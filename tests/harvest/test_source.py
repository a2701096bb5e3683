"""What a card may say, and what is said of one that cannot be used."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from harvest.declaration import DeclarationError
from harvest.records import Kind
from harvest.source import SHIPPED, load_sources
from tests.harvest.cards import HEAD, JSON, card

WHOLE = """
name = "Kuntarekry: City of Mikkeli"
publisher = "Mikkelin kaupunki"
kind = "vacancy"
home = "https://www.kuntarekry.fi"
attribution = "Lähde: Kuntarekry"
languages = ["fi", "sv"]
language = "hint"
trust = 0.8
enabled = true
checked = 2026-09-15
notes = "runbook for the person on duty"
start = ["https://www.kuntarekry.fi/fi/tyopaikat/?organisation=3677&format=xml&limit=500"]

[rights]
basis = "agreement"
since = 2026-01-01
link = "https://example.fi/agreement"
page = "full"
markup = "facts"
feed = "link"
api = "facts"
embed = "no"
export = "facts"

[schedule]
cron = "15 5 * * mon-fri"
jitter = "5m"
max_runtime = "30m"

[manners]
delay = "1s"
egress = "fixed"

[freshness]
complete_within = "24h"

[adapter]
kind = "xml_feed"
items = "job"
total = "@total"
skip = "@promoted"
ignore = ["organisationalunit"]

[adapter.request]
method = "POST"
params = { changed = "{watermark}" }
json = { since = "{watermark}" }
headers = { "KIPA-Subscription-Key" = "env:KIPA_KEY" }

[adapter.paging]
kind = "page"
param = "page"
start = 1
size_param = "limit"
size = 500
next = "link[@rel='next']/@href"
shards = { url = "https://www.kuntarekry.fi/areas", items = "areas[].code", param = "area" }

[adapter.details]
url = "https://www.kuntarekry.fi/job/{ref}"
budget = 50
adapter = { kind = "job_posting", fields = { text = "description" } }

[adapter.fields]
ref = "jobid"
title = { template = "{jobtitle} ({unit})" }
employer = ["organisation", "owner"]
place = ["location", { from = "address", match = "([^,]+)$" }]
municipality = { from = "code", list = "kunta" }
published = { from = "publicationtimestart", date = "%d.%m.%Y %H:%M" }
ends = "publicationtimeend"
url = "url"
text = "jobdescription"
contract = { from = "type", split = ";" }
agency = { const = "false" }

[lookups.contract]
"Keikkatyö" = "on_call"

[defaults]
municipality = "491"

[keep]
topic = "working_life"
words = ["työ*"]
not_words = ["työmaa*"]
categories = ["jobs"]
classes = ["P10"]
publish = "after_approval"

[removal]
mode = "window"
misses = 2
probe = { budget = 20 }
max_age = "180d"

[expect]
at_least = 5
at_most = 5000
filled = { ends = 0.9, employer = 0.95 }
placed = 0.9

[archive]
days = 30

[retention]
closed_text = "0"
"""
"""Every key of the grammar in house.md, section 5."""


def written(folder: Path, text: str, name: str = "example.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def mistake(folder: Path, text: str, name: str = "example.toml") -> str:
    """What is said of one bad card."""
    written(folder, text, name)
    with pytest.raises(DeclarationError) as raised:
        load_sources([folder])
    return str(raised.value)


def adapted(adapter: str) -> str:
    return HEAD.replace("{start}", "https://example.fi") + adapter


def test_the_whole_grammar_of_the_house_loads(tmp_path: Path) -> None:
    written(tmp_path, WHOLE, "kuntarekry_mikkeli.toml")
    source = load_sources([tmp_path])["kuntarekry_mikkeli"]
    assert (source.slug, source.kind, source.trust) == ("kuntarekry_mikkeli", Kind.VACANCY, 0.8)
    assert source.retention.closed_text == timedelta(0)
    assert source.removal.max_age == timedelta(days=180)
    assert source.adapter.details is not None
    assert source.adapter.details.adapter.all_fields["text"] == "description"


def test_every_shipped_card_is_in_order() -> None:
    assert all(source.slug == slug for slug, source in load_sources([SHIPPED]).items())


def test_a_later_folder_replaces_a_card_of_the_same_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, adapted(JSON).replace('"Example"', f'"{name}"'))
    assert load_sources([tmp_path / "a", tmp_path / "b"])["example"].name == "b"


def test_all_mistakes_of_all_cards_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, adapted(JSON).replace("publisher", "publsher"), "one.toml")
    said = mistake(tmp_path, adapted(JSON).replace('"3h"', '"often"') + "\n[expect]\nat_most = 0", "two.toml")
    lines = said.splitlines()
    assert len([line for line in lines if "one.toml" in line]) == 2
    assert len([line for line in lines if "two.toml" in line]) == 2
    assert "publsher: unknown key; did you mean 'publisher'?" in said


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('kind = "vacancy"', 'kind = "job"', "kind: .*'vacancy', 'service', 'news' or 'event'.*'job'"),
        ('name = "Example"', "", "name: this key must be given"),
        ('name = "Example"', 'name = "Example', "this is not TOML: .*line 2"),
        ('basis = "own data"', 'basis = "hearsay"', "rights.basis: .*'open licence'.*'hearsay'"),
        ('[rights]\nbasis = "own data"', "", "an enabled card needs .rights. with a basis"),
        ('every = "3h"', 'every = "3"', 'schedule.every: expected a number with a unit, like "30s".*\'3\''),
        ('every = "3h"', 'every = "3h"\ncron = "1 1 * * *"', "schedule: expected exactly one of every"),
        ('every = "3h"', 'cron = "1 1 * * 1"', "weekdays are written mon to sun"),
        ('every = "3h"', 'cron = "61 5 * * *"', "schedule: cron: .*'61'.*higher than the maximum value"),
        ('every = "3h"', 'cron = "1 1 * * foo"', "schedule: cron: .*Invalid weekday name"),
        ('every = "3h"', 'cron = "*/0 1 * * *"', "schedule: cron: .*Increment must be higher than 0"),
        ('every = "3h"', 'cron = "0 0 31 2 *"', "schedule: cron: .*there is no such day"),
        ('every = "3h"', 'cron = "@daily"', "cron has five fields"),
        ('every = "3h"', 'every = "0"', 'schedule: every: expected a time from "1m" to "366d"'),
        ('every = "3h"', 'every = "30s"', 'schedule: every: expected a time from "1m" to "366d"'),
        ('every = "3h"', 'every = "999d"', 'schedule: every: expected a time from "1m" to "366d"'),
        ('every = "3h"', 'every = "3h"\njitter = "3h"', "schedule: jitter: expected less than the time between"),
        ('every = "3h"', 'cron = "1 1 * * *"\njitter = "24h"', "schedule: jitter: expected less than"),
        ('every = "3h"', 'every = "3h"\nmax_runtime = "0"', "schedule: max_runtime: expected a time"),
        ('start = ["https://example.fi"]', "start = []", "start: .*at least 1 item"),
        ('start = ["https://example.fi"]', 'start = ["ftp://x"]', "start: expected an address .* not 'ftp://x'"),
        ('start = ["https://example.fi"]', 'start = ["https://x/a b"]', "start: expected an address"),
        ("checked = 2026-11-24", 'checked = "today"', "checked: .*date"),
        ('languages = ["fi", "sv"]', 'languages = ["de"]', "languages.0: .*'fi', 'sv' or 'en'.*'de'"),
        ("[schedule]", "enabled = false\n[schedule]", "rights.enabled: unknown key"),
        ('kind = "json_api"', 'kind = "jsonapi"', "'jsonapi'; expected one of feed, html_list, job_posting, json_"),
        ('ref = "id"', "", "adapter.fields.ref: this key must be given"),
        ('ref = "id"', 'ref = "id"\nemploer = "e"', "adapter.fields.emploer.*'employer'"),
        ('ref = "id"', 'ref = "id"\nphone = "p"', "adapter.fields.phone: only a channel has it"),
        ('url = "url"', 'url = "a[?"', "adapter: fields.url = 'a.*expected a JMESPath expression"),
        ('items = "jobs"', 'items = "jobs[?"', r"adapter: items = 'jobs\[\?': expected a JMESPath expression"),
        ('items = "jobs"', 'items = "jobs"\nskip = "]"', "adapter: skip = ']': expected a JMESPath"),
        ('items = "jobs"', 'items = "jobs"\npaging = { kind = "next", next = "]" }', "adapter: paging.next = ']'"),
        ('items = "jobs"', 'items = "jobs"\npaging = { kind = "next" }', "adapter.paging: paging of kind next needs next"),
        ('items = "jobs"', 'items = "jobs"\npaging = { kind = "page" }', "adapter.paging of kind page needs param, or {page}"),
        ('items = "jobs"', 'items = "jobs"\npaging = { kind = "offset" }', "adapter.paging: .*needs param"),
        ('items = "jobs"', 'items = "jobs"\npaging = { kind = "shards", shards = [] }', "adapter.paging: .*needs shards = "),
        ('items = "jobs"', 'items = "jobs"\npaging = { kind = "page", param = "p", shards = ["1"] }', "goes with kind shards"),
        ('url = "url"', 'url = { from = "u", const = "x" }', "adapter.fields.url: expected exactly one of from, template"),
        ('url = "url"', 'url = { from = "u", match = "(a)(b)" }', "adapter.fields.url.match: .*one group, found 2"),
        ('url = "url"', 'url = { from = "u", match = "(" }', "adapter.fields.url.match: expected a regular expression"),
        ('url = "url"', 'ends = { from = "u", date = "iso" }', "adapter.fields.ends.date: expected epoch_s, epoch_ms"),
        ('url = "url"', 'url = { from = "u", spilt = "x" }', "toml: adapter.fields.url.spilt: .*mean 'split'"),
        ('url = "url"', 'municipality = "m"', "adapter.fields: municipality holds codes, and a code without its list"),
        ('url = "url"', 'municipality = { from = "m", list = "kunnat" }', "municipality.list is 'kunnat'; expected one of k"),
        ('url = "url"', 'url = { from = "m", list = "kunta" }', "url.list is 'kunta'; expected no list: url holds no codes"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_key_and_what_was_expected(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    text = adapted(JSON)
    assert was in text
    told = mistake(tmp_path, text.replace(was, becomes, 1))
    assert "example.toml: " in told
    assert re.search(said, told), told


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "[lookups.contract]\na = 'b'",
            "'contract' in .lookups. or .expect.filled. is not a field that this card maps",
        ),
        ("[expect]\nfilled = { ends = 0.9 }", "'ends' in .lookups. or"),
        ("[expect]\nfilled = { url = 90 }", "expect.filled.url: .*less than or equal to 1.*90"),
        ("[defaults]\ntitle = 'x'", ".defaults. cannot hold 'title'"),
        ("[removal]\nmisses = 0", "removal.misses: .*greater than or equal to 1"),
        ("[removal]\nmax_age = '999999999d'", "removal.max_age: .*at most .3660d"),
        ("[retention]\nclosed_text = '999999d'", "retention.closed_text: .*at most .3660d"),
        ("[removal]\nmode = 'forever'", "removal.mode: .*'snapshot', 'window' or 'stream'"),
    ],
)
def test_a_table_that_does_not_fit_the_card_is_refused(tmp_path: Path, more: str, said: str) -> None:
    assert re.search(said, mistake(tmp_path, adapted(JSON) + more))


@pytest.mark.parametrize(
    "request_",
    [
        'request = { params = { since = "{watermark}" } }',
        'request = { json = { filter = [{ after = "{watermark}" }] } }',
    ],
)
def test_a_snapshot_that_asks_only_for_what_has_changed_is_refused(tmp_path: Path, request_: str) -> None:
    """What has not changed would be absent from every run, and close."""
    text = adapted(JSON.replace('items = "jobs"', f'items = "jobs"\n{request_}'))
    said = mistake(tmp_path, text)
    assert 'removal.mode = "snapshot" does not go with {watermark} in a request' in said
    for mode in ("window", "stream"):
        written(tmp_path, f'{text}\n[removal]\nmode = "{mode}"')
        assert load_sources([tmp_path])["example"].removal.mode == mode


@pytest.mark.parametrize(
    "key",
    [
        'paging = { kind = "page", param = "p", shards = { url = "https://x.fi/?w={watermark}", items = "a", param = "s" } }',
        'request = { headers = { Since = "{watermark}" } }',
        'details = { url = "https://x.fi/{watermark}", adapter = { kind = "json_api", fields = { text = "t" } } }',
        'details = { url = "url", adapter = { kind = "json_api", request = { params = { s = "{watermark}" } } } }',
        'request = { params = { "{watermark}" = "1" } }',
        "",
    ],
)
def test_a_watermark_where_nothing_replaces_it_is_refused(tmp_path: Path, key: str) -> None:
    text = adapted(JSON.replace('items = "jobs"', f'items = "jobs"\n{key}') + '\n[removal]\nmode = "stream"')
    if not key:
        text = text.replace("https://example.fi", "https://example.fi?since={watermark}")
    assert "{watermark} is replaced in the values of adapter.request.params" in mistake(tmp_path, text)


LATE = """
[adapter.details]
url = "url"
adapter = { kind = "json_api", fields = { title = "t", audience = "a", text = "b" } }
[keep]
"""
LINKS = '[adapter]\nkind = "job_posting"\nitems = "a"\n[keep]\nwords = ["työ*"]'


@pytest.mark.parametrize(
    "adapter",
    [
        JSON + LATE + 'categories = ["x"]',
        JSON + LATE + 'classes = ["x"]',
        JSON.replace("title =", "place =") + LATE + 'words = ["x"]',
        LINKS,
    ],
)
def test_a_card_that_keeps_by_what_only_an_items_own_page_tells_is_refused(tmp_path: Path, adapter: str) -> None:
    """All would be off topic, and the run complete."""
    assert "[keep] judges before an item's own page is asked for" in mistake(tmp_path, adapted(adapter))


@pytest.mark.parametrize(
    "adapter", [JSON + LATE + 'words = ["x"]', JSON + 'audience = "a"' + LATE + 'categories = ["x"]']
)
def test_a_card_that_keeps_by_what_the_list_tells_may_have_details(tmp_path: Path, adapter: str) -> None:
    written(tmp_path, adapted(adapter))
    assert "example" in load_sources([tmp_path])


@pytest.mark.parametrize("name", ["Example.toml", "ex ample.toml", "esimerkki-ä.toml"])
def test_a_file_name_that_is_no_slug_is_refused(tmp_path: Path, name: str) -> None:
    assert "the file's name is the slug" in mistake(tmp_path, adapted(JSON), name)


def test_a_card_that_is_not_utf8_says_where(tmp_path: Path) -> None:
    (tmp_path / "example.toml").write_bytes(adapted(JSON).replace("Example Oy", "Esimerkki Öy").encode("latin-1"))
    with pytest.raises(DeclarationError, match="expected a text file in UTF-8; byte 41"):
        load_sources([tmp_path])


def test_a_disabled_card_says_why() -> None:
    with pytest.raises(ValidationError, match="disabled_because"):
        card(enabled=False)
    assert card(enabled=False, disabled_because="robots.txt refuses us", rights=None).enabled is False


def test_each_without_a_place_for_its_values_is_refused(tmp_path: Path) -> None:
    details = (
        '[adapter.details]\nurl = "https://example.fi/c"\neach = "c"\ninto = "channels"\n'
        'adapter = { kind = "json_api", fields = { kind = "k" } }'
    )
    assert "with each, url needs {each}" in mistake(tmp_path, adapted(JSON) + details)
    assert "each and into belong together" in mistake(
        tmp_path, adapted(JSON) + details.replace('into = "channels"', "")
    )


def test_the_version_follows_what_is_read_and_nothing_else() -> None:
    assert card().version == card(trust=0.1, notes="x", removal={"misses": 3}).version
    assert card().version != card(JSON.replace('"name"', '"title"')).version
    assert card().version != card(defaults={"municipality": "491"}).version


def test_the_version_knows_the_options_of_each_format() -> None:
    """They are fields of the adapter's own class, which a dump by its base class would leave out."""
    by_link = '[adapter]\nkind = "job_posting"\nitems = "a"\nlink = "%s"'
    assert card(by_link % "href").version != card(by_link % "data-url").version
    feed = '[adapter]\nkind = "%s"\nitems = "item"\n[adapter.fields]\nref = "guid"\ntitle = "title"'
    assert card(feed % "feed").version != card(feed % "xml_feed").version


def test_a_pause_of_a_day_is_a_slip_of_the_pen_and_refused(tmp_path: Path) -> None:
    text = adapted(JSON)
    assert 'delay = "0s"' in text
    told = mistake(tmp_path, text.replace('delay = "0s"', 'delay = "1d"'))
    assert 'manners.delay: expected at most "10m"' in told
