"""What real sources really answered, replayed through a real server into SQLite, by cards alone.

Every record is kept or has a problem, and the counts are asserted by number. See ``worlds`` for where the pages come from.
"""

import json
import re
from datetime import UTC, date, datetime

import pytest

from harvest.records import Code, Kind, RawPosting
from normalize import facts
from normalize.records import Posting
from store.judgements import ListingBucket, ListingRow
from store.tables import PostingRow
from tests.acceptance.replay import as_bytes
from tests.acceptance.worlds import tpt_answer

SEARCH = "/tpt-api/tyopaikat"
UNDECODED = re.compile(r"&(?:[a-zA-Z]+|#\d+);")


# --- tpt-api: before and after a removal, Swedish names, codes


def test_a_stated_total_that_disagrees_makes_the_run_partial_and_nothing_is_missed(world, bench):
    tpt = bench("tpt_api")
    before, after = world.searches()
    day = world.of(real=date(2018, 4, 1), recorded=date(2021, 2, 10))
    tpt.site.pages = {SEARCH: tpt_answer(before, stated=24)}
    first = tpt.harvest(day)
    assert (first.verdict, first.cause, first.found, first.new) == ("partial", "total_disagrees", 3, 3)
    assert "states a total of 24, and 3 were read" in first.detail
    for _ in range(3):
        tpt.site.pages = {SEARCH: tpt_answer(after, stated=24)}
        second = tpt.harvest(day)
        assert (second.verdict, second.cause, second.found, second.closed) == ("partial", "total_disagrees", 2, 0)
    assert [(row.misses, row.closed) for row in tpt.rows(PostingRow)] == [(0, "")] * 3


def test_with_the_total_corrected_the_vanished_advert_is_missed_and_not_closed(world, bench):
    tpt = bench("tpt_api")
    before, after = world.searches()
    day = world.of(real=date(2018, 4, 1), recorded=date(2021, 2, 10))
    tpt.site.pages = {SEARCH: tpt_answer(before, stated=3)}
    first = tpt.harvest(day)
    assert (first.verdict, first.found, first.new) == ("complete", 3, 3)
    tpt.accounted(first, 3)
    tpt.site.pages = {SEARCH: tpt_answer(after, stated=2)}
    second = tpt.harvest(day)
    assert (second.verdict, second.found, second.closed, second.held) == ("complete", 2, 0, 0)
    gone = str(before[0]["ilmoitusnumero"])
    assert gone == world.of(real="1234567", recorded="7000001")
    assert {row.ref: (row.misses, row.closed) for row in tpt.rows(PostingRow)}[gone] == (1, "")
    tpt.curate()
    assert tpt.counted()[0]["listings"] == 3
    third = tpt.harvest(day)
    assert (third.found, third.closed) == (2, 1), "absent from two complete runs in a row it closes"


def test_end_dates_written_in_finnish_and_a_helsinki_midnight_in_utc_are_dates(world, bench):
    tpt = bench("tpt_api")
    before, _ = world.searches()
    tpt.site.pages = {SEARCH: tpt_answer(before, stated=3)}
    tpt.harvest(date(2018, 4, 1))
    found = {ref: (one.published_on, one.ends_on) for ref, one in tpt.postings().items()}
    assert found == world.of(
        real={
            "1234567": (date(2018, 1, 2), None),
            "2345678": (date(2018, 2, 2), date(2018, 4, 14)),
            "3456789": (date(2018, 3, 2), date(2018, 5, 15)),
        },
        recorded={
            "7000001": (date(2021, 1, 8), None),
            "7000002": (date(2021, 1, 8), date(2021, 3, 15)),
            "7000003": (date(2021, 1, 8), date(2021, 3, 14)),
        },
    )


def test_a_swedish_name_in_the_list_and_a_code_on_the_detail_page_are_the_same_town(world, bench):
    tpt = bench("tpt_api")
    run = tpt.harvest(date(2021, 2, 10))
    tpt.accounted(run, world.of(real=2, recorded=3))
    assert tpt.problems(run) == {"not_found": world.of(real=1, recorded=2)}, "details that are not at hand"
    by_code, by_name = world.of(real=("10532453", "10572545"), recorded=("7000001", "7000002"))
    postings = tpt.postings()
    assert {one.rule for one in postings[by_code].evidence if "905" in one.codes} >= {"municipality code 905"}
    assert {one.level.value for one in postings[by_name].evidence} == {"name"}
    assert (postings[by_code].openings, postings[by_name].openings) == (4, 2)
    assert postings[by_code].occupations == ("ammatti:25140",)
    assert postings[by_code].starts_on == world.of(real=date(2021, 1, 1), recorded=date(2021, 3, 1))
    assert "maakunta:15" in {one.area for one in postings[by_code].evidence}, "tpt's 19 is Pohjanmaa, which is 15"
    tpt.curate()
    assert tpt.places()[by_code] == tpt.places()[by_name] == {"905"}


def test_the_code_06_of_tpts_own_list_is_etela_savo(world):
    assert world.tpt_area_names["06"] == world.of(real="Södra Savolax", recorded="Etelä-Savo")
    raw = RawPosting(
        source="tpt_api",
        kind=Kind.VACANCY,
        ref="1",
        fields={"title": "Kokki", "region": Code("tpt-maakunta", "06")},
        digest=b"",
        page="https://tpt.example/1",
        fetched=datetime(2021, 2, 10, tzinfo=UTC),
    )
    (posting,) = facts.posting(raw)
    assert isinstance(posting, Posting)
    assert [one.area for one in posting.evidence] == ["maakunta:10"]


# --- Vantaa: one flat array


def test_every_job_of_vantaa_is_kept_in_vantaa_with_work_trials_apart(world, bench):
    vantaa = bench("vantaa_tyopaikat")
    run = vantaa.harvest(world.of(real=date(2025, 4, 1), recorded=date(2026, 9, 15)))
    rows, trials, adverts = world.of(real=(167, 3, 5), recorded=(8, 2, 3))
    assert (run.verdict, run.found, run.new) == ("complete", rows, rows)
    vantaa.accounted(run, rows)
    assert vantaa.problems(run) == {"broken_record": adverts}
    postings = vantaa.postings()
    assert len(postings) == rows, "the running number is no id: jid of the link is"
    assert all(one.url.endswith(f"jid={ref}") for ref, one in postings.items())
    unpaid = [one for one in postings.values() if one.work_form == "work_trial"]
    assert len(unpaid) == trials
    assert all(one.ends_on is None for one in unpaid)
    assert sum(one.ends_on is None for one in postings.values()) == trials
    assert {one.work_form for one in postings.values()} == {"employment", "work_trial", "traineeship"}
    vantaa.curate()
    assert set(map(frozenset, vantaa.places().values())) == {frozenset({"092"})}
    (counted,) = vantaa.counted(by=("municipality",))
    assert (counted["municipality"], counted["listings"], counted["work_trials"]) == ("092", rows - trials, trials)


def test_an_advert_in_the_organisation_field_becomes_the_text_and_the_city_the_employer(world, bench):
    vantaa = bench("vantaa_tyopaikat")
    vantaa.harvest(world.of(real=date(2025, 4, 1), recorded=date(2026, 9, 15)))
    postings = vantaa.postings().values()
    adverts = [one for one in postings if one.plain]
    assert len(adverts) == world.of(real=5, recorded=3)
    assert all(len(one.plain[one.language]) > 120 and not one.unit for one in adverts)
    assert {one.employer for one in postings} == {"Vantaan kaupunki"}
    assert {one.employer_key for one in postings} == {"kunta:092"}


def test_no_entity_stays_undecoded_in_what_is_kept_of_vantaa(world, bench):
    vantaa = bench("vantaa_tyopaikat")
    raw = vantaa.site.pages["/rest/tyopaikat/v1/kaikki"]
    assert isinstance(raw, bytes)
    assert b"&aring;" in raw, "the payload has them"
    vantaa.harvest(world.of(real=date(2025, 4, 1), recorded=date(2026, 9, 15)))
    for one in vantaa.postings().values():
        kept = [one.employer, one.unit, one.address, *one.titles.values(), *one.plain.values()]
        assert not [text for text in kept if UNDECODED.search(text)]
        assert not any("&aring;" in text or "&nbsp;" in text for text in one.html.values())
    vantaa.curate()
    assert not [row for row in vantaa.rows(ListingRow) if UNDECODED.search(row.titles)]


def test_the_same_array_again_is_unchanged_without_a_byte_of_it(world, bench):
    vantaa = bench("vantaa_tyopaikat")
    day = world.of(real=date(2025, 4, 1), recorded=date(2026, 9, 15))
    vantaa.harvest(day)
    again = vantaa.harvest(day)
    rows = world.of(real=167, recorded=8)
    assert (again.verdict, again.cause, again.not_modified) == ("unchanged", "not modified", 1)
    assert (again.found, again.unchanged, again.changed, again.new) == (rows, rows, 0, 0)


# --- Kuntarekry: an employer's feed, and pages


def test_every_job_of_the_employer_feed_is_kept_and_a_date_of_the_next_century_is_a_problem(world, bench):
    feed = bench("kuntarekry_feed")
    run = feed.harvest(world.of(real=date(2019, 6, 1), recorded=date(2026, 9, 15)))
    jobs = world.of(real=3, recorded=2)
    assert (run.verdict, run.found, run.new) == ("complete", jobs, jobs)
    feed.accounted(run, jobs)
    assert feed.problems(run) == {"bad_date": 2}
    dates = {ref: (one.published_on, one.ends_on) for ref, one in feed.postings().items()}
    assert dates == world.of(
        real={
            "1234567890": (date(2010, 1, 2), date(2020, 1, 2)),
            "2234567890": (None, None),
            "3234567890": (date(2012, 1, 2), date(2023, 1, 2)),
        },
        recorded={"8000000001": (date(2026, 9, 1), date(2026, 10, 2)), "8000000002": (None, None)},
    )
    assert {(one.contract, one.hours) for one in feed.postings().values()} == {("on_call", "")}
    assert all(one.employer and one.unit and one.plain for one in feed.postings().values())


def test_a_promoted_card_is_skipped_and_a_page_is_read_with_all_that_it_gets_wrong(world, bench):
    pages = bench("kuntarekry_pages")
    run = pages.harvest(date(2026, 9, 15))
    assert (run.verdict, run.found, run.requests) == ("complete", 2, 3)
    pages.accounted(run, 2)
    assert pages.problems(run) == {"not_found": 1}, "the page of the first card is not at hand; it is kept by its card"
    city, company = world.of(real=("VSA905-04-19-26", "741901"), recorded=("VSA905-99-1-26", "990001"))
    postings = pages.postings()
    assert set(postings) == {city, company}
    read = postings[company]
    assert read.employer == world.of(real="Esko Systems Oy", recorded="Kuvitelma Oy"), "hiringOrganization is a string"
    assert (read.published_on, read.ends_on) == (date(2026, 9, 10), date(2026, 10, 2))
    assert read.ends is not None
    assert read.ends.isoformat() == "2026-10-02T13:00:00+00:00", "16:00 in Helsinki"
    assert (read.salary, read.contract, read.hours) == ("YTES", "permanent", "full_time")
    assert {one.value for one in read.evidence if one.level.value == "postal"} == {"90220"}, "postalCode is a number"
    assert postings[city].ends is not None
    assert postings[city].ends.isoformat() == "2026-09-25T12:00:00+00:00"
    pages.curate()
    assert pages.places() == {city: {"905"}, company: {"564"}}
    again = pages.harvest(date(2026, 9, 15))
    assert again.requests == 2, "the list, and the page that is still owed"


# --- PTV: services with their channels


def test_services_of_work_are_kept_with_their_channels_and_the_rest_is_off_topic(world, bench):
    ptv = bench("ptv_vaasa")
    run = ptv.harvest(world.of(real=date(2018, 7, 1), recorded=date(2026, 9, 15)))
    services = world.of(real=23, recorded=4)
    assert (run.verdict, run.found, run.dropped) == ("complete", 2, services - 2)
    ptv.accounted(run, services)
    assert ptv.problems(run) == {"off_topic": services - 2, "not_found": 1}
    joint, open_jobs = world.of(
        real=("5fe23177-860c-4257-ac03-b4cdeab87d19", "bedd6808-8472-4f82-a412-e9521f14c621"),
        recorded=("00000000-0000-4000-9000-000000000001", "00000000-0000-4000-9000-000000000003"),
    )
    postings = ptv.postings()
    assert set(postings) == {joint, open_jobs}
    assert set(postings[open_jobs].titles) == {"fi", "sv", "en"}
    assert set(postings[open_jobs].plain) == {"fi", "sv", "en"}
    assert set(postings[joint].titles) == {"fi", "sv"}
    assert {"ptv:P10.1", "ptv:P10.6"} <= set(postings[joint].occupations)
    assert [one.kind for one in postings[joint].channels] == world.of(
        real=["WebPage", "EChannel"], recorded=["ServiceLocation", "WebPage"]
    )
    assert len(postings[open_jobs].channels) == world.of(real=2, recorded=1)
    shown = [channel.url or channel.address for one in postings.values() for channel in one.channels]
    assert all(shown)
    ptv.curate()
    assert ptv.places() == {
        joint: world.of(
            real={"152", "231", "280", "287", "399", "475", "499", "545", "905", "946"},
            recorded={"399", "499", "905"},
        ),
        open_jobs: {"905"},
    }


def test_a_channel_that_could_not_be_had_is_asked_for_again_and_the_others_are_not(world, bench):
    ptv = bench("ptv_vaasa")
    day = world.of(real=date(2018, 7, 1), recorded=date(2026, 9, 15))
    first, second = ptv.harvest(day), ptv.harvest(day)
    lists = world.of(real=3, recorded=2)
    assert first.requests == lists + world.of(real=5, recorded=4)
    assert second.requests == lists + world.of(real=3, recorded=2), "the channels of the service that owes one"
    assert (second.found, second.unchanged, second.new) == (2, 2, 0)


# --- LinkedEvents, Teamtailor, WordPress


def test_events_are_kept_in_their_languages_and_what_the_source_deleted_is_gone(world, bench):
    events = bench("linkedevents")
    run = events.harvest(date(2020, 5, 6))
    assert (run.verdict, run.found, run.new, run.problems) == ("complete", 2, 2, 0)
    first, second = world.of(
        real=("helsinki:afy6ikna3u", "helsinki:afxp6tv4xa"), recorded=("helsinki:esim1", "helsinki:esim2")
    )
    postings = events.postings()
    assert set(postings) == {first, second}
    assert {one.kind for one in postings.values()} == {Kind.EVENT}
    assert (postings[first].starts_on, postings[first].ends_on) == (date(2020, 6, 1), date(2020, 6, 1))
    assert (postings[second].starts_on, postings[second].ends_on) == (None, None)
    assert (set(postings[first].titles), set(postings[second].titles)) == ({"fi"}, {"fi", "sv", "en"})
    events.curate()
    assert events.places() == {first: {"091"}, second: {"091"}}


def test_the_remote_status_of_a_careers_feed_is_looked_up_and_the_town_stays(world, bench):
    feed = bench("teamtailor")
    run = feed.harvest(date(2026, 9, 15))
    assert (run.verdict, run.found, run.new, run.problems) == ("complete", 2, 2, 0)
    partly, fully = world.of(
        real=("d8938509-ff5a-4755-a5f7-5f89a0ac791e", "2a4eb6a0-7aa9-4acf-bcce-4d8b37287035"),
        recorded=("00000000-0000-4000-c000-000000000001", "00000000-0000-4000-c000-000000000002"),
    )
    postings = feed.postings()
    assert (postings[partly].remote, postings[fully].remote) == ("partly", "fully")
    assert postings[partly].published_on == world.of(real=date(2026, 9, 4), recorded=date(2026, 9, 1))
    assert all(one.plain["en"] and "<" not in one.plain["en"] for one in postings.values()), "escaped mark-up"
    feed.curate()
    assert feed.places() == {partly: {"091"}, fully: {"091"}}
    assert [row.bucket for row in feed.rows(ListingBucket)] == ["remote"]


def test_posts_and_announcements_of_wordpress_are_one_source(world, bench):
    news = bench("wordpress")
    run = news.harvest(world.of(real=date(2017, 2, 1), recorded=date(2026, 9, 15)))
    assert (run.verdict, run.found, run.requests, run.problems) == ("complete", 3, 2, 0)
    dates = {ref: one.published_on for ref, one in news.postings().items()}
    assert dates == world.of(
        real={"123": date(2016, 12, 23), "789": date(2017, 1, 12), "890": date(2017, 1, 12)},
        recorded=dict.fromkeys(("123", "789", "890"), date(2026, 9, 12)),
    )
    assert all(one.titles and one.plain and one.url for one in news.postings().values())


# --- one feed on five days


def test_what_leaves_a_window_closes_nothing_in_five_days(world, bench):
    window = bench("rss_window")
    told = []
    for day, body in world.days().items():
        window.site.pages = {"/jobs.xml": body}
        run = window.harvest(date.fromisoformat(day))
        window.accounted(run, run.found)
        told.append((run.found, run.new, run.closed, run.held))
    assert told == world.of(
        real=[(20, 20, 0, 0), (22, 4, 0, 0), (24, 2, 0, 0), (26, 10, 0, 0), (32, 7, 0, 0)],
        recorded=[(4, 4, 0, 0), (4, 1, 0, 0), (4, 1, 0, 0), (4, 2, 0, 0), (5, 1, 0, 0)],
    )
    rows = window.rows(PostingRow)
    assert len({row.ref for row in rows}) == len(rows) == world.of(real=43, recorded=9)
    assert {(row.misses, row.closed) for row in rows} == {(0, "")}
    again = window.harvest(date(2026, 3, 7))
    assert (again.verdict, again.not_modified, again.closed) == ("unchanged", 1, 0)
    window.curate()
    assert sum(row.status == "open" for row in window.rows(ListingRow)) == world.of(real=43, recorded=9)


# --- formats further off: how far a card stretches

FURTHER = {
    # card: (items there, what the run says, problems) in the real world, then in the recorded one
    "eures": (
        (3, "partial total_disagrees", {"total_disagrees": 1}),
        (2, "partial total_disagrees", {"total_disagrees": 1}),
    ),
    "greenhouse": ((6, "complete", {}), (2, "complete", {})),
    "lever": ((6, "complete", {"unread_field": 1}), (2, "complete", {"unread_field": 1})),
    "hellowork": ((5, "complete", {"unread_field": 1}), (2, "complete", {"unread_field": 1})),
    "jobteaser": ((2, "complete", {}), (1, "complete", {})),
    "pass": ((7, "complete", {"broken_record": 2}), (1, "complete", {})),
    "hrxml": ((1, "complete", {"unread_field": 1}), (1, "complete", {})),
    "nav": (
        (3, "partial total_disagrees", {"total_disagrees": 1, "unread_field": 1}),
        (1, "partial total_disagrees", {"total_disagrees": 1, "unread_field": 1}),
    ),
}


@pytest.mark.parametrize("slug", FURTHER)
def test_a_card_alone_reads_a_format_from_further_off(slug, world, bench):
    there = bench(slug)
    items, said, problems = world.of(real=FURTHER[slug][0], recorded=FURTHER[slug][1])
    run = there.harvest(date(2026, 9, 15))
    assert f"{run.verdict} {run.cause if run.verdict == 'partial' else ''}".strip() == said
    there.accounted(run, items)
    assert run.dropped == 0
    assert there.problems(run) == problems
    assert all(one.titles and one.published_on for one in there.postings().values())
    there.curate()
    assert len(there.rows(ListingRow)) == items


def test_of_a_feed_whose_tags_do_not_match_what_is_there_is_kept_and_the_run_is_partial(world, bench):
    broken = bench("ventrus")
    run = broken.harvest(date(2026, 9, 15))
    broken.accounted(run, 1)
    assert (run.verdict, run.cause, run.found) == ("partial", "not_this_format", 1), (
        "an item may be lost among torn tags"
    )
    assert broken.problems(run) == {"not_this_format": 1, "bad_date": 1, "unread_field": 1}
    (posting,) = broken.postings().values()
    assert posting.ref == world.of(real="915213", recorded="1001")
    assert (posting.hours, posting.ends_on) == ("part_time", None), "an end in 2043 cannot be meant"
    assert posting.plain


def test_the_numbers_of_openings_and_provinces_of_eures_add_up(world, bench):
    eures = bench("eures")
    eures.harvest(date(2026, 9, 15))
    found = [one for posting in eures.postings().values() for one in posting.evidence if not one.codes]
    areas = sorted({one.area or one.bucket for one in found})
    assert areas == world.of(
        real=["abroad", "maakunta:01", "maakunta:02", "maakunta:15"], recorded=["abroad", "maakunta:10"]
    )
    eures.curate()
    assert eures.counted()[0]["openings"] == world.of(real=4, recorded=3)


def test_a_payload_cut_in_the_middle_is_never_taken_for_the_whole(world, bench):
    vantaa = bench("vantaa_tyopaikat")
    day = world.of(real=date(2025, 4, 1), recorded=date(2026, 9, 15))
    whole = vantaa.site.pages["/rest/tyopaikat/v1/kaikki"]
    assert isinstance(whole, bytes)
    vantaa.harvest(day)
    vantaa.site.pages = {"/rest/tyopaikat/v1/kaikki": whole[: len(whole) // 2]}
    run = vantaa.harvest(day)
    assert (run.verdict, run.cause, run.closed) == ("failed", "truncated", 0)
    vantaa.site.pages = {"/rest/tyopaikat/v1/kaikki": as_bytes(json.loads(whole)[:1])}
    run = vantaa.harvest(day)
    assert (run.verdict, run.found, run.closed) == ("complete", 1, 0)
    run = vantaa.harvest(day)
    rows = world.of(real=167, recorded=8)
    assert (run.closed, run.held) == (0, rows - 1), "the guard holds what a broken list would take away"
