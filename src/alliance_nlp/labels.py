"""The label scheme as code sees it: read from ``annotation_guidelines/labels.toml``, the single source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from alliance_nlp import toml
from alliance_nlp.errors import ConfigError
from alliance_nlp.shipped import shipped_path

LABELS_SCHEMA = "alliance-nlp/labels/1"


@dataclass(frozen=True, slots=True)
class LabelType:
    """A type within a label: withdrawal or confrontation within rupture."""

    id: str
    fr: str
    en: str
    definition_fr: str
    definition_en: str
    shape: str


@dataclass(frozen=True, slots=True)
class Label:
    """One marker of the scheme.  ``roles`` names who may carry it, ``mission`` the four of the main score."""

    id: str
    fr: str
    en: str
    short_fr: str
    short_en: str
    definition_fr: str
    definition_en: str
    examples_fr: tuple[str, ...]
    mission: bool
    colour: str
    text_colour: str
    shape: str
    underline: str
    roles: frozenset[str]
    types: tuple[LabelType, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSet:
    """All labels in the scheme's order."""

    version: str
    labels: tuple[Label, ...]

    def __getitem__(self, label_id: str) -> Label:
        return next(label for label in self.labels if label.id == label_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """Label ids in order: goal, task, bond, rupture, repair."""
        return tuple(label.id for label in self.labels)

    @property
    def type_ids(self) -> tuple[str, ...]:
        """Type ids in order: withdrawal, confrontation."""
        return tuple(kind.id for label in self.labels for kind in label.types)

    @property
    def mission(self) -> tuple[str, ...]:
        """The labels of the main score."""
        return tuple(label.id for label in self.labels if label.mission)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the tagger gives a probability for: each label, followed by its types."""
        names: list[str] = []
        for label in self.labels:
            names += [label.id, *(kind.id for kind in label.types)]
        return tuple(names)

    @property
    def markup_tags(self) -> tuple[str, ...]:
        """The tags of the authoring markup: labels without types, and types."""
        return tuple(n for label in self.labels for n in ([t.id for t in label.types] or [label.id]))

    def owner(self, type_id: str) -> Label:
        """Return the label that a type belongs to."""
        return next(label for label in self.labels if any(kind.id == type_id for kind in label.types))


def read_label_set(path: Path) -> LabelSet:
    """Read a labels file; ConfigError when a key is missing, unknown or the schema another one."""
    try:
        table = toml.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError("core.bad_labels_file", file=path.name, detail=type(error).__name__) from error
    if table.get("schema") != LABELS_SCHEMA:
        raise ConfigError("core.bad_labels_file", file=path.name, detail=f"schema = {table.get('schema')!r}")
    try:
        labels = tuple(_label(entry) for entry in table["label"])
    except (KeyError, TypeError) as error:
        raise ConfigError("core.bad_labels_file", file=path.name, detail=str(error)) from error
    return LabelSet(version=str(table.get("version", "")), labels=labels)


def _label(entry: dict) -> Label:
    types = tuple(LabelType(**kind) for kind in entry.pop("type", []))
    return Label(
        types=types,
        roles=frozenset(entry.pop("roles")),
        examples_fr=tuple(entry.pop("examples_fr")),
        **entry,
    )


@lru_cache(maxsize=1)
def default_label_set() -> LabelSet:
    """Return the shipped label set."""
    return read_label_set(shipped_path("annotation_guidelines/labels.toml"))
