"""A large feed goes the whole way, from bytes to rows, in little memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEASURE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from harvest.records import Page
from schedules.run import run_source
from store import db
from store.door import Store
from tests.harvest.cards import card
from tests.harvest.test_xml_feed import XML

engine = db.engine_for(f"sqlite:///{sys.argv[3]}")
db.upgrade(engine)
store = Store(engine, lambda: datetime.now(UTC))

def kept(path, slug):
    def get(request):
        return Page(url=request.url, fetched=datetime.now(UTC), file=path.open("rb"))
    return run_source(card(XML, slug=slug), get, store)

kept(Path(sys.argv[1]), "small")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result = kept(Path(sys.argv[2]), "large")
print(result.verdict, result.new, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def written(path: Path, mebibytes: float) -> int:
    """Writes a feed of that size, and gives the number of its items."""
    text = "Haemme hoitajaa, ja työ alkaa lähellä. " * 130
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("<jobs>")
        while file.tell() < mebibytes * 1024 * 1024:
            for number in range(count, count + 100):
                file.write(
                    f"<job url='/{number}'><id>{number}</id><name>Hoitaja {number}</name><text>{number} {text}</text></job>\n"
                )
            count += 100
        file.write("</jobs>")
    return count


def added_by(folder: Path, mebibytes: int) -> tuple[int, float]:
    """The postings kept of a feed of that size, and the MiB that a run of it adds to a process warmed up by one of 2 MiB."""
    small, large = folder / "small.xml", folder / "large.xml"
    written(small, 2)
    count = written(large, mebibytes)
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, small, large, folder / "memory.db"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    verdict, new, added = said.stdout.split()
    assert (verdict, int(new)) == ("complete", count)
    return count, float(added)


def test_a_run_of_10_mb_of_xml_adds_little_memory(tmp_path: Path) -> None:
    _count, added = added_by(tmp_path, 10)
    assert added < 40


@pytest.mark.soak
def test_a_run_of_200_mb_of_xml_from_bytes_to_rows_adds_little_memory(tmp_path: Path) -> None:
    started = time.monotonic()
    count, added = added_by(tmp_path, 200)
    assert added < 100
    print(
        f"\n| memory | 200 MiB of XML, {count:,} postings, one run from bytes to rows | {added:.0f} MiB more than after a feed "
        f"of 2 MiB | {time.monotonic() - started:.0f} s |"
    )
