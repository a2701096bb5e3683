"""XML read as a stream: lenient inside, strict about the end, in little memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from harvest.records import Reason, Whole
from tests.harvest.cards import SITE, Walked, card, page, walked

XML = """
[adapter]
kind = "xml_feed"
items = "job"
[adapter.fields]
ref = "id"
title = "name"
place = "places/place"
url = "@url"
"""
TWO = "<jobs><job url='/1'><id>1</id><name>Yksi</name></job><job><id>2</id><name>Kaksi</name></job></jobs>"


def read(body: bytes | str, text: str = XML, charset: str = "") -> Walked:
    return walked(card(text), lambda request: page(request.url, body, charset=charset))


def titles(result: Walked) -> list[object]:
    return [one.fields.get("title") for one in result.raw]


def test_items_children_and_attributes_are_read() -> None:
    result = read(TWO)
    assert (titles(result), result.raw[0].fields["url"], result.verdict.whole) == (
        ["Yksi", "Kaksi"], f"{SITE}/1", Whole.COMPLETE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("items", "refs"),
    [("job", ["1", "2", "3"]), ("open/job", ["1", "2"]), ("open/job[@new='yes']", ["2"]), ("job[id > 1]", ["2", "3"])],
)
def test_the_path_of_the_items_may_have_steps_and_a_predicate(items: str, refs: list[str]) -> None:
    body = (
        "<all><open><job><id>1</id><name>a</name></job><job new='yes'><id>2</id><name>b</name></job></open>"
        "<closed><job><id>3</id><name>c</name></job></closed></all>"
    )
    assert read(body, XML.replace('"job"', f'"{items}"')).refs == refs


@pytest.mark.parametrize("items", ["", "/ /", "job[", "a b", "job[@]"])
def test_a_path_that_is_none_is_refused(items: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        card(XML.replace('"job"', f'"{items}"'))


def test_xpath_and_namespaces_are_understood() -> None:
    body = (
        "<n:jobs xmlns:n='urn:x' xmlns:d='http://purl.org/dc/elements/1.1/' total='1'><n:job><n:id>1</n:id>"
        "<d:title>Yksi</d:title><n:place k='a'>Kotka</n:place><n:place k='b'>Hamina</n:place></n:job></n:jobs>"
    )
    text = XML.replace('"name"', '"dc:title"').replace('"places/place"', "\"*[local-name()='place'][@k='b']\"")
    text = text.replace('items = "job"', 'items = "job"\ntotal = "@total"')
    result = read(body, text)
    assert (result.fields["title"], result.fields["place"], result.verdict.whole) == (
        "Yksi",
        ["Hamina"],
        Whole.COMPLETE,
    )


def test_a_prefix_that_nobody_knows_is_refused_when_the_card_is_loaded() -> None:
    with pytest.raises(ValueError, match="known are atom, content, dc"):
        card(XML.replace('"name"', '"count(q:name)"'))


def test_the_stated_total_and_the_next_link_are_read_from_the_root() -> None:
    text = XML.replace(
        'items = "job"', 'items = "job"\ntotal = "count"\npaging = { kind = "next", next = "link/@next" }'
    )
    first = "<jobs><link next='/jobs?2'/><count>3</count>" + TWO[6:]
    second = "<jobs><count>3</count><job><id>3</id><name>Kolme</name></job></jobs>"
    result = walked(card(text), {"/jobs": first, "/jobs?2": second})
    assert (result.refs, result.verdict.whole) == (["1", "2", "3"], Whole.COMPLETE)
    short = walked(card(text), {"/jobs": "<jobs><count>3</count>" + TWO[6:]})
    assert short.verdict.cause == Reason.TOTAL_DISAGREES


def test_inner_mark_up_and_cdata_stay_in_a_text() -> None:
    result = read(TWO.replace("Yksi", "<p>A</p><p>B</p>").replace("Kaksi", "<![CDATA[<b>C</b> & D]]>"))
    assert titles(result) == ["<p>A</p><p>B</p>", "<b>C</b> & D"]


# -- the end


@pytest.mark.parametrize("cut", [1, 3, 6, 8, 10, 20, 40, 60])
def test_a_document_that_does_not_end_is_cut_even_where_a_parser_would_mend_it(cut: int) -> None:
    result = read(TWO[:-cut])
    assert result.verdict.cause == Reason.TRUNCATED
    assert not result.verdict.counts_as_complete
    assert set(titles(result)) <= {"Yksi", "Kaksi"}
    assert "does not end in the closing tag of 'jobs'" in result.verdict.detail


@pytest.mark.parametrize("tail", ["\n", "<!-- cached 12:00 -->", "<?php ?>\n", "   "])
def test_comments_and_white_space_after_the_root_are_no_cut(tail: str) -> None:
    assert read(TWO + tail).verdict.whole is Whole.COMPLETE


def test_a_closing_tag_inside_a_comment_is_no_end() -> None:
    assert read(TWO[:-7] + "<!-- </jobs> -->").verdict.cause == Reason.TRUNCATED


@pytest.mark.parametrize("body", ["<jobs/>", "<jobs></jobs>", "<?xml version='1.0'?><jobs>\n</jobs>\n"])
def test_a_list_without_items_is_a_true_zero(body: str) -> None:
    assert read(body).verdict.cause == "true zero"


@pytest.mark.parametrize(
    "body", ["", "   ", "{}", "Error 500", "<!DOCTYPE html><html></html>", "<HTML></HTML>", "<", "<!-- -->"]
)
def test_what_is_not_xml_is_told(body: str) -> None:
    result = read(body)
    assert (result.verdict.whole, result.verdict.cause) == (Whole.FAILED, Reason.NOT_THIS_FORMAT)


# -- inside


@pytest.mark.parametrize("slip", ["R & D", "R&D", "a &nope; b", "a&nbsp;b", "a\x01b", "&#1;", "a ]]> b", "a &amp b"])
def test_a_slip_in_a_text_costs_no_item_and_is_told_once(slip: str) -> None:
    """After a bare & the parser holds everything back until the next ; so that items behind it were once lost unsaid."""
    result = read(TWO.replace("Yksi", slip))
    assert (result.refs, result.verdict.whole) == (["1", "2"], Whole.COMPLETE)
    assert result.reasons == [Reason.BROKEN_RECORD]
    assert "line 1: " in result.problems[0].detail


@pytest.mark.parametrize("slip", ["<b>Yksi", "Yksi</b>", "3 < 4", "<a b=1/>"])
def test_torn_tags_may_swallow_an_item_so_the_harvest_is_not_whole(slip: str) -> None:
    result = read(TWO.replace("Yksi", slip))
    assert (result.verdict.whole, result.verdict.cause) == (Whole.PARTIAL, Reason.NOT_THIS_FORMAT)
    assert not result.verdict.counts_as_complete


@pytest.mark.parametrize("name", ["a:", "a:b:c", "x:y"])
def test_a_name_that_is_none_costs_no_item(name: str) -> None:
    slip = f"</name><{name}>x</{name}><name>"
    result = read(TWO.replace("Yksi", f"Yksi{slip}"))
    assert result.refs == ["1", "2"]


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("&#55357;&#56832;", "\U0001f600"),
        ("&#xD83D;&#xDE00;", "\U0001f600"),
        ("a&#xd83d;", "a\ufffd"),
        ("&#56832;b", "\ufffdb"),
        ("&#x0D83D;&#228;", "\ufffdä"),
    ],
)
def test_half_an_emoji_in_a_reference_costs_a_sign_and_not_the_feed(said: str, read_as: str) -> None:
    result = read(TWO.replace("Yksi", said))
    assert [one.fields["title"] for one in result.raw] == [read_as, "Kaksi"]
    large = "<jobs>" + f"<job><id>1</id><name>{'x' * 65_508}{said}</name></job>" + "</jobs>"
    assert read(large).fields["title"] == "x" * 65_508 + read_as, "also where one read ends within it"


@pytest.mark.parametrize("total", ["²", "9" * 5_000, "kaksi", ""])
def test_a_total_that_is_no_number_makes_the_run_partial(total: str) -> None:
    text = XML.replace('items = "job"', 'items = "job"\ntotal = "count"')
    result = read(TWO.replace("<jobs>", f"<jobs><count>{total}</count>", 1), text)
    assert (result.refs, result.verdict.whole) == (["1", "2"], Whole.PARTIAL)
    assert "total = 'count' finds no single number" in result.verdict.detail


def test_a_bomb_of_entities_ends_as_a_harvest_that_is_not_whole() -> None:
    bomb = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10 if number else "lol"}">' for number in range(10))
    result = read(f"<!DOCTYPE jobs [{bomb}]>" + TWO.replace("Yksi", "&l9;"))
    assert (result.verdict.counts_as_complete, result.verdict.cause) == (False, Reason.NOT_THIS_FORMAT)
    assert "lollol" not in repr(result.all)


def test_entities_are_never_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    doctype = f'<!DOCTYPE jobs [<!ENTITY own "expanded"><!ENTITY file SYSTEM "file://{secret}">]>'
    result = read(doctype + TWO.replace("Yksi", "&own;").replace("Kaksi", "x &file;"))
    assert titles(result)[0] == "&own;"
    assert "do not read" not in repr(result.all)


@pytest.mark.parametrize("end", ["", ">" * 700_000], ids=["never ending", "ending at last"])
def test_tags_that_begin_and_do_not_end_are_no_xml_and_cost_no_time(end: str) -> None:
    result = read(TWO.replace("Yksi", "<a" * 700_000 + end))
    assert (result.verdict.whole, result.verdict.cause) == (Whole.FAILED, Reason.NOT_THIS_FORMAT)
    assert "tags begin before one of them ends" in result.verdict.detail


def test_deep_nesting_ends_as_a_problem() -> None:
    result = read("<jobs>" + "<a>" * 100_000 + "</a>" * 100_000 + TWO[6:])
    assert not result.verdict.counts_as_complete


# -- letters


@pytest.mark.parametrize(
    ("encoding", "declared", "charset"),
    [
        ("utf-8", "utf-8", ""), ("utf-8", "iso-8859-1", ""), ("utf-8", "", "iso-8859-1"), ("iso-8859-1", "iso-8859-1", ""),
        ("iso-8859-1", "", ""), ("iso-8859-1", "utf-8", ""), ("utf-8-sig", "", ""), ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""), ("utf-16-be", "", "utf-16"), ("iso-8859-1", "x-mac-cyrillic", "iso-8859-8-i"),
        ("iso-8859-1", "", "replacement"),
    ],
)  # fmt: skip
def test_letters_come_through_whatever_the_label_says(encoding: str, declared: str, charset: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else "<?xml version='1.0'?>"
    result = read((head + TWO.replace("Yksi", "Työtön")).encode(encoding), charset=charset)
    assert result.refs == ["1", "2"]
    if "8859-8" not in charset:
        assert titles(result)[0] == "Työtön"


# -- memory

MEASURE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from harvest.known import Known
from harvest.records import Page
from harvest.walk import walk
from tests.harvest.cards import card
from tests.harvest.test_xml_feed import TWO, XML

def walked(path):
    def get(request):
        return Page(url=request.url, fetched=datetime.now(UTC), file=path.open("rb"))
    return sum(1 for _ in walk(card(XML), get, Known()))

small, large = Path(sys.argv[1]), Path(sys.argv[2])
walked(small)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = walked(large)
print(found, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def added_by(folder: Path, mebibytes: int) -> tuple[int, float]:
    """The items found in a feed of that size, and the MiB that reading it adds to a process warmed up by a small one."""
    item = "<job url='/{n}'><id>{n}</id><name>Hoitaja {n}</name><text>" + "Työtä lähellä. " * 350 + "</text></job>\n"
    small, large = folder / "small.xml", folder / "large.xml"
    small.write_text(TWO, "utf-8")
    count = 0
    with large.open("w", encoding="utf-8") as file:
        file.write("<jobs>")
        while file.tell() < mebibytes * 1024 * 1024:
            file.writelines(item.format(n=number) for number in range(count, count + 100))
            count += 100
        file.write("</jobs>")
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, small, large],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    found, added = said.stdout.split()
    assert int(found) == count + 2  # with a problem of unread fields, and the verdict
    return count, float(added)


def test_a_feed_of_20_mb_adds_little_memory(tmp_path: Path) -> None:
    _count, added = added_by(tmp_path, 20)
    assert added < 30


@pytest.mark.soak
def test_a_feed_of_200_mb_adds_under_30_mb(tmp_path: Path) -> None:
    _count, added = added_by(tmp_path, 200)
    assert added < 30
