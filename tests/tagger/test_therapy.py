"""What does not sound like psychotherapy is left unmarked, with a warning; short passages are not judged."""

import dataclasses

import numpy as np
import pytest

from alliance_nlp.errors import ModelError
from alliance_nlp.evaluation.likeness import LITTLE_LIKE_THERAPY, MARKED_ON_DEMAND, NOT_THERAPY, is_left_unmarked
from alliance_nlp.tagger import Tagger
from alliance_nlp.tagger.therapy import LEAST_TURNS, THERAPY_FILE, Likeness, TherapyCheck, notices
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript

HIDDEN = 48  # of the tiny model


def check_saying(log_odds: float) -> TherapyCheck:
    return TherapyCheck(np.zeros(HIDDEN), log_odds, unlike_below=-2.0)


def reader(tiny_model, log_odds: float, *, tag_all: bool = False) -> Tagger:
    tagger = Tagger.load(tiny_model, tag_all=tag_all)
    tagger.therapy = check_saying(log_odds)
    outputs = tagger.calibration.outputs
    low = {name: dataclasses.replace(output, threshold=0.01, review_low=0.0, review_high=1.0) for name, output in outputs.items()}
    tagger.calibration = dataclasses.replace(tagger.calibration, outputs=low)
    return tagger


@pytest.fixture
def long_session(session_of) -> Transcript:
    return session_of(*(f"{'TP'[n % 2]}: On regarde ça la semaine prochaine, {n} fois." for n in range(LEAST_TURNS)))


def codes(session: Transcript) -> list[str]:
    return [notice.code for notice in session.warnings]


@pytest.mark.parametrize(("log_odds", "likeness"), [(-2.1, Likeness.UNLIKE), (-1.9, Likeness.LITTLE), (0.1, Likeness.LIKE)])
def test_a_session_is_judged_by_its_log_odds(log_odds, likeness):
    assert check_saying(log_odds).judge(np.ones((LEAST_TURNS, HIDDEN), dtype=np.float32)) is likeness


def test_the_judgement_is_of_the_mean_context():
    check = TherapyCheck(np.array([2.0, -1.0]), 0.5, unlike_below=-1.0)
    context = np.array([[1.0, 0.0], [0.0, 4.0]], dtype=np.float32)
    assert check.log_odds(context) == pytest.approx(2 * 0.5 - 2.0 + 0.5)


def test_a_short_passage_is_not_judged():
    assert check_saying(-9.0).judge(np.ones((LEAST_TURNS - 1, HIDDEN), dtype=np.float32)) is Likeness.UNJUDGED


def test_talk_that_is_no_therapy_keeps_its_probabilities_and_gets_no_marker(tiny_model, long_session):
    marked, unmarked = (reader(tiny_model, odds).tag(long_session) for odds in (3.0, -3.0))
    assert any(turn.markers for turn in marked.turns) and any(turn.needs_review for turn in marked.turns)
    assert codes(marked) == []
    assert not any(turn.markers or turn.needs_review for turn in unmarked.turns)
    assert codes(unmarked) == [NOT_THERAPY] and is_left_unmarked(unmarked)
    assert [turn.probabilities for turn in unmarked.turns] == [turn.probabilities for turn in marked.turns]


def test_tag_all_marks_it_with_a_caution(tiny_model, long_session):
    marked, forced = reader(tiny_model, 3.0).tag(long_session), reader(tiny_model, -3.0, tag_all=True).tag(long_session)
    assert forced.turns == marked.turns
    assert codes(forced) == [MARKED_ON_DEMAND] and not is_left_unmarked(forced)


def test_a_session_little_like_therapy_is_marked_with_a_caution(tiny_model, long_session):
    little = reader(tiny_model, -1.0).tag(long_session)
    assert codes(little) == [LITTLE_LIKE_THERAPY] and any(turn.markers for turn in little.turns)


def test_a_second_reading_replaces_the_warning_and_people_s_markers_stay(tiny_model, long_session):
    origin = Origin(OriginKind.HUMAN, "A1")
    mark = Marker(label="task", types=(), probability=None, spans=(Span(0, 4),), origin=origin)
    turns = (dataclasses.replace(long_session.turns[0], markers=(mark,)), *long_session.turns[1:])
    unmarked = reader(tiny_model, -3.0).tag(dataclasses.replace(long_session, turns=turns))
    assert unmarked.turns[0].markers == (mark,)
    again = reader(tiny_model, -3.0).tag(unmarked)
    assert codes(again) == [NOT_THERAPY]
    assert codes(reader(tiny_model, 3.0).tag(again)) == []


def test_a_few_decisions_of_people_do_not_make_the_rest_a_finding(tiny_model, long_session):
    unmarked = reader(tiny_model, -3.0).tag(long_session)
    reviewed = [dataclasses.replace(turn, extra={"reviewed_by": ["A1"]}) for turn in unmarked.turns]
    some = dataclasses.replace(unmarked, turns=(reviewed[0], *unmarked.turns[1:]))
    whole = dataclasses.replace(unmarked, turns=tuple(reviewed))
    assert is_left_unmarked(some) and not is_left_unmarked(whole)


def test_it_is_written_beside_the_weights_and_read_again(tiny_model, tmp_path):
    written = TherapyCheck(np.arange(3) / 7, 0.25, unlike_below=-1.5)
    written.save(tmp_path)
    (tmp_path / "config.json").write_text('{"hidden_size": 3}', encoding="utf-8")
    read = TherapyCheck.load(tmp_path)
    assert np.array_equal(read.weights, written.weights) and (read.bias, read.unlike_below) == (0.25, -1.5)
    assert TherapyCheck.load(tiny_model) is None and Tagger.load(tiny_model).therapy is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"weights": [[1]], "bias": 0, "unlike_below": -1}',
        '{"weights": ["x"], "bias": 0, "unlike_below": -1}',
        '{"weights": [1], "bias": NaN, "unlike_below": -1}',
        '{"weights": [1, 2], "bias": 0, "unlike_below": -1}',
    ],
)
def test_a_broken_file_or_another_model_s_is_told(tmp_path, text):
    (tmp_path / "config.json").write_text('{"hidden_size": 1}', encoding="utf-8")
    (tmp_path / THERAPY_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="therapy.json"):
        TherapyCheck.load(tmp_path)


def test_the_warning_is_a_sentence_that_says_what_to_do():
    (notice,) = notices(Likeness.UNLIKE, withheld=True)
    assert "--tag-all" in notice.message("fr") and "--tag-all" in notice.message("en")
