"""Label Studio: tasks of the documented shape; its exports read, with who did what."""

import copy
import dataclasses
import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats import read_bytes
from alliance_nlp.formats.coding import code_of
from alliance_nlp.labels import default_label_set
from alliance_nlp.record import dumps
from alliance_nlp.transcript import Marker, OriginKind, Span, Turn
from tests.coding_tools.sessions import ANNA, MODEL, back, core, plain_session, sessions, written

# Written from the documentation: « Label Studio JSON format of annotated tasks », « Import pre-annotated data », tag Paragraphs.
RESULT = {
    "type": "object",
    "required": ["id", "from_name", "to_name", "type", "value"],
    "properties": {
        "id": {"type": "string"},
        "from_name": {"const": "label"},
        "to_name": {"const": "dialogue"},
        "type": {"const": "paragraphlabels"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "value": {
            "type": "object",
            "required": ["start", "end", "startOffset", "endOffset", "paragraphlabels"],
            "properties": {
                "start": {"type": "string", "pattern": "^[0-9]+$"},
                "end": {"type": "string", "pattern": "^[0-9]+$"},
                "startOffset": {"type": "integer", "minimum": 0},
                "endOffset": {"type": "integer", "minimum": 0},
                "text": {"type": "string"},
                "paragraphlabels": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            },
        },
    },
}
RESULTS = {"type": "array", "items": RESULT}
TASKS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {
                "type": "object",
                "required": ["dialogue"],
                "properties": {
                    "dialogue": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["author", "text"],
                            "properties": {"author": {"type": "string"}, "text": {"type": "string"}, "start": {"type": "number"}, "end": {"type": "number"}},
                        },
                    }
                },
            },
            "predictions": {
                "type": "array",
                "items": {"required": ["model_version", "result"], "properties": {"model_version": {"type": "string"}, "score": {"type": "number"}, "result": RESULTS}},
            },
            # completed_by is refused on import unless that user exists: it is never written.
            "annotations": {"type": "array", "items": {"required": ["result"], "properties": {"result": RESULTS, "completed_by": False}}},
        },
        "additionalProperties": False,
    },
}


def tasks_of(*transcripts):
    return json.loads(written("label-studio", transcripts)["tasks.json"])


def read(tasks, name="project-1.json"):
    return read_bytes(json.dumps(tasks).encode(), name)


def exported(transcript, *, regions, by=None, **more):
    """Return what Label Studio exports after somebody submitted these regions of a task that we wrote."""
    (task,) = copy.deepcopy(tasks_of(transcript))
    task |= {"id": 12, "annotations": [{"id": 3, "completed_by": by or {"id": 5, "email": "anna@exemple.org"}, "was_cancelled": False, "result": regions, **more}]}
    for number, prediction in enumerate(task["predictions"]):
        prediction["id"] = number
    return task


def drawn(label, turn, start, end, *, origin="manual", id="r1", **more):
    value = {"start": str(turn), "end": str(turn), "startOffset": start, "endOffset": end, "paragraphlabels": [label]}
    return {"id": id, "from_name": "label", "to_name": "dialogue", "type": "paragraphlabels", "origin": origin, "value": value, **more}


def choice(region, *values):
    value = {key: region["value"][key] for key in ("start", "end", "startOffset", "endOffset")} | {"choices": list(values)}
    return {"id": region["id"], "from_name": "decision", "to_name": "dialogue", "type": "choices", "origin": region["origin"], "value": value}


def machine_regions(transcript):
    """The regions as Label Studio copies them from a prediction into an annotation."""
    return [region | {"origin": "prediction"} for region in tasks_of(transcript)[0]["predictions"][0]["result"]]


# ---------------------------------------------------------------------------------------- what we write


@given(session=sessions())
@settings(max_examples=30)
def test_les_taches_ont_la_forme_documentee(session):
    jsonschema.validate(tasks_of(session, plain_session()), TASKS)


def test_les_places_sont_des_unites_utf_16():
    (task,) = tasks_of(plain_session())
    (value,) = [r["value"] for r in task["predictions"][0]["result"] if r["value"]["start"] == "0"]
    units = task["data"]["dialogue"][0]["text"].encode("utf-16-le")
    assert units[2 * value["startOffset"] : 2 * value["endOffset"]].decode("utf-16-le") == value["text"] == "On reprend le carnet ?"
    assert (value["startOffset"], value["endOffset"]) == (3, 25)


def test_une_prediction_dit_son_modele_et_sa_certitude():
    (prediction,) = tasks_of(plain_session())[0]["predictions"]
    assert prediction["model_version"] == "alliance-fr-small:0.2" and prediction["score"] == round((0.9731 + 0.61) / 2, 4)
    assert [result["score"] for result in prediction["result"]] == [0.9731, 0.61]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_la_configuration_porte_les_couleurs_du_guide_et_nos_noms(language):
    view = etree.fromstring(written("label-studio", [plain_session()], language)["labelling_config.xml"])
    labels = {item.get("value"): item for item in view.iter("Label")}
    codes = {name: code_of(name) for name in labels}
    assert sorted(code.type or code.label for code in codes.values()) == sorted(default_label_set().markup_tags)
    for name, code in codes.items():
        if code.type in (None, "withdrawal"):
            assert labels[name].get("background") == default_label_set()[code.label].colour
    names = {item.get("name") for item in view if item.tag != "View"}
    assert all(item.get("toName") in names for item in view if item.get("toName"))
    assert view.find("Paragraphs").get("value") == "$dialogue" and len({item.get("background") for item in labels.values()}) == len(labels)
    used = {r["value"]["paragraphlabels"][0] for r in json.loads(written("label-studio", [plain_session()], language)["tasks.json"])[0]["predictions"][0]["result"]}
    assert used <= set(labels)


# ---------------------------------------------------------------------------------------- what Label Studio gives back


def test_ce_qu_une_personne_a_trace_est_a_elle():
    task = exported(plain_session(markers=False), regions=[drawn("but", 0, 3, 25)])
    (session,) = read([task])
    (marker,) = session.turns[0].markers
    assert (marker.label, marker.origin.kind, marker.origin.name, marker.probability) == ("goal", OriginKind.HUMAN, "anna@exemple.org", None)
    assert marker.spans == (Span(2, 24),)
    assert all(turn.extra["reviewed_by"] == ["anna@exemple.org"] for turn in session.turns)


@pytest.mark.parametrize(
    ("by", "name"),
    [(7, "7"), ({"id": 7, "email": "a@b.fr"}, "a@b.fr"), ({"id": 7, "first_name": "Anna", "last_name": "L."}, "Anna L."), ("anna", "anna")],
)
def test_l_annotateur_est_nomme_comme_dans_le_fichier(by, name):
    (session,) = read([exported(plain_session(markers=False), regions=[drawn("lien", 1, 0, 2)], by=by)])
    assert session.turns[1].markers[0].origin.name == name


def test_une_marque_de_la_machine_inchangee_reste_a_la_machine_une_acceptee_est_humaine():
    session = plain_session()
    regions = machine_regions(session)
    (found,) = read([exported(session, regions=[*regions, choice(regions[1], "accepté")])])
    assert found.turns[0].markers == ()  # on a reviewed turn people's markers stand alone
    (kept,) = found.turns[0].extra["machine_markers"]
    assert kept["origin"] == {"kind": "model", "name": MODEL.name, "version": MODEL.version} and kept["probability"] == 0.9731
    assert [(m.label, m.types, m.origin.name) for m in found.turns[1].markers] == [("rupture", ("withdrawal",), "anna@exemple.org")]


def test_une_marque_de_la_machine_changee_est_humaine():
    regions = machine_regions(plain_session())
    regions[0]["value"]["endOffset"] = 10
    regions[0]["origin"] = "prediction-changed"
    (found,) = read([exported(plain_session(), regions=regions[:1])])
    (marker,) = found.turns[0].markers
    assert marker.origin.kind is OriginKind.HUMAN and marker.spans == (Span(2, 9),)


def test_le_meme_passage_trace_a_la_main_est_humain():
    (found,) = read([exported(plain_session(), regions=[drawn("tâche", 0, 3, 25)])])
    assert [m.origin.kind for m in found.turns[0].markers] == [OriginKind.HUMAN]


def test_passees_annulees_et_brouillons_ne_sont_pas_des_decisions():
    task = exported(plain_session(), regions=[drawn("but", 0, 3, 25)], was_cancelled=True)
    task["drafts"] = [{"result": [drawn("lien", 1, 0, 2)]}]
    (session,) = read([task])
    assert core(session) == core(plain_session())  # the machine's marks alone, nobody read
    assert {(n.code, n.params["count"]) for n in session.warnings} == {("coding_tools.ls_skipped", 1), ("coding_tools.ls_drafts", 1)}


def test_qui_n_a_rien_marque_a_lu_quand_meme():
    (session,) = read([exported(plain_session(markers=False), regions=[])])
    assert all(turn.extra["reviewed_by"] == ["anna@exemple.org"] and not turn.markers for turn in session.turns)


def test_les_marques_d_une_autre_personne_restent_a_elle():
    session = read([exported(plain_session(markers=False), regions=[drawn("but", 0, 3, 25)])])[0]
    (task,) = tasks_of(session)
    task |= {"id": 1}
    task["annotations"][0] |= {"completed_by": {"id": 1, "email": "admin@exemple.org"}}  # whoever imported the file
    (found,) = read([task])
    assert core(found) == core(session)
    assert found.turns[0].extra["reviewed_by"] == ["anna@exemple.org"]


def test_le_meme_mot_marque_par_deux_modeles_et_une_personne_reste_a_chacun():
    other = dataclasses.replace(MODEL, version="0.3")
    marks = (Marker("task", MODEL, (), 0.9), Marker("task", other, (), 0.4, (Span(0, 8),)), Marker("task", ANNA, spans=(Span(0, 8),)))
    turn = Turn(0, "T", "On note.", markers=marks)
    session = dataclasses.replace(plain_session(), turns=(turn,))
    assert core(back("label-studio", session)) == core(session)


def test_une_region_sur_plusieurs_paragraphes_marque_chacun():
    region = drawn("but", 0, 3, 2)
    region["value"] |= {"end": "2"}
    (session,) = read([exported(plain_session(markers=False), regions=[region])])
    assert [turn.text[s.start : s.end] for turn in session.turns for m in turn.markers for s in m.spans] == [
        "On reprend le carnet ?", "Si vous le dites… bon.", "Je",
    ]  # fmt: skip


def test_les_types_donnes_par_des_choix_comptent_aussi():
    region = drawn("rupture", 1, 0, 17)
    with_type = [region, choice(region, "retrait", "confrontation")]
    (session,) = read([exported(plain_session(markers=False), regions=with_type)])
    assert session.turns[1].markers[0].types == ("withdrawal", "confrontation")
    (session,) = read([exported(plain_session(markers=False), regions=[region, drawn("Transfert", 1, 0, 3, id="r2")])])
    assert not session.turns[1].markers
    assert {n.code for n in session.warnings} == {"coding_tools.no_type", "coding_tools.other_codes"}


def minimal(task):
    """Return the JSON-MIN record of a task with one annotation (``convert_to_json_min`` of Label Studio's converter)."""
    (annotation,) = task["annotations"]
    values = [{key: value for key, value in region["value"].items()} for region in annotation["result"]]
    by = annotation["completed_by"]
    more = {"annotator": by["id"] if isinstance(by, dict) else by, "annotation_id": annotation["id"], "created_at": "2026-01-02", "lead_time": 3.2}
    return {**task["data"], "id": task["id"], "label": values, **more}


def test_le_json_min_se_lit_aussi():
    tasks = [exported(plain_session(markers=False), regions=[drawn("but", 0, 3, 25)], by=by) for by in (4, 5)]
    (session,) = read([minimal(task) for task in tasks])
    assert [m.origin.name for m in session.turns[0].markers] == ["4", "5"] and session.session_id == "s1"
    assert session.turns[0].extra["reviewed_by"] == ["4", "5"]


def test_un_json_min_avec_des_marques_de_la_machine_est_refuse():
    with pytest.raises(TranscriptFormatError) as caught:
        read([minimal(exported(plain_session(), regions=machine_regions(plain_session())))])
    assert caught.value.code == "coding_tools.ls_minimal" and "JSON (complet)" in caught.value.message("fr")


def test_un_projet_qui_n_est_pas_de_nous_se_lit_par_ses_paragraphes():
    paragraphs = [{"speaker": "T", "text": " Ça va ? 😀 "}, {"speaker": "T", "text": "Et le carnet ?"}, {"speaker": "P", "text": "Fait."}]
    results = [drawn("task", 0, 1, 8), drawn("Task agreement", 2, 0, 5, id="r2")]
    task = {"id": 1, "data": {"title": "Séance 3", "conversation": paragraphs}, "annotations": [{"completed_by": 2, "result": results}]}
    (session,) = read([task])
    assert session.session_id == "Séance 3"
    assert [turn.text for turn in session.turns] == ["Ça va ? 😀 Et le carnet ?", "Fait."]
    assert [turn.text[m.spans[0].start : m.spans[0].end] for turn in session.turns for m in turn.markers] == ["Ça va ?", "Fait."]


def test_la_prediction_d_un_autre_modele_porte_son_nom():
    paragraphs = [{"author": "T", "text": "On note ?"}, {"author": "P", "text": "Oui."}]
    region = drawn("task", 0, 0, 9, origin="prediction")
    task = {"id": 1, "data": {"d": paragraphs}, "predictions": [{"id": 9, "model_version": "camembert v1", "result": [region], "score": 0.5}]}
    assert read([task])[0].turns[0].markers[0].origin.name == "camembert v1"
    task["annotations"] = [{"completed_by": 2, "parent_prediction": 9, "result": [region]}]
    (session,) = read([task])
    assert session.turns[0].extra["machine_markers"][0]["origin"]["name"] == "camembert v1" and not session.turns[0].markers


# ---------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'[{"data": {"image": "a.jpg"}, "annotations": [', "files.json_invalid"),
        (b'[{"data": {"image": "a.jpg"}, "annotations": []}]', "coding_tools.ls_no_dialogue"),
        (b'[{"data": {"d": []}, "annotations": []}, 3]', "coding_tools.ls_not_tasks"),
        (b'{"data": {"d": [{"author": "T", "text": "\\ud83d"}]}, "annotations": []}', "formats.half_characters"),
        (b'{"data": {"d": "\xff"}, "annotations": []}', "coding_tools.ls_not_utf8"),
        (b'{"data": {"d": ' + b"[" * 100_000 + b', "annotations": []}', "coding_tools.ls_not_tasks"),
    ],
    ids=["tronqué", "image", "nombre", "moitié", "octets", "profond"],
)
def test_ce_qui_n_est_pas_un_export_est_refuse_avec_sa_raison(data, code):
    with pytest.raises(TranscriptFormatError) as caught:
        read_bytes(data, "export.json")
    assert caught.value.code == code and caught.value.message("fr") and caught.value.message("en")


JSON = st.sampled_from([None, True, -1, 10**20, float("nan"), float("inf"), "", "x", "9" * 5000, "\ud83d", [], [[]], {}, {"id": []}, [None]])


def places(value, path=()):
    """Yield the path of every value in a JSON document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


EXPORTED = exported(plain_session(), regions=[*machine_regions(plain_session()), drawn("but", 0, 3, 25)])
PLACES = list(places(EXPORTED))


@given(path=st.sampled_from(PLACES), value=JSON)
@settings(max_examples=150)
def test_aucune_valeur_inattendue_n_arrete_la_lecture(path, value):
    task = copy.deepcopy(EXPORTED)
    holder = task
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    try:
        for session in read([task]):
            dumps(session).encode("utf-8")
    except TranscriptFormatError as error:
        assert error.message("fr")
