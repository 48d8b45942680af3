"""Identifying information: what must be found, what must stay quiet.  Fictional sentences, evidence between ‹ ›."""

import re

import pytest

from alliance_nlp import privacy
from alliance_nlp.privacy.official import iban_holds, nir_holds
from alliance_nlp.transcript import Speaker, Transcript, Turn

FOUND = [
    ("phone", "Vous pouvez m'appeler au ‹06 39 98 41 27› le soir."),
    ("phone", "C'est le ‹+33 6 39 98 41 27›."),
    ("phone", "En Belgique j'ai le ‹0470 12 34 56›."),
    ("phone", "À Montréal c'était ‹514-555-0142›."),
    ("email", "Écrivez-moi à ‹z.durandeau@exemple.fr›, voilà."),
    ("url", "J'ai tout mis sur ‹www.exemple.fr/moi› l'an dernier."),
    ("birth_date", "Je suis née le ‹12 mars 1984›, sous la neige."),
    ("birth_date", "Ma date de naissance, c'est le ‹03/11/1979›."),
    ("official_number", "Mon numéro, c'est ‹1 84 12 76 451 089 46›."),
    ("iban", "Le virement part de ‹FR14 2004 1010 0505 0001 3M02 606›."),
    ("plate", "La voiture, ‹AB-123-CD›, elle est encore là-bas."),
    ("address", "On habitait ‹12 rue des Lilas› à l'époque."),
    ("person", "Je m'appelle ‹Ludivine Carpentier›, enfin mon nom de jeune fille."),
    ("person", "C'est ‹Ludivine› qui me l'a dit."),
    ("person", "Le docteur ‹Lemoine› a été clair."),
    ("person", "je m'appelle ‹kevin› et voilà"),
    ("person", "et mon fils ‹lucas› il dort plus"),
    ("place", "On a déménagé à ‹Vierzon› en septembre."),
    ("person", "M. ‹Dupont› est passé hier."),
    ("person", "et là madame ‹lefebvre› elle me dit non"),
    ("organisation", "Elle était au lycée ‹Jean-Moulin›, la plus grande."),
]
QUIET = [
    "Mme D. et [PRÉNOM] étaient là, avec le Dr L. et M. B.",
    "J'ai dormi à [VILLE], chez XXX, au 12.",
    "La pierre était lourde, et la rose rouge.",
    "Ben, du coup, bah, voilà.",
    "Bonjour. Merci. Alors, comment ça va ?",
    "J'ai mis sept sur dix, puis 06 minutes, puis 39 98.",
    "On est le 12 mars, c'est mardi.",
    "Le numéro 1 84 12 76 451 089 47 n'existe pas.",
    "j'ai vu une étoile et une fleur rose sur la place",
    "Paris, c'est loin. La France aussi.",
    "L'IRM, le CAP et la DRH, j'en ai marre.",
]


def read(text: str) -> tuple[Transcript, str]:
    plain = text.replace("‹", "").replace("›", "")
    return Transcript("x", (Turn(0, "P", plain, line=1),), (Speaker("P"),)), plain


@pytest.mark.parametrize(("kind", "text"), FOUND)
def test_ce_qui_identifie_est_trouve_a_sa_place(kind, text):
    transcript, plain = read(text)
    wanted = re.search("‹(.*?)›", text)[1]
    found = [(f.kind, plain[f.span.start : f.span.end]) for f in privacy.scan(transcript).serious]
    assert any(k == kind and wanted in t for k, t in found) or (kind, wanted) in found, found


@pytest.mark.parametrize("text", QUIET)
def test_ce_qui_n_identifie_personne_ne_donne_pas_l_alarme(text):
    transcript, plain = read(text)
    found = [(f.kind, f.rule, plain[f.span.start : f.span.end]) for f in privacy.scan(transcript).serious]
    assert found == []


def test_les_motifs_et_les_listes_seuls_trouvent_l_essentiel(monkeypatch):
    from alliance_nlp.privacy import spacy_engine

    monkeypatch.setattr(privacy, "load_pipeline", lambda: None)
    monkeypatch.setattr(privacy, "pipeline_name", lambda: None)
    assert spacy_engine.PIPELINES  # the module is there, its pipeline is not
    hits = 0
    for _, text in FOUND:
        report = privacy.scan(read(text)[0])
        assert report.engine == "patterns+lists"
        hits += bool(report.serious)
    assert hits >= len(FOUND) - 1


def test_l_avertissement_compte_et_ne_cite_pas():
    transcript, _ = read("Je m'appelle Ludivine Carpentier, au 06 39 98 41 27.")
    notice = privacy.warn(privacy.scan(transcript))
    for language in ("fr", "en"):
        message = notice.message(language)
        assert "person" in message and "phone" in message
        assert "Ludivine" not in message and "39" not in message
    assert privacy.warn(privacy.scan(read("Bonjour.")[0])) is None


def test_un_nom_complet_comme_nom_de_locuteur():
    transcript = Transcript("x", (Turn(0, "Ludivine Carpentier", "Oui."),), (Speaker("Ludivine Carpentier"), Speaker("Mme D.")))
    assert privacy.scan(transcript).named_speakers == ("Ludivine Carpentier",)


def test_les_cles_de_controle():
    assert nir_holds("1841276451089", "46") and not nir_holds("1841276451089", "45")
    good = "FR14 2004 1010 0505 0001 3M02 606".replace(" ", "")
    assert iban_holds(good) and not iban_holds(good.replace("FR14", "FR15"))
