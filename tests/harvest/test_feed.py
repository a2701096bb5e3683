"""RSS and Atom with the tags that sources add to them."""

import pytest

from harvest.records import Reason, Whole
from tests.harvest.cards import SITE, Walked, card, page, walked

FEED = """
[adapter]
kind = "feed"
"""
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:tt="https://teamtailor.com/locations" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Uutiset</title><link>https://example.fi</link><atom:link href="https://example.fi/feed" rel="self"/>
<item><title>Kesätyöt</title><link>https://example.fi/1</link><guid isPermaLink="false">id-1</guid>
<pubDate>Tue, 24 Nov 2026 12:00:00 +0200</pubDate><description><![CDATA[<p>Lyhyesti</p>]]></description>
<content:encoded><![CDATA[<p>Koko teksti</p>]]></content:encoded><dc:creator>Viestintä</dc:creator>
<tt:locations><tt:location><tt:city>Kouvola</tt:city></tt:location><tt:location><tt:city>Kotka</tt:city></tt:location>
</tt:locations></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Uutiset</title><id>feed</id><link href="https://example.fi"/>
<entry><title>Kesätyöt</title><id>urn:1</id><link rel="edit" href="https://example.fi/edit"/>
<link rel="alternate" href="/1"/><updated>2026-11-24T12:00:00Z</updated><summary>Lyhyesti</summary>
<content type="html">&lt;p&gt;Koko&lt;/p&gt;</content></entry></feed>"""


def read(body: bytes | str, text: str = FEED) -> Walked:
    return walked(card(text), lambda request: page(request.url, body))


def test_the_usual_fields_of_rss_need_no_card() -> None:
    result = read(RSS, FEED + 'ignore = ["tt:locations", "dc:creator"]')
    assert result.fields == {
        "ref": "id-1", "url": "https://example.fi/1", "title": "Kesätyöt", "summary": "<p>Lyhyesti</p>",
        "text": "<p>Koko teksti</p>", "published": "Tue, 24 Nov 2026 12:00:00 +0200",
    }  # fmt: skip
    assert (result.problems, result.verdict.whole) == ([], Whole.COMPLETE)


def test_the_usual_fields_of_atom_need_no_card() -> None:
    result = read(ATOM)
    assert result.fields == {
        "ref": "urn:1", "url": f"{SITE}/1", "title": "Kesätyöt", "summary": "Lyhyesti", "text": "<p>Koko</p>",
        "published": "2026-11-24T12:00:00Z",
    }  # fmt: skip
    assert result.problems == []


def test_a_card_adds_and_overrides_fields() -> None:
    text = (
        FEED + '[adapter.fields]\nplace = "tt:locations/tt:location/tt:city"\nref = { from = "guid", match = "id-(.)" }'
    )
    fields = read(RSS, text).fields
    assert (fields["ref"], fields["place"], fields["title"]) == ("1", ["Kouvola", "Kotka"], "Kesätyöt")


def test_tags_that_nobody_reads_are_told_with_their_prefix() -> None:
    assert [(one.reason, one.detail.split(";")[0]) for one in read(RSS).problems] == [
        (Reason.UNREAD_FIELD, "nobody reads dc:creator, tt:locations")
    ]


def test_an_item_without_guid_is_known_by_its_link() -> None:
    assert read(RSS.replace('<guid isPermaLink="false">id-1</guid>', "")).refs == ["https://example.fi/1"]


def test_a_prefix_may_be_called_anything_in_the_document() -> None:
    renamed = RSS.replace("xmlns:tt", "xmlns:zz").replace("tt:loc", "zz:loc").replace("tt:city", "zz:city")
    text = FEED + '[adapter.fields]\nplace = "tt:locations/tt:location/tt:city"'
    assert read(renamed, text).fields["place"] == ["Kouvola", "Kotka"]


def test_rss_1_has_its_items_beside_the_channel() -> None:
    body = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel><title>x</title></channel><item><title>Yksi</title><link>https://example.fi/1</link></item></rdf:RDF>"
    )
    assert (read(body).refs, read(body).verdict.whole) == (["https://example.fi/1"], Whole.COMPLETE)


@pytest.mark.parametrize("cut", [3, 7, 12, 17, 30, 200])
def test_a_cut_feed_is_not_whole(cut: int) -> None:
    result = read(RSS[:-cut])
    assert result.verdict.cause == Reason.TRUNCATED
    assert not result.verdict.counts_as_complete


def test_an_empty_channel_is_a_true_zero_and_a_page_of_html_is_not() -> None:
    assert read("<rss><channel><title>x</title></channel></rss>").verdict.cause == "true zero"
    assert read("<!doctype html><html><body>404</body></html>").verdict.cause == Reason.NOT_THIS_FORMAT
