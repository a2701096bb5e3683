"""A key that stands in an address reaches no problem, no verdict, no row and no link; and the address still works."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, select

from harvest.records import Problem, Reason, Request, Step
from harvest.secret import masked, pairs, without
from harvest.source import Source
from schedules.run import run_source
from schedules.settings import with_secrets
from store import tables
from store.door import Store
from store.explain import explain
from tests.harvest.cards import JSON, SITE, Net, card, lost, page, tagged, walked

HUSH = "hush/9+x"
PAGED = JSON.replace('items = "jobs"', 'items = "jobs"\npaging = { kind = "next", next = "next" }')
DETAIL = f"""
[adapter.details]
url = "{SITE}/job/{{ref}}?lang=fi"
adapter = {{ kind = "json_api", fields = {{ text = "text" }}, request = {{ params = {{ access_token = "{HUSH}" }} }} }}
"""


def secretive(text: str = JSON) -> Source:
    return card(text, f"{SITE}/jobs?apiKey={HUSH}&q=1")


@pytest.mark.parametrize("name", [
    "key", "KEY", "apikey", "api_key", "apiKey", "X-Api-Key", "token", "access_token", "accessToken", "password", "passwd",
    "client_secret", "sig", "x-signature", "subscription-key", "Ocp-Apim-Subscription-Key", "auth", "jwt",
])  # fmt: skip
def test_a_parameter_that_looks_like_a_secret_is_told_without_its_value(name: str) -> None:
    assert (
        masked(f"see https://x.fi/a?q=1&{name}=hush&p=2: it broke") == f"see https://x.fi/a?q=1&{name}=…&p=2: it broke"
    )
    assert masked(masked(f"https://x.fi/?{name}=hush")) == f"https://x.fi/?{name}=…"


@pytest.mark.parametrize("address", [
    "https://x.fi/?q=monkey&page=2", "https://x.fi/?keyword=a&jobkey=7", "https://x.fi/?pageToken=abc&next_token=d", "a=b",
    "https://x.fi/?mail=a@b.fi", "resumptionToken=1",
])  # fmt: skip
def test_other_parameters_are_told_whole(address: str) -> None:
    assert masked(address) == address


def test_a_user_and_a_password_before_the_host_are_masked() -> None:
    assert masked("https://me:hush@x.fi/a@b") == "https://…@x.fi/a@b"


def test_a_problem_of_any_step_holds_no_secret() -> None:
    made = Problem(step=Step.READ, reason=Reason.TRUNCATED, about="https://x.fi/?key=hush", detail="at ?token=hush")
    assert (made.about, made.detail) == ("https://x.fi/?key=…", "at ?token=…")


def test_a_link_loses_what_the_card_put_into_it_and_nothing_else() -> None:
    own = pairs(["https://x.fi/?key=a b&q=1"], [("token", "c/d"), ("page", "2")])
    assert set(own) == {"key=a b", "key=a+b", "token=c/d", "token=c%2Fd"}
    for address in ("https://x.fi/j?id=1&key=a+b", "https://x.fi/j?token=c%2Fd&id=1", "https://x.fi/j?id=1"):
        assert without(address, own) == "https://x.fi/j?id=1"
    assert without("https://x.fi/j?token=theirs", own) == "https://x.fi/j?token=theirs"


@pytest.mark.parametrize("answer", [
    "<html>no</html>", '{"jobs": [{"id": 1', '{"other": 1}', '{"jobs": [{"name": "x"}]}',
    '{"jobs": [{"id": 1, "name": "x", "url": "?apiKey=hush/9+x&id=1", "odd": 1}], "next": "/jobs?apiKey=hush/9+x&q=1"}',
    lost(Reason.NOT_FOUND),
])  # fmt: skip
def test_nothing_that_a_walk_yields_holds_the_key_of_its_addresses(answer: Any) -> None:
    def net(request: Request) -> Any:
        assert "apiKey=hush/9" in request.url
        return (
            page(request.url, problem=answer) if isinstance(answer, Problem) else page(request.url, answer, etag='"1"')
        )

    result = walked(secretive(PAGED), net)
    assert "hush" not in repr(result.all)


def test_a_page_with_a_key_in_its_address_is_still_known_by_304() -> None:
    address = f"{SITE}/jobs?apiKey={HUSH}&q=1"
    net = Net({address.removeprefix(SITE): tagged('{"jobs": [{"id": 1, "name": "x"}]}')})
    first = walked(secretive(), net)
    again = walked(secretive(), net, first.known())
    assert (again.seen, again.verdict.not_modified) == (["1"], 1)
    assert Request(url=f"{address}2").key != Request(url=address).key
    assert "hush" not in Request(url=address, method="POST", body=b"1").key


def test_no_row_of_a_run_holds_the_key_of_a_list_or_of_a_detail_page(store: Store, engine: Engine) -> None:
    jobs = [{"id": 1, "name": "a", "url": f"/job?id=1&apiKey={HUSH}"}, {"id": 2, "name": "b"}, {"id": 3}]
    net = Net({f"/jobs?apiKey={HUSH}&q=1": tagged(json.dumps({"jobs": jobs})),
               "/job/1?lang=fi&access_token=hush/9%2Bx": '{"text": "one"}'})  # fmt: skip
    result = run_source(secretive(JSON + DETAIL), net, store)
    assert (result.found, result.problems) == (3, 2), "two pages of adverts that are lost, one of them with its title"
    with engine.connect() as connection:
        rows = [tuple(row) for one in tables.metadata.tables.values() for row in connection.execute(select(one))]
    assert len(rows) > 5
    assert "hush" not in repr(rows)


def test_an_error_that_nobody_expects_is_told_without_a_secret(store: Store, engine: Engine) -> None:
    def broken(request: Request) -> Any:
        raise ValueError(f"cannot read {request.url}")

    with pytest.raises(ValueError, match="cannot read"):
        run_source(secretive(), broken, store)
    with engine.connect() as connection:
        said = connection.execute(select(tables.table(tables.RunRow).c.detail)).scalar()
    assert said == f"ValueError: cannot read {SITE}/jobs?apiKey=…&q=1"


def test_a_secret_that_is_not_set_is_told_by_its_name_and_nothing_is_asked() -> None:
    request = Request(url=f"{SITE}/jobs?id=77&key=hush", headers=(("X-Key", "env:OUR_KEY"),))
    problem = with_secrets(Net({}), {"OTHER": "hush"})(request).problem
    assert problem is not None
    assert (problem.reason, problem.about) == (Reason.FORBIDDEN, f"{SITE}/jobs?id=…&key=…")
    assert "OUR_KEY" in problem.detail
    assert "hush" not in repr(problem)


def test_what_stayed_behind_under_an_address_with_a_key_is_still_explained(store: Store, engine: Engine) -> None:
    ref = "https://x.fi/?key=7"
    run_source(card(), Net({"/jobs": json.dumps({"jobs": [{"id": ref}]})}), store)
    told = explain(engine, ref)
    assert told is not None
    assert "it has no title" in told["because"]


def test_an_at_sign_behind_a_quoted_address_is_no_user_before_a_host() -> None:
    minified = '{"@context":"http://schema.org","@type":"JobPosting"}'
    assert masked(minified) == minified


def test_a_secret_is_taken_out_of_a_ref_before_it_is_cut() -> None:
    """What is left of a cut one would be a row."""
    start = f"{SITE}/jobs?api_key=HUSHHUSHHUSH"
    for length in range(425, 450):
        ref = f"{SITE}/{'x' * length}?api_key=HUSHHUSHHUSH&page={'y' * 90}"
        result = walked(
            card(start=start), {"/jobs?api_key=HUSHHUSHHUSH": json.dumps({"jobs": [{"id": ref, "name": "x"}]})}
        )
        assert "HUSH" not in result.refs[0]


def test_a_secret_of_a_start_address_is_not_in_the_name_of_its_shards() -> None:
    """Names of finished ones are rows, and still tell two addresses apart."""
    shards = 'items = "jobs"\npaging = { kind = "shards", param = "a", shards = ["01", "02"] }'
    source = card(JSON.replace('items = "jobs"', shards), start=f'{SITE}/jobs?api_key=HUSH", "{SITE}/jobs?api_key=HUM')
    body = json.dumps({"jobs": [{"id": 1, "name": "x"}]})
    pages = {f"/jobs?api_key={key}&a=01": body for key in ("HUSH", "HUM")}
    names = [one.key for one in walked(source, pages).verdict.shards]
    assert len(set(names)) == 2
    assert all(name.startswith(f"{SITE}/jobs?api_key=… ") and name.endswith(" 01") for name in names)
    assert "HU" not in str(names)
