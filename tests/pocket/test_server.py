"""What the sites answer over HTTP, read without any code of ours."""

import json
import re
import tomllib
from datetime import date
from time import monotonic
from urllib.parse import urljoin

import httpx
import lxml.etree as xml
import pytest
from selectolax.lexbor import LexborHTMLParser

from pocket.cards import board_cards, cards
from pocket.server import Pocket
from pocket.sites.boards import ADVERTS, boards
from pocket.sites.kuntarekry import ORGANISATIONS
from pocket.world import FROZEN, World


def truth_of(pocket: Pocket, source: str) -> set[str]:
    return {each["ref"] for each in pocket.world.truth()["postings"] if each["source"] == source and each["open"]}


def tpt_refs(client: httpx.Client, base: str) -> list[str]:
    refs, total = [], 1
    while len(refs) < total:
        asked = {"kieli": "fi", "rows": 100, "start": len(refs)}
        answer = client.get(f"{base}/tpt-api/v1/tyopaikat", params=asked).json()["response"]
        total = answer["numFound"]
        refs += [str(doc["ilmoitusnumero"]) for doc in answer["docs"]]
    return refs


def kuntarekry_cards(client: httpx.Client, base: str) -> tuple[list[str], list[str]]:
    """The keys and addresses of the ordinary cards, page after page by the pager."""
    keys, urls, path = [], [], "/fi/tyopaikat/"
    while path:
        page = LexborHTMLParser(client.get(base + path).text)
        assert len(page.css("job-card[is-promoted]")) == 4
        for card in page.css("job-card:not([is-promoted])"):
            keys.append(card.attributes["job-key"])
            urls.append(urljoin(base, card.attributes["url"]))
        path = page.css_first("ip-pagination").attributes["next"]
    return keys, urls


def test_tpt_pages_by_start_and_rows_and_their_union_is_the_whole(pocket, client):
    refs = tpt_refs(client, pocket.addresses["tpt"])
    assert len(refs) == len(set(refs))
    assert set(refs) == truth_of(pocket, "tpt")


def test_tpt_serves_at_most_a_hundred_rows_and_states_the_total(pocket, client):
    answer = client.get(pocket.addresses["tpt"] + "/tpt-api/v1/tyopaikat?kieli=fi").json()
    assert answer["responseHeader"]["status"] == 0
    assert len(answer["response"]["docs"]) == 100 < answer["response"]["numFound"]


def test_tpt_finds_by_area_in_either_language_and_labels_in_swedish(pocket, client):
    base = pocket.addresses["tpt"] + "/tpt-api/v1/tyopaikat"
    in_finnish = client.get(base, params={"kieli": "fi", "alueet": "Vaasa"}).json()["response"]
    in_swedish = client.get(base, params={"kieli": "sv", "alueet": "Vasa"}).json()["response"]
    assert in_finnish["numFound"] == in_swedish["numFound"] > 0
    assert {doc["kunta"] for doc in in_swedish["docs"]} == {"Vasa"}
    assert not any("kuntakoodi" in doc for doc in in_swedish["docs"])


def test_a_tpt_detail_has_the_code_and_its_own_province_list_and_the_version_as_a_number(pocket, client):
    base = pocket.addresses["tpt"] + "/tpt-api/v1/tyopaikat"
    number = client.get(base, params={"alueet": "Mikkeli"}).json()["response"]["docs"][0]["ilmoitusnumero"]
    doc = client.get(f"{base}/{number}").json()["response"]["docs"][0]
    assert (doc["kuntakoodi"], doc["maakuntakoodi"]) == ("491", "06")
    assert isinstance(doc["_version_"], int)
    assert client.get(f"{base}/1").json()["response"] == {"numFound": 0, "start": 0, "docs": []}


def test_kuntarekry_cards_over_all_pages_are_the_truth_and_each_ad_page_has_a_job_posting(pocket, client):
    keys, urls = kuntarekry_cards(client, pocket.addresses["kuntarekry"])
    assert len(keys) == len(set(keys))
    assert set(keys) == truth_of(pocket, "kuntarekry")
    for url in urls[:30]:
        page = LexborHTMLParser(client.get(url).text)
        posting = json.loads(page.css_first('script[type="application/ld+json"]').text())
        assert posting["@type"] == "JobPosting"
        assert isinstance(posting["hiringOrganization"], str)
        assert isinstance(posting["jobLocation"]["address"].get("postalCode", 0), int)


@pytest.mark.parametrize("number", ORGANISATIONS)
def test_an_employer_feed_holds_every_job_of_the_organisation_and_its_links_work(pocket, client, number):
    base = pocket.addresses["kuntarekry"]
    answer = client.get(f"{base}/fi/tyopaikat/?organisation={number}&format=xml&limit=500")
    root = xml.fromstring(answer.content)
    assert set(root.xpath("job/jobid/text()")) == truth_of(pocket, ORGANISATIONS[number])
    assert client.get(root.xpath("string(job/url)")).status_code == 200


def test_the_ostrobothnian_feed_is_in_latin_1_and_says_so_only_in_its_declaration(pocket, client):
    answer = client.get(pocket.addresses[FROZEN] + "/jobs.xml")
    assert answer.headers["content-type"] == "text/xml"
    root = xml.fromstring(answer.content)
    assert "Österbottens välfärdsområde".encode("iso-8859-1") in answer.content
    assert set(root.xpath("job/jobid/text()")) == truth_of(pocket, FROZEN)


def test_vantaas_rows_have_running_ids_and_the_advert_in_the_link(pocket, client):
    rows = client.get(pocket.addresses["vantaa"] + "/rest/tyopaikat/v1/kaikki").json()
    assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))
    assert {re.search(r"jid=(\d+)", row["linkki"])[1] for row in rows} == truth_of(pocket, "vantaa")
    assert any(not row["osoite"] for row in rows)
    assert client.get(rows[0]["linkki"]).status_code == 200


def test_the_career_site_lists_every_role_with_its_locations(pocket, client):
    root = xml.fromstring(client.get(pocket.addresses["pilvi"] + "/jobs.rss").content)
    assert set(root.xpath("channel/item/guid/text()")) == truth_of(pocket, "pilvi")
    places = {"tt": "https://teamtailor.com/locations"}
    assert all(item.xpath("tt:locations/tt:location", namespaces=places) for item in root.iter("item"))


@pytest.mark.parametrize("name", ["news-mikkeli", "news-vaasa", "news-taivalkoski"])
def test_a_news_feed_is_a_window_on_the_truth_on_topic_and_off(pocket, client, name):
    root = xml.fromstring(client.get(pocket.addresses[name] + "/feed/").content)
    refs = [guid.split("/")[-1] for guid in root.xpath("channel/item/guid/text()")]
    assert 10 <= len(refs) <= 20
    assert set(refs) <= truth_of(pocket, name)
    assert client.get(root.xpath("string(channel/item/link)")).status_code == 200


def test_ptv_pages_over_all_towns_are_the_truth_and_every_channel_answers(pocket, client):
    base, found, channels = pocket.addresses["ptv"] + "/api/v11", set(), set()
    for code in ("091", "049", "092", "837", "286", "905", "491", "305", "832"):
        page, last = 1, 1
        while page <= last:
            answer = client.get(f"{base}/Service/list/area/Municipality/code/{code}?page={page}").json()
            page, last = page + 1, answer["pageCount"]
            for item in answer["itemList"]:
                found.add(item["id"])
                channels.add(item["serviceChannels"][0]["serviceChannel"]["id"])
                assert {name["language"] for name in item["serviceNames"]} == {"fi", "sv", "en"}
        assert last > 1
    assert found == truth_of(pocket, "ptv")
    assert client.get(f"{base}/ServiceChannel/{channels.pop()}").json()["serviceChannelType"] == "ServiceLocation"
    assert client.get(f"{base}/ServiceChannel/no-such").status_code == 404
    empty = client.get(f"{base}/Service/list/area/Municipality/code/999").json()
    assert (empty["pageCount"], empty["itemList"]) == (0, [])


def test_every_site_has_robots_and_one_closes_a_path(pocket, client):
    rules = {name: client.get(f"{base}/robots.txt") for name, base in pocket.addresses.items()}
    assert all(answer.status_code == 200 for answer in rules.values())
    assert [name for name, answer in rules.items() if "Disallow: /" in answer.text] == ["vantaa"]


def starts(pocket: Pocket) -> list[str]:
    return [start for card in cards(pocket.addresses).values() for start in tomllib.loads(card)["start"]]


def test_every_start_answers_304_to_its_etag_and_to_its_date_and_compresses_on_request(pocket, client):
    for url in starts(pocket):
        first = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert first.headers["content-encoding"] == "gzip"
        plain = client.get(url, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == first.content
        for validator in (
            {"If-None-Match": first.headers["etag"]},
            {"If-Modified-Since": first.headers["last-modified"]},
        ):
            again = client.get(url, headers=validator)
            assert (again.status_code, again.content) == (304, b"")


def test_after_a_day_the_frozen_feed_is_still_304_and_the_others_are_not(client):
    with Pocket(World(postings=300, today=date(2026, 9, 15))) as pocket:
        frozen, moving = f"{pocket.addresses[FROZEN]}/jobs.xml", f"{pocket.addresses['tpt']}/tpt-api/v1/tyopaikat"
        tags = {url: client.get(url).headers["etag"] for url in (frozen, moving)}
        pocket.world.advance()
        answers = {url: client.get(url, headers={"If-None-Match": tag}).status_code for url, tag in tags.items()}
        assert answers == {frozen: 304, moving: 200}
        assert set(tpt_refs(client, pocket.addresses["tpt"])) == truth_of(pocket, "tpt")


def test_the_log_holds_every_visit_with_its_times(client):
    with Pocket(World(postings=20, today=date(2026, 9, 15))) as pocket:
        client.get(pocket.addresses["tpt"] + "/robots.txt", headers={"User-Agent": "pytest"})
        client.get(pocket.addresses["ptv"] + "/nothing?x=1")
    first, second = pocket.log
    assert (first.site, first.path, first.status, first.agent) == ("tpt", "/robots.txt", 200, "pytest")
    assert (second.site, second.path, second.status) == ("ptv", "/nothing?x=1", 404)
    assert first.started <= first.ended <= second.started
    assert first.bytes > len("User-agent: *\nDisallow:\n") + 50, "its headers too"


def test_boards_are_many_feeds_on_many_hosts_some_slow_by_their_own_word_and_some_failing_once(client):
    world = World(postings=300, today=date(2026, 9, 15))
    with Pocket(world, build=boards(6, 5, crawl_delay=0.5)) as pocket:
        found = board_cards(pocket.addresses, 5, 0.25)
        starts = {slug: tomllib.loads(text)["start"][0] for slug, text in found.items()}
        delays = {tomllib.loads(text)["manners"]["delay"] for text in found.values()}
        rules = {name: client.get(f"{address}/robots.txt").text for name, address in pocket.addresses.items()}
        failing = [slug for slug, start in starts.items() if client.get(start).status_code == 503]
        feeds = {slug: client.get(start).content for slug, start in starts.items()}
        beyond = client.get(starts["board-0-0"].replace("organisation=0", "organisation=5"))
    assert (len(set(starts.values())), delays) == (30, {"0.25s"})
    assert [name for name, text in rules.items() if "Crawl-delay: 0.5" in text] == ["board-0", "board-4"]
    assert failing == ["board-0-0", "board-2-0", "board-4-0"]
    assert {int(xml.fromstring(body).xpath("count(job)")) for body in feeds.values()} == {ADVERTS}
    assert len(set(feeds.values())) == 30
    assert beyond.status_code == 404


def test_pocket_stops_within_a_second_even_when_connections_are_kept(client):
    pocket = Pocket(World(postings=20, today=date(2026, 9, 15))).start()
    client.get(pocket.addresses["tpt"] + "/robots.txt")
    before = monotonic()
    pocket.stop()
    assert monotonic() - before < 1.0
    with pytest.raises(httpx.ConnectError):
        client.get(pocket.addresses["tpt"] + "/robots.txt")


def test_there_is_a_card_for_every_source_of_the_truth_and_each_is_whole(pocket):
    texts = cards(pocket.addresses)
    assert set(texts) == {each["source"] for each in pocket.world.truth()["postings"]}
    for text in texts.values():
        assert not re.search(r"@[a-z]+@", text)
        card = tomllib.loads(text)
        assert card["enabled"] is True
        assert card["rights"]["basis"] == "own data"
        assert {"name", "publisher", "kind", "home", "attribution", "languages", "adapter", "removal"} <= card.keys()
