"""Many files: which to read, what is already done, results written whole or not at all."""

from alliance_nlp.batch.run import BatchSettings, Outcome, run_batch

__all__ = ["BatchSettings", "Outcome", "run_batch"]
