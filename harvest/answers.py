"""The index of an archived run: what it was answered, a line each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a run was answered to one question: a line of its index. ``body`` is the hash of what the page held, also where
    a 304 repeated it; empty where there was none or it was not kept. Of the question only its key is known, and the address
    is masked."""

    key: str
    url: str
    fetched: str
    status: int = 200
    media_type: str = ""
    charset: str = ""
    etag: str = ""
    last_modified: str = ""
    body: str = ""
    detail: bool = False
    problem: tuple[str, str, str, str] | None = None

    def line(self) -> str:
        """It as a line of an index."""
        told = {name: value for name, value in asdict(self).items() if value}
        return json.dumps(told, ensure_ascii=False) + "\n"


_answers = msgspec.json.Decoder(Answer)


class Earlier:
    """Answers of earlier runs by key, the newest first; a run's index is read only when the newer ones have not helped."""

    def __init__(self, indexes: Iterable[Path]) -> None:
        self._unread = list(indexes)
        self._found: dict[str, list[Answer]] = {}

    def find(self, key: str, validators: tuple[str, str] | None = None) -> Answer | None:
        """The newest answer that has a body, and these validators if any are asked for."""
        looked = 0
        while True:
            own = self._found.get(key, [])
            for answer in own[looked:]:
                if validators is None or (answer.etag, answer.last_modified) == validators:
                    return answer
            looked = len(own)
            if not self._unread:
                return None
            for answer in read_answers(self._unread.pop(0)):
                if answer.body:
                    self._found.setdefault(answer.key, []).append(answer)


def read_answers(path: Path) -> Iterator[Answer]:
    """The lines of an index, in order. One that is no answer, as a crash has cut it, is left out; what another version
    of ours says besides is not heard."""
    with path.open("rb") as lines:
        for line in lines:
            try:
                answer = _answers.decode(line)
                datetime.fromisoformat(answer.fetched)
            except ValueError:
                continue
            yield answer
