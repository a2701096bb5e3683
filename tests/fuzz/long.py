"""The long form for one subject, in a process that may die of it: ``python -m tests.fuzz.long NAME EXAMPLES LAST``.

``LAST`` is the file that names the page under way, for when the process does not live to tell.
"""

import faulthandler
import resource
import sys
import tempfile
from pathlib import Path

import psutil
from hypothesis import settings

from tests.fuzz import changes
from tests.fuzz.holding import fuzz

SECONDS = 60
"""For one page of up to 16 MB: the time in which a whole answer must come over the net, too."""
MEMORY = 1024**3
GROWN = 2_000_000


def main(name: str, examples: int, last: Path) -> None:
    def before(told: str) -> None:
        last.write_text(told, "utf-8")
        faulthandler.dump_traceback_later(SECONDS, exit=True)

    changes.GROWN = GROWN
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + MEMORY, -1))
    with tempfile.TemporaryDirectory() as scratch:
        fuzz(name, Path(scratch), settings(max_examples=examples), before)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
