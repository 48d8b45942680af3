"""The core types: a transcript is speakers, turns and markers; frozen, validated once, standard library only.

Offsets are Unicode code points, half-open ``[start, end)``, into ``Turn.text``.  Processing never
changes a value: it returns a new one (``dataclasses.replace``).  What a record holds beyond these
fields is kept in ``extra`` and written back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from alliance_nlp.errors import LabelError, TranscriptFormatError
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render


class Role(str, Enum):
    """Who a speaker is in the room."""

    THERAPIST = "therapist"
    PATIENT = "patient"
    PARTNER = "partner"
    PARENT = "parent"
    GROUP_MEMBER = "group_member"
    OTHER = "other"
    UNKNOWN = "unknown"

    @classmethod
    def parse(cls, value: str) -> Role:
        """Return the role called ``value``; LabelError when there is none."""
        try:
            return cls(value)
        except ValueError:
            expected = ", ".join(role.value for role in cls)
            raise LabelError("core.bad_role", role=value, expected=expected) from None

    @property
    def is_patient_side(self) -> bool:
        """True for the roles that may carry a rupture marker."""
        return self in PATIENT_SIDE


PATIENT_SIDE = frozenset({Role.PATIENT, Role.PARTNER, Role.PARENT, Role.GROUP_MEMBER})


class OriginKind(str, Enum):
    """Where a marker comes from."""

    MODEL = "model"
    HUMAN = "human"
    ADJUDICATED = "adjudicated"
    AUTHORED = "authored"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A run of characters ``[start, end)`` of a turn's text, in code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise LabelError("core.bad_span", start=self.start, end=self.end, length="?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who or what gave a marker: a model with its version, or a person's code."""

    kind: OriginKind
    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker on one turn, with its evidence spans.  ``probability`` is calibrated, machine only."""

    label: str
    origin: Origin
    types: tuple[str, ...] = ()
    probability: float | None = None
    spans: tuple[Span, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        label_set = default_label_set()
        if self.label not in label_set.ids:
            raise LabelError("core.bad_label", label=self.label, expected=", ".join(label_set.ids))
        allowed = {kind.id for kind in label_set[self.label].types}
        given = set(self.types)
        if bool(allowed) != bool(given) or not given <= allowed or len(given) != len(self.types):
            raise LabelError("core.bad_types", types=", ".join(self.types), label=self.label)
        if self.probability is not None and not 0.0 <= self.probability <= 1.0:
            raise LabelError("core.bad_probability", value=self.probability)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker as named in the transcript, and the role taken for them."""

    id: str
    role: Role = Role.UNKNOWN
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything one speaker says until another takes the floor.

    ``start_s`` and ``end_s`` are seconds from the start of the recording, ``line`` is the 1-based line
    (cue, row, paragraph) of the source where the turn begins.  ``speaker`` is None when unknown.
    """

    index: int
    speaker: str | None
    text: str
    start_s: float | None = None
    end_s: float | None = None
    line: int | None = None
    markers: tuple[Marker, ...] = ()
    probabilities: Mapping[str, float] | None = None
    needs_review: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for marker in self.markers:
            for span in marker.spans:
                if span.end > len(self.text):
                    raise LabelError("core.bad_span", start=span.start, end=span.end, length=len(self.text))
        for value in (self.probabilities or {}).values():
            if not 0.0 <= value <= 1.0:
                raise LabelError("core.bad_probability", value=value)

    @property
    def labels(self) -> frozenset[str]:
        """The labels this turn carries, whoever gave them."""
        return frozenset(marker.label for marker in self.markers)

    @property
    def types(self) -> frozenset[str]:
        """The rupture types this turn carries."""
        return frozenset(name for marker in self.markers for name in marker.types)


@dataclass(frozen=True, slots=True)
class Source:
    """The file a transcript was read from: its name without folders, its format and its SHA-256."""

    file: str | None = None
    format: str | None = None
    sha256: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know about a transcript: a message code, its parameters, its place.

    ``params`` hold names, numbers and places, never transcript text.
    """

    code: str
    line: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    text: str | None = None  # the sentence as stored in a record written by another version

    def message(self, language: str | None = None) -> str:
        """Return the sentence in ``language`` (default: the user's)."""
        try:
            return render(self.code, language, line=self.line, **self.params)
        except (KeyError, FileNotFoundError):
            return self.text or self.code


@dataclass(frozen=True, slots=True)
class Transcript:
    """One session: who speaks, what is said turn by turn, and the markers given so far."""

    session_id: str
    turns: tuple[Turn, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    language: str = "fr"
    source: Source = field(default_factory=Source)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Notice, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {speaker.id for speaker in self.speakers}
        if len(known) != len(self.speakers):
            raise TranscriptFormatError("core.duplicate_speaker")
        for place, turn in enumerate(self.turns):
            if turn.index != place:
                raise TranscriptFormatError("core.bad_turn_index", found=turn.index, expected=place)
            if turn.speaker is not None and turn.speaker not in known:
                raise TranscriptFormatError("core.bad_speaker", turn=place)

    @property
    def dyad(self) -> str | None:
        """The code of the dyad, from the metadata; None when they give none."""
        return dyad_of(self.metadata)

    def role_of(self, turn: Turn) -> Role:
        """Return the role of the turn's speaker, ``unknown`` when there is no speaker."""
        for speaker in self.speakers:
            if speaker.id == turn.speaker:
                return speaker.role
        return Role.UNKNOWN


def dyad_of(metadata: Mapping[str, Any]) -> str | None:
    """Return the code of the dyad that a session's metadata give, without spaces around it; None without one.

    >>> dyad_of({"dyad_id": " d07 "}), dyad_of({"dyad_id": " "}), dyad_of({})
    ('d07', None, None)
    """
    code = metadata.get("dyad_id")
    return None if code is None else str(code).strip() or None
