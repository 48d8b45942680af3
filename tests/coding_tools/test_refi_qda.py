"""REFI-QDA: what we write is what the standard says; what MAXQDA, NVivo, ATLAS.ti and QualCoder write is read."""

import io
import os
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats import read_bytes
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import OriginKind, Role, Span
from tests.coding_tools.sessions import long_session, plain_session, sessions, written

NS = "urn:QDA-XML:project:1.0"
GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Children in the order of Project.xsd (QDA-XML 1.0), of the elements that we write.
ORDER = {
    "Project": ["Users", "CodeBook", "Sources"],
    "Users": ["User"],
    "CodeBook": ["Codes"],
    "Codes": ["Code"],
    "Code": ["Description", "Code"],
    "Sources": ["TextSource"],
    "TextSource": ["Description", "PlainTextSelection"],
    "PlainTextSelection": ["Description", "Coding"],
    "Coding": ["CodeRef"],
}
ATTRIBUTES = {  # required ones, then the others that the schema knows
    "Project": ({"name"}, {"origin", "schemaLocation"}),
    "User": ({"guid"}, {"name", "id"}),
    "Code": ({"guid", "name", "isCodable"}, {"color"}),
    "TextSource": ({"guid"}, {"name", "plainTextPath"}),
    "PlainTextSelection": ({"guid", "startPosition", "endPosition"}, {"name", "creatingUser"}),
    "Coding": ({"guid"}, {"creatingUser"}),
    "CodeRef": ({"targetGUID"}, set()),
}


def project_of(data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    return archive, etree.fromstring(archive.read("project.qde"))


def qdpx(sources, *, codes="", users="", origin="MAXQDA 24", extra=()):
    """Make a project as other tools do: ``sources`` are (file name, text bytes, selections)."""
    items = "".join(
        f'<TextSource guid="{n:08d}-0000-4000-8000-000000000000" name="Séance {n}" plainTextPath="internal://{file}">'
        + "".join(
            f'<PlainTextSelection guid="{n:04d}{k:04d}-0000-4000-8000-000000000001" startPosition="{a}" endPosition="{b}">'
            f'<Coding guid="{n:04d}{k:04d}-0000-4000-8000-000000000002" creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding>'
            "</PlainTextSelection>"
            for k, (a, b, code, user) in enumerate(selections)
        )
        + "</TextSource>"
        for n, (file, _, selections) in enumerate(sources)
    )
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?><Project xmlns="{NS}" name="Projet" origin="{origin}"><Users>{users}</Users>'
        f"<CodeBook><Codes>{codes}</Codes></CodeBook><Sources>{items}{''.join(extra)}</Sources></Project>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("project.qde", xml)
        for file, text, _ in sources:
            archive.writestr(f"Sources/{file}", text)
    return buffer.getvalue()


GOAL, RUPTURE, RETRAIT, OTHER = (f"{k}0000000-0000-4000-8000-000000000000" for k in "abcd")
LEA = "11111111-0000-4000-8000-000000000000"
CODES = (
    f'<Code guid="{GOAL}" name="Accord sur les buts" isCodable="true"/>'
    f'<Code guid="{RUPTURE}" name="Rupture" isCodable="true"><Code guid="{RETRAIT}" name="Retrait" isCodable="true"/></Code>'
    f'<Code guid="{OTHER}" name="Transfert" isCodable="true"/>'
)
USERS = f'<User guid="{{{LEA.upper()}}}" name="Léa M."/>'
TEXT = "T : Vous venez pour quoi ?\nP : Reprendre le métro 😀.\nEt le bus.\nT : D'accord, on note."


def read(data, name="projet.qdpx"):
    return read_bytes(data, name)


def place(words, text=TEXT):
    start = text.index(words)
    return start, start + len(words)


# ---------------------------------------------------------------------------------------- what we write


def check_against_the_standard(data):
    """What the schema says of the elements that we use, and what it cannot say: every reference leads somewhere."""
    archive, root = project_of(data)
    assert root.tag == f"{{{NS}}}Project"
    guids = [item.get("guid") for item in root.iter() if item.get("guid")]
    assert len(set(guids)) == len(guids) and all(GUID.fullmatch(guid) for guid in guids)
    for item in root.iter():
        name = etree.QName(item).localname
        children = [etree.QName(child).localname for child in item]
        order = ORDER.get(name, [])
        assert [order.index(child) for child in children] == sorted(order.index(child) for child in children)
        needed, known = ATTRIBUTES.get(name, (set(), set()))
        given_names = {etree.QName(key).localname for key in item.attrib}
        assert needed <= given_names <= needed | known
        for key in ("targetGUID", "creatingUser"):
            assert item.get(key) is None or item.get(key) in guids
        if name in ("Users", "Codes", "Sources"):
            assert children, "le schéma veut au moins un élément"
        assert item.get("color") is None or re.fullmatch("#[0-9A-F]{6}", item.get("color"))
    for source in root.iter(f"{{{NS}}}TextSource"):
        text = archive.read(f"sources/{source.get('guid')}.txt").decode("utf-8")
        assert source.get("plainTextPath") == f"internal://{source.get('guid')}.txt"
        for selection in source.iter(f"{{{NS}}}PlainTextSelection"):
            assert 0 <= int(selection.get("startPosition")) <= int(selection.get("endPosition")) <= len(text)
            assert len(selection.findall(f"{{{NS}}}Coding")) == 1


@given(session=sessions())
@settings(max_examples=30)
def test_le_projet_a_la_forme_de_la_norme(session):
    check_against_the_standard(written("refi-qda", [session, plain_session()])["project.qdpx"])


def test_un_projet_sans_marque_ou_long_a_la_forme_de_la_norme():
    check_against_the_standard(written("refi-qda", [plain_session(markers=False)])["project.qdpx"])
    check_against_the_standard(written("refi-qda", [long_session()])["project.qdpx"])


@pytest.mark.skipif("REFI_QDA_XSD" not in os.environ, reason="le schéma de la norme n'est pas là (REFI_QDA_XSD=…/Project.xsd)")
@given(session=sessions())
@settings(max_examples=30)
def test_le_projet_est_valide_selon_le_schema_de_la_norme(session):
    schema = etree.XMLSchema(etree.parse(os.environ["REFI_QDA_XSD"]))
    for transcripts in ([session, plain_session()], [plain_session(markers=False)]):
        _, root = project_of(written("refi-qda", transcripts)["project.qdpx"])
        schema.assertValid(root)


def test_les_codes_ont_les_couleurs_et_definitions_du_guide():
    _, root = project_of(written("refi-qda", [plain_session()])["project.qdpx"])
    codes = {item.get("name"): item for item in root.iter(f"{{{NS}}}Code")}
    rupture = default_label_set()["rupture"]
    assert codes["rupture"].get("color") == rupture.colour and codes["rupture"].get("isCodable") == "false"
    assert [child.get("name") for child in codes["rupture"].findall(f"{{{NS}}}Code")] == ["retrait", "confrontation"]
    assert codes["but"].findtext(f"{{{NS}}}Description") == default_label_set()["goal"].definition_fr


def test_les_mots_selectionnes_sont_ceux_du_marqueur():
    archive, root = project_of(written("refi-qda", [plain_session()])["project.qdpx"])
    (source,) = root.iter(f"{{{NS}}}TextSource")
    text = archive.read(f"sources/{source.get('guid')}.txt").decode("utf-8")
    places = [(int(s.get("startPosition")), int(s.get("endPosition"))) for s in source.iter(f"{{{NS}}}PlainTextSelection")]
    assert [text[a:b] for a, b in places] == ["On reprend le carnet ?", "Si vous le dites…"]
    assert text.splitlines()[1] == "P : Si vous le dites… bon."


# ---------------------------------------------------------------------------------------- what others write


def test_un_projet_d_un_autre_logiciel_devient_des_marqueurs_humains():
    selections = [(*place("Reprendre le métro 😀"), GOAL, LEA), (*place("D'accord"), RETRAIT, LEA)]
    (session,) = read(qdpx([("a.txt", TEXT.encode(), selections)], codes=CODES, users=USERS))
    assert session.session_id == "Séance 0" and session.source.format == "refi-qda"
    assert [turn.text for turn in session.turns] == ["Vous venez pour quoi ?", "Reprendre le métro 😀. Et le bus.", "D'accord, on note."]
    assert [speaker.role for speaker in session.speakers] == [Role.THERAPIST, Role.PATIENT]
    (goal,) = session.turns[1].markers
    assert (goal.label, goal.origin.kind, goal.origin.name, goal.spans) == ("goal", OriginKind.HUMAN, "Léa M.", (Span(0, 20),))
    assert session.turns[2].markers[0].types == ("withdrawal",)


def test_une_selection_sur_plusieurs_tours_marque_chacun():
    selections = [(place("pour quoi")[0], place("le bus.")[1], GOAL, LEA)]
    (session,) = read(qdpx([("a.txt", TEXT.encode(), selections)], codes=CODES, users=USERS))
    words = [[turn.text[s.start : s.end] for m in turn.markers for s in m.spans] for turn in session.turns]
    assert words == [["pour quoi ?"], ["Reprendre le métro 😀. Et le bus."], []]


@pytest.mark.parametrize(("origin", "shift"), [("MAXQDA 24", 1), ("NVivo", 1), ("ATLAS.ti for Windows 23", 0)])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_les_fins_de_ligne_de_windows_et_la_marque_d_ordre_ne_decalent_rien(origin, shift, mark):
    start, end = place("on note")
    lines = 3 * shift  # three line ends before it, each one character longer where the tool counts both
    data = mark + TEXT.replace("\n", "\r\n").encode()
    (session,) = read(qdpx([("a.txt", data, [(start + lines, end + lines, GOAL, LEA)])], codes=CODES, users=USERS, origin=origin))
    (span,) = session.turns[2].markers[0].spans
    assert session.turns[2].text[span.start : span.end] == "on note"


def test_des_accents_separes_de_leurs_lettres_ne_decalent_rien():
    text = "T : C'e\u0301tait be\u0301nin, d'accord ?\nP : Oui."
    (session,) = read(qdpx([("a.txt", text.encode(), [(*place("d'accord", text), GOAL, LEA)])], codes=CODES, users=USERS))
    (span,) = session.turns[0].markers[0].spans
    assert session.turns[0].text == "C'était bénin, d'accord ?" and session.turns[0].text[span.start : span.end] == "d'accord"


def test_ce_qui_ne_peut_devenir_un_marqueur_est_compte():
    selections = [(0, 4, GOAL, LEA), (*place("on note"), OTHER, LEA), (*place("on note"), RUPTURE, LEA), (9000, 9010, GOAL, LEA)]
    picture = '<PictureSource guid="99999999-0000-4000-8000-000000000000" name="image"/>'
    (session,) = read(qdpx([("a.txt", TEXT.encode(), selections)], codes=CODES, users=USERS, extra=[picture]))
    counts = {notice.code: notice.params["count"] for notice in session.warnings if notice.code.startswith("coding_tools.")}
    assert counts == {"coding_tools.no_words": 2, "coding_tools.other_codes": 1, "coding_tools.no_type": 1, "coding_tools.qda_other_sources": 1}
    assert not any(turn.markers for turn in session.turns)
    assert "Transfert" not in "".join(notice.message("fr") for notice in session.warnings)


def test_deux_selections_voisines_du_meme_code_restent_deux_passages():
    text = "P : un deux trois"
    selections = [(*place("un", text), GOAL, LEA), (*place("deux", text), GOAL, LEA)]
    (session,) = read(qdpx([("a.txt", text.encode(), selections)], codes=CODES, users=USERS))
    assert session.turns[0].markers[0].spans == (Span(0, 2), Span(3, 7))


def test_plusieurs_documents_donnent_plusieurs_seances():
    data = qdpx([("a.txt", TEXT.encode(), []), ("b.txt", TEXT.encode(), [])], codes=CODES, users=USERS)
    assert [session.session_id for session in read(data)] == ["Séance 0", "Séance 1"]


def edited(data, change):
    """Return our project after another tool changed its project file."""
    archive, _ = project_of(data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in archive.namelist():
            content = archive.read(name).decode("utf-8")
            made.writestr(name, change(name, content))
    return buffer.getvalue()


def test_une_marque_de_la_machine_deplacee_est_a_qui_l_a_deplacee():
    def move(name, content):
        if name != "project.qde":
            return content
        content = re.sub(r'startPosition="(\d+)" endPosition="(\d+)"', lambda m: f'startPosition="{m[1]}" endPosition="{int(m[2]) - 2}"', content, count=1)
        content = content.replace("<Users>", f'<Users><User guid="{LEA}" name="Léa M."/>', 1)
        return content.replace("<PlainTextSelection ", f'<PlainTextSelection modifyingUser="{LEA}" ', 1)

    (session,) = read(edited(written("refi-qda", [plain_session()])["project.qdpx"], move))
    assert [m.origin.name for turn in session.turns for m in turn.markers] == ["Léa M."]
    assert session.turns[0].extra["reviewed_by"] == ["Léa M."]
    assert session.turns[1].extra["machine_markers"][0]["origin"]["name"] == "alliance-fr-small"


def test_un_texte_modifie_depuis_est_lu_par_les_noms_et_le_dit():
    def add(name, content):
        return content if name == "project.qde" else content + "\nT : Une ligne de plus."

    (session,) = read(edited(written("refi-qda", [plain_session()])["project.qdpx"], add))
    assert session.turns[2].text == "Je suis allé trop vite. Une ligne de plus."
    assert "coding_tools.qda_text_changed" in [notice.code for notice in session.warnings]
    assert [m.origin.kind for turn in session.turns for m in turn.markers] == [OriginKind.MODEL, OriginKind.MODEL]
    assert session.session_id == "s1" and session.metadata["dyad_id"] == "d07"


# ---------------------------------------------------------------------------------------- refused


def refusal(data, name="projet.qdpx"):
    with pytest.raises(TranscriptFormatError) as caught:
        read_bytes(data, name)
    assert caught.value.message("fr") and caught.value.message("en")
    return caught.value.code


def archive_of(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "C:\\a.txt", "sources\\..\\..\\a.txt", "sources/../../a.txt"])
def test_un_nom_qui_sort_de_l_archive_est_refuse(name):
    assert refusal(archive_of(**{"project.qde": "<Project/>", name: "x"})) == "coding_tools.archive_unsafe"


def test_une_bombe_est_refusee_avant_d_etre_ouverte():
    assert refusal(archive_of(**{"project.qde": "<Project/>", "sources__a.txt": b"a" * 101_000_000})) == "coding_tools.archive_too_large"


def test_un_livre_de_codes_est_refuse_pour_ce_qu_il_est():
    codebook = b'<?xml version="1.0"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes/></CodeBook>'
    assert refusal(codebook, "codes.qdc") == "coding_tools.qda_codebook"


@pytest.mark.parametrize(
    ("qde", "code"),
    [
        ("<Autre/>", "coding_tools.qda_no_project"),
        (f'<Project xmlns="{NS}"/>', "coding_tools.qda_no_text"),
        ("<Project", "formats.xml_damaged"),
        ('<!DOCTYPE p [<!ENTITY a "b">]><Project/>', "formats.xml_entities"),
        ("<Project>" * 10_000, "formats.xml_damaged"),
        (f'<Project xmlns="{NS}"><Sources><TextSource plainTextPath="internal://x.txt"/></Sources></Project>', "coding_tools.qda_missing_source"),
    ],
)
def test_un_projet_sans_seance_est_refuse_avec_sa_raison(qde, code):
    assert refusal(archive_of(**{"project.qde": qde})) == code


def test_une_archive_sans_projet_est_refusee():
    assert refusal(archive_of(**{"lisez-moi.txt": "x"})) == "coding_tools.qda_no_project"


@given(cut=st.integers(0, 3000), place=st.integers(0, 3000), byte=st.integers(0, 255))
@settings(max_examples=60)
def test_un_projet_abime_est_lu_ou_refuse(cut, place, byte):
    data = bytearray(written("refi-qda", [plain_session()])["project.qdpx"])
    data[place % len(data)] = byte
    for damaged in (bytes(data), bytes(data[: cut % len(data)])):
        try:
            read_bytes(damaged, "projet.qdpx")
        except TranscriptFormatError as error:
            assert error.message("fr")


@given(
    start=st.integers(-5, 200) | st.just(10**30), end=st.integers(-5, 200),
    text=st.text(st.sampled_from("TP :\r\nae\u0301😀[0:1]–"), max_size=60),
)  # fmt: skip
@settings(max_examples=80)
def test_aucune_position_ni_aucun_texte_n_arrete_la_lecture(start, end, text):
    data = qdpx([("a.txt", text.encode(), [(start, end, GOAL, LEA)])], codes=CODES, users=USERS)
    try:
        found = read(data)
    except TranscriptFormatError as error:
        assert error.code in ("formats.no_turn", "formats.empty_file")
        return
    for turn in found[0].turns:
        assert all(span.end <= len(turn.text) for marker in turn.markers for span in marker.spans)
