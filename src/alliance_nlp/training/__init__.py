"""Training: the fictional corpus → a fine-tuned, calibrated model directory."""

from alliance_nlp.corpus.folder import load_sessions
from alliance_nlp.training.corpus import load_corpus

__all__ = ["load_corpus", "load_sessions"]
