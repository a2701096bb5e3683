"""What came out of a walk and has to be written. Postings lie packed on disk, since a first run has all of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import IO

import msgspec
from msgspec.structs import replace

from harvest.records import Gone, Probed, Problem, Seen, Verdict
from normalize.fingerprint import fingerprinted
from normalize.packing import pack
from normalize.records import Listed, Posting
from store.packing import posting_id


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A posting as it will be kept: columns of its table, and its blocking keys."""

    id: str
    source: str
    ref: str
    kind: str
    digest: bytes
    url_key: str
    page: str
    placed: bool
    published_on: date | None
    ends_on: date | None
    packed: bytes
    blocking: bytes
    fingerprint: bytes


_encoder = msgspec.msgpack.Encoder()
_rows = msgspec.msgpack.Decoder(Row)


@dataclass(frozen=True)  # without slots, which pickle slowly
class Record:
    """A posting ready to be spooled: its :class:`Row` as bytes."""

    data: bytes


def record(posting: Posting) -> Record:
    """The posting as the spool and the store keep it; made wherever there is a processor for it."""
    if not posting.fingerprint:
        (posting,) = fingerprinted([posting])
    row = Row(
        id=posting_id(posting.source, posting.ref),
        source=posting.source,
        ref=posting.ref,
        kind=str(posting.kind),
        digest=posting.digest,
        url_key=posting.url_key,
        page=posting.page,
        placed=any((one.codes or one.area or one.bucket) and not one.rejected for one in posting.evidence),
        published_on=posting.published_on,
        ends_on=posting.ends_on,
        packed=pack(replace(posting, blocking=b"", fingerprint=b"")),
        blocking=posting.blocking,
        fingerprint=posting.fingerprint,
    )
    return Record(_encoder.encode(row))


@dataclass(slots=True)
class Spool:
    """``take`` everything that is listed, then read ``rows`` once. ``file`` is open for reading and writing."""

    file: IO[bytes]
    postings: int = 0
    seen: list[str] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    probed: list[Probed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    verdict: Verdict | None = None

    def take(self, one: Listed | Record) -> None:
        """Put away one of what is listed."""
        if isinstance(one, Posting):
            one = record(one)
        if isinstance(one, Record):
            self.file.write(len(one.data).to_bytes(4) + one.data)
            self.postings += 1
        elif isinstance(one, Seen):
            self.seen.append(one.ref)
        elif isinstance(one, Gone):
            self.gone.append(one)
        elif isinstance(one, Probed):
            self.probed.append(one)
        elif isinstance(one, Problem):
            self.problems.append(one)
        else:
            self.verdict = one

    def rows(self) -> Iterator[Row]:
        """The postings in the order in which they came."""
        self.file.seek(0)
        while size := self.file.read(4):
            yield _rows.decode(self.file.read(int.from_bytes(size)))
