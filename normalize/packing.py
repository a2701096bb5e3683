"""A posting as bytes, and back: what crosses between processes, and what the store keeps."""

import zlib
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from normalize.records import Curated, KeptPosting, Posting

_encoder = msgspec.msgpack.Encoder()
_posting = msgspec.msgpack.Decoder(Posting)
_body = msgspec.msgpack.Decoder(tuple[dict[str, str], dict[str, str]])
_curated = msgspec.msgpack.Decoder(Curated)

_NOTHING: Mapping[str, str] = {}


def pack(posting: Posting) -> tuple[bytes, bytes]:
    """The facts, and the texts compressed."""
    facts = _encoder.encode(replace(posting, html=_NOTHING, plain=_NOTHING))
    return facts, zlib.compress(_encoder.encode((posting.html, posting.plain)), 1)


def unpack(facts: bytes, body: bytes) -> Posting:
    """The posting that was packed. An empty body gives one without texts."""
    posting = _posting.decode(facts)
    if not body:
        return posting
    html, plain = _body.decode(zlib.decompress(body))
    return replace(posting, html=html, plain=plain)


def opened(kept: KeptPosting) -> KeptPosting:
    """The kept posting with its posting to look at."""
    if isinstance(kept.posting, Posting):
        return kept
    return replace(kept, posting=unpack(kept.posting.facts, kept.posting.body))


def pack_curated(curated: Curated) -> bytes:
    """What was curated, without the texts of its canonical postings, which nobody needs to carry."""
    bare = tuple(
        replace(one, canonical=replace(one.canonical, html=_NOTHING, plain=_NOTHING, evidence=()))
        for one in curated.listings
    )
    return _encoder.encode(replace(curated, listings=bare))


def unpack_curated(packed: bytes) -> Curated:
    """What was curated."""
    return _curated.decode(packed)
