"""A run is saved whole or not at all, and what did not change costs nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event

from harvest.known import VOID
from harvest.records import Gone, Problem, Reason, Step, Whole
from normalize.records import Listed
from schedules.guard import held
from store import health
from store.health import waiting
from store.packing import posting_id
from store.tables import PageRow, PostingRow, RunRow, SourceRow, Touch
from store.write.runs import HEARTBEAT
from tests.built import Scene, card, many, memo, posting, verdict

TOWN = card()
TROUBLE = Problem(step=Step.CLEAN, reason=Reason.BAD_DATE, about="1 ends", detail="'soon' is not a date")
DROPPED = Problem(step=Step.KEEP, reason=Reason.OFF_TOPIC, about="9", detail="about snow ploughing", drops=True)


def test_a_run_counts_what_is_new_changed_and_unchanged(scene: Scene) -> None:
    first = scene.harvest(TOWN, many(3))
    assert (first.new, first.changed, first.unchanged, first.found) == (3, 0, 0, 3)
    second = scene.harvest(TOWN, [*many(2), posting("002", title="Uusi nimi"), posting("003")])
    assert (second.new, second.changed, second.unchanged, second.found) == (1, 1, 2, 4)
    assert second.verdict == "complete"


def test_what_was_seen_unchanged_costs_no_write_to_postings(scene: Scene) -> None:
    scene.harvest(TOWN, many(3))
    scene.curate()
    statements: list[str] = []
    event.listen(scene.store.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    result = scene.harvest(TOWN, many(3), whole=Whole.UNCHANGED)
    writes = [said for said in statements if said.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert result.unchanged == 3
    assert not [said for said in writes if "posting" in said or "touch" in said]
    assert waiting(scene.store.engine) == 0


def test_known_gives_back_digests_validators_and_watermark(scene: Scene) -> None:
    page = memo("https://town.example/jobs.json", ["000", "001"])
    scene.harvest(TOWN, many(2), pages=(page,), watermark="2026-11-24")
    known = scene.store.known(TOWN)
    assert known.digests == {one.ref: one.digest for one in many(2)}
    assert known.pages == {page.key: page}
    assert known.watermark == "2026-11-24"


def test_under_another_card_no_more_is_known_than_what_there_is(scene: Scene) -> None:
    scene.harvest(TOWN, many(2), pages=(memo("a"),), watermark="2026-11-24")
    known = scene.store.known(card(defaults={"municipality": "491"}))
    assert (known.digests, known.pages, known.watermark) == ({"000": VOID, "001": VOID}, {}, "")
    assert scene.store.known(card(trust=0.9)).digests, "how much a source is trusted changes nothing of how it is read"


def test_what_a_partial_run_under_another_card_did_not_read_is_read_when_met_again(scene: Scene) -> None:
    scene.harvest(TOWN, many(3), watermark="2026-11-24")
    other = card(defaults={"municipality": "491"})
    scene.harvest(other, many(1), whole=Whole.PARTIAL)
    known = scene.store.known(other)
    assert known.digests == {"000": posting("000").digest, "001": VOID, "002": VOID}
    assert known.watermark == "", "the watermark of the old card is none of the new one's"


def test_a_run_shows_what_it_asked_for_and_which_part_was_answered_by_a_304(scene: Scene) -> None:
    asked = {"requests": 7, "retries": 3, "not_modified": 2, "bytes": 900}
    scene.harvest(card(), many(1), **asked)
    scene.harvest(card(), many(1))
    newest, first = health.runs(scene.store.engine)
    assert {name: first[name] for name in asked} == asked
    assert (first["share_304"], newest["share_304"]) == (0.286, None)


def test_a_run_without_a_watermark_keeps_the_last(scene: Scene) -> None:
    scene.harvest(TOWN, many(1), watermark="2026-11-24")
    scene.harvest(TOWN, many(1), whole=Whole.PARTIAL)
    assert scene.store.known(TOWN).watermark == "2026-11-24"


def test_a_page_that_was_not_read_this_time_loses_its_validators(scene: Scene) -> None:
    scene.harvest(TOWN, many(2), pages=(memo("a"), memo("b")))
    scene.harvest(TOWN, many(1), whole=Whole.PARTIAL, pages=(memo("a", etag='"2"'),))
    assert scene.store.known(TOWN).pages == {"a": memo("a", etag='"2"')}


def test_a_failed_reading_keeps_the_validators_of_the_one_before(scene: Scene) -> None:
    scene.harvest(TOWN, many(2), pages=(memo("a"),))
    scene.harvest(TOWN, [], whole=Whole.FAILED, cause="dns")
    assert set(scene.store.known(TOWN).pages) == {"a"}


def test_an_exception_in_the_stream_marks_the_run_failed_and_leaves_the_rest_as_it_was(scene: Scene) -> None:
    scene.harvest(TOWN, many(2), pages=(memo("a"),))
    before = scene.snapshot()

    def broken() -> Iterator[Listed]:
        yield posting("new")
        raise ZeroDivisionError("a false assumption")

    with pytest.raises(ZeroDivisionError):
        scene.store.save_run(TOWN, broken(), held)
    assert scene.snapshot() == before
    last = health.runs(scene.store.engine)[0]
    assert (last["verdict"], last["cause"]) == ("failed", "unexpected")
    assert last["detail"] == "ZeroDivisionError: a false assumption"
    assert last["ended"]


def test_a_stream_without_a_verdict_is_a_failed_run_and_saves_nothing(scene: Scene) -> None:
    with pytest.raises(AssertionError, match="a walk ends in its verdict"):
        scene.store.save_run(TOWN, [posting("1")], held)
    assert scene.rows(PostingRow) == []
    assert health.runs(scene.store.engine)[0]["verdict"] == "failed"


def test_an_exception_while_saving_marks_the_run_failed_too(scene: Scene) -> None:
    scene.harvest(card(removal={"misses": 1}), many(1))

    def broken(*_asked: object) -> dict[str, list[str]]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scene.store.save_run(card(removal={"misses": 1}), [posting("new"), verdict()], broken)
    assert [row["ref"] for row in scene.rows(PostingRow)] == ["000"], "nothing of the run is visible"
    assert health.runs(scene.store.engine)[0]["verdict"] == "failed"


def test_a_long_run_says_that_it_is_alive(scene: Scene) -> None:
    beats = []

    def slow() -> Iterator[Listed]:
        for one in many(3):
            scene.clock.now += HEARTBEAT + timedelta(seconds=1)
            yield one
            row = scene.rows(RunRow)[0]
            beats.append((row["heartbeat"] == scene.clock.now, row["found"], row["ended"]))
        yield verdict()

    scene.store.save_run(TOWN, slow(), held)
    assert beats == [(True, 1, None), (True, 2, None), (True, 3, None)]


def test_problems_are_kept_in_order_and_what_stayed_behind_is_counted(scene: Scene) -> None:
    result = scene.harvest(TOWN, many(1), more=[TROUBLE, DROPPED])
    assert (result.problems, result.dropped) == (2, 1)
    told = health.problems(scene.store.engine, result.id) or []
    assert [(one["reason"], one["about"], one["drops"]) for one in told] == [
        ("bad_date", "1 ends", False),
        ("off_topic", "9", True),
    ]


def test_a_posting_keeps_when_it_was_first_seen_and_last_changed(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1")])
    began = scene.clock.now
    scene.clock.move(days=1)
    scene.harvest(card(defaults={"municipality": "491"}), [posting("1")])
    read_again = scene.posting("1")
    assert (read_again["first_seen"], read_again["last_changed"]) == (began, began), "read anew, and just the same"
    scene.clock.move(days=1)
    scene.harvest(TOWN, [posting("1", title="Toinen")])
    assert (scene.posting("1")["first_seen"], scene.posting("1")["last_changed"]) == (began, scene.clock.now)


def test_a_changed_posting_is_found_by_its_new_keys_only(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", title="Kokki")])
    scene.harvest(TOWN, [posting("1", title="Siivooja")])
    scene.harvest(card("other"), [posting("a", title="Kokki", source="other")])
    scene.curate()
    assert scene.groups() == [["other/a"], ["town/1"]]


def test_a_card_that_is_trusted_otherwise_touches_its_postings(scene: Scene) -> None:
    scene.harvest(TOWN, many(2))
    scene.curate()
    scene.harvest(card(attribution="Lähde: kaupunki"), many(2))
    assert {row["because"] for row in scene.rows(Touch)} == {"its source's card has changed"}
    scene.curate()
    assert scene.listing("000")["attribution"] == "Lähde: kaupunki"


def test_a_run_shows_the_card_to_readers(scene: Scene) -> None:
    scene.harvest(card(rights={"basis": "own data", "page": "full", "export": "link"}), [])
    row = scene.rows(SourceRow)[0]
    assert (row["rights_basis"], row["right_page"], row["right_export"], row["right_api"]) == (
        "own data", "full", "link", "no",
    )  # fmt: skip


def test_the_id_of_a_posting_follows_from_its_source_and_reference_alone(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1")])
    assert scene.rows(PostingRow)[0]["id"] == posting_id("town", "1")
    assert posting_id("town", "1") != posting_id("town1", "")


def test_memos_of_one_page_asked_twice_do_not_clash(scene: Scene) -> None:
    scene.harvest(TOWN, many(1), pages=(memo("a"), memo("a", etag='"2"')))
    assert len(scene.rows(PageRow)) == 1


def test_what_the_source_says_has_gone_is_forgotten(scene: Scene) -> None:
    scene.harvest(TOWN, many(2))
    scene.harvest(TOWN, many(1), more=[Gone(ref="001", because="taken back")])
    assert set(scene.store.known(TOWN).digests) == {"000"}


def test_of_two_versions_of_one_posting_in_a_run_the_later_is_kept(scene: Scene) -> None:
    result = scene.harvest(TOWN, [posting("1", title="Kokki"), posting("2"), posting("1", title="Leipuri")])
    assert (result.new, result.changed) == (2, 0)
    scene.curate()
    assert "Leipuri" in scene.listing("1")["titles"]
