"""The closed vocabularies of facts and judgements."""

from enum import StrEnum


class WorkForm(StrEnum):
    """In what relation the work is done. Work trials and unpaid traineeships are no vacancies in the headline counts."""

    EMPLOYMENT = "employment"
    APPRENTICESHIP = "apprenticeship"
    TRAINEESHIP = "traineeship"
    WORK_TRIAL = "work_trial"
    COMMISSION = "commission"


class Contract(StrEnum):
    """How long the work lasts."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    ON_CALL = "on_call"
    SEASONAL = "seasonal"
    SUMMER = "summer"


class Hours(StrEnum):
    """How much of a week."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"


class Remote(StrEnum):
    """How far the work is tied to a place."""

    NO = "no"
    PARTLY = "partly"
    FULLY = "fully"


class Bucket(StrEnum):
    """Where a listing is counted that has no municipality, or (remote) beside its municipalities."""

    UNPLACED = "unplaced"
    NATIONAL = "national"
    REMOTE = "remote"
    ABROAD = "abroad"


class Level(StrEnum):
    """Kinds of place evidence, best first (the ladder of place evidence)."""

    CODE = "code"
    POSTAL = "postal"
    POINT = "point"
    NAME = "name"
    REGION = "region"
    EMPLOYER = "employer"
    TITLE = "title"
    SEAT = "seat"
    TEXT = "text"
    DEFAULT = "default"


class Act(StrEnum):
    """What a decision says."""

    SAME = "same"
    DIFFERENT = "different"
    PLACE = "place"
    HIDE = "hide"
    APPROVE = "approve"
    PIN = "pin"


class Status(StrEnum):
    """Whether a listing shows. Anything but ``open`` carries a reason."""

    OPEN = "open"
    CLOSED = "closed"
    HIDDEN = "hidden"
