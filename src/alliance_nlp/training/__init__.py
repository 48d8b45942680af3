"""Training: the fictional corpus → a fine-tuned, calibrated model directory."""

from alliance_nlp.training.corpus import load_corpus, load_sessions

__all__ = ["load_corpus", "load_sessions"]
