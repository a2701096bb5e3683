"""Lines of JSON: whole, torn, and what is none of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harvest.known import Known
from harvest.records import Gone, Reason, Whole
from tests.harvest.cards import SITE, Net, Walked, card, page, walked

LINES = """
[adapter]
kind = "ndjson"
[adapter.fields]
ref = "metadata.id"
title = "title"
changed = "metadata.changed"
gone = "metadata.archived"
text = "text"
[removal]
mode = "stream"
"""
POST = """
[adapter.request]
method = "POST"
json = { onlyOpen = true, modified = { from = "{watermark}" } }
"""


def line(number: int, changed: str = "2026-11-20T10:00:00.000000", **more: object) -> str:
    return json.dumps({"metadata": {"id": str(number), "changed": changed, **more}, "title": f"Työ {number}"})


def read(body: bytes | str, known: Known | None = None) -> Walked:
    return walked(card(LINES), lambda request: page(request.url, body), known)


def test_one_object_a_line_is_one_posting() -> None:
    result = read(f"{line(1)}\n{line(2)}\n")
    assert (result.refs, result.verdict.whole) == (["1", "2"], Whole.COMPLETE)


def test_blank_lines_a_byte_order_mark_windows_ends_and_a_missing_last_end_are_no_trouble() -> None:
    result = read(f"\ufeff\r\n{line(1)}\r\n\r\n   \n{line(2)}")
    assert (result.refs, result.problems, result.verdict.whole) == (["1", "2"], [], Whole.COMPLETE)


def test_no_line_at_all_is_a_true_zero() -> None:
    assert (read("\n").verdict.whole, read("").verdict.cause) == (Whole.EMPTY, "true zero")


def test_a_broken_line_stays_behind_the_rest_goes_on_and_the_run_is_not_whole() -> None:
    result = read(f'{line(1)}\n{{"metadata": oops}}\n[1]\n{line(2)}\n')
    assert result.refs == ["1", "2"]
    assert [(one.reason, one.drops, one.about) for one in result.problems] == [
        (Reason.BROKEN_RECORD, True, f"{SITE}/jobs line 2"),
        (Reason.BROKEN_RECORD, True, f"{SITE}/jobs line 3"),
    ]
    assert (result.verdict.whole, result.verdict.watermark) == (Whole.PARTIAL, "")


def test_a_broken_first_line_is_told_once_a_good_one_follows() -> None:
    result = read(f"{{oops}}\n{line(2)}\n")
    assert (result.refs, result.reasons) == (["2"], [Reason.BROKEN_RECORD])


def test_a_page_with_a_broken_line_is_read_again_and_not_repeated_by_a_304() -> None:
    net = Net({"/jobs": page("", f"{line(1)}\noops\n{line(2)}\n", etag='"1"')})
    assert not walked(card(LINES), net).known().pages


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_last_line_that_cannot_be_read_was_cut(cut: int) -> None:
    result = read(f"{line(1)}\n{line(2)[:-cut]}")
    assert (result.refs, result.reasons) == (["1"], [Reason.TRUNCATED])
    assert (result.verdict.whole, result.verdict.watermark) == (Whole.FAILED, "")


def test_a_last_line_that_cannot_be_read_was_cut_even_where_it_ends() -> None:
    assert read(f"{line(1)}\n{line(2)[:-9]}\n").reasons == [Reason.TRUNCATED]
    assert read(f"{line(1)[:-9]}").reasons == [Reason.TRUNCATED]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"statusCode": 401, "message": "no key"}', Reason.NOT_THIS_FORMAT),
        ('{\n "error": {\n  "code": 5\n }\n}\n', Reason.NOT_THIS_FORMAT),
        ('[{"metadata": {"id": "1"}}]', Reason.NOT_THIS_FORMAT),
        ("<!DOCTYPE html><html><body>\nHuolto\n</body></html>", Reason.NOT_THIS_FORMAT),
        ("<html>\n<title>Just a moment...</title>", Reason.CHALLENGE),
        ("id;title\n" * 100, Reason.NOT_THIS_FORMAT),
    ],
)
def test_a_message_or_a_page_instead_of_lines_is_another_format(body: str, reason: Reason) -> None:
    result = read(body)
    assert (result.reasons, result.verdict.whole) == ([reason], Whole.FAILED)


def test_a_line_without_an_end_is_not_held_in_memory() -> None:
    result = read(line(1) + "\n" + '{"text": "' + "x" * (9 * 1024 * 1024) + '"}\n' + line(2) + "\n")
    assert (result.refs, result.reasons) == (["1", "2"], [Reason.BROKEN_RECORD])
    assert "longer than" in result.problems[0].detail


def test_what_the_stream_calls_archived_has_gone_and_moves_the_watermark_too() -> None:
    known = Known(digests={"1": b"x"}, watermark="2026-11-20T10:00:00.000000")
    result = read(line(1, "2026-11-21T10:00:00.000000", archived="2026-11-21T10:00:00.000000"), known)
    assert [one.ref for one in result.all if isinstance(one, Gone)] == ["1"]
    assert (result.verdict.whole, result.verdict.watermark) == (Whole.COMPLETE, "2026-11-21T10:00:00.000000")


def test_a_first_reading_asks_for_everything_and_the_next_from_the_newest_moment_on() -> None:
    source = card(LINES + POST)
    net = Net({"/jobs": f"{line(1)}\n{line(2, '2026-11-21T10:00:00.000000')}\n"})
    first = walked(source, net)
    again = walked(source, net, first.known())
    assert [json.loads(request.body or b"") for request in net.asked] == [
        {"onlyOpen": True},
        {"onlyOpen": True, "modified": {"from": "2026-11-21T10:00:00.000000"}},
    ]
    assert (again.seen, again.verdict.whole) == (["1", "2"], Whole.UNCHANGED), "read again, and known by its digest"


def test_two_that_changed_in_one_moment_are_both_had_though_the_first_was_read_before() -> None:
    source = card(LINES + POST)
    first = walked(source, Net({"/jobs": line(1) + "\n"}))
    again = walked(source, Net({"/jobs": f"{line(1)}\n{line(2)}\n"}), first.known())
    assert (again.seen, again.refs) == (["1"], ["2"])


def test_a_card_that_names_what_lines_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="leave out items, total and paging"):
        card(LINES.replace('"ndjson"', '"ndjson"\nitems = "jobs"'))


MEASURE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from harvest.known import Known
from harvest.records import Page
from harvest.walk import walk
from tests.harvest.cards import card
from tests.harvest.test_ndjson import LINES

def walked(path):
    def get(request):
        return Page(url=request.url, fetched=datetime.now(UTC), file=path.open("rb"))
    return sum(1 for _ in walk(card(LINES), get, Known()))

small, large = Path(sys.argv[1]), Path(sys.argv[2])
walked(small)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = walked(large)
print(found, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def added_by(folder: Path, mebibytes: int) -> float:
    """The MiB that reading so large an answer adds to a process warmed up by a small one."""
    small, large, count = folder / "small.ndjson", folder / "large.ndjson", 0
    small.write_text(line(1) + "\n", "utf-8")
    text = "Työtä lähellä. " * 350
    with large.open("w", encoding="utf-8") as file:
        while file.tell() < mebibytes * 1024 * 1024:
            many = range(count, count + 100)
            file.writelines(json.dumps(json.loads(line(n)) | {"text": text}, ensure_ascii=False) + "\n" for n in many)
            count += 100
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, small, large],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    found, added = said.stdout.split()
    assert int(found) == count + 1  # with the verdict
    return float(added)


def test_an_answer_of_20_mb_adds_little_memory(tmp_path: Path) -> None:
    assert added_by(tmp_path, 20) < 30


@pytest.mark.soak
def test_an_answer_of_200_mb_adds_under_30_mb(tmp_path: Path) -> None:
    assert added_by(tmp_path, 200) < 30


def test_a_change_in_the_far_future_does_not_keep_the_next_run_from_asking() -> None:
    result = read(f"{line(1, '2026-11-24T09:00:00')}\n{line(2, '2062-11-24T09:00:00')}\n")
    assert (result.refs, result.verdict.watermark) == (["1", "2"], "2026-11-24T09:00:00")


def told(result: Walked) -> dict[str, object]:
    """What becomes of each posting: its last title, or that it has gone, which is saved last."""
    return {one.ref: one.fields["title"] for one in result.raw} | {
        one.ref: "gone" for one in result.all if isinstance(one, Gone)
    }


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ([line(1), line(1, archived=True)], "gone"),
        ([line(1, archived=True), line(1)], "Työ 1"),
        ([line(1), line(1, archived=True), line(1, "2026-11-21")], "Työ 1"),
        ([line(1), line(1).replace("Ty\\u00f6 1", "Kokki")], "Kokki"),
        ([line(1), line(1).replace("Ty\\u00f6 1", "Kokki"), line(1)], "Työ 1"),
    ],
)
def test_of_two_lines_on_one_posting_the_later_is_true(lines: list[str], end: str) -> None:
    """The watermark passes both, so that what is dropped now would be so for ever."""
    first = read(f"{line(1)}\n")
    for known in (None, Known(digests=first.known().digests)):
        result = read("\n".join(lines), known)
        assert (told(result), result.problems) == ({"1": end}, [])
        assert result.verdict.found == 1
    assert [type(one).__name__ for one in result.all].count("Gone") == (end == "gone")
