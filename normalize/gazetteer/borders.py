"""Which municipality a point lies in, where border geometry has been configured; else the nearest municipal centre.

The geometry is not shipped. It is used by every process that was told of it, and its bytes are part of the facts' version."""

import json
import math
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

NEAR_KM = 2.0
"""Simplified borders are right to about so much: a point nearer to one may belong to either side."""
KM_A_DEGREE = 111.2
CODE_KEYS = (
    "code",
    "kunta",
    "natcode",
    "NATCODE",
    "nationalcode",
    "municipality",
    "kuntakoodi",
    "KUNTA",
    "kuntanro",
    "nro",
)
LATITUDES, LONGITUDES = (59.0, 70.5), (18.5, 32.0)


class BordersError(Exception):
    """border geometry that cannot be used"""


class Situated(NamedTuple):
    """``inside`` is the municipality around the point, empty where there is none; ``near`` others whose border is near."""

    inside: str
    near: tuple[str, ...]


class Borders:
    """Municipal borders of a GeoJSON file in WGS84. Raises :class:`BordersError` for one that cannot be used."""

    def __init__(self, path: Path) -> None:
        try:
            import shapely
        except ImportError:
            raise BordersError("borders need the library shapely; type: pip install 'aluetori[geo]'") from None
        self._shapely = shapely
        content = _read(path)
        found = list(_polygons(content, path, shapely))
        self._codes = [code for code, _ in found]
        self._tree = shapely.STRtree([polygon for _, polygon in found])
        self._polygons = [polygon for _, polygon in found]
        shapely.prepare(self._polygons)
        self.count = len(set(self._codes))
        self.version = blake2b(content, digest_size=6).hexdigest()

    def at(self, latitude: float, longitude: float) -> Situated:
        """Where a point lies: distances are of a plane on which a degree of longitude is as long as it is there."""
        point = self._shapely.Point(longitude, latitude)
        reach = NEAR_KM / (KM_A_DEGREE * math.cos(math.radians(latitude)))
        inside = ""
        near: dict[str, float] = {}
        for index in self._tree.query(point, predicate="dwithin", distance=reach).tolist():
            polygon, code = self._polygons[index], self._codes[index]
            if not inside and self._shapely.covers(polygon, point):
                inside = code
            elif (away := self._away(point, polygon)) <= NEAR_KM:
                near[code] = min(away, near.get(code, away))
        near.pop(inside, None)
        return Situated(inside, tuple(sorted(near, key=near.__getitem__)))

    def _away(self, point: Any, polygon: Any) -> float:
        nearest = self._shapely.shortest_line(point, polygon).coords[1]
        return distance(point.y, point.x, nearest[1], nearest[0])


def distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Kilometres between two points that are not far from each other."""
    narrow = math.cos(math.radians((latitude + other_latitude) / 2))
    return KM_A_DEGREE * math.hypot(latitude - other_latitude, (longitude - other_longitude) * narrow)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BordersError(
            f"{path} cannot be read: {error.strerror}; name a GeoJSON file of municipal borders"
        ) from None


def _polygons(content: bytes, path: Path, shapely: Any) -> Iterator[tuple[str, Any]]:
    try:
        features = json.loads(content)["features"]
    except (ValueError, KeyError, TypeError):
        raise BordersError(f"{path} is no GeoJSON FeatureCollection; expected one feature a municipality") from None
    for number, feature in enumerate(features, 1):
        said = feature.get("properties") or {}
        code = next((str(said[key]) for key in CODE_KEYS if said.get(key) not in (None, "")), "")
        if not code.isdigit() or len(code) > 3:
            raise BordersError(
                f"{path}: feature {number} has no municipality code; expected one of {', '.join(CODE_KEYS)}"
            )
        try:
            polygon = shapely.geometry.shape(feature["geometry"])
        except Exception as error:  # noqa: BLE001 - a library's many ways to say that a geometry is broken
            raise BordersError(f"{path}: feature {number} ({code}) has no polygon: {error}") from None
        west, south, east, north = polygon.bounds
        if not (LONGITUDES[0] < west <= east < LONGITUDES[1] and LATITUDES[0] < south <= north < LATITUDES[1]):
            raise BordersError(f"{path}: feature {number} ({code}) lies at {west:g}, {south:g}, which is not Finland in "
                               "WGS84; expected longitude and latitude (EPSG:4326)")  # fmt: skip
        yield code.zfill(3), polygon
    if not features:
        raise BordersError(f"{path} has no features; expected one a municipality")


def read_point(text: str) -> tuple[float, float] | None:
    """Latitude and longitude of a point in Finland, in whichever order they stand; ``None`` for anything else."""
    numbers = [float(part) for part in text.replace("POINT", " ").replace("(", " ").replace(")", " ").replace(",", " ").split()
               if part.lstrip("-").replace(".", "", 1).isdigit()]  # fmt: skip
    if len(numbers) != 2:
        return None
    for latitude, longitude in (numbers, numbers[::-1]):
        if LATITUDES[0] < latitude < LATITUDES[1] and LONGITUDES[0] < longitude < LONGITUDES[1]:
            return latitude, longitude
    return None


_configured: list[Borders] = []


def use(path: Path | None) -> None:
    """Use the borders of a file in this process from now on, or none; none as well if the file cannot be used."""
    _configured.clear()
    if path is not None:
        _configured.append(Borders(path))


def borders() -> Borders | None:
    """The borders in use."""
    return _configured[0] if _configured else None
