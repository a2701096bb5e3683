"""Points on the map: inside borders, near one, and without borders the nearest municipal centre."""

import json
from datetime import date

import pytest

from harvest.records import Code
from normalize.evidence import gather
from normalize.gazetteer import borders
from normalize.place import decide
from normalize.steps import facts_version

TODAY = date(2026, 9, 1)
MIKKELI, JUVA = "61.69,27.27", "61.90,27.86"


def placed(fields, **more):
    return decide(gather(fields, titles=more.pop("titles", {}), **more)[0], TODAY)


def codes(fields, **more):
    return [place.code for place in placed(fields, **more).places]


def square(code, west, south, east, north, key="code"):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "properties": {key: code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.fixture
def file(tmp_path):
    """Two squares side by side, which stand for Mikkeli and Juva."""

    def written(*features):
        path = tmp_path / "borders.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), "utf-8")
        return path

    return written


@pytest.fixture
def two(file):
    pytest.importorskip("shapely", reason="borders need aluetori[geo]")
    borders.use(file(square("491", 26.5, 61.4, 27.5, 62.0), square("178", 27.5, 61.4, 28.5, 62.0)))
    yield
    borders.use(None)


@pytest.mark.parametrize("text", ["61.69,27.27", "27.27,61.69", "POINT(27.27 61.69)", "61.69 27.27"])
def test_a_point_is_read_in_either_order(text):
    assert borders.read_point(text) == (61.69, 27.27)


@pytest.mark.parametrize("text", ["", "0,0", "61.69", "48.85,2.35", "a,b", "61.69,27.27,5", "6840000,500000"])
def test_what_is_no_point_in_finland_is_none(text):
    assert borders.read_point(text) is None
    assert codes({"point": text}) == []


def test_without_borders_the_nearest_centre_is_weak_evidence():
    (sign,), _ = gather({"point": MIKKELI}, titles={})
    assert (sign.rule, sign.codes, sign.weight) == ("nearest municipal centre 0 km away", ("491",), 0.4)
    assert codes({"point": MIKKELI}) == ["491"]
    assert codes({"point": MIKKELI}, titles={"fi": "Kokki Juvalle"}) == ["178"]
    assert codes({"point": MIKKELI}, texts={"fi": "Työpaikka sijaitsee Juvalla."}) == ["178"]
    assert codes({"point": MIKKELI}, default="178") == ["491"]


def test_a_point_far_from_every_centre_says_nothing():
    assert codes({"point": "59.2,19.0"}) == []


@pytest.mark.usefixtures("two")
def test_a_point_inside_borders_outweighs_names_and_not_codes():
    assert codes({"point": MIKKELI, "place": "Juva"}) == ["491"]
    assert codes({"point": MIKKELI, "municipality": Code("kunta", "178")}) == ["178"]
    assert "belongs to 491 Mikkeli" in placed({"point": MIKKELI}).places[0].because


@pytest.mark.usefixtures("two")
def test_near_a_border_another_sign_decides_and_without_one_the_side_it_lies_on():
    near = "61.69,27.49"
    assert codes({"point": near}) == ["491"]
    assert codes({"point": near, "place": "Juva"}) == ["178"]
    assert codes({"point": near}, titles={"fi": "Kokki Juvalle"}) == ["178"]


@pytest.mark.usefixtures("two")
def test_a_point_outside_all_borders_is_refused_and_told():
    answer = placed({"point": "65.0,25.5"})
    assert answer.places == ()
    assert "outside Finland's borders" in answer.rejected[0]


@pytest.mark.usefixtures("two")
def test_facts_are_of_another_version_with_borders():
    with_borders = facts_version()
    borders.use(None)
    assert with_borders.startswith(facts_version() + "-")


@pytest.mark.parametrize(
    ("features", "told"),
    [
        ([], "has no features"),
        ([square("x", 26, 61, 27, 62)], "feature 1 has no municipality code"),
        ([square("491", 26, 61, 27, 62, key="nimi")], "feature 1 has no municipality code"),
        ([square("491", 500000, 6800000, 510000, 6810000)], "not Finland in WGS84"),
        ([{"type": "Feature", "properties": {"code": "491"}, "geometry": None}], "has no polygon"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(file, features, told):
    pytest.importorskip("shapely", reason="borders need aluetori[geo]")
    with pytest.raises(borders.BordersError, match=told):
        borders.Borders(file(*features))


def test_a_file_that_is_no_geojson_is_refused_in_words(tmp_path):
    pytest.importorskip("shapely", reason="borders need aluetori[geo]")
    (tmp_path / "a.geojson").write_text("{}")
    with pytest.raises(borders.BordersError, match="no GeoJSON"):
        borders.Borders(tmp_path / "a.geojson")
    with pytest.raises(borders.BordersError, match="cannot be read"):
        borders.Borders(tmp_path / "none.geojson")
