"""What of a posting is compared for sameness, computed once: the keys under which its likes are found."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

from normalize.records import Posting

_TRACKING = re.compile(r"(?i)^(utm_\w+|fbclid|gclid|mc_[a-z]+|rspvt|ref|source|src|_ga|phpsessid|jsessionid|sid)$")


def title_key(title: str) -> str:
    """The words of a title, without case, punctuation and gender marks. Every word counts: one other word, another job."""
    bare = re.sub(r"\((?:[mfwdxhkns]\s*/\s*)+[mfwdxhkns]\)", " ", title.casefold())
    return " ".join(re.findall(r"[\w+#]+", bare))


def url_key(url: str) -> str:
    """An address without scheme, www, tracking and fragment. Empty for a front page, which many postings share."""
    parts = urlsplit(url)
    pairs = sorted((name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name))
    path = parts.path.rstrip("/")
    if not parts.hostname or (not path and not pairs):
        return ""
    return f"{parts.hostname.removeprefix('www.')}{path}{'?' + urlencode(pairs) if pairs else ''}"


def reference_key(reference: str) -> str:
    """A requisition number without case and separators. Empty when too short to be one (a year, a running number)."""
    bare = re.sub(r"\W+", "", reference.casefold())
    return bare if len(bare) >= 5 and any(sign.isdigit() for sign in bare) else ""


def blocking_keys(posting: Posting) -> Iterator[str]:
    """The keys of which two postings of one vacancy share at least one. Never one of empty parts, and never the
    employer alone: two unknown employers are not the same employer."""
    if posting.reference_key:
        yield f"{posting.kind} reference {posting.reference_key}"
    if posting.url_key:
        yield f"{posting.kind} url {posting.url_key}"
    if apply := url_key(posting.apply_url):
        yield f"{posting.kind} url {apply}"
    if posting.title_key and posting.employer_key:
        yield f"{posting.kind} title {posting.title_key} employer {posting.employer_key}"
