"""The session record: what is written is what is read, unknown keys included, and bad records say which field."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError
from alliance_nlp.record import dumps, from_record, json_schema, to_record
from alliance_nlp.transcript import (
    Marker,
    Notice,
    Origin,
    OriginKind,
    Role,
    Source,
    Span,
    Speaker,
    Transcript,
    Turn,
)

CONTRACT = {
    "schema": "alliance-nlp/session/1",
    "session_id": "exemple-01",
    "language": "fr",
    "source": {"file": "exemple-01.txt", "format": "text", "sha256": "…"},
    "metadata": {"dyad_id": "d07", "session_number": 4, "date": None},
    "speakers": [{"id": "T", "role": "therapist"}, {"id": "P", "role": "patient"}],
    "turns": [
        {
            "index": 0, "speaker": "T", "text": "On reprend le carnet ensemble, ça vous va ?",
            "start_s": None, "end_s": None, "line": 3,
            "markers": [
                {
                    "label": "task", "types": [], "probability": 0.97, "spans": [{"start": 0, "end": 43}],
                    "origin": {"kind": "model", "name": "alliance-fr-small", "version": "1.0"},
                }
            ],
            "probabilities": {"goal": 0.01, "task": 0.97, "bond": 0.02, "rupture": 0.0, "withdrawal": 0.0,
                              "confrontation": 0.0, "repair": 0.0},
            "needs_review": False,
        }
    ],
    "warnings": [],
}  # fmt: skip


def test_l_enregistrement_du_contrat_est_lu_et_rendu_tel_quel():
    assert to_record(from_record(CONTRACT)) == CONTRACT


def test_l_enregistrement_du_contrat_suit_le_schema_livre():
    jsonschema.validate(CONTRACT, json_schema())


def test_les_cles_inconnues_sont_gardees():
    record = json.loads(json.dumps(CONTRACT))
    record["projet"] = {"vague": 2}
    record["turns"][0]["codeur"] = ["AB", "CD"]
    record["turns"][0]["markers"][0]["note"] = "à revoir"
    record["speakers"][1]["age"] = 44
    assert to_record(from_record(record)) == record


texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
json_values = st.recursive(st.none() | st.booleans() | st.integers() | texts, lambda v: st.lists(v, max_size=3), max_leaves=4)
extras = st.dictionaries(texts.map(lambda key: "x-" + key), json_values, max_size=2)
origins = st.builds(Origin, st.sampled_from(OriginKind), texts, st.none() | texts)


@st.composite
def markers(draw, length: int):
    label = draw(st.sampled_from(["goal", "task", "bond", "rupture", "repair"]))
    types = ("withdrawal",) if label == "rupture" else ()
    starts = draw(st.lists(st.integers(0, length - 1), max_size=3))
    spans = tuple(Span(start, draw(st.integers(start + 1, length))) for start in starts)
    probability = draw(st.none() | st.floats(0, 1))
    return Marker(label, draw(origins), types, probability, spans, draw(extras))


@st.composite
def transcripts(draw):
    names = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    turns = []
    for index in range(draw(st.integers(0, 4))):
        text = draw(texts)
        marked = tuple(draw(st.lists(markers(len(text)), max_size=2)))
        seconds = draw(st.none() | st.floats(0, 1e5))
        turns.append(
            Turn(index, draw(st.none() | st.sampled_from(names)), text, seconds, None, draw(st.none() | st.integers(1, 9)),
                 marked, draw(st.none() | st.just({"goal": 0.25})), draw(st.booleans()), draw(extras))
        )  # fmt: skip
    speakers = tuple(Speaker(name, draw(st.sampled_from(Role)), draw(extras)) for name in names)
    source = Source(draw(st.none() | texts), "text", None, draw(extras))
    return Transcript(draw(texts), tuple(turns), speakers, "fr", source, draw(extras), (), draw(extras))


@given(transcripts())
def test_ecrire_puis_lire_rend_la_meme_seance(transcript):
    line = dumps(transcript)
    assert "\n" not in line
    assert from_record(json.loads(line)) == transcript
    jsonschema.validate(json.loads(line), json_schema())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda r: r.update(schema="autre/2"), "autre/2"),
        (lambda r: r.update(turns="secret"), "turns"),
        (lambda r: r["turns"][0].update(text=["secret"]), "turns[0].text"),
        (lambda r: r["turns"][0].update(index=4), "4"),
        (lambda r: r["turns"][0].update(speaker="Z"), "0"),
        (lambda r: r["turns"][0].update(start_s="secret"), "turns[0].start_s"),
        (lambda r: r["turns"][0]["markers"][0].update(label="secret-label"), "secret-label"),
        (lambda r: r["turns"][0]["markers"][0].update(types=["withdrawal"]), "withdrawal"),
        (lambda r: r["turns"][0]["markers"][0].update(label="rupture"), "rupture"),
        (lambda r: r["turns"][0]["markers"][0].update(spans=[{"start": 3, "end": 99}]), "99"),
        (lambda r: r["turns"][0]["markers"][0].update(spans=[{"start": 3, "end": 3}]), "3"),
        (lambda r: r["turns"][0]["markers"][0].update(probability=1.5), "1.5"),
        (lambda r: r["turns"][0]["probabilities"].update(goal="x"), "probabilities"),
        (lambda r: r["speakers"].append({"id": "T"}), ""),
        (lambda r: r["speakers"][0].update(role="chef"), "chef"),
        (lambda r: r["turns"][0]["markers"][0]["origin"].update(kind="robot"), "origin.kind"),
    ],
)
def test_un_mauvais_enregistrement_dit_quel_champ(change, field):
    record = json.loads(json.dumps(CONTRACT))
    change(record)
    with pytest.raises(AllianceError) as caught:
        from_record(record)
    for language in ("fr", "en"):
        assert field in caught.value.message(language)
        assert "carnet" not in caught.value.message(language)  # the text of a turn never shows


@pytest.mark.parametrize("value", [None, 3, "séance", [], {"schema": "alliance-nlp/session/1"}])
def test_ce_qui_n_est_pas_un_enregistrement_est_refuse(value):
    with pytest.raises(AllianceError):
        from_record(value)


def test_les_avertissements_sont_ecrits_en_francais_quelle_que_soit_la_langue(monkeypatch):
    notice = Notice("batch.renamed", params={"given": "a", "new": "a-2"})
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    english = dumps(Transcript("a", warnings=(notice,)))
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert dumps(Transcript("a", warnings=(notice,))) == english
    assert "Une autre séance" in english
    assert from_record(json.loads(english)).warnings[0].message("en").startswith("Another session")
