"""The view ``curated_listing``: the contract for readers who use SQL, the same columns on both engines."""

_JOINED = {"sqlite": "group_concat({}, ',')", "postgresql": "string_agg({}, ',' ORDER BY {})"}
_FROM_JSON = {"sqlite": "json_extract({}, '$.{}')", "postgresql": "({}::json ->> '{}')"}


def create(dialect: str) -> str:
    """The statement that creates the view.

    A row for each open listing that its card lets be shown on a page, and whose source is not withdrawn; where the card
    allows a link only, the facts are NULL. ``municipalities``, ``regions``, ``themes`` and ``buckets`` are comma lists, empty
    when there is none.
    """

    def joined(table: str, column: str) -> str:
        some = f"(SELECT {column} FROM {table} WHERE {table}.listing = l.id ORDER BY {column}) AS part"  # noqa: S608
        return f"COALESCE((SELECT {_JOINED[dialect].format(f'part.{column}', f'part.{column}')} FROM {some}), '')"  # noqa: S608

    def text(column: str, language: str) -> str:
        return _FROM_JSON[dialect].format(f"l.{column}", language)

    def fact(expression: str, name: str) -> str:
        return f"CASE WHEN s.right_page <> 'link' THEN {expression} END AS {name}"

    columns = [
        "l.id",
        "l.kind",
        *(f"{text('titles', code)} AS title_{code}" for code in ("fi", "sv", "en")),
        *(fact(text("summaries", code), f"summary_{code}") for code in ("fi", "sv", "en")),
        *(
            fact(f"l.{name}", name)
            for name in ("employer", "openings", "work_form", "contract", "hours", "remote", "published_on", "ends_on",
                         "apply_url", "postings", "place_evidence")
        ),
        "l.language",
        "l.url",
        "l.source",
        "l.attribution",
        "l.first_seen",
        f"{joined('listing_municipality', 'code')} AS municipalities",
        f"{joined('listing_region', 'region')} AS regions",
        f"{joined('listing_theme', 'theme')} AS themes",
        f"{joined('listing_bucket', 'bucket')} AS buckets",
    ]  # fmt: skip
    return (
        f"CREATE VIEW curated_listing AS SELECT {', '.join(columns)} FROM listing AS l "  # noqa: S608 - our own names
        "JOIN source AS s ON s.slug = l.source WHERE l.status = 'open' AND s.right_page <> 'no' "
        "AND NOT s.withdrawn"
    )
