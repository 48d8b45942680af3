"""One training run's configuration: a frozen dataclass read from TOML, saved beside the weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from alliance_nlp import toml
from alliance_nlp.errors import ConfigError


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Every knob of a run.  Paths are relative to the working directory."""

    name: str  # of the model, = its directory's name
    version: str
    base: str  # directory (or, with a network, Hub name) of a Hugging Face encoder
    output: str  # directory of the trained model
    corpus: str = "data/corpus"
    seed: int = 0
    epochs: int = 8
    learning_rate: float = 5e-5  # encoder
    head_learning_rate: float = 5e-4  # everything on top of it
    weight_decay: float = 0.01
    warmup: float = 0.1  # share of the updates
    chunk_turns: int = 32  # turns of one update
    context_turns: int = 8  # turns before a chunk that are read but not scored
    positive_weight_power: float = 0.5  # (negatives / positives) ** power weighs a positive turn
    evidence_weight: float = 0.5
    hide_roles: float = 0.2  # share of the chunks read with unknown roles
    asr_noise: float = 0.15  # share of the chunks read as a speech recogniser would write them
    pairs: bool = False  # also learn from the minimal pairs beside the corpus
    pairs_at_once: int = 4  # pairs of one update
    dropout: float = 0.1
    prefix: str = "query: "
    max_tokens: int = 256
    previous_tokens: int = 0  # of the turn before, read together with a turn
    device: str = "auto"
    # Later keys stay out of ``repr``: a run begun before they were there keeps its identity and can be taken up again.
    start: str = field(default="", repr=False)  # a trained model (directory or shipped name) to go on from, instead of ``base``
    reviewed: tuple[str, ...] = field(default=(), repr=False)  # records that `review export` wrote: learnt beside the corpus
    corpus_share: float = field(default=1.0, repr=False)  # of the corpus' training sessions, drawn by ``seed``
    pairs_share: float = field(default=1.0, repr=False)  # of the pairs, drawn anew every epoch
    word_dropout: float = field(default=0.0, repr=False)  # share of the tokens of a turn that are hidden while learning
    new_from: str = field(default="", repr=False)  # the first training session that ``start`` has not read: from it on, all are read every epoch
    rehearsal: float = field(default=1.0, repr=False)  # of the sessions before ``new_from``, drawn anew every epoch
    start_share: float = field(default=0.0, repr=False)  # of ``start``'s weights in the result: both are averaged once the run is over

    def __post_init__(self) -> None:
        for name in ("hide_roles", "asr_noise", "dropout", "warmup", "corpus_share", "pairs_share", "word_dropout", "start_share", "rehearsal"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError("training.out_of_range", key=name, value=getattr(self, name), expected="0–1")
        if not 0 <= self.previous_tokens <= self.max_tokens // 2:
            expected = f"0–{self.max_tokens // 2} (max_tokens / 2)"
            raise ConfigError("training.out_of_range", key="previous_tokens", value=self.previous_tokens, expected=expected)
        for name in ("epochs", "chunk_turns", "pairs_at_once"):
            if getattr(self, name) < 1:
                raise ConfigError("training.out_of_range", key=name, value=getattr(self, name), expected="≥ 1")

        if not (self.corpus_share or self.reviewed):
            raise ConfigError("training.out_of_range", key="corpus_share", value=self.corpus_share, expected="> 0 (reviewed = [])")

    @property
    def identity(self) -> str:
        """What decides a run, as text: all keys but what is done after it, of the later ones only those that are set."""
        later = {one.name: getattr(self, one.name) for one in fields(self) if not one.repr and one.name != "start_share"}
        given = [f"{name}={value!r}" for name, value in later.items() if value != DEFAULTS[name]]
        return " ".join([repr(self), *given])


DEFAULTS = {one.name: one.default for one in fields(TrainingConfig)}
KINDS = {"str": str, "int": int, "float": (int, float), "bool": bool, "tuple[str, ...]": list}


def read_config(path: Path, **overrides: object) -> TrainingConfig:
    """Read a TOML file; ConfigError for unknown or missing keys, wrong types or values out of range."""
    try:
        table = toml.loads(path.read_text(encoding="utf-8")) | overrides
    except (OSError, ValueError) as error:
        raise ConfigError("training.unreadable", file=str(path), detail=type(error).__name__) from error
    known = {field.name: field for field in fields(TrainingConfig)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        expected = ", ".join(known)
        raise ConfigError("training.unknown_key", file=str(path), key=", ".join(unknown), expected=expected)
    for key, value in table.items():
        if not is_of(value, KINDS[str(known[key].type)]):
            raise ConfigError("training.bad_type", file=str(path), key=key, expected=known[key].type)
    if table.get("start"):
        table.setdefault("base", "")  # the model to go on from holds its encoder
    try:
        return TrainingConfig(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})
    except TypeError as error:
        raise ConfigError("training.missing_key", file=str(path), expected="name, version, base, output") from error


def is_of(value: object, wanted: type | tuple[type, ...]) -> bool:
    """True when a TOML value is of the type that a key wants; a list is one of texts."""
    if isinstance(value, (list, tuple)):
        return wanted is list and all(isinstance(item, str) for item in value)
    return isinstance(value, wanted) and isinstance(value, bool) is (wanted is bool)


def to_toml(config: TrainingConfig) -> str:
    """Return the configuration as TOML (texts, lists of texts, numbers, truth values), later keys only where they are set."""
    later = {one.name for one in fields(config) if not one.repr}
    lines = []
    for key, value in asdict(config).items():
        if key not in later or value != DEFAULTS[key]:
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (str, tuple, bool)) else value
            lines.append(f"{key} = {shown}")
    return "\n".join(lines) + "\n"
