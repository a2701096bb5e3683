"""The words of schema.org's JobPosting, with the deviations of real pages, as flat fields."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

READ = frozenset(
    {
        "title", "description", "hiringOrganization", "jobLocation", "jobLocationType", "applicantLocationRequirements",
        "datePosted", "validThrough", "employmentType", "identifier", "url", "baseSalary", "occupationalCategory",
        "totalJobOpenings", "lastmod", "places", "postal_codes", "streets", "employer", "employer_id", "salary", "isco",
        "hours", "contract", "work_form", "remote", "directApply", "image", "sameAs", "industry",
    }
)  # fmt: skip
"""Names of a JobPosting that are read, or known to say nothing that we keep."""

_ISCO = re.compile(r"(?<![\d.-])\d{4,5}(?![\d-])")
"""Four or five digits; American codes (29-1141) are not ours."""
_EMPLOYMENT: Mapping[str, tuple[str, str]] = {
    "FULL_TIME": ("hours", "full_time"),
    "PART_TIME": ("hours", "part_time"),
    "TEMPORARY": ("contract", "fixed_term"),
    "CONTRACTOR": ("work_form", "commission"),
    "INTERN": ("work_form", "traineeship"),
    "PER_DIEM": ("contract", "on_call"),
}
"""Google's values of employmentType in our words; VOLUNTEER and OTHER say nothing of a vacancy."""


def flat(posting: Mapping[str, Any], page: str) -> dict[str, Any]:
    """One JobPosting with its nested parts pulled up: ``employer``, ``places``, ``postal_codes``, ``streets``, ``salary``,
    ``identifier``; schema.org's own words of employment in ours, a page's own left in ``employmentType`` as a list."""
    addresses = [where for one in _many(posting.get("jobLocation")) for where in _addresses(one)]
    words = [word.strip() for text in _many(posting.get("employmentType")) for word in str(text).split(",")]
    said = {_EMPLOYMENT[word.upper()] for word in words if word.upper() in _EMPLOYMENT}
    organisation = posting.get("hiringOrganization")
    result: dict[str, Any] = {
        **posting,
        "url": posting.get("url") if isinstance(posting.get("url"), str) else page,
        "employer": _name(organisation),
        "employer_id": _identifier(organisation.get("identifier")) if isinstance(organisation, dict) else "",
        "identifier": _identifier(posting.get("identifier")),
        "places": [place for one in addresses for place in one["places"]],
        "postal_codes": [one["postal"] for one in addresses if one["postal"]],
        "streets": [one["street"] for one in addresses if one["street"]],
        "salary": _salary(posting.get("baseSalary")),
        "isco": [code for one in _many(posting.get("occupationalCategory")) for code in _ISCO.findall(str(one))],
        "employmentType": [word for word in words if word and word.upper() not in _EMPLOYMENT],
        "remote": "fully" if "TELECOMMUTE" in str(posting.get("jobLocationType", "")) else "",
    }
    for field in ("hours", "contract", "work_form"):
        result[field] = next((word for name, word in sorted(said) if name == field), "")
    return result


def _many(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _name(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("legalName") or "")
    return "" if value is None else str(value if not isinstance(value, list) else _name(value[0] if value else ""))


def _identifier(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("value") or value.get("@id") or "")
    return "" if value is None or isinstance(value, list) else str(value)


def _addresses(location: Any) -> Iterator[dict[str, Any]]:
    """A place is an object with an address or several, an address alone, a name, or a text."""
    if not isinstance(location, dict):
        yield {"places": [str(location)], "postal": "", "street": ""}
        return
    for address in _many(location.get("address") or location):
        if isinstance(address, dict):
            found = _address(address)
            yield found if any(found.values()) else {**found, "places": [_name(location)] if _name(location) else []}
        else:
            yield {"places": [str(address)], "postal": "", "street": ""}


def _address(address: Mapping[str, Any]) -> dict[str, Any]:
    names = [address.get("addressLocality"), address.get("addressRegion")]
    country = address.get("addressCountry")
    country = _name(country) if isinstance(country, dict) else country
    if country and str(country).upper() not in {"FI", "FIN", "FINLAND", "SUOMI"}:
        names.append(country)
    postal = address.get("postalCode")
    return {
        "places": [str(one) for name in names for one in _many(name) if one],
        "postal": str(postal) if postal not in (None, "") else "",
        "street": str(address.get("streetAddress") or ""),
    }


def _salary(value: Any) -> str:
    if isinstance(value, list):
        return next(filter(None, map(_salary, value)), "")
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    amount, unit, currency = value.get("value"), "", str(value.get("currency") or "")
    if isinstance(amount, dict):
        unit = str(amount.get("unitText") or "").lower()
        low, high = amount.get("minValue"), amount.get("maxValue")
        amount = amount.get("value") or "–".join(str(one) for one in (low, high) if one is not None)
    if amount in (None, ""):
        return ""
    known = re.fullmatch(r"[\d.,–\s]+", str(amount))
    return f"{amount} {currency}{' / ' + unit if unit else ''}".strip() if known else str(amount)
