"""Evidence: whole words, near runs joined, never an empty answer."""

from alliance_nlp.tagger.evidence import find_spans


def scored(text: str, marked: dict[str, float]) -> tuple[list[float], list[tuple[int, int]]]:
    """Return one token a character, scored by the words of ``marked``."""
    scores = [0.0] * len(text)
    for word, score in marked.items():
        start = text.index(word)
        scores[start : start + len(word)] = [score] * len(word)
    return scores, [(i, i + 1) for i in range(len(text))]


def found(text: str, marked: dict[str, float], threshold: float = 0.5) -> list[str]:
    scores, offsets = scored(text, marked)
    return [text[span.start : span.end] for span in find_spans(text, scores, offsets, threshold=threshold)]


def test_un_morceau_de_mot_donne_le_mot_entier():
    assert found("Je vous fais confiance, voilà.", {"confi": 0.9}) == ["confiance"]


def test_l_apostrophe_et_le_trait_d_union_restent_dans_le_mot():
    assert found("Ben, aujourd'hui peut-être.", {"jour": 0.9, "peut": 0.9}) == ["aujourd'hui peut-être"]


def test_deux_preuves_proches_n_en_font_qu_une():
    assert found("On note ça ensemble, le soir.", {"note": 0.9, "ensemble": 0.8}) == ["note ça ensemble"]


def test_deux_preuves_lointaines_restent_deux():
    text = "D'accord. Sinon mon frère est passé dimanche avec les enfants. Je le ferai."
    assert found(text, {"accord": 0.9, "ferai": 0.9}) == ["D'accord", "ferai"]


def test_quand_rien_ne_passe_le_meilleur_mot_reste():
    assert found("Si vous le dites.", {"dites": 0.2}) == ["dites"]


def test_un_tour_sans_mot_donne_le_tour_entier():
    assert found("…", {}) == ["…"]


def test_une_note_du_transcripteur_est_un_bloc():
    assert found("Oui [silence 8 s] voilà", {"silence": 0.9}) == ["[silence 8 s]"]
