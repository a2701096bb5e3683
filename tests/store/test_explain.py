"""Why does it show, and why not: asked by whatever name a person has in hand."""

from typing import Any

from harvest.records import Problem, Reason, Step
from normalize.records import Evidence
from normalize.vocabulary import Act, Level
from store.explain import explain
from store.packing import posting_id
from tests.built import KOUVOLA, Scene, card, posting

TOWN, OTHER = card(removal={"misses": 1}), card("other")
COOK = posting("job-1", title="Kokki")


def told(scene: Scene, what: str) -> dict[str, Any]:
    found = explain(scene.store.engine, what)
    assert found is not None
    return found


def test_a_listing_is_found_by_its_id_a_posting_a_reference_and_an_address(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.day(OTHER, [posting("a", title="Kokki", source="other")])
    listing = scene.listing("job-1")["id"]
    for name in (listing, posting_id("other", "a"), "job-1", "a", "http://www.town.example/jobs/job-1/?utm_source=x",
                 "https://other.example/jobs/a"):  # fmt: skip
        assert told(scene, name)["listing"] == listing, name


def test_the_trace_names_source_run_page_evidence_members_places_and_regions(scene: Scene) -> None:
    doubt = Problem(step=Step.CLEAN, reason=Reason.BAD_DATE, about="job-1 ends", detail="'soon' is not a date")
    other = Problem(step=Step.CLEAN, reason=Reason.BAD_DATE, about="job-11 ends", detail="another's")
    scene.clock.move(days=1)
    run = scene.harvest(TOWN, [COOK], more=[doubt, other])
    scene.curate()
    scene.day(OTHER, [posting("a", title="Kokki", source="other")])
    trace = told(scene, "job-1")
    assert (trace["shown"], trace["because"]) == (True, "it is open and nothing hides it")
    assert [(one["code"], one["level"]) for one in trace["places"]] == [("491", "code")]
    assert [(one["region"], one["role"]) for one in trace["regions"]] == [("mikkeli", "core")]
    first, second = trace["members"]
    assert (first["source"]["slug"], first["run"]["id"], first["run"]["verdict"]) == ("town", run.id, "complete")
    assert first["page"] == "https://town.example/jobs.json"
    assert first["evidence"][0]["rule"] == "municipality code"
    assert [one["detail"] for one in first["problems"]] == ["'soon' is not a date"]
    assert "title the same, 'Kokki'" in first["because"]
    assert [first["canonical"], second["canonical"]].count(True) == 1


def test_what_is_not_shown_says_why(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.day(TOWN, [])
    trace = told(scene, "job-1")
    assert (trace["shown"], trace["because"]) == (False, "absent from 1 complete runs in a row")
    assert trace["members"][0]["state"] == "absent from 1 complete runs in a row"


def test_what_waits_for_a_curation_says_so(scene: Scene) -> None:
    scene.harvest(TOWN, [COOK])
    trace = told(scene, "job-1")
    assert (trace["listing"], trace["shown"]) == (None, False)
    assert trace["because"] == "it waits for the next curation (new): type aluetori curate"


def test_what_stayed_behind_gives_its_reason(scene: Scene) -> None:
    off_topic = Problem(step=Step.KEEP, reason=Reason.OFF_TOPIC, about="n-7", detail="about snow ploughing", drops=True)
    scene.harvest(TOWN, [], more=[off_topic])
    trace = told(scene, "n-7")
    assert (trace["listing"], trace["shown"]) == (None, False)
    assert trace["because"] == "it stayed behind at the keep step: off_topic: about snow ploughing"
    assert trace["problems"][0]["source"] == "town"


def test_what_nobody_knows_is_nothing(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    for name in ("", "job", "%", "https://town.example/", "https://elsewhere.example/jobs/job-1"):
        assert explain(scene.store.engine, name) is None, name


def test_evidence_that_was_not_used_is_told(scene: Scene) -> None:
    signs = (
        Evidence(level=Level.CODE, field="municipality", value="491", rule="code", weight=1, codes=("491",)),
        Evidence(level=Level.TITLE, field="title", value="Kokki, Kouvola", rule="part", weight=0.7, codes=(KOUVOLA,)),
    )
    scene.day(TOWN, [posting("job-1", evidence=signs)])
    assert "286 Kouvola" in told(scene, "job-1")["not_used"][0]


def test_a_decision_is_told_with_its_author(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.decide(Act.PLACE, COOK, value=KOUVOLA)
    scene.curate()
    assert "decided by Aino: seen by eye" in told(scene, "job-1")["places"][0]["because"]


def test_sources_that_use_the_same_reference_are_told_apart(scene: Scene) -> None:
    cleaner = posting("job-1", title="Siivooja", source="other", employer="Toinen")
    off_topic = Problem(
        step=Step.KEEP, reason=Reason.OFF_TOPIC, about="job-1", detail="about snow ploughing", drops=True
    )
    scene.day(TOWN, [COOK])
    scene.day(OTHER, [cleaner])
    scene.harvest(card("third"), [], more=[off_topic])
    trace = told(scene, "job-1")
    assert trace["listing"] == scene.listing("job-1")["id"]
    second, third = trace["also"]
    assert (second["source"], second["ref"], second["state"]) == ("other", "job-1", "open")
    assert (third["source"], third["posting"]) == ("third", None)
    assert "about snow ploughing" in third["state"]
    asked_for = told(scene, second["posting"])
    assert (asked_for["listing"], asked_for["titles"], asked_for["also"]) == (second["listing"], {"fi": "Siivooja"}, [])


def test_several_at_one_address_are_told_apart_and_those_of_one_listing_are_one(scene: Scene) -> None:
    shared = "https://town.example/jobs/shared"
    scene.day(TOWN, [posting("job-1", url=shared, title="Kokki"), posting("job-2", url=shared, title="Siivooja")])
    scene.day(
        OTHER, [posting("a", url=shared, title="Kokki", source="other"), posting("b", title="Muu", source="other")]
    )
    (group,) = [group for group in scene.groups() if "town/job-1" in group]
    trace = told(scene, shared)
    members = {f"{one['source']['slug']}/{one['ref']}" for one in trace["members"]}
    others = {f"{one['source']}/{one['ref']}" for one in trace["also"]}
    assert members | others == {"town/job-1", "town/job-2", "other/a"}
    assert members == set(group)
    assert told(scene, "b")["also"] == []


def test_what_several_sources_left_behind_is_told_of_each(scene: Scene) -> None:
    for slug in ("town", "other"):
        why = Problem(step=Step.KEEP, reason=Reason.OFF_TOPIC, about="n-7", detail=f"said of {slug}", drops=True)
        scene.harvest(card(slug), [], more=[why])
    trace = told(scene, "n-7")
    assert "said of other" in trace["because"]
    (also,) = trace["also"]
    assert (also["source"], "said of town" in also["state"]) == ("town", True)
