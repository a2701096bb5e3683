"""A posting as bytes, and back: what crosses between processes, and what the store keeps."""

import zlib
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from normalize.records import Curated, KeptPosting, Posting

_encoder = msgspec.msgpack.Encoder()
_posting = msgspec.msgpack.Decoder(Posting)
_curated = msgspec.msgpack.Decoder(Curated)

_NOTHING: Mapping[str, str] = {}


LONG = 4096
"""From so many bytes on a posting is compressed: below, it costs more than the disk it saves."""


def pack(posting: Posting) -> bytes:
    """The posting as bytes; long ones compressed to about half."""
    plain = _encoder.encode(posting)
    return b"z" + zlib.compress(plain, 1) if len(plain) > LONG else b"-" + plain


def unpack(packed: bytes) -> Posting:
    """The posting that was packed."""
    return _posting.decode(zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:])


def opened(kept: KeptPosting) -> KeptPosting:
    """The kept posting with its posting to look at."""
    return replace(kept, posting=unpack(kept.posting)) if isinstance(kept.posting, bytes) else kept


def pack_curated(curated: Curated) -> bytes:
    """What was curated, without the texts and evidence of its canonical postings, which nobody needs to carry."""
    bare = tuple(
        replace(one, canonical=replace(one.canonical, html=_NOTHING, plain=_NOTHING, evidence=()))
        for one in curated.listings
    )
    return _encoder.encode(replace(curated, listings=bare))


def unpack_curated(packed: bytes) -> Curated:
    """What was curated."""
    return _curated.decode(packed)
