"""The tagger on a tiny random network: what must hold whatever the weights are."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from alliance_nlp.errors import ModelError
from alliance_nlp.record import dumps
from alliance_nlp.tagger import Tagger
from alliance_nlp.tagger.encoding import encode_turns, even_cuts
from alliance_nlp.tagger.model import AllianceModel
from alliance_nlp.tagger.reading import contextualise, encode_for
from alliance_nlp.tagger.tokens import Tokens
from alliance_nlp.training.examples import hide_roles
from alliance_nlp.transcript import OriginKind, Role, Transcript, Turn

LINES = [
    "T: On reprend le carnet ensemble, ça vous va ?",
    "P: Oui, je l'ai rempli deux fois cette semaine.",
    "T: Hm hm.",
    "P: Ben, j'sais pas trop à quoi ça sert, vos exercices.",
    "T: Je suis allé trop vite, je crois.",
    "P: Ici j'arrive à dire ce que je ne dis à personne.",
]


@pytest.fixture
def long_session(session_of) -> Transcript:
    return session_of(*(f"{line} {n}" for n in range(12) for line in LINES))


def logits(tagger: Tagger, transcript: Transcript) -> np.ndarray:
    return tagger.score(transcript).logits


def test_chaque_tour_recoit_ses_probabilites_et_les_types_ne_depassent_pas_la_rupture(tiny_tagger, long_session):
    tagged = tiny_tagger.tag(long_session)
    for turn in tagged.turns:
        p = turn.probabilities
        assert set(p) == set(tiny_tagger.label_set.outputs)
        assert max(p["withdrawal"], p["confrontation"]) <= p["rupture"]


def test_le_therapeute_n_a_jamais_de_rupture(tiny_tagger, long_session):
    for turn in tiny_tagger.tag(long_session).turns:
        if turn.speaker == "T":
            assert turn.probabilities["rupture"] == 0.0 and "rupture" not in turn.labels


def test_sans_roles_une_rupture_reste_possible(tiny_tagger, session_of):
    tagged = tiny_tagger.tag(hide_roles(session_of(*LINES)))
    assert all(turn.probabilities["rupture"] > 0.0 for turn in tagged.turns)


def test_toute_marque_a_sa_preuve_dans_le_texte(tiny_tagger, long_session):
    markers = [(turn, marker) for turn in tiny_tagger.tag(long_session).turns for marker in turn.markers]
    assert markers
    for turn, marker in markers:
        assert marker.spans and marker.probability == turn.probabilities[marker.label]
        assert all(turn.text[span.start : span.end].strip() for span in marker.spans)
        assert marker.types if marker.label == "rupture" else not marker.types


def test_la_taille_des_lots_ne_change_rien(tiny_tagger, long_session, monkeypatch):
    whole = logits(tiny_tagger, long_session)
    monkeypatch.setattr(tiny_tagger.network, "batch_tokens", 40)
    np.testing.assert_allclose(logits(tiny_tagger, long_session), whole, atol=1e-5)


def test_les_fenetres_ne_changent_rien_premier_et_dernier_tour_compris(tiny_tagger, session_of):
    network = tiny_tagger.network
    session = encode_for(network.architecture, tiny_tagger.tokens, session_of(*(f"{line} {n}" for n in range(34) for line in LINES)))
    vectors = np.random.default_rng(0).normal(size=(len(session.roles), 48)).astype(np.float32)
    whole = network.contextualise(vectors, np.array(session.roles), np.array(session.speakers))
    for window in (1, 7, 64, 203, 204, 500):
        for part, expected in zip(contextualise(network, vectors, session, window=window), whole, strict=True):
            np.testing.assert_allclose(part, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("place", [0, 20, 71])
def test_un_tour_n_est_lu_qu_avec_les_cinq_qui_suivent(tiny_tagger, long_session, place):
    changed = list(long_session.turns)
    for later in range(place + 6, len(changed)):
        changed[later] = dataclasses.replace(changed[later], text="Rien à voir, mais alors rien.")
    before = logits(tiny_tagger, long_session)[place]
    after = logits(tiny_tagger, dataclasses.replace(long_session, turns=tuple(changed)))[place]
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_le_contexte_compte(tiny_tagger, session_of):
    first = logits(tiny_tagger, session_of("T: On reprend le carnet ?", "P: Oui."))[1]
    second = logits(tiny_tagger, session_of("T: Vous avez mangé ?", "P: Oui."))[1]
    assert np.abs(first - second)[np.isfinite(first)].max() > 1e-4


def test_un_tour_tres_long_est_lu_jusqu_au_bout(tiny_tagger):
    text = "mon frère il devait passer dimanche " * 60
    pieces = encode_turns([Turn(0, "P", text)], tiny_tagger.tokens, prefix="query: ", max_tokens=40)
    assert len(pieces) > 5 and max(len(piece.input_ids) for piece in pieces) <= 40
    read = {place for piece in pieces for start, end in piece.offsets for place in range(start, end)}
    assert {i for i, c in enumerate(text) if not c.isspace()} <= read


def test_un_tour_est_lu_avec_la_fin_de_celui_d_avant(tiny_tagger):
    turns = [Turn(0, "T", "mon frère il devait passer dimanche " * 9), Turn(1, "P", "D'accord."), Turn(2, "T", "")]
    options = {"prefix": "query: ", "max_tokens": 40}
    alone = encode_turns(turns, tiny_tagger.tokens, **options)
    read = encode_turns(turns, tiny_tagger.tokens, previous_tokens=6, **options)
    assert max(len(piece.input_ids) for piece in read) <= 40
    assert read[0].input_ids[0] == tiny_tagger.tokens.cls_id and len(read[0].offsets) == len(read[0].input_ids)
    first, second = (next(piece for piece in pieces if piece.turn == 1) for pieces in (alone, read))
    assert second.offsets == first.offsets  # of what is scored, nothing changes
    assert second.input_ids[second.own][1:] == first.input_ids[1:]
    heard = tiny_tagger.tokens([turns[0].text])[0].ids[-6:]
    assert list(second.input_ids[1 : second.own.start]) == heard
    assert len(read[-1].offsets) > 0 and read[-1].turn == 2


def test_une_fin_differente_d_un_tour_tres_long_change_la_lecture(tiny_tagger, session_of):
    start = "mon frère il devait passer dimanche " * 40
    a, b = session_of("P: " + start + "voilà"), session_of("P: " + start + "vos exercices ça sert à rien")
    assert np.abs(logits(tiny_tagger, a) - logits(tiny_tagger, b)).max() > 1e-5


@pytest.mark.parametrize(("length", "room"), [(0, 5), (1, 5), (5, 5), (6, 5), (17, 4)])
def test_les_morceaux_couvrent_tout_sans_recouvrement(length, room):
    cuts = even_cuts(length, room)
    assert cuts[0][0] == 0 and cuts[-1][1] == length
    assert all(a[1] == b[0] for a, b in zip(cuts, cuts[1:], strict=False))
    assert max(end - start for start, end in cuts) <= room


def test_les_positions_sont_celles_du_texte(tiny_tagger):
    text = "Été : l’œuvre, 🙂 [rire] ça va ?"
    (piece,) = encode_turns([Turn(0, "P", text)], tiny_tagger.tokens, prefix="", max_tokens=60)
    places = [place for start, end in piece.offsets for place in range(start, end)]
    assert set(places) == {place for place, character in enumerate(text) if not character.isspace()}
    assert places == sorted(places)


def test_les_marques_d_une_personne_restent_celles_d_un_ancien_modele_partent(tiny_tagger, session_of):
    marked = session_of("T: <bond>Vous avez du courage.</bond>", "P: Bon.")
    twice = tiny_tagger.tag(tiny_tagger.tag(marked))
    assert dumps(twice) == dumps(tiny_tagger.tag(marked))
    kinds = [marker.origin.kind for marker in twice.turns[0].markers]
    assert kinds.count(OriginKind.AUTHORED) == 1


def test_une_seance_vide_est_rendue_vide(tiny_tagger):
    assert tiny_tagger.tag(Transcript("vide")).turns == ()


def test_le_meme_texte_donne_les_memes_octets(tiny_tagger, long_session):
    assert dumps(tiny_tagger.tag(long_session)) == dumps(tiny_tagger.tag(long_session))


def test_enregistrer_puis_charger_donne_les_memes_scores(tiny_tagger, tiny_model, long_session, tmp_path):
    tiny_tagger.network.model.save_pretrained(tmp_path, dtype=torch.float32)
    again = AllianceModel.from_pretrained(tmp_path)
    for name, weight in again.state_dict().items():
        torch.testing.assert_close(weight, tiny_tagger.network.model.state_dict()[name])
    np.testing.assert_array_equal(logits(Tagger.load(tiny_model), long_session), logits(tiny_tagger, long_session))


def test_le_dossier_se_charge_avec_transformers_seul(tiny_model, tiny_tagger):
    encoder = AutoModel.from_pretrained(tiny_model, local_files_only=True, dtype=torch.float32)
    name = "embeddings.word_embeddings.weight"
    torch.testing.assert_close(encoder.state_dict()[name], tiny_tagger.network.model.encoder.state_dict()[name])
    assert AutoTokenizer.from_pretrained(tiny_model, local_files_only=True).mask_token == "<mask>"
    config = json.loads((tiny_model / "config.json").read_text())
    assert list(config["id2label"].values()) == list(tiny_tagger.label_set.outputs)


@pytest.mark.parametrize("missing", ["model.safetensors", "calibration.json", "tokenizer.json"])
def test_un_modele_incomplet_le_dit(tiny_model, tmp_path, missing):
    for path in tiny_model.iterdir():
        if path.name != missing:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ModelError, match=missing):
        Tagger.load(tmp_path)


def test_un_modele_inconnu_ou_d_une_autre_sorte_le_dit(tmp_path, tiny_base):
    with pytest.raises(ModelError, match="licorne"):
        Tagger.load("licorne")
    with pytest.raises(ModelError):
        Tagger.load(tiny_base)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_sans_carte_cuda_le_message_dit_quoi_faire(tiny_model):
    with pytest.raises(ModelError, match="--device cpu"):
        Tagger.load(tiny_model, device="cuda")


def test_un_role_inconnu_n_empeche_rien(tiny_tagger, session_of):
    for role in Role:
        assert len(tiny_tagger.tag(session_of("A: Bonjour.", A=role.value)).turns) == 1
