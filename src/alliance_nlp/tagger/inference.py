"""The tagger in use: one transcript in, the same transcript with probabilities, markers, evidence and doubt out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alliance_nlp.evaluation.likeness import CODES
from alliance_nlp.evaluation.reviewed import people_markers, read_anew
from alliance_nlp.labels import LabelSet, default_label_set
from alliance_nlp.model_folder import DEFAULT_MODEL, find_model, model_version
from alliance_nlp.record import PROBABILITY_DECIMALS
from alliance_nlp.tagger.calibration import Calibration
from alliance_nlp.tagger.evidence import find_spans
from alliance_nlp.tagger.network import Network, load_network
from alliance_nlp.tagger.reading import SessionScores, score_session
from alliance_nlp.tagger.therapy import Likeness, TherapyCheck, notices
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript, Turn


class Tagger:
    """A loaded model with its tokens and calibration.

    A session that does not sound like psychotherapy (``therapy`` says so, see :mod:`.therapy`) keeps its probabilities but gets no
    marker and a warning, unless ``tag_all``.
    """

    def __init__(
        self,
        network: Network,
        tokens: Tokens,
        calibration: Calibration,
        *,
        name: str,
        version: str,
        therapy: TherapyCheck | None = None,
        tag_all: bool = False,
    ) -> None:
        self.network = network
        self.tokens = tokens
        self.calibration = calibration
        self.therapy = therapy
        self.tag_all = tag_all
        self.origin = Origin(OriginKind.MODEL, name, version)
        self.label_set: LabelSet = default_label_set()

    @classmethod
    def load(
        cls, name_or_path: str | Path = DEFAULT_MODEL, *, device: str = "cpu", backend: str = "auto", tag_all: bool = False
    ) -> Tagger:
        """Return the shipped model, or that of a directory.  Nothing is ever fetched.

        ``device`` is ``cpu`` or ``cuda``; ``backend`` is ``onnx``, ``torch`` or ``auto`` (see :func:`.network.load_network`);
        ``tag_all`` marks sessions too that do not sound like psychotherapy.
        Raises ModelError when there is no such model, it is incomplete, or the backend cannot run it.
        """
        folder = find_model(name_or_path)
        network = load_network(folder, backend=backend, device=device)
        return cls(
            network,
            Tokens.load(folder),
            Calibration.load(folder, network.architecture.outputs),
            name=folder.name,
            version=model_version(folder),
            therapy=TherapyCheck.load(folder),
            tag_all=tag_all,
        )

    def tag(self, transcript: Transcript) -> Transcript:
        """Return the transcript with this model's markers in place of any earlier model's; people's markers stay."""
        return self.decide(transcript, self.score(transcript))

    def decide(self, transcript: Transcript, scores: SessionScores) -> Transcript:
        """Return the transcript with what its scores say under this tagger's calibration."""
        names = self.network.architecture.outputs
        probabilities = self.coherent(self.calibration.probabilities(scores.logits, names), names)
        likeness = Likeness.UNJUDGED if self.therapy is None else self.therapy.judge(scores.context)
        withheld = likeness is Likeness.UNLIKE and not self.tag_all
        pieces_of: dict[int, list[int]] = {}
        for place, piece in enumerate(scores.pieces):
            pieces_of.setdefault(piece.turn, []).append(place)
        turns = []
        for turn, row in zip(transcript.turns, probabilities, strict=True):
            by_name = {name: round(float(p), PROBABILITY_DECIMALS) for name, p in zip(names, row, strict=True)}
            if withheld:
                turns.append(self.without_marks(turn, by_name))
            else:
                turns.append(self.tag_turn(turn, by_name, scores, pieces_of[turn.index]))
        others = tuple(old for old in transcript.warnings if old.code not in CODES)
        warnings = others + notices(likeness, withheld=withheld)
        return dataclasses.replace(transcript, turns=tuple(turns), warnings=warnings)

    def without_marks(self, turn: Turn, probabilities: dict[str, float]) -> Turn:
        """Return one turn of a session that is no psychotherapy: its probabilities, no marker of a model, no doubt."""
        return dataclasses.replace(
            read_anew(turn), markers=people_markers(turn), probabilities=probabilities, needs_review=False
        )

    def tag_turn(self, turn: Turn, probabilities: dict[str, float], scores: SessionScores, pieces: list[int]) -> Turn:
        """Return one turn with what its probabilities say."""
        outputs = self.calibration.outputs
        kept = people_markers(turn)
        new = []
        for label in self.label_set.labels:
            if probabilities[label.id] < outputs[label.id].threshold:
                continue
            kinds = [kind.id for kind in label.types]
            types = [kind for kind in kinds if probabilities[kind] >= outputs[kind].threshold]
            if kinds and not types:  # a rupture always has a type: the likelier one
                types = [max(kinds, key=lambda kind: probabilities[kind])]
            new.append(
                Marker(
                    label=label.id,
                    types=tuple(types),
                    probability=probabilities[label.id],
                    spans=self.spans(turn, label.id, scores, pieces),
                    origin=self.origin,
                )
            )
        doubt = any(outputs[n].review_low <= probabilities[n] < outputs[n].review_high for n in self.label_set.ids)
        return dataclasses.replace(read_anew(turn), markers=kept + tuple(new), probabilities=probabilities, needs_review=doubt)

    def spans(self, turn: Turn, label: str, scores: SessionScores, pieces: list[int]) -> tuple[Span, ...]:
        """Return the evidence of ``label`` in a turn."""
        column = self.network.architecture.evidence.index(label)
        values = [value for place in pieces for value in scores.evidence[place][:, column]]
        offsets = [offset for place in pieces for offset in scores.pieces[place].offsets]
        return find_spans(turn.text, values, offsets, threshold=self.calibration.evidence_threshold)

    def coherent(self, probabilities: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.float64]:
        """Hold each type at or below its label: a turn is no likelier a withdrawal than a rupture."""
        result = probabilities.copy()
        for label in self.label_set.labels:
            for kind in label.types:
                place = names.index(kind.id)
                result[:, place] = np.minimum(result[:, place], result[:, names.index(label.id)])
        return result

    def score(self, transcript: Transcript) -> SessionScores:
        """Run the network over a whole session, however long."""
        return score_session(self.network, self.tokens, transcript)
