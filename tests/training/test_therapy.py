"""The judgement of whole sessions is learnt from the corpus' ordinary talk, and never costs a validation therapy its markers."""

import dataclasses
import random

import numpy as np
import pytest

from alliance_nlp.tagger.therapy import LEAST_TURNS, Likeness, notices
from alliance_nlp.training.therapy import FEWEST, contexts, fit_therapy_check, left_unmarked, passages
from alliance_nlp.transcript import Transcript

CARE = ("T: Qu'est-ce que ça vous fait, là, quand vous le dites ?", "P: J'ai peur, ici ça va mieux, mais j'ai peur.")
SHOP = ("T: Un kilo de pommes et un chou, trois euros dix.", "P: Tenez, gardez la monnaie, il pleut encore.")


@pytest.fixture
def talks(session_of):
    def build(lines: tuple[str, ...], *, therapy: bool, count: int, seed: int) -> list[Transcript]:
        rng = random.Random(seed)
        made = []
        for number in range(count):
            turns = [line + " Voilà." * rng.randint(0, 2) for _ in range(rng.randint(LEAST_TURNS, 80) // 2) for line in lines]
            session = session_of(*turns, session_id=f"{'t' if therapy else 'o'}{seed}-{number}")
            made.append(dataclasses.replace(session, metadata={**session.metadata, "therapy": therapy}))
        return made

    return build


def test_talk_of_another_kind_is_told_apart_on_new_sessions(tiny_tagger, talks):
    train = talks(CARE, therapy=True, count=FEWEST, seed=1) + talks(SHOP, therapy=False, count=FEWEST, seed=2)
    validation = talks(CARE, therapy=True, count=3, seed=3)
    check = fit_therapy_check(tiny_tagger, train, validation)
    for session in talks(CARE, therapy=True, count=3, seed=4):
        assert all(check.log_odds(context) > 0 for context in contexts(tiny_tagger, session))
    for session in talks(SHOP, therapy=False, count=3, seed=5):
        assert all(check.log_odds(context) < 0 for context in contexts(tiny_tagger, session))


def test_the_limit_lies_below_every_part_of_a_validation_therapy(tiny_tagger, talks):
    train = talks(CARE, therapy=True, count=FEWEST, seed=1) + talks(SHOP, therapy=False, count=FEWEST, seed=2)
    odd = talks(SHOP, therapy=True, count=2, seed=6)  # a therapy that sounds like a shop
    check = fit_therapy_check(tiny_tagger, train, odd)
    assert check.unlike_below < -1.0
    for session in odd:
        assert check.judge(tiny_tagger.score(session).context) is not Likeness.UNLIKE
        for context in contexts(tiny_tagger, session):
            ends = range(LEAST_TURNS, len(context) + 1, LEAST_TURNS // 2)
            assert all(check.judge(context[end - LEAST_TURNS : end]) is not Likeness.UNLIKE for end in (*ends, len(context)))


def test_without_other_talk_nothing_is_fitted(tiny_tagger, talks):
    train = talks(CARE, therapy=True, count=FEWEST, seed=1) + talks(SHOP, therapy=False, count=FEWEST - 1, seed=2)
    assert fit_therapy_check(tiny_tagger, train, []) is None


def test_passages_cover_a_session():
    context = np.arange(10, dtype=np.float32)[:, None]
    assert [list(p[:, 0]) for p in passages(context, 4)] == [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [6, 7, 8, 9]]
    assert [list(p[:, 0]) for p in passages(context[:9], 4)] == [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [5, 6, 7, 8]]
    assert [len(p) for p in passages(context, None)] == [10] and [len(p) for p in passages(context, 12)] == [10]


def test_what_was_left_unmarked_is_counted(talks):
    sessions = talks(CARE, therapy=True, count=2, seed=7) + talks(SHOP, therapy=False, count=1, seed=8)
    warned = [dataclasses.replace(s, warnings=notices(Likeness.UNLIKE, withheld=True)) for s in sessions]
    assert left_unmarked(sessions, [sessions[0], warned[1], warned[2]]) == {"therapy": [1, 2], "other": [1, 1]}
