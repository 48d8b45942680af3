"""ONNX Runtime gives what torch gives, starts without torch, and is never used with other weights."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from alliance_nlp.errors import ModelError
from alliance_nlp.tagger import Tagger
from alliance_nlp.tagger.onnx_network import GRAPHS, graphs_fit
from alliance_nlp.training.examples import hide_roles
from alliance_nlp.training.graphs import write_graphs

LINES = [
    "T: On reprend le carnet ensemble, ça vous va ?",
    "P: Oui, je l'ai rempli deux fois cette semaine. " + "Mon frère, il devait passer dimanche. " * 9,
    "T: Hm hm.",
    "P: Ben, j'sais pas trop à quoi ça sert, vos exercices.",
]


@pytest.fixture(scope="module")
def graph_model(tiny_model: Path, tmp_path_factory) -> Path:
    """Return the tiny model with its graphs."""
    folder = tmp_path_factory.mktemp("onnx") / "tout-petit"
    shutil.copytree(tiny_model, folder)
    assert write_graphs(folder)
    return folder


@pytest.mark.parametrize("copies", [1, 5, 90])
def test_les_deux_moteurs_disent_la_meme_chose(graph_model, session_of, copies):
    session = session_of(*(f"{line} {n}" for n in range(copies) for line in LINES))
    onnx, torch = (Tagger.load(graph_model, backend=name) for name in ("onnx", "torch"))
    assert (onnx.network.backend, torch.network.backend) == ("onnx", "torch")
    for given in (session, hide_roles(session)):
        left, right = onnx.score(given), torch.score(given)
        np.testing.assert_allclose(left.logits, right.logits, atol=1e-3)
        np.testing.assert_allclose(np.concatenate(left.evidence), np.concatenate(right.evidence), atol=1e-3)
        assert [turn.labels for turn in onnx.tag(given).turns] == [turn.labels for turn in torch.tag(given).turns]


def test_le_moteur_de_choix_est_onnx_quand_les_graphes_sont_la(graph_model, tiny_model):
    assert Tagger.load(graph_model).network.backend == "onnx"
    assert Tagger.load(tiny_model).network.backend == "torch"


def test_avec_d_autres_poids_les_graphes_ne_servent_pas(graph_model, tiny_tagger, tmp_path):
    folder = tmp_path / "autre"
    shutil.copytree(graph_model, folder)
    assert graphs_fit(folder)
    import torch

    tiny_tagger.network.model.save_pretrained(folder, dtype=torch.float32)  # the same numbers, stored wider
    assert not graphs_fit(folder)
    assert Tagger.load(folder).network.backend == "torch"
    with pytest.raises(ModelError, match="--backend auto"):
        Tagger.load(folder, backend="onnx")


def test_un_graphe_abime_ne_sert_pas(graph_model, tmp_path):
    folder = tmp_path / "abime"
    shutil.copytree(graph_model, folder)
    data = (folder / "session.onnx").read_bytes()
    (folder / "session.onnx").write_bytes(data[: len(data) // 2])
    assert not graphs_fit(folder) and Tagger.load(folder).network.backend == "torch"


def test_les_graphes_ne_gardent_pas_les_poids_ni_le_nom_d_un_dossier(graph_model):
    weights = (graph_model / "model.safetensors").stat().st_size
    for name in GRAPHS:
        data = (graph_model / f"{name}.onnx").read_bytes()
        assert len(data) < weights and b"site-packages" not in data and b"/src/" not in data


def test_un_moteur_inconnu_le_dit(tiny_model):
    with pytest.raises(ModelError, match="onnx"):
        Tagger.load(tiny_model, backend="boulier")


def test_marquer_une_seance_n_importe_ni_torch_ni_transformers(graph_model):
    code = (
        "import sys; from alliance_nlp import Tagger; from alliance_nlp.transcript import *\n"
        f"tagger = Tagger.load({str(graph_model)!r})\n"
        "tagger.tag(Transcript('a', turns=(Turn(0, None, 'Bonjour.'),)))\n"
        "print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
