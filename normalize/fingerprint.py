"""What of a posting is compared for sameness, computed once and kept as a fact of it: slots, a sketch of its text, and the
keys under which its likes are found."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from hashlib import blake2b
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from harvest.records import Kind
from normalize import blocking
from normalize.clean import PLAIN_ADDRESS
from normalize.columns import SLOTS, Columns, often, towns_of
from normalize.gazetteer.tables import gazetteer
from normalize.records import Posting
from normalize.sketch import SKETCH, hashes, sketches
from normalize.vocabulary import Contract, Hours, WorkForm

VERSION = 1
"""Of what a fingerprint holds; one of another version is made anew from its posting."""
FINGERPRINT = np.dtype([("version", "u1"), ("slots", SLOTS), ("sketch", SKETCH)])
EPOCH = date(1970, 1, 1).toordinal()
LANGUAGES = {"fi": 1, "sv": 2, "en": 3}

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


def fingerprinted(postings: Sequence[Posting]) -> list[Posting]:
    """The postings with their fingerprints and keys. A thousand at once cost a tenth of a thousand one by one."""
    if not postings:
        return []
    columns = _columns(postings)
    prints = np.zeros(len(postings), FINGERPRINT)
    prints["version"], prints["slots"], prints["sketch"] = VERSION, columns.slots, columns.sketches
    value, row, width = blocking.keys(columns)
    stored = blocking.stored(value, width)
    order = np.lexsort((stored, row))
    row, stored = row[order], stored[order].astype("<i8")
    fresh = np.flatnonzero((np.diff(row, prepend=-1) != 0) | (np.diff(stored, prepend=0) != 0))
    row, stored = row[fresh], stored[fresh]
    bounds = np.searchsorted(row, np.arange(len(postings) + 1)).tolist()
    return [
        replace(one, fingerprint=prints[at].tobytes(), blocking=stored[bounds[at] : bounds[at + 1]].tobytes())
        for at, one in enumerate(postings)
    ]


def prints(postings: Sequence[Posting]) -> NDArray[np.void]:
    """The fingerprints of postings, as rows; one that has none of this version is made."""
    stale = [at for at, one in enumerate(postings) if not one.fingerprint or one.fingerprint[0] != VERSION]
    fresh = dict(zip(stale, fingerprinted([postings[at] for at in stale]), strict=True))
    return np.frombuffer(b"".join(fresh.get(at, one).fingerprint for at, one in enumerate(postings)), FINGERPRINT)


def title_words(posting: Posting, title: str = "") -> str:
    """The words of its title without those of its employer and its towns, which boards put there or leave away."""
    words = (title_key(title) if title else posting.title_key).split()
    context = _words(posting.employer) | {word for code in named_towns(posting) for word in _town_words(code)}
    left = [word for word in words if word not in context]
    return " ".join(left or words)


def language_number(code: str) -> int:
    """The number of a language in a slot."""
    return LANGUAGES.get(code, 4 + often(code) % 200 if code else 0)


def named_towns(posting: Posting) -> set[str]:
    """Every municipality that its evidence names, whichever will be decided for, as it is since its last merger. A chain's
    one title in a hundred towns is a hundred keys, not one crowd."""
    codes = (code for one in posting.evidence if not one.rejected for code in one.codes)
    return {known for code in codes if (known := _current(code))}


def _columns(postings: Sequence[Posting]) -> Columns:
    titles = [title_words(one) for one in postings]
    slots = np.array([_slots(one) for one in postings], SLOTS)
    for name, texts in (
        ("url", [one.url_key for one in postings]),
        ("leads", [url_key(one.apply_url) for one in postings]),
        ("reference", [_reference(one) for one in postings]),
        ("title", titles),
    ):
        slots[name] = hashes(texts)
    return Columns(
        slots=slots,
        sketches=sketches(["\n".join(one.plain.values()) for one in postings]),
        towns=towns_of((named_towns(one) for one in postings), len(postings)),
        elsewhere=np.array([_elsewhere(one) for one in postings], np.uint64),
        titles=titles,
        employers=[""] * len(postings),
        units=[""] * len(postings),
    )


_RUNNING = re.compile(r"(?:20\d\d\d{1,4}|\d{1,4}20\d\d|\d{5})")
"""A year and a running number, or a short number: two employers of one town may both have it."""


def _reference(posting: Posting) -> str:
    key = posting.reference_key
    return f"{key} {posting.employer_key}" if _RUNNING.fullmatch(key) else key


def _slots(posting: Posting) -> tuple[int, ...]:
    spoken = "" if len(posting.plain) > 1 else posting.language
    return (
        often(posting.source), often(posting.employer_key), 0, 0, 0, often(title_key(posting.unit)), 0,
        posting.published_on.toordinal() - EPOCH if posting.published_on else 0,
        posting.ends_on.toordinal() - EPOCH if posting.ends_on else 0,
        min(posting.openings or 0, 65535), list(Kind).index(posting.kind) + 1, language_number(spoken),
        _number(posting.contract, Contract), _number(posting.hours, Hours), _number(posting.work_form, WorkForm),
        posting.anonymous,
    )  # fmt: skip


def _number(word: str, of: type[Contract] | type[Hours] | type[WorkForm]) -> int:
    return [str(one) for one in of].index(word) + 1 if word else 0


def _elsewhere(posting: Posting) -> int:
    signs = {one.area or one.bucket for one in posting.evidence if not one.rejected} - {""}
    return often(" ".join(sorted(signs)))


@cache
def _current(code: str) -> str:
    known = gazetteer().current(code, date.max)
    return known or (code if gazetteer().municipality(code) else "")


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(title_key(text).split())


@cache
def _town_words(code: str) -> frozenset[str]:
    known = gazetteer().municipality(code)
    return _words(f"{known.fi} {known.sv}") if known else frozenset()
