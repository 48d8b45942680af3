"""Words that name a speaker, words that never do, and the roles that names declare.

In: a name or a word as typed.  Out: yes, no, or a role.  What a whole file makes of a name is decided in
:mod:`alliance_nlp.formats.prefixes`.  All comparisons ignore case, accents and inclusive endings
(« Patient·e », « Patient(e) », « Patient-e » are « patient »).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from alliance_nlp.transcript import Role

MAX_NAME_CHARS = 63  # as long as a full name with a title and a profession gets
MAX_NAME_WORDS = 12  # 63 characters hold no more
_REMEMBERED = 4096  # names come back line after line; bounded, so that no whole file is kept

_ROLE_WORDS = {
    Role.THERAPIST: (
        "t th ther thera therapeute psychotherapeute cotherapeute co-therapeute psy "
        "psycho psychologue psychiatre psychanalyste analyste clinicien clinicienne "
        "praticien praticienne neuropsy neuropsychologue pedopsychiatre medecin docteur "
        "infirmier infirmiere ide animateur animatrice anim soignant soignante conseiller "
        "conseillere addictologue sexologue therapist psychotherapist counselor "
        "counsellor clinician psychologist psychiatrist"
    ),
    Role.PATIENT: (
        "p pa pat pt patient patiente client cliente cl usager usagere beneficiaire "
        "resident residente consultant consultante analysant analysante ado adolescent "
        "adolescente enfant jeune etudiant etudiante eleve detenu detenue"
    ),
    Role.PARTNER: "conjoint conjointe mari epoux epouse compagnon compagne partenaire partner husband wife",
    Role.PARENT: (
        "mere pere maman papa parent parents mother father grand-mere grand-pere belle-mere beau-pere"
    ),
    Role.GROUP_MEMBER: "membre",
    Role.OTHER: (
        "interprete traducteur traductrice stagiaire secretaire observateur observatrice "
        "educateur educatrice frere soeur fils fille tuteur tutrice interpreter observer"
    ),
}
_ROLE_OF_WORD = {word: role for role, words in _ROLE_WORDS.items() for word in words.split()}

_UNNAMED = (  # names that tools and transcribers give without saying who it is
    "locuteur locutrice speaker spk spkr intervenant intervenante interlocuteur interlocutrice voix "
    "participant participante enqueteur enqueteuse enquetrice enquete interviewer interviewe "
    "interviewee intervieweur intervieweuse"
).split()
# Words of speech too: they name somebody only with a number.
_NUMBERED = "personne homme femme groupe inconnu inconnue unknown sujet membre usager".split()
_PATTERNS = re.compile(
    r"(?:speaker|spk|spkr|s|l|loc|voix|i|e|x)[ _-]?\d{1,3}"  # SPEAKER_00, S1, L2
    r"|(?:%s)[ _-]?(?:n ?)?[°#]? ?(?:\d{1,3}|[a-z])?"  # Locuteur 1, Intervenant n° 2, Patient A
    r"|(?:%s)[ _-]?(?:n ?)?[°#]? ?(?:\d{1,3}|[a-z])"
    r"|(?:mme|m|mr|mlle|dr|dre|pr|madame|monsieur|docteur|mrs|ms)\.? [\w.'-]{1,30}(?: [\w.'-]{1,30})?"
    % ("|".join([*_UNNAMED, *_ROLE_OF_WORD]), "|".join(_NUMBERED))
)

# Openers of sentences and of headings: « Alors : … », « Date : … ».  They recur, and are never somebody.
_NEVER = frozenset(
    """
    alors bon ben bah donc voila voici et mais ou or car oui non si enfin bref ok d'accord ouais merci
    bonjour bonsoir au-revoir pardon attention exemple exemples par-exemple questions
    conclusion resultat resultats resume premierement deuxiemement troisiemement d'abord ensuite apres
    avant puis maintenant aujourd'hui hier demain toujours jamais parce ah oh eh euh hein hm mm mhm quoi
    comment pourquoi quand comme genre tiens regardez ecoutez note notes nb ps remarque remarques n.b
    p.s rappel legende conventions convention date seance seances session sessions entretien
    consultation titre duree lieu code dyade dyad heure debut fin fichier audio enregistrement
    enregistre transcription transcripteur transcriptrice transcrit transcrite version projet etude
    langue presents presente participants contexte approche cadre setting age sexe numero objet objectif
    objectifs theme themes anonymisation relecture relecteur relectrice partie chapitre page annexe
    source sujet motif diagnostic suite http https www title speakers language""".split()
)
# Names in some transcripts, reported speech in others (« Lui : rien. »): believed when every line has a name.
WEAK_NAMES = frozenset({"elle", "lui", "moi", "question", "reponse", "tous", "toutes", "ensemble"})
# Words of a clause: what holds one is something said (« il m'a dit : »), not a name.
_CLAUSE = frozenset(
    """
    je tu il elle on nous vous ils elles ce cela ca que qui quoi dont me te se lui leur moi toi suis es
    est sont etait etaient etais ai as ont avait avais avoir etre dit dis dire disait disais demande
    demandait repond repondu pense pensais sais sait fait fais faire va vais vas aller veux veut vouloir
    peux peut quand parce comme mais donc alors pas plus rien tres trop bien sur aussi meme toute tout
    c'est j'ai y encore sans avec pour dans chose c'etait j'etais mon ma mes ton ta tes son sa ses notre
    nos votre vos leurs un une des cette ces cet faut voila suivante suivantes autre autres premiere
    deuxieme troisieme dernier derniere chaque""".split()
)
# Signs of a sentence or of another format; a number before the name is the turn's or the line's.
_NO_NAME = re.compile(r"[?!…;:：«»\"“”<>=|{}\[\]\\]|/(?!\w{1,12}$)|\.\.|\w{4,}\.\s*\w{4,}|^\d{1,5}[.)]?\s")
_ELISION = re.compile(r"\b(?:j|m|t|s|c|n|qu|jusqu|lorsqu|puisqu)'", re.IGNORECASE)
_INCLUSIVE = re.compile(r"(?<=\w{3})(?:[·•.-]e|\(e\))(?=[\s\d.·]|$)", re.IGNORECASE)
_NOTE_WORDS = re.compile(
    r"\b(?:rires?\b|rit\b|rient\b|silence|pause|inaudible|incomprehensible|pleur|sanglot|soupir|bruit|tou(?:x|ss)|"
    r"souffl|souri|hesit|mots?\b|passage|coupe|interrup|chevauch|telephone|sonn|frapp|laugh|cry|sigh|cough|noise|"
    r"crosstalk|music|musique|applaud|prenom|nom\b|ville\b|lieu\b|anonym|fin\b|debut\b|hoche|acquiesce|montre|"
    r"regard|geste|ironi|bas\b|fort\b|murmur|chuchot|cri[es]?\b|reprend|voix basse|renifl|racl|en riant)"
)


def fold(text: str) -> str:
    """Return ``text`` without case, accents, odd spaces and odd apostrophes, to compare by."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("’", "'").replace("œ", "oe"))
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


@lru_cache(maxsize=_REMEMBERED)
def name_key(name: str) -> str:
    """Return what makes two typed names the same speaker: « Th. », « TH » and « th » are one.

    >>> name_key("Patient·e ") == name_key("PATIENT(E)")
    True
    """
    return _INCLUSIVE.sub("", fold(name).strip(" .:*_-–—"))


@lru_cache(maxsize=_REMEMBERED)
def is_known_name(name: str) -> bool:
    """True for a role word or a usual pattern: « Thérapeute 2 », « SPEAKER_00 », « Mme D. », « T »."""
    key = name_key(name)
    return key in _ROLE_OF_WORD or _PATTERNS.fullmatch(key) is not None


def declared_role(text: str) -> Role | None:
    """Return the role that a word or short phrase declares: « la patiente, 34 ans » → patient; else None.

    >>> declared_role("Thérapeute (Mme D.)")
    <Role.THERAPIST: 'therapist'>
    """
    words = re.findall(r"[\w'-]+", _INCLUSIVE.sub("", fold(text)))[:3]
    for word in words:
        bare = re.sub(r"^(?:l|d)'", "", word).rstrip("0123456789")
        if bare in _ROLE_OF_WORD and len(bare) > 2:
            return _ROLE_OF_WORD[bare]
        if word in {role.value for role in Role}:
            return Role(word)
        if bare not in {"le", "la", "un", "une", "notre", "co", "madame", "monsieur"}:
            return None
    return None


@lru_cache(maxsize=_REMEMBERED)
def is_name_like(name: str) -> bool:
    """True when ``name`` could be a speaker's name at all; the file decides whether it is."""
    key = name_key(name)
    if not key or len(name) > MAX_NAME_CHARS or _NO_NAME.search(name):
        return False
    words = key.split()
    if len(words) > MAX_NAME_WORDS or key in _NEVER or words[0].rstrip(",") in _NEVER:
        return False
    if not any(char.isalpha() for char in key) or not name.lstrip("*_")[:1].isalnum():
        return False
    if key in WEAK_NAMES:
        return True
    said = any(word.strip(",()") in _CLAUSE for word in words if len(word) > 1)
    return not said and not _ELISION.search(key)


def is_note_word(text: str) -> bool:
    """True when what stands in brackets is a transcriber's note (« rire », « silence 8 s ») and no name."""
    return _NOTE_WORDS.search(fold(text)) is not None
