"""Written for another tool and read back: turns, speakers, roles, markers, spans, types, origins, probabilities."""

import pytest
from hypothesis import HealthCheck, given, settings

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.reviewed import REVIEWED_BY
from alliance_nlp.transcript import Marker, Span, Speaker, Transcript, Turn
from tests.coding_tools.sessions import ANNA, back, core, long_session, plain_session, sessions, written

@pytest.fixture
def export(request):
    """Return the export's id; skip when the extra it needs is not installed."""
    if request.param == "inception":
        pytest.importorskip("cassis", reason="le complément inception n'est pas installé")
    return request.param


each_tool = pytest.mark.parametrize("export", ["label-studio", "refi-qda", "inception"], indirect=True)


@each_tool
@given(session=sessions())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_toute_seance_revient_egale(export, session):
    assert core(back(export, session)) == core(session)


@each_tool
@pytest.mark.parametrize("language", ["fr", "en"])
def test_un_tour_de_dix_mille_mots_et_des_tours_vides_reviennent(export, language):
    session = long_session()
    assert core(back(export, session, language)) == core(session)


@each_tool
def test_les_marques_de_la_machine_reviennent_de_la_machine(export):
    session = plain_session()
    found = back(export, session)
    assert core(found) == core(session)
    assert not any(turn.extra for turn in found.turns) and found.warnings == ()


@each_tool
def test_qui_a_relu_un_tour_sans_rien_marquer_reste_su(export):
    turns = (Turn(0, "T", "Bonjour.", extra={REVIEWED_BY: ["anna"]}), Turn(1, "T", "Alors ?"))
    found = back(export, Transcript("s1", turns, (Speaker("T"),)))
    assert [dict(turn.extra) for turn in found.turns] == [{REVIEWED_BY: ["anna"]}, {}]


@each_tool
def test_un_caractere_de_commande_ne_deplace_rien(export):
    marker = Marker("goal", ANNA, spans=(Span(4, 6),))
    found = back(export, Transcript("s\x02", (Turn(0, "T", "a\x0b\x02 but", markers=(marker,)),), (Speaker("T"),)))
    (turn,) = found.turns
    assert turn.text[4:6] == "bu" and turn.markers[0].spans == (Span(4, 6),) and len(turn.text) == 7


@each_tool
def test_deux_ecritures_donnent_les_memes_octets(export):
    assert written(export, [plain_session()]) == written(export, [plain_session()])


def test_sans_le_complement_une_phrase_dit_la_commande(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cassis", None)
    with pytest.raises(ConfigError, match=r"pip install 'alliance-nlp\[inception\]'"):
        written("inception", [plain_session()])
