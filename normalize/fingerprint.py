"""What of a posting is compared for sameness, computed once: the keys under which its likes are found."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import blake2b
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from normalize.clean import PLAIN_ADDRESS
from normalize.gazetteer.tables import gazetteer
from normalize.records import Posting

_TRACKING = re.compile(
    r"(?i)utm_\w+|hsa_\w+|mc_[a-z]+|fbclid|gclid|gbraid|wbraid|msclkid|igshid|trk|rspvt|_ga|_gl|phpsessid|jsessionid"
)
_REFERRER = re.compile(r"(?i)ref|source|src")
"""Names of parameters that tell where a visitor came from; or, with a digit in the value, which advert is meant."""
_SESSION = re.compile(r"(?i);jsessionid=[^/?#]*")
_GENDER_MARK = re.compile(r"\((?:[mfwdxhkns]\s*/\s*)+[mfwdxhkns]\)")


def title_key(title: str) -> str:
    """The words of a title, without case, punctuation and gender marks. Every word counts: one other word, another job."""
    return " ".join(re.findall(r"[\w+#]+", _GENDER_MARK.sub(" ", title.casefold())))


def mark(words: str) -> str:
    """What stands for words that may not be kept for ever: equal when they are, and nothing for none."""
    return blake2b(words.encode(), digest_size=12).hexdigest() if words else ""


def url_key(url: str) -> str:
    """An address without scheme, www, tracking and fragment; a fragment with a path is kept, since some sites have
    their adverts there. Empty for a front page, which many postings share. Of a very long one the beginning, and a
    digest that stands for the rest: a database can look up no more than about 2,700 bytes."""
    if not url:
        return ""
    if plain := PLAIN_ADDRESS.fullmatch(url):
        host, path = plain.groups()
        path = path.rstrip("/")
        return f"{host}{path}" if path else ""
    parts = urlsplit(url)
    pairs = sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(*pair))
    path = unquote(_SESSION.sub("", parts.path)).rstrip("/")
    route = f"#{parts.fragment}" if "/" in parts.fragment else ""
    if not parts.hostname or not (path or pairs or route):
        return ""
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    query = f"?{urlencode(pairs)}" if pairs else ""
    return _short(_UNSEEN.sub("", f"{parts.hostname.removeprefix('www.')}{port}{path}{query}{route}"))


_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")
"""What a path may hold encoded (%00) and a database not."""
_LONGEST = 500


def _short(key: str) -> str:
    return key if len(key) <= _LONGEST else f"{key[:_LONGEST]}…{blake2b(key.encode(), digest_size=16).hexdigest()}"


def _tracks(name: str, value: str) -> bool:
    if _REFERRER.fullmatch(name):
        return not any(sign.isdigit() for sign in value)
    return bool(_TRACKING.fullmatch(name))


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
        for place in _places(posting):
            yield f"{posting.kind} title {posting.title_key} employer {posting.employer_key} place {place}"


def _places(posting: Posting) -> set[str]:
    """Every place that evidence names, whichever will be decided for: municipalities as they are since their last
    merger, or else areas and buckets. A chain's one title in a hundred towns is a hundred keys, not one crowd."""
    signs = [one for one in posting.evidence if not one.rejected]
    codes = {gazetteer().current(code, date.max) or code for one in signs for code in one.codes}
    return codes or {one.area or one.bucket for one in signs if one.area or one.bucket}


def text_key(plain: Mapping[str, str]) -> tuple[str, ...]:
    """What stands for texts that must not be kept: a mark for each, equal when their words are."""
    texts = {" ".join(text.split()) for text in plain.values()} - {""}
    return tuple(sorted(map(mark, texts)))
