"""The tagger: a fine-tuned French encoder that reads a session and marks its turns.

encoding (turns → tokens) → model (tokens → logits) → calibration (logits → probabilities, thresholds, doubt)
→ evidence (token scores → spans); ``inference.Tagger`` walks that road for one transcript.
"""

from alliance_nlp.tagger.inference import Tagger

__all__ = ["Tagger"]
