"""INCEpTION: what we write is read by dkpro-cassis; what its annotators export is read here, alone or in archives."""

import io
import json
import re
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats import read_bytes
from alliance_nlp.formats.coding import code_of
from alliance_nlp.formats.utf16 import Utf16
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import OriginKind, Role, Span
from tests.coding_tools.sessions import core, plain_session, sessions, written

XMI = "http://www.omg.org/XMI"
CUSTOM = "http:///webanno/custom.ecore"


@pytest.fixture
def cassis():
    return pytest.importorskip("cassis", reason="le complément inception n'est pas installé")


def exported(transcript):
    """Return our document's bytes."""
    pytest.importorskip("cassis", reason="le complément inception n'est pas installé")
    return next(data for name, data in written("inception", [transcript]).items() if name.endswith(".xmi"))


def annotated(data, user, change=lambda root: None, *, title="s1.xmi"):
    """Return the document as INCEpTION exports it for ``user`` (DocumentMetaData: title = file, id = user)."""
    root = etree.fromstring(data)
    for item in root.iter():
        if isinstance(item.tag, str) and item.tag.endswith("}DocumentMetaData"):
            item.set("documentId", user)
            item.set("documentTitle", title)
    change(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def add(root, begin, end, **features):
    item = etree.SubElement(root, f"{{{CUSTOM}}}AllianceMarker")
    item.set(f"{{{XMI}}}id", "9000")
    item.set("sofa", root.find("{http:///uima/cas.ecore}Sofa").get(f"{{{XMI}}}id"))
    for key, value in {"begin": str(begin), "end": str(end), **features}.items():
        item.set(key, value)


def markers(root):
    return list(root.iter(f"{{{CUSTOM}}}AllianceMarker"))


def archive(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def plain(text, *annotations, user="anna", title="seance.txt"):
    """Return a plain transcript annotated in INCEpTION: ``annotations`` are (layer, begin, end, features)."""
    root = etree.Element(f"{{{XMI}}}XMI", nsmap={"xmi": XMI, "cas": "http:///uima/cas.ecore", "custom": CUSTOM})
    facts = etree.SubElement(root, "{http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore}DocumentMetaData")
    given_facts = {"sofa": "1", "begin": "0", "end": str(len(text)), "documentTitle": title, "documentId": user}
    for key, value in given_facts.items():
        facts.set(key, value)
    sentence = etree.SubElement(root, "{http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore}Sentence")
    sentence.set("begin", "0")
    sentence.set("end", "3")
    for layer, begin, end, features in annotations:
        item = etree.SubElement(root, f"{{{CUSTOM}}}{layer}")
        for key, value in {"sofa": "1", "begin": str(begin), "end": str(end), **features}.items():
            item.set(key, value)
    sofa = etree.SubElement(root, "{http:///uima/cas.ecore}Sofa")
    for key, value in {f"{{{XMI}}}id": "1", "sofaNum": "1", "sofaID": "_InitialView", "mimeType": "text", "sofaString": text}.items():
        sofa.set(key, value)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# ---------------------------------------------------------------------------------------- what we write


@given(session=sessions())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cassis_lit_les_memes_mots(cassis, session):
    files = written("inception", [session])
    types = cassis.load_typesystem(io.BytesIO(files["TypeSystem.xml"]))
    (document,) = [data for name, data in files.items() if name.startswith("documents/")]
    cas = cassis.load_cas_from_xmi(io.BytesIO(document), typesystem=types)
    assert cas.sofa_string == "\n".join(turn.text for turn in session.turns)
    turns = sorted(cas.select("webanno.custom.AllianceTurn"), key=lambda item: item.number)
    assert [cas.sofa_string[item.begin : item.end] for item in turns] == [turn.text for turn in session.turns]
    assert [item.speaker for item in turns] == [turn.speaker for turn in session.turns]
    assert [Role(item.role) for item in turns] == [session.role_of(turn) for turn in session.turns]
    sentences = [cas.sofa_string[item.begin : item.end] for item in cas.select("de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence")]
    assert sorted(sentences) == sorted(turn.text for turn in session.turns if turn.text)
    expected = sorted(
        turn.text[span.start : span.end]
        for turn in session.turns
        for marker in turn.markers
        for span in marker.spans or (Span(0, len(turn.text)) if turn.text else None,)
        for _ in marker.types or (None,)
        if span is not None
    )
    found = [cas.sofa_string[item.begin : item.end] for item in cas.select("webanno.custom.AllianceMarker")]
    assert sorted(text for text in found if text) == expected


def test_les_couches_ont_les_traits_et_les_etiquettes_du_guide(cassis):
    files = written("inception", [plain_session()])
    layers = {layer["name"]: layer for layer in json.loads(files["layers.json"])}
    types = cassis.load_typesystem(io.BytesIO(files["TypeSystem.xml"]))
    for name, layer in layers.items():
        declared = {feature.name: feature.rangeType.name for feature in types.get_type(name).features}
        assert {feature["name"]: feature["type"] for feature in layer["features"]} == declared
        assert layer["type"] == "span" and layer["anchoring_mode"] == "CHARACTERS" and layer["overlap_mode"] == "ANY_OVERLAP"
    features = {feature["name"]: feature for feature in layers["webanno.custom.AllianceMarker"]["features"]}
    tags = [code_of(tag["tag_name"]) for tag in features["label"]["tag_set"]["tags"]]
    assert [code.label for code in tags] == list(default_label_set().ids)
    assert [code_of(tag["tag_name"]).type for tag in features["ruptureType"]["tag_set"]["tags"]] == list(default_label_set().type_ids)
    used = {item.get("label") for item in markers(etree.fromstring(exported(plain_session())))}
    assert used <= {tag["tag_name"] for tag in features["label"]["tag_set"]["tags"]}


def test_un_fichier_par_seance(cassis):
    files = written("inception", [plain_session(), plain_session(markers=False).__class__("Séance 4/b", ())])
    assert sorted(files) == ["TypeSystem.xml", "documents/Séance_4_b.xmi", "documents/s1.xmi", "layers.json"]


# ---------------------------------------------------------------------------------------- what annotators give back


def test_un_annotateur_est_lu_dans_les_metadonnees_et_ses_marques_sont_humaines():
    data = annotated(exported(plain_session()), "anna", lambda root: add(root, 26, 28, label="réparation"))
    (session,) = read_bytes(data, "anna.xmi")
    (marker,) = session.turns[1].markers
    assert (marker.label, marker.origin.kind, marker.origin.name, marker.spans) == ("repair", OriginKind.HUMAN, "anna", (Span(0, 2),))
    assert all(turn.extra["reviewed_by"] == ["anna"] for turn in session.turns) and session.session_id == "s1"
    kept = [record["origin"]["kind"] for turn in session.turns for record in turn.extra.get("machine_markers", [])]
    assert kept == ["model", "model"]  # unchanged, they stay the machine's


@pytest.mark.parametrize(
    ("change", "label", "span"),
    [
        ({"accepted": "true"}, "task", Span(2, 24)),
        ({"label": "but"}, "goal", Span(2, 24)),
        ({"begin": "6"}, "task", Span(5, 24)),
        ({"origin": ""}, "task", Span(2, 24)),
    ],
    ids=["acceptée", "renommée", "déplacée", "origine effacée"],
)
def test_une_marque_de_la_machine_acceptee_ou_changee_est_humaine(change, label, span):
    def touch(root):
        for key, value in change.items():
            markers(root)[0].set(key, value)

    (session,) = read_bytes(annotated(exported(plain_session()), "anna", touch), "anna.xmi")
    (marker,) = session.turns[0].markers
    assert (marker.label, marker.origin.name, marker.spans, marker.probability) == (label, "anna", (span,), None)


def test_initial_cas_n_est_personne_et_la_curation_est_tranchee():
    (session,) = read_bytes(annotated(exported(plain_session()), "INITIAL_CAS"), "INITIAL_CAS.xmi")
    assert core(session) == core(plain_session())
    curated = annotated(exported(plain_session(markers=False)), "CURATION_USER", lambda root: add(root, 26, 28, label="but"))
    (session,) = read_bytes(curated, "CURATION_USER.xmi")
    assert session.turns[1].markers[0].origin.kind is OriginKind.ADJUDICATED


def test_les_copies_de_plusieurs_annotateurs_font_une_seance():
    document = exported(plain_session())
    anna = annotated(document, "anna", lambda root: add(root, 26, 28, label="but"))
    paul = annotated(document, "paul", lambda root: add(root, 26, 28, label="lien"))
    project = archive(**{
        "exportedproject1.json": "{}",
        "annotation/s1.xmi/INITIAL_CAS.zip": archive(**{"INITIAL_CAS.xmi": annotated(document, "INITIAL_CAS"), "TypeSystem.xml": "<a/>"}),
        "annotation/s1.xmi/anna.zip": archive(**{"anna.xmi": anna, "TypeSystem.xml": "<a/>"}),
        "annotation/s1.xmi/paul.zip": archive(**{"paul.xmi": paul, "TypeSystem.xml": "<a/>"}),
    })  # fmt: skip
    (session,) = read_bytes(project, "projet.zip")
    assert [(m.label, m.origin.name) for m in session.turns[1].markers] == [("goal", "anna"), ("bond", "paul")]
    assert session.turns[0].extra["reviewed_by"] == ["anna", "paul"] and session.source.format == "inception"


def test_sans_metadonnees_l_annotateur_est_celui_du_dossier():
    text = "T : Alors ?\nP : Ça va mieux."
    bare = re.sub(rb"<[^>]*DocumentMetaData[^>]*/>", b"", plain(text, ("Span", 16, 18, {"label": "but"})))
    (session,) = read_bytes(archive(**{"annotation/seance.txt/anna.xmi": bare}), "projet.zip")
    assert session.turns[1].markers[0].origin.name == "anna" and session.session_id == "seance"


def test_une_transcription_annotee_dans_une_autre_couche_se_lit_par_les_noms():
    text = "T : 😀 Vous venez pour quoi ?\nP : Reprendre le métro.\nEt le bus."
    units = Utf16(text)

    def at(words):
        start = text.index(words)
        return units.units(start), units.units(start + len(words))

    annotations = [
        ("Span", *at("Vous venez"), {"label": "Accord sur les buts"}),
        ("Rupture", *at("métro.\nEt"), {"sorte": "Retrait"}),
        ("Span", *at("bus"), {"label": "Transfert"}),
        ("Span", 0, 3, {"label": "tâche"}),
    ]
    (session,) = read_bytes(plain(text, *annotations), "seance.xmi")
    assert [turn.text for turn in session.turns] == ["😀 Vous venez pour quoi ?", "Reprendre le métro. Et le bus."]
    found = [(m.label, m.types, turn.text[m.spans[0].start : m.spans[0].end]) for turn in session.turns for m in turn.markers]
    assert found == [("goal", (), "Vous venez"), ("rupture", ("withdrawal",), "métro. Et")]
    assert {(n.code, n.params["count"]) for n in session.warnings if n.code.startswith("coding_tools")} == {
        ("coding_tools.other_codes", 1), ("coding_tools.no_words", 1),
    }  # fmt: skip


# ---------------------------------------------------------------------------------------- refused


def refusal(data, name="projet.zip"):
    with pytest.raises(TranscriptFormatError) as caught:
        read_bytes(data, name)
    assert caught.value.message("fr") and caught.value.message("en")
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (archive(**{"TypeSystem.xml": "<a/>"}), "coding_tools.inception_no_cas"),
        (archive(**{"exportedproject.json": "{}", "annotation/s/a.zip": b"PK"}), "coding_tools.archive_damaged"),
        (archive(**{"../a.xmi": "<a/>"}), "coding_tools.archive_unsafe"),
        (archive(**{"a.xmi": b" " * 101_000_000}), "coding_tools.archive_too_large"),
        (archive(**{"a.xmi": "<a"}), "formats.xml_damaged"),
        (archive(**{"a.xmi": "<a/>"}), "coding_tools.inception_no_cas"),
        (f'<xmi:XMI xmlns:xmi="{XMI}"/>'.encode(), "coding_tools.inception_no_cas"),
        (f'<xmi:XMI xmlns:xmi="{XMI}"><c:Sofa xmlns:c="http:///uima/cas.ecore"/></xmi:XMI>'.encode(), "coding_tools.inception_no_text"),
        (f'<xmi:XMI xmlns:xmi="{XMI}">'.encode() + b"<a>" * 10_000, "formats.xml_damaged"),
    ],
    ids=["types", "zip tronqué", "dehors", "bombe", "tronqué", "autre", "sans texte", "sofa vide", "profond"],
)
def test_ce_qui_n_est_pas_un_document_annote_est_refuse_avec_sa_raison(data, code):
    assert refusal(data) == code


def test_des_archives_dans_l_archive_ont_une_limite_commune(monkeypatch):
    monkeypatch.setattr("alliance_nlp.formats.inception.MAX_TEXT_BYTES", 5000)
    one = archive(**{"a.xmi": plain("T : Bonjour." * 250)})  # 3 kB, below the bound
    assert len(read_bytes(archive(**{"annotation/s/a.zip": one}), "projet.zip")) == 1
    assert refusal(archive(**{"annotation/s/a.zip": one, "annotation/s/b.zip": one})) == "coding_tools.archive_too_large"


@given(begin=st.text(st.sampled_from("0123456789-x"), max_size=12), end=st.integers(-1, 80), number=st.text(st.sampled_from("012-"), max_size=3))
@settings(max_examples=40)
def test_aucune_place_n_arrete_la_lecture(begin, end, number):
    def spoil(root):
        markers(root)[0].set("begin", begin)
        markers(root)[0].set("end", str(end))
        next(root.iter(f"{{{CUSTOM}}}AllianceTurn")).set("number", number)

    for session in read_bytes(annotated(exported(plain_session()), "anna", spoil), "anna.xmi"):
        for turn in session.turns:
            assert all(span.end <= len(turn.text) for marker in turn.markers for span in marker.spans)


@given(cut=st.integers(1, 4000))
@settings(max_examples=40)
def test_un_document_tronque_est_refuse(cut):
    data = exported(plain_session())
    with pytest.raises(TranscriptFormatError):
        read_bytes(data[: cut % (len(data) - 10)], "anna.xmi")
