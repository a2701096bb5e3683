"""Sameness: which pairs are one, on a labelled set with floors, and how groups form under vetoes and decisions."""

import json
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize.dedupe import CLASSES, DECIDED, Side, decided, explained, gather, judge
from normalize.dedupe import edges as judged_edges
from normalize.fingerprint import fingerprinted
from normalize.records import Decision, Edge
from normalize.vocabulary import Act
from tests.normalize.made import kept, side

LABELLED = Path(__file__).parents[1] / "labelled"
PAIRS = [json.loads(line) for line in (LABELLED / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
FLOORS = json.loads((LABELLED / "floors.json").read_text(encoding="utf-8"))


def sides(**fields: dict[str, Any]) -> dict[str, Side]:
    """Sides by id, the first one first seen; each from a source of its own unless it says otherwise."""
    return {
        id_: side(kept(id_, day, **{"source": f"source-{id_}", **of})) for day, (id_, of) in enumerate(fields.items())
    }


def edges(known: dict[str, Side]) -> list[Edge]:
    return judged_edges(list(known.values()), [(a, b) for a, b in combinations(sorted(known), 2)])


def groups(
    known: dict[str, Side], decisions: Sequence[Decision] = (), drawn: Iterable[Edge] | None = None
) -> list[list[str]]:
    found = {(edge.a, edge.b): edge for edge in (edges(known) if drawn is None else drawn)}
    found |= {(edge.a, edge.b): edge for edge in decided(known, decisions)}
    return [[one.kept.id for one in members] for members in gather(known, found.values(), decisions)]


def says(act: Act, posting: str, other: str) -> Decision:
    return Decision(act=act, posting=posting, other=other, reason="seen", author="editor")


def test_the_labelled_pairs_come_out_right_as_often_as_ever():
    """Pairs called *beyond* are what exact rules are known to get wrong; they keep both figures honest."""
    joined, right, true, astray = 0, 0, 0, []
    for pair in PAIRS:
        answer = judge(side(kept("a", **pair["a"])), side(kept("b", **pair["b"])))
        same = isinstance(answer, Edge)
        joined, right, true = joined + same, right + (same and pair["same"]), true + pair["same"]
        if same != pair["same"] and not pair["kind"].startswith("beyond"):
            astray.append((pair["kind"], answer.because))
    assert len(PAIRS) >= 120
    assert right / joined >= FLOORS["pairs_precision"], astray
    assert right / true >= FLOORS["pairs_recall"], astray
    assert not astray


def keys(one: Side) -> set[bytes]:
    (posting,) = fingerprinted([one.posting])
    return {posting.blocking[at : at + 8] for at in range(0, len(posting.blocking), 8)}


def test_every_pair_that_is_joined_would_have_met_under_a_key():
    for pair in PAIRS:
        a, b = side(kept("a", **pair["a"])), side(kept("b", **pair["b"]))
        if isinstance(judge(a, b), Edge):
            assert keys(a) & keys(b), pair


def test_a_judgement_does_not_depend_on_which_comes_first():
    for pair in PAIRS:
        a, b = side(kept("a", **pair["a"])), side(kept("b", **pair["b"]))
        assert judge(a, b) == judge(b, a)
        turned = judge(side(kept("a", **pair["b"])), side(kept("b", **pair["a"])))
        assert isinstance(turned, Edge) == isinstance(judge(a, b), Edge)


def test_a_refusal_names_the_signs_and_what_speaks_against_it():
    known = sides(a=JOB | {"contract": "permanent"}, b=JOB | {"contract": "fixed_term"})
    because = judge(*known.values()).because
    assert "title the same, 'Kokki'" in because
    assert "other contract: permanent and fixed_term" in because


def test_an_explanation_is_the_sum_of_its_signs_and_reads_in_words():
    a, b = sides(a=JOB, b=JOB | {"ends": "2026-09-20"}).values()
    told = explained(a, b)
    assert told.bits == pytest.approx(sum(sign.bits for sign in told.signs), abs=0.5)
    assert (told.same, told.rule, told.card) == (True, "partial", "no text")
    assert {"title", "employer", "place"} <= {sign.sign for sign in told.signs[:4]}
    assert all(sign.found for sign in told.signs)


def test_a_word_of_rank_in_one_title_forbids_what_equal_texts_say():
    text = JOB | {
        "text": " ".join(f"Sana{number} tulee ja menee tässä kohdassa" for number in range(30)),
        "ends": "2026-09-20",
    }
    alike = text | {"contract": "permanent", "hours": "full_time"}
    known = sides(a=alike, b=alike | {"title": "Vastaava kokki"}, c=alike | {"title": "Kokki, Vaasa"})
    told = explained(known["a"], known["b"])
    assert not told.same
    assert "a word of rank" in told.forbids[0]
    assert groups(known) == [["a", "c"], ["b"]]


def test_between_two_that_conflict_a_teaser_joins_neither_and_an_address_settles_it():
    words = " ".join(f"Sana{number} tulee ja menee tässä kohdassa" for number in range(30))
    one = JOB | {"text": f"{words} Työaika on 37,50 tuntia.", "contract": "permanent", "url": "https://a.example/1"}
    other = one | {"contract": "fixed_term", "url": "https://b.example/2"}
    teaser = JOB | {"text": " ".join(words.split()[:40])}
    assert sorted(map(len, groups(sides(a=one, b=other, c=teaser)))) == [1, 1, 1]
    told = groups(sides(a=one, b=other, c=teaser | {"apply_url": "https://b.example/2"}))
    assert ["b", "c"] in told


def test_each_edge_has_its_class():
    text = {
        "text": " ".join(f"Sana{number} tulee ja menee tässä kohdassa" for number in range(30)),
        "published": "2026-08-01",
    }
    other = {
        "text": text["text"] + " Lisäksi tarjoamme lounasedun ja liikuntaedun kaikille.",
        "published": "2026-08-01",
    }
    again = text | {"published": "2026-08-25"}
    known = sides(a=JOB | text, b=JOB | text, c=JOB | other, d=JOB | again, e=JOB)
    found = {(edge.a, edge.b): edge.rule for edge in edges(known)}
    assert (found["a", "b"], found["a", "c"], found["a", "d"]) == ("full", "semantic", "temporal")
    assert set(found.values()) <= set(CLASSES)


JOB = {"title": "Kokki", "employer": "Mäkelä Oy", "municipality": "Vaasa"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"contract": "permanent"}, {"contract": "fixed_term"}),
        ({"hours": "full_time"}, {"hours": "part_time"}),
        ({"reference": "REQ-10001"}, {"reference": "REQ-10002"}),
        ({"unit": "Osasto 1"}, {"unit": "Osasto 2"}),
        ({"openings": "1"}, {"openings": "2"}),
        ({"ends": "2026-09-15"}, {"ends": "2026-10-15"}),
        ({"source": "tpt"}, {"source": "tpt"}),
    ],
)
def test_a_third_posting_that_does_not_say_bridges_no_conflict(one, other):
    """It joins one of the two, the same one whatever the order."""
    known = sides(a=JOB | one, b=JOB | other, c=JOB)
    assert sorted(map(len, groups(known))) == [1, 2]
    assert groups(dict(reversed(known.items()))) == groups(known)


def test_a_list_of_towns_bridges_no_two_towns():
    known = sides(a=JOB, b=JOB | {"municipality": "Salo"}, c=JOB | {"municipality": ["Vaasa", "Salo"]})
    assert sorted(map(len, groups(known))) == [1, 2]


def test_three_boards_of_one_vacancy_are_one_group_ordered_by_age():
    assert groups(sides(c=JOB, a=JOB, b=JOB)) == [["c", "a", "b"]]


def test_a_person_s_same_joins_what_the_rules_keep_apart():
    known = sides(a=JOB, b={"title": "Cook", "employer": "Mäkelä Oy", "municipality": "Salo"})
    assert groups(known) == [["a"], ["b"]]
    assert groups(known, [says(Act.SAME, "b", "a")]) == [["a", "b"]]


def test_a_person_s_different_is_stronger_than_rules_and_than_a_chain_of_same():
    known = sides(a=JOB, b=JOB, c=JOB)
    for decisions in (
        [says(Act.DIFFERENT, "c", "a")],
        [says(Act.DIFFERENT, "a", "c"), says(Act.SAME, "a", "b"), says(Act.SAME, "b", "c")],
        [says(Act.SAME, "a", "b"), says(Act.SAME, "b", "c"), says(Act.DIFFERENT, "a", "c")],
    ):
        assert not any({"a", "c"} <= set(group) for group in groups(known, decisions))


def test_the_last_word_about_a_pair_counts():
    known = sides(a=JOB, b=JOB)
    assert groups(known, [says(Act.SAME, "a", "b"), says(Act.DIFFERENT, "b", "a")]) == [["a"], ["b"]]
    assert groups(known, [says(Act.DIFFERENT, "a", "b"), says(Act.SAME, "b", "a")]) == [["a", "b"]]


def test_a_group_never_grows_beyond_what_one_vacancy_ever_had():
    known = sides(**{f"p{number:02}": JOB for number in range(30)})
    assert max(map(len, groups(known))) == 24


def test_a_decision_about_unknown_postings_changes_nothing():
    known = sides(a=JOB, b=JOB)
    decisions = [says(Act.SAME, "a", "gone"), says(Act.DIFFERENT, "gone", "b"), says(Act.SAME, "a", "a")]
    assert groups(known, decisions) == [["a", "b"]]


def some(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


POSTINGS = st.fixed_dictionaries(
    {"title": some("Kokki", "Kokki", "Leipuri"), "source": some("tpt", "board", "city", "feed")},
    optional={
        "employer": some("Mäkelä Oy", "Vaasan kaupunki"),
        "municipality": some("Vaasa", "Vaasa", "Salo", ["Vaasa", "Salo"], ["Vaasa", "Juva"]),
        "contract": some("permanent", "fixed_term", "summer"),
        "hours": some("full_time", "part_time"),
        "openings": some("1", "2"),
        "reference": some("REQ-10001", "REQ-10002"),
        "unit": some("Osasto 1", "Osasto 12", "Keittiö, Osasto 1"),
        "ends": some("2026-09-15", "2026-09-16", "2026-12-01"),
        "published": some("2026-08-20", "2026-01-20"),
        "url": some("https://x.fi/1", "https://x.fi/2"),
        "apply_url": some("https://x.fi/1", "https://x.fi/2"),
        "anonymous": some("true"),
        "kind": some("vacancy", "vacancy", "event"),
        "text": some("Tule!", "Kom!"),
    },
)
WORLDS = st.lists(POSTINGS, min_size=2, max_size=8)
DECISIONS = st.lists(st.tuples(some(Act.SAME, Act.DIFFERENT), some(*range(8)), some(*range(8))), max_size=4)


def world(postings: list[dict[str, Any]]) -> dict[str, Side]:
    return {f"p{number}": side(kept(f"p{number}", number % 3, **of)) for number, of in enumerate(postings)}


def words(drawn: list[tuple[Act, int, int]]) -> list[Decision]:
    return [says(act, f"p{one}", f"p{other}") for act, one, other in drawn if one != other]


@given(WORLDS, DECISIONS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_input_changes_no_group(postings, drawn, rng):
    known, decisions = world(postings), words(drawn)
    items, found = list(known.items()), edges(known)
    rng.shuffle(items)
    rng.shuffle(found)
    assert groups(dict(items), decisions, found) == groups(known, decisions)


@given(WORLDS, st.permutations(range(8)))
@settings(max_examples=50, deadline=None)
def test_other_ids_for_the_same_postings_change_no_group(postings, order):
    """Ids are hashes: nothing may hang on them."""
    known = world(postings)
    named = {f"p{number}": f"x{order[number]}" for number in range(len(postings))}
    other = {
        named[id_]: side(kept(named[id_], number % 3, **of | {"ref": id_}))
        for number, (id_, of) in enumerate(zip(known, postings, strict=True))
    }
    assert [[named[id_] for id_ in group] for group in groups(known)] == groups(other)


@given(WORLDS, DECISIONS)
@settings(max_examples=60, deadline=None)
def test_neighbourhoods_that_no_edge_connects_can_be_judged_apart(postings, drawn):
    known, decisions = world(postings), words(drawn)
    found = edges(known) + decided(known, decisions)
    whole = groups(known, decisions)
    parts = [{id_} for id_ in known]
    for edge in found:
        one, other = (next(part for part in parts if id_ in part) for id_ in (edge.a, edge.b))
        if one is not other:
            parts.remove(other)
            one |= other
    apart = [group for part in parts for group in groups({id_: known[id_] for id_ in part}, decisions)]
    assert sorted(apart) == sorted(whole)


@given(WORLDS)
@settings(max_examples=50, deadline=None)
def test_no_two_of_a_group_have_a_veto_that_nothing_outweighs(postings):
    known = world(postings)
    for group in groups(known):
        for a, b in combinations(group, 2):
            told = explained(known[a], known[b])
            never = [
                said
                for said in told.forbids
                if said.startswith(("other contract", "other hours", "other munici", "one is anon"))
            ]
            assert not never, (group, a, b)


@given(WORLDS)
@settings(max_examples=60, deadline=None)
def test_other_names_of_the_sources_change_no_group(postings):
    known = world(postings)
    renamed = {id_: side(kept(id_, number % 3, **of | {"source": f"zz-{of['source']}"[::-1]}))
               for number, (id_, of) in enumerate(zip(known, postings, strict=True))}  # fmt: skip
    assert sorted(map(sorted, groups(renamed))) == sorted(map(sorted, groups(known)))


@given(WORLDS, DECISIONS)
@settings(max_examples=60, deadline=None)
def test_decisions_hold_in_every_world(postings, drawn):
    known, decisions = world(postings), words(drawn)
    last = {frozenset((d.posting, d.other)): d.act for d in decisions}
    found = groups(known, decisions)
    for pair, act in last.items():
        if act is Act.DIFFERENT:
            assert not any(pair <= set(group) for group in found)
    if Act.DIFFERENT not in last.values():
        for pair, act in last.items():
            if act is Act.SAME and pair <= known.keys():
                assert any(pair <= set(group) for group in found)


@given(WORLDS, DECISIONS)
@settings(max_examples=50, deadline=None)
def test_every_posting_is_in_exactly_one_group(postings, drawn):
    known = world(postings)
    assert sorted(id_ for group in groups(known, words(drawn)) for id_ in group) == sorted(known)


def test_an_edge_of_a_decision_says_who_and_why():
    (edge,) = decided(sides(a=JOB, b=JOB), [says(Act.SAME, "b", "a")])
    assert (edge.a, edge.b, edge.rule, edge.because) == ("a", "b", DECIDED, "decided by editor: seen")
