"""What must not get in, and what must not get out."""

from __future__ import annotations

import logging
import re

import pytest

from alliance_nlp.errors import ConfigError
from alliance_nlp.review.access import LOCK_AFTER, add_password, is_code, read_passwords
from alliance_nlp.review.pages import session_key
from alliance_nlp.review.security import MAX_BODY_BYTES, Place, is_loopback
from alliance_nlp.review.server import ServerSettings, bind
from tests.review.served import Client, Served, long_session, serving, small_session

EVIL = "<script>document.title='pris'</script>"


@pytest.fixture
def served(tmp_path):
    with serving(tmp_path / "r.sqlite", small_session(attack=EVIL)) as page:
        yield page


def stranger(served: Served) -> Client:
    return Client(served.place.host, served.place.port)


# -------------------------------------------------------------------------------------- coming in


def test_une_adresse_ne_sert_qu_une_fois(served):
    address = served.address("R1")
    first, second = stranger(served), stranger(served)
    first.enter(address)
    assert first.ask("GET", "/")[0] == 200
    second.enter(address)
    assert second.ask("GET", "/")[1]["location"] == "/enter" and not second.cookies


@pytest.mark.parametrize("path", ["/", "/queue", "/agreement", "/s/KEY", "/s/KEY/glance", "/s/KEY/turn/3", "/s/KEY/settle", "/s/KEY/replace", "/s/KEY/bulk?label=task&above=0"])
def test_sans_jeton_rien_ne_se_lit(served, path):
    status, _, body = stranger(served).ask("GET", path.replace("KEY", session_key("seance-7")))
    assert status == 303 and "carnet" not in body


@pytest.mark.parametrize("route", ["decide", "seen", "undo", "redo", "finish", "reopen", "bulk", "settle", "replace"])
def test_sans_jeton_rien_ne_s_écrit(served, route):
    status, headers, _ = stranger(served).ask("POST", f"/s/{session_key('seance-7')}/{route}", {"turn": 2, "seen": 0, "action": "accept", "mark": "task"})
    assert (status, headers["location"]) == (303, "/enter")
    assert served.store.decisions("seance-7") == ()


def test_un_cookie_inventé_ne_vaut_rien(served):
    client = stranger(served)
    client.cookies = {f"alliance-{served.place.port}": "x" * 43}
    assert client.ask("GET", "/")[0] == 303


def test_le_cookie_est_strict_et_hors_d_atteinte_des_scripts(served):
    client = stranger(served)
    address = served.address()
    _, headers, _ = client.ask("GET", "/?" + address.partition("?")[2])
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert address.partition("=")[2] not in headers["location"]


def test_sans_code_de_relecteur_la_page_le_demande(served):
    client = stranger(served)
    client.enter(served.address())
    assert client.ask("GET", "/")[1]["location"] == "/enter"
    assert client.ask("POST", "/enter", {"code": "Jeanne Dupont"})[0] == 422
    assert client.ask("POST", "/enter", {"code": "R9"})[0] == 303
    assert "R9" in client.ask("GET", "/")[2]


@pytest.mark.parametrize(("code", "good"), [("R1", True), ("sup-3.b", True), ("", False), ("a b", False), ("é", False), ("../x", False), ("x" * 33, False)])
def test_un_code_n_est_ni_un_nom_ni_un_chemin(code, good):
    assert is_code(code) is good


# ------------------------------------------------------------------------------- another site's page


@pytest.mark.parametrize("host", ["exemple.fr", "127.0.0.1", "127.0.0.1:1", "localhost.exemple.fr:PORT", ""])
def test_un_autre_nom_d_hôte_est_refusé(served, host):
    client = served.client()
    status, _, body = client.ask("GET", "/", headers={"Host": host.replace("PORT", str(served.place.port))} if host else {"Host": "x"})
    assert status == 421 and "seance" not in body


@pytest.mark.parametrize("origin", ["https://exemple.fr", "null", "", "http://127.0.0.1", "http://localhost:1", "https://127.0.0.1:PORT"])
def test_un_envoi_d_une_autre_origine_est_refusé(served, origin):
    client = served.client()
    path = f"/s/{session_key('seance-7')}/decide"
    form = {"turn": 2, "seen": 0, "action": "accept", "mark": "task"}
    assert client.ask("POST", path, form, {"Origin": origin.replace("PORT", str(served.place.port))})[0] == 403
    assert client.ask("POST", path, form, {"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert served.store.decisions("seance-7") == ()
    assert client.ask("POST", path, form)[0] == 303


def test_seuls_get_et_post_existent(served):
    client = served.client()
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        assert client.ask(method, "/")[0] == 405


def test_un_envoi_démesuré_est_refusé(served):
    client = served.client()
    path = f"/s/{session_key('seance-7')}/decide"
    assert client.ask("POST", path, {"comment": "x" * MAX_BODY_BYTES})[0] == 413
    assert client.ask("POST", path, {"turn": 1}, {"Content-Type": "text/plain"})[0] == 400


# ------------------------------------------------------------------------------------ what goes out


def test_chaque_réponse_porte_les_mêmes_gardes(served):
    client = served.client()
    for path in ("/", f"/s/{session_key('seance-7')}", "/static/review.js", "/nulle-part", "/enter"):
        _, headers, _ = client.ask("GET", path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_aucune_page_ne_contient_de_script_ni_de_style_en_ligne(served):
    client, key = served.client(), session_key("seance-7")
    for path in ("/", "/queue", "/enter", "/agreement", f"/s/{key}", f"/s/{key}/turn/3"):
        body = client.ask("GET", path)[2]
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", body.replace(EVIL, "")), path
        assert re.findall(r"<script[^>]*>", body) == ['<script src="/static/review.js" defer>'], path
        assert "http://" not in body.replace("http://www.w3.org", "") and "https://" not in body


def test_un_texte_hostile_est_échappé_partout(served):
    client, key = served.client(), session_key("seance-7")
    client.decide("seance-7", action="comment", turn=6, seen=0, comment=EVIL)
    for path in (f"/s/{key}", f"/s/{key}/turn/6"):
        body = client.ask("GET", path)[2]
        assert "<script>document" not in body and "&lt;script&gt;document" in body


def test_ni_adresses_ni_journaux_ne_disent_le_texte(served, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    client, key = served.client(), session_key("seance-7")
    status, headers, _ = client.ask("POST", f"/s/{key}/decide", {"turn": 1, "seen": 0, "action": "comment", "comment": "pluie battante"})
    assert status == 303 and "pluie" not in headers["location"] and "seance-7" not in headers["location"]
    client.ask("POST", f"/s/{key}/decide", {"turn": 1, "seen": 0, "action": "add", "label": "licorne", "quote": "la pluie"})
    client.ask("GET", f"/s/{key}?turn=pluie")
    out, err = capfd.readouterr()
    assert "pluie" not in caplog.text + out + err and "carnet" not in caplog.text + out + err


def test_une_erreur_du_programme_ne_cite_rien(served, caplog, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("le carnet, le carnet")

    monkeypatch.setattr("alliance_nlp.review.pages.read_session", broken)
    status, headers, body = served.client().ask("GET", f"/s/{session_key('seance-7')}")
    assert status == 500 and headers["cache-control"] == "no-store"
    assert "carnet" not in body + caplog.text and "RuntimeError" in caplog.text


def test_à_l_aveugle_rien_de_la_machine_ne_sort(tmp_path):
    with serving(tmp_path / "b.sqlite", small_session(), blind=True) as served:
        client, key = served.client("R2"), session_key("seance-7")
        client.ask("POST", f"/s/{key}/seen", {"turns": "0 1 2 3 4 5 6 7"})
        bodies = [client.ask("GET", path)[2] for path in (f"/s/{key}", f"/s/{key}/glance", f"/s/{key}/turn/3")]
        for body in bodies:
            assert 'class="mk-row' not in body and "ev-" not in body and 'class="sym"' not in body and "doubt-note" not in body
        reviewed = re.findall(r'class="turn([^"]*)" id="t(\d)"', bodies[0])
        assert len(reviewed) == 8 and all("reviewed" in look for look, _ in reviewed)  # le « lu » ne trahit pas les marques
        for path in ("/queue", "/queue/next?order=doubt", f"/s/{key}/bulk?label=task&above=0"):
            assert client.ask("GET", path)[0] == 422
        assert client.ask("POST", f"/s/{key}/bulk", {"label": "task", "above": "0"})[0] == 422


# -------------------------------------------------------------------------------- beyond this machine


def test_hors_de_la_machine_il_faut_tout_dire(tmp_path):
    assert ServerSettings("fr").host == "127.0.0.1"
    for given in ({}, {"network": True}, {"network": True, "certfile": tmp_path, "keyfile": tmp_path}):
        with pytest.raises(ConfigError, match="--passwords"):
            ServerSettings("fr", "0.0.0.0", **given)
    with pytest.raises(ConfigError, match="0.0.0.0"):
        ServerSettings("fr", "0.0.0.0", network=True, certfile=tmp_path, keyfile=tmp_path, passwords=tmp_path)
    ServerSettings("fr", "192.0.2.7", network=True, certfile=tmp_path, keyfile=tmp_path, passwords=tmp_path)


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("127.evil.fr", False), ("::", False), ("", False)])
def test_la_boucle_locale(host, loopback):
    assert is_loopback(host) is loopback


def test_un_port_pris_se_dit():
    taken = bind("127.0.0.1", 0)
    with taken, pytest.raises(ConfigError, match=str(taken.getsockname()[1])):
        bind("127.0.0.1", taken.getsockname()[1])


def test_les_noms_d_hôte_admis():
    assert Place("127.0.0.1", 8747).hosts == {"127.0.0.1:8747", "localhost:8747"}
    assert Place("::1", 8747).origins == {"http://[::1]:8747", "http://localhost:8747"}
    assert Place("review.exemple.fr", 443, tls=True).origins == {"https://review.exemple.fr", "https://review.exemple.fr:443"}


@pytest.mark.slow
def test_avec_mot_de_passe_chacun_entre_avec_le_sien(tmp_path):
    pytest.importorskip("argon2")
    path = tmp_path / "mots.txt"
    add_password(path, "R1", "une phrase assez longue")
    assert path.stat().st_mode & 0o077 == 0 and "phrase" not in path.read_text(encoding="utf-8")
    with serving(tmp_path / "r.sqlite", small_session(), passwords=read_passwords(path)) as served:
        client = stranger(served)
        assert client.ask("POST", "/enter", {"code": "R1", "password": "autre"})[0] == 403
        assert client.ask("POST", "/enter", {"code": "R2", "password": "une phrase assez longue"})[0] == 403
        assert client.ask("POST", "/enter", {"code": "R1", "password": "une phrase assez longue"})[0] == 303
        assert "seance-7" in client.ask("GET", "/")[2]
        for _ in range(LOCK_AFTER):
            client.ask("POST", "/enter", {"code": "R1", "password": "autre"})
        assert stranger(served).ask("POST", "/enter", {"code": "R1", "password": "une phrase assez longue"})[0] == 403


# ------------------------------------------------------------------------------------------ by hand


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"turn": 2, "action": "accept"},
        {"turn": "deux", "seen": 0, "action": "accept"},
        {"turn": -1, "seen": 0, "action": "accept", "mark": "task"},
        {"turn": 99, "seen": 0, "action": "accept", "mark": "task"},
        {"turn": 2, "seen": 0, "action": "explode"},
        {"turn": 2, "seen": 0, "action": "accept", "mark": "bond"},
        {"turn": 2, "seen": 0, "action": "add", "label": "licorne"},
        {"turn": 2, "seen": 0, "action": "add", "label": "task", "spans": "9-4"},
        {"turn": 2, "seen": 0, "action": "add", "label": "task", "spans": "0-9999"},
        {"turn": 2, "seen": 0, "action": "add", "label": "task", "quote": "mots absents"},
        {"turn": 2, "seen": 0, "action": "add", "label": "rupture", "types": "withdrawal"},
        {"turn": 2, "seen": 0, "action": "comment", "comment": "  "},
        {"turn": 2, "seen": 0, "action": "undo"},
    ],
)
def test_une_demande_qui_n_a_pas_de_sens_est_refusée_en_une_phrase(served, form):
    status, answer = served.client().decide("seance-7", **form)
    assert status == 422 and answer["say"]
    assert [d for d in served.store.decisions("seance-7") if d.action.value != "seen"] == []


def test_accepter_ce_qu_on_a_changé_ne_ramène_pas_la_machine(served):
    client = served.client()
    client.decide("seance-7", action="change", turn=2, seen=0, mark="task", label="bond")
    (state,) = [m for m in served.store.turn_state("seance-7", 2, "R1").markers]
    client.decide("seance-7", action="accept", turn=2, seen=9, mark="task")
    (after,) = [m for m in served.store.turn_state("seance-7", 2, "R1").markers]
    assert (state, after.marker.label) == (after, "bond")


def test_une_longue_séance_s_ouvre_par_parties(tmp_path):
    with serving(tmp_path / "r.sqlite", long_session(900)) as served:
        client, key = served.client(), session_key("longue")
        first, last = client.ask("GET", f"/s/{key}")[2], client.ask("GET", f"/s/{key}?turn=899")[2]
        assert first.count('<li class="turn') == 400 and 'rel="next"' in first and 'rel="prev"' not in first
        assert 'id="t900"' in last and 'rel="next"' not in last
