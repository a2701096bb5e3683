"""Judgements anew: which posting speaks, whether a listing shows, where it belongs, whatever the order of the input."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvest.declaration import DeclarationError
from normalize.curate import Rules, curate, load_rules
from normalize.dedupe import DECIDED
from normalize.records import Curated, Decision, Edge, KeptPosting, Listing, Neighbourhood
from normalize.region import REGIONS, load_regions
from normalize.theme import THEMES, load_themes
from normalize.vocabulary import Act, Status
from tests.normalize.made import TODAY, kept

RULES = Rules(regions=load_regions(), themes=load_themes(), version="1")
JOB: dict[str, Any] = {"title": "Kokki", "employer": "Mäkelä Oy", "municipality": "Vaasa"}


def job(id_: str, day: int = 0, **fields: Any) -> KeptPosting:
    return kept(id_, day, **{"source": f"source-{id_}", **JOB, **fields})


def neighbourhood(*known: KeptPosting, edges: tuple[Edge, ...] = ()) -> Neighbourhood:
    ids = [one.id for one in known]
    pairs = tuple((a, b) for a in ids for b in ids if a < b)
    return Neighbourhood(touches=(1, 2), kept=known, candidates=pairs, edges=edges)


def curated(*known: KeptPosting, decisions: tuple[Decision, ...] = (), on: date = TODAY, **more: Any) -> Curated:
    (answer,) = curate([neighbourhood(*known, **more)], decisions, RULES, on, itself)
    return answer


def listing(*known: KeptPosting, decisions: tuple[Decision, ...] = (), on: date = TODAY) -> Listing:
    (one,) = curated(*known, decisions=decisions, on=on).listings
    return one


def says(act: Act, posting: str, **more: str) -> Decision:
    return Decision(act=act, posting=posting, reason="seen", author="editor", **more)


def ids(one: Listing) -> list[str]:
    return [member.posting for member in one.members]


def towns(one: Listing) -> list[str]:
    return [place.code for place in one.placed.places]


def test_copies_are_one_listing_named_after_its_oldest_posting():
    one = listing(job("b", 2), job("c", 0), job("a", 1))
    assert (one.id, ids(one)) == ("c", ["c", "a", "b"])
    assert one.status is Status.OPEN
    assert [region.to for region in one.regions] == ["vaasa"]


def test_each_member_says_why_it_belongs_and_one_speaks():
    one = listing(job("a"), job("b", 1))
    for member in one.members:
        assert "title the same, 'Kokki'" in member.because
        assert "employer the same, 'Mäkelä Oy'" in member.because
        assert "place the same towns, 905" in member.because
    assert sum(member.canonical for member in one.members) == 1
    (alone,) = listing(job("a")).members
    assert (alone.because, alone.canonical) == ("it stands alone", True)


def test_the_fullest_posting_of_the_most_trusted_source_speaks():
    full = job("b", 1, text="Hei", url="https://x.fi/1", ends="2026-09-20", trust=0.5)
    assert listing(job("a", trust=0.5), full).canonical.ref == "b"
    assert listing(job("a", text="Hei", trust=0.9), full).canonical.ref == "a"


def test_titles_and_summaries_are_only_those_of_the_posting_that_speaks():
    a = job("a", title={"fi": "Kokki"}, url="https://x.fi/1", text="Hei", ends="2026-09-20")
    b = job("b", title={"sv": "Kock"}, summary={"sv": "Kort"}, apply_url="https://x.fi/1", language="sv")
    one = listing(a, b)
    assert len(one.members) == 2
    assert (one.titles, one.summaries) == ({"fi": "Kokki"}, {})


def test_openings_are_of_whoever_knows_them_and_unknown_otherwise():
    assert listing(job("a", text="Hei", url="https://x.fi/1"), job("b", openings="3")).openings == 3
    assert listing(job("a"), job("b")).openings is None


def test_the_places_of_all_that_speak_are_united():
    assert towns(listing(job("a", municipality=["Vaasa", "Salo"]), job("b"))) == ["734", "905"]
    ended = job("a", municipality=["Vaasa", "Salo"], ends="2026-08-30")
    assert towns(listing(ended, job("b", ends="2026-09-01"))) == ["905"]


@pytest.mark.parametrize(
    ("ends", "on", "status"),
    [
        ("2026-09-01", date(2026, 9, 1), Status.OPEN),
        ("2026-09-01", date(2026, 9, 2), Status.CLOSED),
        ("1.9.2026 klo 12.00", date(2026, 9, 1), Status.OPEN),
    ],
)
def test_a_posting_counts_to_the_end_of_its_last_day(ends, on, status):
    one = listing(job("a", ends=ends), on=on)
    assert one.status is status
    if status is Status.CLOSED:
        assert (one.status_because, one.closed_on) == ("ended 2026-09-01", date(2026, 9, 2))


def test_a_listing_is_open_while_one_of_its_postings_is():
    gone = job("a", text="Hei", url="https://x.fi/1", trust=1, closed="gone", closed_on=date(2026, 8, 20))
    one = listing(gone, job("b", 1))
    assert (one.id, one.status, one.canonical.ref) == ("a", Status.OPEN, "b")


def test_a_closed_listing_says_the_last_reason_and_its_day():
    a = job("a", closed="gone", closed_on=date(2026, 8, 20))
    b = job("b", closed="missed", closed_on=date(2026, 8, 25))
    one = listing(a, b)
    assert (one.status, one.status_because, one.closed_on) == (Status.CLOSED, "missed", date(2026, 8, 25))


def test_of_an_end_and_a_closing_the_earlier_counts():
    early = job("a", ends="2026-08-30", closed="gone", closed_on=date(2026, 8, 20))
    assert listing(early).status_because == "gone"
    late = job("a", ends="2026-08-10", closed="missed", closed_on=date(2026, 8, 20))
    assert (listing(late).status_because, listing(late).closed_on) == ("ended 2026-08-10", date(2026, 8, 11))


def test_what_is_not_published_yet_does_not_show_and_does_not_speak():
    later = job("a", published="2026-09-05", text="Hei", url="https://x.fi/1", trust=1)
    one = listing(later)
    assert (one.status, one.status_because) == (Status.HIDDEN, "not published before 2026-09-05")
    assert listing(later, on=date(2026, 9, 5)).status is Status.OPEN
    both = listing(later, job("b", published="2026-08-20"))
    assert (both.status, both.canonical.ref) == (Status.OPEN, "b")


def test_what_waits_for_approval_shows_once_a_person_approves_it():
    news = job("a", kind="news", publish="after_approval")
    assert (listing(news).status, listing(news).status_because) == (Status.HIDDEN, "waiting for approval")
    assert listing(news, decisions=(says(Act.APPROVE, "a"),)).status is Status.OPEN
    assert listing(news, decisions=(says(Act.APPROVE, "other"),)).status is Status.HIDDEN


def test_an_unapproved_copy_does_not_speak_for_one_that_needs_no_approval():
    waiting = job("a", publish="after_approval", text="Hei", url="https://x.fi/1", trust=1)
    one = listing(waiting, job("b"))
    assert (one.status, one.canonical.ref) == (Status.OPEN, "b")


def test_a_withdrawn_source_is_silent_and_alone_it_is_hidden():
    out = job("a", withdrawn=True, text="kiertotalous", trust=1, municipality=["Vaasa", "Salo"])
    assert (listing(out).status, listing(out).status_because) == (Status.HIDDEN, "its source is withdrawn")
    one = listing(out, job("b", 1))
    assert (one.status, one.canonical.ref, towns(one), one.themes) == (Status.OPEN, "b", ["905"], ())


def test_a_person_hides_the_whole_listing_and_is_named():
    one = listing(job("a"), job("b"), decisions=(says(Act.HIDE, "b"),))
    assert (one.status, one.status_because) == (Status.HIDDEN, "hidden by editor: seen")


def test_a_person_s_place_is_the_place_whatever_the_source_says():
    one = listing(job("a"), decisions=(says(Act.PLACE, "a", value="491"), says(Act.PLACE, "a", value="734, 905")))
    assert towns(one) == ["734", "905"]
    assert "decided by editor: seen" in one.placed.places[0].because


def test_different_splits_and_same_joins_and_both_leave_edges_that_say_so():
    known = (job("a"), job("b"), job("c", title="Leipuri"))
    split = curated(*known, decisions=(says(Act.DIFFERENT, "a", other="b"),))
    assert [ids(one) for one in split.listings] == [["a"], ["b"], ["c"]]
    joined = curated(*known, decisions=(says(Act.SAME, "c", other="a"),))
    assert [ids(one) for one in joined.listings] == [["a", "b", "c"]]
    assert {edge.rule for edge in joined.edges} == {"partial", DECIDED}


def itself(answer: Curated) -> Curated:
    return answer


def test_a_standing_edge_joins_again_unless_its_pair_is_judged_anew_or_its_decision_was_undone():
    a, b = job("a"), job("b", title="Leipuri")
    edge = Edge(a="a", b="b", rule="full", because="as before", strength=2)
    standing = Neighbourhood(touches=(), kept=(a, b), edges=(edge,))
    (one,) = curate([standing], (), RULES, TODAY, itself)
    assert len(one.listings) == 1
    (judged,) = curate(
        [Neighbourhood(touches=(), kept=(a, b), candidates=(("b", "a"),), edges=(edge,))], (), RULES, TODAY, itself
    )
    assert len(judged.listings) == 2
    undone = Edge(a="a", b="b", rule=DECIDED, because="decided by editor: seen", strength=100)
    assert len(curated(a, b, edges=(undone,)).listings) == 2


def test_the_touches_come_back_with_the_answer():
    assert curated(job("a")).touches == (1, 2)


WORLDS = st.lists(
    st.fixed_dictionaries(
        {"title": st.sampled_from(["Kokki", "Leipuri"]), "day": st.integers(0, 2)},
        optional={
            "municipality": st.sampled_from(["Vaasa", "Salo", ["Vaasa", "Salo"], ""]),
            "contract": st.sampled_from(["permanent", "fixed_term"]),
            "text": st.sampled_from(["Hei", "kiertotalous"]),
            "ends": st.sampled_from(["2026-08-20", "2026-09-20"]),
            "published": st.sampled_from(["2026-08-20", "2026-09-10"]),
            "trust": st.sampled_from([0.2, 0.8]),
            "withdrawn": st.just(True),
            "publish": st.just("after_approval"),
            "openings": st.sampled_from(["1", "2"]),
        },
    ),
    min_size=1,
    max_size=7,
)


@given(WORLDS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_input_changes_nothing_and_no_posting_is_lost(postings, rng):
    known = [job(f"p{number}", **of) for number, of in enumerate(postings)]
    first = curated(*known, decisions=(says(Act.SAME, "p0", other="p2"),))
    rng.shuffle(known)
    assert curated(*known, decisions=(says(Act.SAME, "p0", other="p2"),)) == first
    members = [posting for one in first.listings for posting in ids(one)]
    assert sorted(members) == sorted(one.id for one in known)
    for one in first.listings:
        assert one.id == ids(one)[0]
        assert sum(member.canonical for member in one.members) == 1
        assert (one.status is Status.OPEN) == (one.status_because == "")
        assert (one.status is Status.CLOSED) == (one.closed_on is not None)


def test_rules_are_of_a_day_and_change_when_members_of_a_region_do():
    today = load_rules([REGIONS], [THEMES], TODAY)
    assert today.version == load_rules([REGIONS], [THEMES], TODAY + timedelta(days=1)).version
    assert today.version != load_rules([REGIONS], [THEMES], date(2024, 12, 31)).version
    assert "mikkeli" in today.regions


def test_a_region_that_wants_an_unknown_theme_is_refused_by_name(tmp_path):
    (tmp_path / "x.toml").write_text(
        'name = { fi = "X" }\nowner = "o"\ncontact = "c"\nlanguages = ["fi"]\nthemes = ["puuttuu"]\n'
        '[[covers]]\nmunicipalities = ["905"]\nrole = "core"\n',
        encoding="utf-8",
    )
    with pytest.raises(DeclarationError, match=r"x\.toml: themes: 'puuttuu' is no theme"):
        load_rules([tmp_path], [THEMES], TODAY)
