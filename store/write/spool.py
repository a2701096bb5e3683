"""What came out of a walk and has to be written. Postings lie packed on disk, since a first run has all of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any, TypeAlias

import msgspec

from harvest.records import Gone, Probed, Problem, Seen, Verdict
from normalize.fingerprint import blocking_keys
from normalize.packing import pack
from normalize.records import Listed, Posting
from store.packing import hashed, posting_id

Row: TypeAlias = tuple[dict[str, Any], list[int]]
"""A posting's columns, and its blocking keys."""


@dataclass(frozen=True)  # without slots, which pickle slowly
class Record:
    """A posting ready to be spooled: its columns, packed form and blocking keys as bytes."""

    data: bytes


def record(posting: Posting) -> Record:
    """The posting as the spool and the store keep it; made wherever there is a processor for it."""
    keys = [hashed(key) for key in dict.fromkeys(blocking_keys(posting))]
    return Record(msgspec.msgpack.encode((pack(posting), _columns(posting), keys)))


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
        decoder = msgspec.msgpack.Decoder(tuple[bytes, dict[str, Any], list[int]])
        while size := self.file.read(4):
            packed, columns, keys = decoder.decode(self.file.read(int.from_bytes(size)))
            for name in ("published_on", "ends_on"):
                if columns[name] is not None:
                    columns[name] = date.fromisoformat(columns[name])
            yield {**columns, "packed": packed}, keys


def _columns(posting: Posting) -> dict[str, Any]:
    return {
        "id": posting_id(posting.source, posting.ref),
        "source": posting.source,
        "ref": posting.ref,
        "kind": str(posting.kind),
        "digest": posting.digest,
        "url_key": posting.url_key,
        "page": posting.page,
        "placed": any((one.codes or one.area or one.bucket) and not one.rejected for one in posting.evidence),
        "published_on": posting.published_on,
        "ends_on": posting.ends_on,
    }
