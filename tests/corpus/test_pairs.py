"""Minimal pairs: two exchanges, one contrast on the last turn."""

import pytest

from alliance_nlp.corpus.pairs import both_right, load_pairs, pairs_folder, read_pairs
from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.transcript import Role

GOOD = """#pairs {"id": "p99", "writer": 299, "split": "train"}
#pair p99-001 | withdrawal / none | invitation ouverte / question de date
#a
#note Troisième séance.
T: Et nous deux, là, ça se passe comment ?
P: <withdrawal>Oh, j'sais pas trop.</withdrawal>
#b
T: Le rendez-vous au garage, c'est quand ?
P: Oh, j'sais pas trop.
#pair p99-002 | task+repair / task | tension
#a
P: <confrontation>Votre carnet, c'est pour les enfants.</confrontation>
T: <repair><task>On peut faire sans carnet, qu'en dites-vous ?</task></repair>
#b
P: J'ai perdu le carnet.
T: <task>On peut faire sans carnet, qu'en dites-vous ?</task>
"""


def write(tmp_path, text):
    path = tmp_path / "p99.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_deux_paires_se_lisent(tmp_path):
    first, second = read_pairs(write(tmp_path, GOOD))
    assert (first.id, first.contrast, first.change) == ("p99-001", {"withdrawal"}, "invitation ouverte / question de date")
    assert first.first.session_id == "p99-001-a" and first.first.turns[0].extra["note"] == "Troisième séance."
    assert second.carried == ({"task", "repair"}, {"task"}) and second.contrast == {"repair"}


def test_un_echange_hors_therapie_se_donne_a_deux_autres(tmp_path):
    talk = GOOD.replace("T: Le rendez-vous au garage", "A: Le rendez-vous au garage").replace("P: Oh, j'sais pas trop.\n", "B: Oh, j'sais pas trop.\n")
    pair = read_pairs(write(tmp_path, talk))[0]
    assert pair.second.metadata["therapy"] is False and "therapy" not in pair.first.metadata
    assert {speaker.role for speaker in pair.second.speakers} == {Role.OTHER}


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("withdrawal / none", "goal / none", 2),  # the heading says something else
        ("withdrawal / none", "retrait / none", 2),
        ("| withdrawal / none |", "| withdrawal |", 2),
        ("#b\nT: Le", "T: Le", 2),
        ("T: Le rendez", "Z: Le rendez", 8),
        ("<withdrawal>Oh", "<withdrawl>Oh", 6),
        ("#pairs {", "#paires {", 1),
    ],
)
def test_une_faute_est_nommee_avec_sa_ligne(tmp_path, before, after, line):
    assert before in GOOD
    with pytest.raises(TranscriptFormatError) as caught:
        read_pairs(write(tmp_path, GOOD.replace(before, after, 1)))
    assert (caught.value.file, caught.value.line) == ("p99.txt", line)
    assert "garage" not in caught.value.message("fr")


def test_une_paire_sans_contraste_est_refusee(tmp_path):
    text = GOOD.replace("<withdrawal>", "").replace("</withdrawal>", "").replace("withdrawal / none", "none / none")
    with pytest.raises(TranscriptFormatError, match="p99-001"):
        read_pairs(write(tmp_path, text))


def test_les_deux_membres_doivent_etre_justes(tmp_path):
    pairs = read_pairs(write(tmp_path, GOOD))
    right = {m.session_id: m for pair in pairs for m in pair.members}
    assert both_right(pairs, right) == [True, True]
    swapped = {**right, "p99-001-b": right["p99-001-a"]}  # says « withdrawal » of both
    assert both_right(pairs, swapped) == [False, True]


def test_un_lecteur_qui_ne_voit_que_les_mots_n_a_aucune_paire_juste(tmp_path, tiny_tagger):
    from alliance_nlp.corpus.contrast import contrast_score, render_contrast

    pairs = read_pairs(write(tmp_path, GOOD))
    score = contrast_score(pairs, lambda member: pairs[0].first)  # says « withdrawal » of everything
    assert score.both.value == 0.0 and score.members == 0.5
    assert contrast_score(pairs, lambda member: member).both.value == 1.0  # the pairs' own tags, no model's
    assert set(score.by_tag) == {"withdrawal", "repair"}
    assert "2 paires" in render_contrast(score, "fr")
    by_model = contrast_score(pairs, tiny_tagger.tag)  # its own markers count, not those written in the pair
    assert 0.0 <= by_model.both.value <= 1.0


@pytest.mark.skipif(not (pairs_folder() / "splits.json").is_file(), reason="no pairs yet")
def test_les_paires_livrees_se_lisent_et_ne_se_croisent_pas():
    train, contrast = load_pairs("train"), load_pairs("contrast")
    assert train and contrast and not {p.id for p in train} & {p.id for p in contrast}
    for pair in train + contrast:
        assert all(2 <= len(member.turns) <= 6 and not member.warnings for member in pair.members), pair.id
