"""The tagger in use: one transcript in, the same transcript with probabilities, markers, evidence and doubt out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from alliance_nlp.errors import ModelError
from alliance_nlp.labels import LabelSet, default_label_set
from alliance_nlp.model_folder import DEFAULT_MODEL, find_model, model_facts
from alliance_nlp.record import PROBABILITY_DECIMALS
from alliance_nlp.tagger.calibration import Calibration, sigmoid
from alliance_nlp.tagger.encoding import Piece
from alliance_nlp.tagger.evidence import find_spans
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.tagger.reading import encode_for, mask_by_role, read_turns
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript, Turn

BATCH_TOKENS = 512  # padded tokens encoded at once on CPU; larger batches hold more padding (benchmarks/speed.py)
GPU_FACTOR = 32  # a GPU wants larger ones


@dataclasses.dataclass(frozen=True, slots=True)
class SessionScores:
    """What the network says of a session.  ``logits`` is (turns, outputs), minus infinity where a role forbids a
    label; ``evidence`` holds per piece a (tokens, labels) array of probabilities."""

    logits: NDArray[np.float64]
    evidence: tuple[NDArray[np.float64], ...]
    pieces: tuple[Piece, ...]


class Tagger:
    """A loaded model with its tokenizer and calibration."""

    def __init__(
        self,
        model: AllianceModel,
        tokenizer: PreTrainedTokenizerBase,
        calibration: Calibration,
        *,
        name: str,
        version: str,
        device: str = "cpu",
    ) -> None:
        self.model = model.to(device).eval()
        self.tokenizer = tokenizer
        self.calibration = calibration
        self.origin = Origin(OriginKind.MODEL, name, version)
        self.label_set: LabelSet = default_label_set()

    @classmethod
    def load(cls, name_or_path: str | Path = DEFAULT_MODEL, *, device: str = "cpu") -> Tagger:
        """Return the shipped model, or that of a directory.  Nothing is ever fetched.

        Raises ModelError when there is no such model or it is incomplete.
        """
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise ModelError("tagger.no_cuda")
        folder = find_model(name_or_path)
        model = AllianceModel.from_pretrained(folder)
        return cls(
            model,
            AutoTokenizer.from_pretrained(folder, local_files_only=True),
            Calibration.load(folder, model.architecture.outputs),
            name=folder.name,
            version=model_facts(folder).version,
            device=device,
        )

    def tag(self, transcript: Transcript) -> Transcript:
        """Return the transcript with this model's markers in place of any earlier model's; people's markers stay."""
        return self.decide(transcript, self.score(transcript))

    def decide(self, transcript: Transcript, scores: SessionScores) -> Transcript:
        """Return the transcript with what its scores say under this tagger's calibration."""
        names = self.model.architecture.outputs
        probabilities = self.coherent(self.calibration.probabilities(scores.logits, names), names)
        pieces_of: dict[int, list[int]] = {}
        for place, piece in enumerate(scores.pieces):
            pieces_of.setdefault(piece.turn, []).append(place)
        turns = []
        for turn, row in zip(transcript.turns, probabilities, strict=True):
            by_name = {name: round(float(p), PROBABILITY_DECIMALS) for name, p in zip(names, row, strict=True)}
            turns.append(self.tag_turn(turn, by_name, scores, pieces_of[turn.index]))
        return dataclasses.replace(transcript, turns=tuple(turns))

    def tag_turn(self, turn: Turn, probabilities: dict[str, float], scores: SessionScores, pieces: list[int]) -> Turn:
        """Return one turn with what its probabilities say."""
        outputs = self.calibration.outputs
        kept = tuple(marker for marker in turn.markers if marker.origin.kind is not OriginKind.MODEL)
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
        return dataclasses.replace(turn, markers=kept + tuple(new), probabilities=probabilities, needs_review=doubt)

    def spans(self, turn: Turn, label: str, scores: SessionScores, pieces: list[int]) -> tuple[Span, ...]:
        """Return the evidence of ``label`` in a turn."""
        column = self.model.architecture.evidence.index(label)
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
        return score_session(self.model, self.tokenizer, transcript)


@torch.inference_mode()
def score_session(model: AllianceModel, tokenizer: PreTrainedTokenizerBase, transcript: Transcript) -> SessionScores:
    """Run a network over a whole session, on the device where it is."""
    outputs = model.architecture.outputs
    session = encode_for(model, tokenizer, transcript)
    if not session.pieces:
        return SessionScores(np.zeros((0, len(outputs))), (), ())
    device = model.roles.weight.device
    batch_tokens = BATCH_TOKENS * (1 if device.type == "cpu" else GPU_FACTOR)
    vectors, states = read_turns(model, session, pad_id=tokenizer.pad_token_id, batch_tokens=batch_tokens)
    roles, speakers = (torch.tensor(values, device=device) for values in (session.roles, session.speakers))
    context = model.contextualise_long(vectors, roles, speakers)
    logits = model.turn_logits(context).double().cpu().numpy()
    evidence = tuple(
        sigmoid(model.evidence_logits(state[None], context[piece.turn][None])[0].double().cpu().numpy())
        for piece, state in zip(session.pieces, states, strict=True)
    )
    return SessionScores(mask_by_role(logits, session.roles, outputs), evidence, session.pieces)
