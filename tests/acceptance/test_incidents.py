"""What has gone wrong elsewhere, as stories: a real server, several days on a clock of their own, and what readers see."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvest.http import Http
from harvest.source import Source
from normalize.vocabulary import Act
from schedules.run import run_source
from store import changes, health
from store.counts import CountsError, counts
from store.db import StoreError
from store.invariants import findings
from store.tables import Hold
from store.write.runs import RunResult
from tests.acceptance.replay import Site, as_bytes
from tests.built import KOUVOLA, MIKKELI, TAMPERE, Clock, Scene, card, posting

FIELDS = {"ref": "id", "title": "name", "employer": "who", "text": "text",
          "municipality": {"from": "town", "list": "kunta"}}  # fmt: skip
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript</body></html>"
Answer = Callable[[Mapping[str, str]], bytes]


def job(number: int, town: str = MIKKELI, **more: Any) -> dict[str, Any]:
    return {"id": f"a-{number}", "name": f"Lähihoitaja {number}", "who": "Etelä-Savon hyvinvointialue", "town": town,
            "text": f"Työ numero {number} odottaa tekijää.", **more}  # fmt: skip


def jobs(count: int, town: str = MIKKELI, first: int = 0) -> list[dict[str, Any]]:
    return [job(number, town) for number in range(first, first + count)]


class Story:
    """A site and a source of it, harvested and curated once a day."""

    def __init__(self, site: Site, http: Http, scene: Scene, clock: Clock) -> None:
        self.site, self.http, self.scene, self.clock = site, http, scene, clock

    def source(self, slug: str = "town", *, adapter: Mapping[str, Any] | None = None, **more: Any) -> Source:
        told = {"kind": "json_api", "items": "jobs", "fields": FIELDS, **(adapter or {})}
        rights = {"basis": "agreement", "page": "full"}
        return card(
            slug, start=[f"{self.site.base}/{slug}"], manners={"delay": "0s"}, rights=rights, adapter=told, **more
        )

    def day(self, source: Source) -> RunResult:
        self.clock.move(days=1)
        result = run_source(source, self.http.get, self.scene.store)
        self.scene.curate()
        return result

    def days(self, source: Source, count: int) -> list[RunResult]:
        return [self.day(source) for _ in range(count)]

    def shown(self, region: str = "") -> int:
        """How many listings the curated table shows."""
        return len(self.scene.exported(region=region))

    def problems(self, run: RunResult) -> dict[str, str]:
        return {row["reason"]: row["detail"] for row in health.problems(self.scene.store.engine, run.id)}

    def held(self) -> dict[str, int]:
        return {row["unit"]: row["going"] for row in self.scene.rows(Hold)}

    def first_seen(self) -> dict[str, str]:
        return {row["titles"]["fi"]: row["first_seen"] for row in self.scene.exported()}


@pytest.fixture
def story(scene: Scene, clock: Clock) -> Iterator[Story]:
    with Site() as site, Http(contact="a@example.invalid", allow=("127.0.0.0/8",), now=clock, wait=clock.wait) as http:
        yield Story(site, http, scene, clock)
        assert [one for one in findings(scene.store.engine, clock.now) if one.broken] == []


def pages(listed: Sequence[Any], size: int, *, empty: int | None = None) -> Answer:
    """Numbered pages with the true total on each; the page ``empty`` has nothing on it."""

    def answer(query: Mapping[str, str]) -> bytes:
        page = int(query["page"])
        some = [] if page == empty else listed[(page - 1) * size : page * size]
        return as_bytes({"total": len(listed), "jobs": some})

    return answer


def test_1_a_list_that_stops_at_an_empty_page_7_of_12_is_partial_and_closes_nothing(story: Story) -> None:
    paging = {"kind": "page", "param": "page", "size": 10}
    source = story.source(adapter={"paging": paging, "total": "total"}, removal={"misses": 1})
    listed = jobs(120)
    story.site.pages["/town"] = pages(listed, 10)
    assert (story.day(source).verdict, story.shown()) == ("complete", 120)
    story.site.pages["/town"] = pages([*listed, *jobs(5, first=200)], 10, empty=7)
    for run in story.days(source, 3):
        assert (run.verdict, run.cause, run.closed, run.held) == ("partial", "total_disagrees", 0, 0)
        assert run.requests == 7, "it is asked up to there and not for ever"
    assert (story.shown(), story.held()) == (120, {})
    story.site.pages["/town"] = pages([*listed[:119], *jobs(5, first=200)], 10)
    whole = story.day(source)
    assert (whole.verdict, whole.new, whole.closed, story.shown()) == ("complete", 5, 1, 124)


def test_2_a_valid_but_empty_catalogue_is_held_and_the_last_good_one_stays(story: Story) -> None:
    source = story.source()
    story.site.pages["/town"] = as_bytes({"jobs": jobs(400)})
    story.day(source)
    story.site.pages["/town"] = as_bytes({"jobs": []})
    first, *later = story.days(source, 4)
    assert (first.verdict, first.cause, first.closed) == ("empty", "true zero", 0)
    assert [(run.closed, run.held) for run in later] == [(0, 400)] * 3
    assert story.shown("mikkeli") == 400
    assert story.held() == dict.fromkeys(
        ["maakunta 10", f"municipality {MIKKELI}", "region mikkeli", "source town"], 400
    )
    story.site.pages["/town"] = as_bytes({"jobs": jobs(399)})
    back = story.day(source)
    assert (back.verdict, back.new, back.closed, back.held) == ("complete", 0, 1, 0), "the hold is gone by itself"
    assert story.shown() == 399


def test_3_where_one_regions_shard_fails_only_that_regions_removals_are_held(story: Story) -> None:
    paging = {"kind": "shards", "shards": [MIKKELI, KOUVOLA, TAMPERE], "param": "town"}
    source = story.source(adapter={"paging": paging}, removal={"misses": 1})
    listed = {MIKKELI: jobs(12), KOUVOLA: jobs(30, KOUVOLA, 100), TAMPERE: jobs(358, TAMPERE, 1000)}
    story.site.pages["/town"] = lambda query: as_bytes({"jobs": listed[query["town"]]})
    story.day(source)
    assert [story.shown(region) for region in ("mikkeli", "kouvola", "tampere")] == [12, 30, 358]
    listed |= {MIKKELI: [], KOUVOLA: listed[KOUVOLA][:29], TAMPERE: listed[TAMPERE][:350]}
    run = story.day(source)
    assert (run.verdict, run.held, run.closed) == ("complete", 12, 9), (
        "three in a hundred of the nation, all of one region"
    )
    assert set(story.held()) == {"maakunta 10", f"municipality {MIKKELI}", "region mikkeli"}
    assert [story.shown(region) for region in ("mikkeli", "kouvola", "tampere")] == [12, 29, 350]


def test_4_a_challenge_page_behind_a_200_is_blocked_and_not_zero(story: Story) -> None:
    source = story.source(removal={"misses": 1})
    story.site.pages["/town"] = as_bytes({"jobs": jobs(3)})
    story.day(source)
    story.site.pages["/town"] = CHALLENGE
    for run in story.days(source, 3):
        assert (run.verdict, run.cause, run.closed) == ("failed", "challenge", 0)
        assert "prove to be human" in run.detail
    assert story.shown() == 3
    story.site.pages["/town"] = as_bytes({"jobs": jobs(3)})
    assert (story.day(source).verdict, story.shown()) == ("unchanged", 3)


def test_5_the_first_500_of_1400_are_partial_by_the_stated_total(story: Story) -> None:
    source = story.source(adapter={"total": "total"}, removal={"misses": 1})
    listed = jobs(1400)
    story.site.pages["/town"] = as_bytes({"total": 500, "jobs": listed[900:]})
    assert story.day(source).verdict == "complete"
    story.site.pages["/town"] = as_bytes({"total": 1400, "jobs": listed[:500]})
    run = story.day(source)
    assert (run.verdict, run.cause, run.new, run.closed, run.held) == ("partial", "total_disagrees", 500, 0, 0)
    assert "states a total of 1400, and 500 were read" in run.detail
    assert story.shown() == 1000, "what is new goes out, and nothing goes"


@pytest.mark.parametrize("misses", [1, 2])
def test_9_renumbered_ids_raise_an_alarm_and_count_nothing_twice(story: Story, misses: int) -> None:
    source = story.source(removal={"misses": misses})
    old = jobs(60)
    story.site.pages["/town"] = as_bytes({"jobs": old})
    story.day(source)
    before, total = story.first_seen(), story.scene.total()
    story.site.pages["/town"] = as_bytes({"jobs": [{**one, "id": one["id"].replace("a-", "9000")} for one in old]})
    runs = story.days(source, 3)
    assert runs[0].new == 60
    for run in runs:
        assert "60 of 60 are absent while as many near-identical ones are new" in story.problems(run)["id_churn"]
        assert run.closed == 0
    assert story.held()["renumbered town"] == 60
    assert (story.first_seen(), story.scene.total(), story.shown()) == (before, total, 60)
    assert {what for what, _, _ in story.scene.changes()} == {"added", "changed"}


RENUMBERED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a text that was cut": lambda one: {**one, "text": one["text"][:15]},
    "a longer title": lambda one: {**one, "name": one["name"] + " (jatkettu haku)"},
    "no text": lambda one: {**one, "text": ""},
    "a longer text": lambda one: {**one, "text": one["text"] + " Hakuaikaa on jatkettu. Hae pian!"},
}


@pytest.mark.parametrize("how", RENUMBERED)
def test_9_readers_see_one_advert_under_an_old_id_and_a_new_one(story: Story, how: str) -> None:
    source = story.source()
    anew = [{**RENUMBERED[how](one), "id": one["id"].replace("a-", "9000")} for one in jobs(60)]
    story.site.pages["/town"] = as_bytes({"jobs": jobs(60)})
    story.day(source)
    before = sorted(story.first_seen().values())
    story.site.pages["/town"] = as_bytes({"jobs": anew})
    story.days(source, 3)
    assert (story.shown(), story.held()["renumbered town"]) == (60, 60)
    assert sorted(story.first_seen().values()) == before
    for group in story.scene.groups():
        assert len({one.replace("9000", "a-") for one in group}) == 1, "each new one stands with its own old one"
    for hold in story.scene.rows(Hold):
        story.scene.store.rule(hold["id"], release=True, reason="they have new ids", author="someone")
    story.days(source, 2)
    assert (story.shown(), story.held(), sorted(story.first_seen().values())) == (60, {}, before)
    story.site.pages["/town"] = as_bytes({"jobs": [*jobs(60), *anew]})
    story.day(source)
    assert story.shown() == 120, "both ids at once are two adverts after all"


def test_9_a_source_in_which_some_end_and_others_come_has_not_renumbered(story: Story) -> None:
    source = story.source(removal={"misses": 1})
    story.site.pages["/town"] = as_bytes({"jobs": jobs(60)})
    story.day(source)
    again = [{**job(number), "id": f"new-{number}"} for number in range(5)]
    story.site.pages["/town"] = as_bytes({"jobs": [*jobs(52, first=8), *again, *jobs(10, first=100)]})
    run = story.day(source)
    assert (run.closed, run.held, "id_churn" in story.problems(run)) == (8, 0, False)


def test_14_two_unknown_employers_are_never_the_same_employer(story: Story) -> None:
    nameless = [{**job(number), "name": "Siivooja", "who": ""} for number in range(3)]
    for slug in ("town", "board"):
        story.site.pages[f"/{slug}"] = as_bytes({"jobs": nameless if slug == "town" else nameless[:2]})
        story.day(story.source(slug))
    across = [group for group in story.scene.groups() if len({one.split("/")[0] for one in group}) > 1]
    assert (across, story.shown()) == ([], 5)


def test_18_details_that_answer_404_for_all_keep_the_rows_and_blank_no_text(story: Story) -> None:
    details = {"url": f"{story.site.base}/detail/{{ref}}", "adapter": {"kind": "json_api", "fields": {"text": "text"}}}
    fields = {name: spec for name, spec in FIELDS.items() if name != "text"}
    source = story.source(adapter={"fields": fields, "details": details})
    for one in jobs(30):
        story.site.pages[f"/detail/{one['id']}"] = as_bytes({"text": one["text"]})
    story.site.pages["/town"] = as_bytes({"jobs": jobs(20)})
    story.day(source)
    texts = story.scene.exported()
    for number in range(30):
        del story.site.pages[f"/detail/a-{number}"]
    edited = [{**one, "name": one["name"] + " (jatkettu)"} for one in jobs(20)]
    story.site.pages["/town"] = as_bytes({"jobs": [*edited, *jobs(8, first=20)]})
    run = story.day(source)
    assert (run.new, run.changed, run.closed) == (8, 0, 0), "the rows of the list are kept, new ones without their text"
    assert "text is filled in 0 of 28, and was in 20 of 20" in story.problems(run)["field_rarely_filled"]
    assert story.shown() == 28
    kept = {row["id"]: row for row in story.scene.exported()}
    assert [kept[row["id"]] for row in texts] == texts
    assert all(row["text"]["fi"].startswith("Työ numero") for row in texts)
    other = story.source(adapter={"fields": {**fields, "reference": "id"}, "details": details})
    for again in story.days(other, 2):
        assert again.changed == 0, "nor does a card that has changed meanwhile blank anything"
    kept = {row["id"]: row for row in story.scene.exported()}
    assert [kept[row["id"]]["text"] for row in texts] == [row["text"] for row in texts]


def test_6_and_7_a_source_that_is_being_read_is_not_read_beside_it(story: Story) -> None:
    source = story.source()
    refused: list[str] = []

    def answer(_query: Mapping[str, str]) -> bytes:
        for _ in range(5):
            with pytest.raises(StoreError, match="under way in another process") as told:
                run_source(source, story.http.get, story.scene.store)
            refused.append(str(told.value))
        return as_bytes({"jobs": jobs(3)})

    story.site.pages["/town"] = answer
    run = story.day(source)
    assert (run.verdict, run.new, len(refused), len(health.runs(story.scene.store.engine))) == ("complete", 3, 5, 1)


def test_10_a_move_is_a_removal_there_and_an_addition_here_under_the_same_id(story: Story) -> None:
    source = story.source()
    story.site.pages["/town"] = as_bytes({"jobs": jobs(2)})
    story.day(source)
    before, _ = {row["id"] for row in story.scene.exported()}, story.scene.changes()
    story.site.pages["/town"] = as_bytes({"jobs": [job(0), job(1, KOUVOLA)]})
    story.day(source)
    assert story.scene.changes() == [("moved", [MIKKELI], [KOUVOLA])]
    assert {row["id"] for row in story.scene.exported()} == before
    assert [story.shown(region) for region in ("mikkeli", "kouvola")] == [1, 1]


def test_11_a_municipality_that_merged_keeps_its_series_and_its_old_code_leads_on(story: Story) -> None:
    honkajoki, kankaanpaa = "099", "214"
    story.clock.at("2020-12-29 10:00")
    source = story.source()
    story.site.pages["/town"] = as_bytes({"jobs": [*jobs(3, honkajoki), *jobs(2, kankaanpaa, 10)]})
    series = []
    for _ in range(4):
        story.day(source)
        found = counts(story.scene.store.engine, by=("municipality",))
        series.append({row["municipality"]: row["listings"] for row in found})
    apart, together = {honkajoki: 3, kankaanpaa: 2}, {kankaanpaa: 5}
    assert series == [apart, apart, together, together]
    assert [story.scene.total(on=date(2020, 12, 30)), story.scene.total()] == [5, 5]
    moved = [(before, after) for what, before, after in story.scene.changes() if what == "moved"]
    assert moved == [([honkajoki], [kankaanpaa])] * 3, "nobody's reader hears of an end, nor of something new"


def test_12_the_name_of_an_employer_and_of_a_person_place_nothing_by_themselves(story: Story) -> None:
    text = "Hae Mikkelin kaupungin Kouvolan tiimiin. Lisätietoja antaa Matti Tampere. Katso Vaasankatu 3."
    story.site.pages["/town"] = as_bytes({"jobs": [{**job(1), "town": "", "who": "Vaasan Sähkö", "text": text}]})
    story.day(story.source())
    (row,) = story.scene.exported()
    assert "905" not in row["municipalities"], "a street and a firm's name are no place of work"
    assert "837" not in row["municipalities"], "nor is a surname"


def test_13_one_title_in_two_towns_is_two_jobs_and_two_requisitions_are_two(story: Story) -> None:
    fields = {**FIELDS, "reference": "req"}
    text = "Etsimme sinua tiimiimme hoitamaan asiakkaita. " * 6
    same = {"name": "Lähihoitaja", "text": text}
    one, other = "MKL-05-1234-26", "MKL-05-1299-26"
    wanted = [(1, MIKKELI, one), (2, KOUVOLA, one), (3, MIKKELI, other)]
    listed = [job(number, town, **same, req=reference) for number, town, reference in wanted]
    story.site.pages["/town"] = as_bytes({"jobs": listed})
    story.day(story.source(adapter={"fields": fields}))
    story.site.pages["/board"] = as_bytes({"jobs": [job(9, MIKKELI, **same, req=one)]})
    story.day(story.source("board", adapter={"fields": fields}))
    apart = [{one.split("/")[1] for one in group} for group in story.scene.groups()]
    assert not any({"a-1", "a-2"} <= group or {"a-1", "a-3"} <= group for group in apart), apart


def test_15_what_a_person_says_is_not_the_same_stays_apart_however_often_it_is_read(story: Story) -> None:
    both = [story.source(slug, removal={"misses": 1}) for slug in ("town", "board")]
    for source in both:
        story.site.pages[f"/{source.slug}"] = as_bytes({"jobs": jobs(1)})
        story.day(source)
    assert len(story.scene.groups()) == 1
    story.scene.decide(Act.DIFFERENT, posting("a-0"), posting("a-0", source="board"))
    for number in range(3):
        for source in both:
            story.site.pages[f"/{source.slug}"] = as_bytes({"jobs": [job(0, text=f"Työ numero 0, versio {number}.")]})
            story.day(source)
        story.scene.touch_everything()
        story.scene.curate()
        assert (len(story.scene.groups()), story.shown()) == (2, 2)


def test_16_what_ends_by_date_ends_at_midnight_though_its_source_is_down(story: Story) -> None:
    source = story.source(adapter={"fields": {**FIELDS, "ends": "end"}})
    story.site.pages["/town"] = as_bytes({"jobs": [job(1, end="2026-11-26"), job(2)]})
    story.day(source)
    del story.site.pages["/town"]
    assert story.day(source).verdict == "failed"
    story.clock.at("2026-11-26 23:59")
    story.scene.curate()
    assert story.shown() == 2
    story.clock.at("2026-11-27 00:00")
    story.scene.curate()
    assert (story.shown(), story.scene.status("a-1"), story.scene.status("a-2")) == (1, "closed", "open")
    ended = {row["ended"] for row in story.scene.spells() if row["ended"]}
    assert ended == {datetime(2026, 11, 26, 22, tzinfo=UTC)}


def test_17_what_vanishes_once_and_returns_was_never_closed(story: Story) -> None:
    source = story.source(removal={"misses": 2})
    for listed in (jobs(9), jobs(8), jobs(9), jobs(8), jobs(9)):
        story.site.pages["/town"] = as_bytes({"jobs": listed})
        story.day(source)
        assert story.shown() == 9
    assert {what for what, _, _ in story.scene.changes()} == {"added"}
    assert len(story.scene.spells()) == 9


def test_19_a_withdrawn_source_is_hidden_its_copies_speak_and_the_undoing_restores_it(story: Story) -> None:
    town, board = story.source(trust=0.9), story.source("board", trust=0.5)
    story.site.pages["/town"] = as_bytes({"jobs": jobs(3)})
    story.site.pages["/board"] = as_bytes({"jobs": jobs(2)})
    story.day(town), story.day(board)
    before = story.scene.exported()
    assert {row["source"] for row in before} == {"town"}
    story.scene.store.withdraw("town", True, "they asked", "Aino")
    assert story.shown() == 0, "at once"
    story.scene.curate()
    assert {(row["source"], row["id"]) for row in story.scene.exported()} == {
        ("board", row["id"]) for row in before if row["postings"] == 2
    }
    story.scene.store.withdraw("town", False, "they asked again", "Aino")
    story.scene.curate()
    assert story.scene.exported() == before


def test_20_a_reader_who_resumes_from_an_old_number_hears_all_that_followed_once(story: Story) -> None:
    source = story.source(removal={"misses": 1})
    engine, read = story.scene.store.engine, 0
    everything: list[dict[str, Any]] = []
    for number in range(6):
        story.site.pages["/town"] = as_bytes({"jobs": jobs(4, first=number)})
        story.day(source)
    while some := changes.changes(engine, after=read, limit=3):
        everything += some
        read = some[-1]["seq"]
    assert [one["seq"] for one in everything] == sorted({one["seq"] for one in everything})
    stands = Counter(one["listing"] for one in everything if one["what"] == "added")
    stands.subtract(one["listing"] for one in everything if one["what"] == "closed")
    assert {listing for listing, count in stands.items() if count} == {row["id"] for row in story.scene.exported()}


def test_21_an_unknown_municipality_or_region_is_an_error_that_suggests_the_nearest(story: Story) -> None:
    story.site.pages["/town"] = as_bytes({"jobs": jobs(1)})
    story.day(story.source())
    with pytest.raises(CountsError, match="did you mean 'mikkeli'"):
        counts(story.scene.store.engine, by=("kind",), region="mikeli")


def test_22_a_tiny_source_may_end_all_it_had(story: Story) -> None:
    source = story.source(removal={"misses": 2})
    story.site.pages["/town"] = as_bytes({"jobs": jobs(4)})
    story.day(source)
    story.site.pages["/town"] = as_bytes({"jobs": []})
    assert [(run.closed, run.held) for run in story.days(source, 2)] == [(0, 0), (4, 0)]
    assert story.shown() == 0


def test_a_mass_deadline_and_a_batch_of_tombstones_are_never_held(story: Story) -> None:
    fields = {**FIELDS, "ends": "end", "gone": "gone"}
    source = story.source(adapter={"fields": fields}, removal={"misses": 1})
    listed = [job(number, end="2026-11-25" if number < 50 else "") for number in range(100)]
    story.site.pages["/town"] = as_bytes({"jobs": listed})
    story.day(source)
    story.site.pages["/town"] = as_bytes({"jobs": [{**one, "gone": number >= 60} for number, one in enumerate(listed)]})
    run = story.day(source)
    assert (run.closed, run.held, story.held()) == (40, 0, {})
    assert story.shown() == 10


def test_the_days_of_these_stories_are_the_clocks_own(story: Story) -> None:
    source = story.source()
    story.site.pages["/town"] = as_bytes({"jobs": jobs(1)})
    story.day(source)
    (row,) = health.runs(story.scene.store.engine)
    assert datetime.fromisoformat(row["started"]) == datetime(2026, 11, 25, 8, tzinfo=UTC)
