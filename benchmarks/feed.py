"""A feed of 20,000 items read by us or by feedparser; prints seconds."""

import io
import sys
import time
from datetime import UTC, datetime

from harvest.adapters.feed import Feed
from harvest.fields import Mapper
from harvest.records import Page

ITEM = (
    "<item><title>Hoitaja {n}</title><link>https://e.invalid/{n}</link><guid>{n}</guid><pubDate>Fri, 04 Sep 2026 14:50:13 "
    "+0300</pubDate><category>Työ</category><description>&lt;p&gt;Haemme hoitajaa tiimiimme.&lt;/p&gt;</description></item>"
)


def main(who: str) -> float:
    """Seconds to read and map the feed."""
    body = (
        "<rss version='2.0'><channel>" + "".join(ITEM.format(n=n) for n in range(20_000)) + "</channel></rss>"
    ).encode()
    if who == "feedparser":
        import feedparser

        began = time.perf_counter()
        found = len(feedparser.parse(body).entries)
    else:
        adapter = Feed()
        mapper = Mapper(adapter.all_fields, adapter.compile, {}, ("fi",))
        began = time.perf_counter()
        page = Page(url="https://e.invalid/", fetched=datetime.now(UTC), file=io.BytesIO(body))
        found = sum("ref" in mapper.map(item)[0] for item in adapter.read(page) if hasattr(item, "tag"))
    assert found == 20_000
    return time.perf_counter() - began


if __name__ == "__main__":
    print(main(sys.argv[1]))
