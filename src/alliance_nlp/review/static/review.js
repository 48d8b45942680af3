// What the review page does beyond its forms: one key for each click, answers shown before the server has spoken,
// words chosen with the mouse or the arrows, keys of one's own.  Without this script every decision can still be made
// through the forms.  Nothing leaves the machine; only the keys are kept (localStorage), never what was said.
(() => {
  "use strict";
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (selector, root = document) => root.querySelector(selector);

  all(".js-only").forEach((part) => { part.hidden = false; });
  all("form[data-auto] select, form[data-auto] input").forEach((field) => field.addEventListener("change", () => field.form.requestSubmit()));
  const desk = one("#bureau");
  if (desk) work(desk); else page();

  // ---------------------------------------------------------------------------------------- keys
  function keyboard(act, active) {
    const KEPT = "alliance-nlp.review.keys";
    const buttons = () => all('[data-do]:not([data-group="always"])'); // arrows, Enter and Escape stay what they are
    const standard = Object.fromEntries(buttons().map((button) => [button.dataset.do, button.dataset.key]));
    const read = () => { try { return JSON.parse(localStorage.getItem(KEPT)) || {}; } catch { return {}; } };
    let kept = read();
    const keep = (change) => { kept = { ...kept, ...change }; try { localStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* private window */ } show(); };
    const keyOf = (name) => (kept.keys && kept.keys[name]) || standard[name];
    const isOn = () => kept.on !== false;

    function show() {
      for (const button of buttons()) {
        const key = keyOf(button.dataset.do);
        const sign = one("kbd", button);
        if (sign) sign.textContent = key === " " ? "␣" : key;
        if (isOn()) button.setAttribute("aria-keyshortcuts", key); else button.removeAttribute("aria-keyshortcuts");
      }
      document.body.classList.toggle("keys-off", !isOn());
      const box = one("#touches");
      if (box) box.checked = isOn();
    }

    function typing(target) {
      if (!(target instanceof Element)) return false;
      if (target.isContentEditable || target.closest("textarea, select, dialog")) return true;
      const input = target.closest("input");
      return Boolean(input) && !["checkbox", "button", "radio", "submit"].includes(input.type);
    }

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing || typing(event.target)) return;
      const own = active(event);
      if (own === "done") { event.preventDefault(); return; }
      if (!isOn()) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const found = buttons().find((button) => keyOf(button.dataset.do) === key && !button.closest("[hidden]") && button.dataset.group === own);
      if (!found) return;
      event.preventDefault();
      if (!found.disabled) act(found.dataset.do, found);
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-do]");
      if (button) { event.preventDefault(); act(button.dataset.do, button); }
    });
    const box = one("#touches");
    if (box) box.addEventListener("change", () => keep({ on: box.checked }));
    remap({ standard, keyOf, keep, buttons });
    show();
  }

  function remap({ keyOf, keep, buttons }) {
    const dialog = one("#mes-touches");
    if (!dialog) return;
    const form = one("form", dialog);
    const fields = () => all("input[data-for]", form);
    const fill = () => fields().forEach((field) => { field.value = keyOf(field.dataset.for); });
    one("#changer-touches").addEventListener("click", () => { fill(); one(".problem", dialog).textContent = ""; dialog.showModal(); });
    one("#touches-usine").addEventListener("click", () => { keep({ keys: {} }); fill(); });
    one("#touches-fermer").addEventListener("click", () => dialog.close());
    fields().forEach((field) => field.addEventListener("keydown", (event) => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.value = event.key.toLowerCase();
    }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const keys = Object.fromEntries(fields().map((field) => [field.dataset.for, field.value]));
      const group = Object.fromEntries(buttons().map((button) => [button.dataset.do, button.dataset.group]));
      const taken = new Set();
      for (const [name, key] of Object.entries(keys)) {
        const place = group[name] + "\n" + key;
        if (!key.trim() || taken.has(place)) { one(".problem", dialog).textContent = dialog.dataset.problem.replace("{letter}", key); return; }
        taken.add(place);
      }
      keep({ keys });
      dialog.close();
    });
  }

  // ------------------------------------------------------------------- pages other than a session's
  function page() {
    if (!one("[data-do]")) return;
    let current = null;
    const rows = () => all("[data-row]");
    function goTo(row) {
      if (!row) return;
      if (current) current.classList.remove("current");
      current = row;
      row.classList.add("current");
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
    }
    function act(name, button) {
      if (button.type === "submit") { button.form.requestSubmit(button); return; }
      const list = rows();
      const at = list.indexOf(current);
      if (name === "nextRow") goTo(list[Math.min(at + 1, list.length - 1)]);
      else if (name === "previousRow") goTo(list[Math.max(at - 1, 0)]);
      else if (name.startsWith("keep")) {
        const boxes = current ? all("input[type=checkbox][data-pick]", current) : [];
        const box = boxes[Number(name.slice(4)) - 1];
        if (box) box.checked = !box.checked;
      } else if (name === "settle" && current) { const form = one("form", current); if (form) form.requestSubmit(); }
    }
    keyboard(act, () => "page");
    const first = rows()[0];
    if (location.hash) { const asked = one(location.hash); if (asked && asked.matches("[data-row]")) goTo(asked); }
    else if (first) { current = first; first.classList.add("current"); }
    document.addEventListener("focusin", (event) => {
      const row = event.target.closest && event.target.closest("[data-row]");
      if (row && row !== current) { if (current) current.classList.remove("current"); current = row; row.classList.add("current"); }
    });
  }

  // --------------------------------------------------------------------------------- a session's page
  function work(desk) {
    const words = JSON.parse(desk.dataset.words);
    const url = desk.dataset.url;
    const tell = one("#dire");
    const turns = () => all(".turn", desk);
    const marksOf = (turn) => all(".mk-row", turn);
    let turn = null;
    let markId = null;
    let mode = null; // null, or { name: "label" | "type" | "words", then, … }
    let chain = Promise.resolve(); // one request after the other: each carries what the one before brought
    let waiting = 0;
    const unsaved = new Map();

    const say = (text) => { tell.textContent = ""; tell.textContent = text || ""; };
    const mark = () => (turn && markId !== null ? one(`.mk-row[data-mark="${CSS.escape(markId)}"]`, turn) : null);

    // ------------------------------------------------------------------ where we are
    function setCurrent(next, nextMark, { scroll = true, focus = true } = {}) {
      all(".current", desk).forEach((node) => node.classList.remove("current"));
      if (!next) return;
      if (next !== turn) leaveMode();
      turn = next;
      markId = nextMark ? nextMark.dataset.mark : null;
      turn.classList.add("current");
      const row = mark();
      if (row) row.classList.add("current");
      if (focus) (row || turn).focus({ preventScroll: true });
      if (scroll) bringIntoView(turn);
      history.replaceState(null, "", "#" + turn.id);
      see(turn);
      tools();
    }

    function bringIntoView(node) {
      const { top, bottom } = node.getBoundingClientRect();
      const panel = one("#outils");
      const floor = getComputedStyle(panel).position === "fixed" ? panel.getBoundingClientRect().top : innerHeight;
      if (top < 8 || bottom > floor - 8) scrollBy({ top: top - Math.max(0, Math.min((floor - (bottom - top)) / 2, floor / 3)) });
    }

    function tools() {
      const row = mark();
      const has = { mark: Boolean(row), rupture: Boolean(row) && row.dataset.types !== "", turn: Boolean(turn) };
      all("[data-needs]").forEach((button) => { button.setAttribute("aria-disabled", String(!has[button.dataset.needs])); });
      const role = turn ? turn.dataset.may.split(" ") : [];
      all("[data-label]", one("#choix")).forEach((button) => { button.disabled = Boolean(turn) && !role.includes(button.dataset.label); });
    }

    function follows(node, from) { return Boolean(from.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING); }

    function stepTurn(by) {
      const list = turns();
      const next = list[turn ? list.indexOf(turn) + by : (by > 0 ? 0 : list.length - 1)];
      if (next) setCurrent(next, marksOf(next)[0]); else beyond(by);
    }

    function stepMark(by, { pendingOnly = false } = {}) {
      const rows = all(".mk-row", desk).filter((row) => !pendingOnly || row.dataset.status === "pending");
      const from = mark() || turn;
      let next;
      if (!from) next = by > 0 ? rows[0] : rows[rows.length - 1];
      else if (by > 0) next = rows.find((row) => row !== from && follows(row, from) );
      else next = rows.filter((row) => row !== from && !follows(row, from) && !from.contains(row)).pop();
      if (next) setCurrent(next.closest(".turn"), next); else beyond(by);
    }

    function beyond(by) {
      const link = one(by > 0 ? "a[rel=next]" : "a[rel=prev]");
      if (link) settled(() => location.assign(link.href));
      else say(by > 0 ? words.last : words.first);
    }

    function nextInQueue() {
      const order = desk.dataset.order;
      if (!order) { stepMark(1, { pendingOnly: true }); return; }
      const from = mark();
      const rest = turn && from ? marksOf(turn).filter((row) => row.dataset.status === "pending" && follows(row, from)) : [];
      if (rest.length) { setCurrent(turn, rest[0]); return; } // a turn with two marks is left when both are seen
      settled(() => location.assign(desk.dataset.next));
    }

    // ------------------------------------------------------------------ seen
    const toSee = new Set();
    let seeing = 0;
    function see(node) {
      if (node.dataset.seen === "yes") return;
      node.dataset.seen = "yes";
      toSee.add(node);
      clearTimeout(seeing);
      seeing = setTimeout(sendSeen, 700);
    }
    function sendSeen() {
      if (!toSee.size) return;
      const list = Array.from(toSee).map((node) => node.dataset.turn).join(" ");
      toSee.clear();
      send("seen", () => ({ turns: list }));
    }

    // ------------------------------------------------------------------ talking to the server
    // ``fields`` is asked when the request leaves, so that it holds the newest number of its turn.
    function send(route, fields, { node = null, undoLook = null } = {}) {
      waiting += 1;
      chain = chain.then(async () => {
        const body = new URLSearchParams(fields());
        let answer;
        try {
          const response = await fetch(`${url}/${route}`, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
          answer = await response.json();
          answer.status = response.status;
        } catch {
          answer = { status: 0, say: words.offline };
        }
        waiting -= 1;
        take(answer, { node, undoLook, route, fields });
      });
      return chain;
    }

    function settled(then) { sendSeen(); chain.then(then); }

    function take(answer, { node, undoLook, route, fields }) {
      for (const [index, html] of Object.entries(answer.turns || {})) replace(index, html);
      for (const [index, seq] of Object.entries(answer.seen || {})) { const at = one(`.turn[data-turn="${index}"]`, desk); if (at) { at.dataset.seq = seq; at.classList.add("seen"); } }
      if (answer.status === 409) { conflict(answer, route, fields); return; }
      if (answer.status !== 200) {
        if (undoLook) undoLook();
        if (node && answer.status === 0) { unsaved.set(node.dataset.turn, true); retry(node.dataset.turn, route, fields); }
        problem(answer.say || words.refused);
        return;
      }
      if (node) unsaved.delete(node.dataset.turn);
      if (answer.go) { location.assign(answer.go); return; }
      if (answer.say) say(answer.say);
      if (answer.at !== undefined) { const at = one(`.turn[data-turn="${answer.at}"]`, desk); if (at) setCurrent(at, marksOf(at)[0]); }
      glanceSoon();
    }

    function replace(index, html) {
      const old = one(`.turn[data-turn="${index}"]`, desk);
      if (!old) return;
      const holder = document.createElement("template");
      holder.innerHTML = html; // made and escaped by our own server
      const fresh = holder.content.firstElementChild;
      const focused = old.contains(document.activeElement);
      old.replaceWith(fresh);
      if (old !== turn) return;
      turn = fresh;
      turn.classList.add("current");
      if (markId !== null && !mark()) markId = marksOf(turn).length ? marksOf(turn)[0].dataset.mark : null;
      const row = mark();
      if (row) row.classList.add("current");
      if (focused) (row || turn).focus({ preventScroll: true });
      tools();
    }

    // A page that was overtaken in another window: the newer version is shown, the decision is offered again.
    function conflict(answer, route, fields) {
      const at = one(`.turn[data-turn="${answer.turn}"]`, desk);
      if (!at) { problem(answer.say); return; }
      const note = notice("#perime", at, answer.say);
      one("[data-again]", note).addEventListener("click", () => { note.remove(); send(route, () => ({ ...fields(), seen: one(`.turn[data-turn="${answer.turn}"]`, desk).dataset.seq }), { node: at }); });
      one("[data-leave]", note).addEventListener("click", () => { note.remove(); setCurrent(one(`.turn[data-turn="${answer.turn}"]`, desk)); });
      one("[data-again]", note).focus();
    }

    function retry(index, route, fields) {
      const at = one(`.turn[data-turn="${index}"]`, desk);
      const note = notice("#non-enregistre", at, words.offline);
      one("[data-again]", note).addEventListener("click", () => { note.remove(); send(route, fields, { node: at }); });
    }

    function notice(template, at, sentence) {
      all(".in-turn", at).forEach((old) => old.remove());
      const note = one(template).content.firstElementChild.cloneNode(true);
      one(".sentence", note).textContent = sentence;
      one(".talk", at).append(note);
      say(sentence);
      return note;
    }

    function problem(sentence) {
      const box = one("#souci");
      one(".sentence", box).textContent = sentence;
      box.hidden = false;
      say(sentence);
    }

    addEventListener("beforeunload", (event) => { if (waiting > 0 || unsaved.size) event.preventDefault(); });
    addEventListener("pagehide", () => { if (toSee.size) sendSeen(); });

    // Map and progress cost more than a decision: they follow when the hand rests.
    let drawing = 0;
    function glanceSoon() {
      clearTimeout(drawing);
      drawing = setTimeout(async () => {
        try {
          const response = await fetch(`${url}/glance?part=${desk.dataset.part}`, { headers: { Accept: "application/json" } });
          const drawn = await response.json();
          if (!response.ok) return;
          one("#carte").innerHTML = drawn.map;
          one("#avancement").innerHTML = drawn.progress;
        } catch { /* they wait for the next decision */ }
      }, 900);
    }

    // ------------------------------------------------------------------ deciding
    function decide(action, more = {}, look = null) {
      const node = turn;
      const index = node.dataset.turn;
      const now = () => one(`.turn[data-turn="${index}"]`, desk) || node;
      const before = look ? look() : null;
      see(node);
      toSee.delete(node);
      const open = desk.dataset.part;
      return send("decide", () => ({ action, turn: index, seen: now().dataset.seq, part: open, ...more }), { node, undoLook: before });
    }

    // The look changes at once; the server's own version follows within moments, or the old look returns.
    function paint(row, status) {
      return () => {
        const old = row.dataset.status;
        row.dataset.status = status;
        const sign = one(".status", row);
        const text = sign.textContent;
        sign.textContent = words["status_" + status];
        return () => { row.dataset.status = old; sign.textContent = text; };
      };
    }

    function judge(action) {
      const row = mark() || (turn && marksOf(turn)[0]);
      if (!row) { say(words.no_mark_here); return false; }
      markId = row.dataset.mark;
      decide(action, { mark: row.dataset.mark }, paint(row, action === "accept" ? "accepted" : "rejected"));
      return true;
    }

    const actions = {
      accept: () => judge("accept"),
      acceptNext: () => { if (judge("accept")) nextInQueue(); },
      reject: () => judge("reject"),
      change: () => { if (needMark()) choose("label", ({ label, types }) => decide("change", { mark: mark().dataset.mark, label, types })); },
      type: () => {
        if (!needMark()) return;
        if (!mark().dataset.types) { say(words.no_type_here); return; }
        choose("type", ({ types }) => decide("change", { mark: mark().dataset.mark, label: mark().dataset.label, types }));
      },
      span: () => { if (needMark()) { const id = mark().dataset.mark; chooseWords((spans) => decide("change", { mark: id, spans }), mark()); } },
      add: () => { if (needTurn()) { const picked = selected(); choose("label", ({ label, types }) => (picked ? decide("add", { label, types, spans: picked }) : chooseWords((spans) => decide("add", { label, types, spans }), null))); } },
      none: () => { if (needTurn()) decide("none"); },
      comment: () => { if (needTurn()) comment(); },
      flag: () => { if (needTurn()) decide(turn.dataset.flagged === "yes" ? "unflag" : "flag"); },
      undo: () => send("undo", () => ({ part: desk.dataset.part }), {}),
      redo: () => send("redo", () => ({ part: desk.dataset.part }), {}),
      nextMark: () => (desk.dataset.order ? nextInQueue() : stepMark(1)),
      previousMark: () => stepMark(-1),
      nextTurn: () => stepTurn(1),
      previousTurn: () => stepTurn(-1),
      readHere: () => { if (needTurn()) readHere(); },
      cancel: () => { const from = mark() || turn; leaveMode(); if (from) from.focus({ preventScroll: true }); },
      wordsLeft: () => moveWords("start", -1), wordsRight: () => moveWords("start", 1),
      wordsMore: () => moveWords("end", 1), wordsLess: () => moveWords("end", -1),
      wordsAll: () => allWords(), wordsDone: () => doneWords(),
    };

    function needTurn() { if (turn) return true; const list = turns(); if (list.length) setCurrent(list[0], marksOf(list[0])[0]); return Boolean(turn); }
    function needMark() { if (!mark() && turn && marksOf(turn)[0]) markId = marksOf(turn)[0].dataset.mark; if (mark()) return true; say(words.no_mark_here); return false; }

    function readHere() {
      const list = turns();
      for (const node of list.slice(0, list.indexOf(turn) + 1)) if (node.dataset.seen !== "yes") { node.dataset.seen = "yes"; node.classList.add("seen"); toSee.add(node); }
      sendSeen();
      say(words.read_here);
    }

    // ------------------------------------------------------------------ choosing a label or a type
    function choose(kind, then) {
      enter({ name: kind, then });
      const buttons = all("#choix [data-label]");
      const owner = mark() && mark().dataset.label;
      buttons.forEach((button) => { button.hidden = kind === "type" && (button.dataset.label !== owner || !button.dataset.types); });
      one("#choix h2").textContent = kind === "type" ? words.choose_type : words.choose_label;
      const first = buttons.find((button) => !button.hidden && !button.disabled);
      if (first) first.focus({ preventScroll: true });
    }

    function enter(next) {
      leaveMode();
      mode = next;
      one("#agir").hidden = true;
      one("#choix").hidden = next.name === "words";
      one("#mots").hidden = next.name !== "words";
      tools();
    }

    function leaveMode() {
      if (!mode) return;
      mode = null;
      one("#agir").hidden = false;
      one("#choix").hidden = true;
      one("#mots").hidden = true;
      getSelection().removeAllRanges();
    }

    // ------------------------------------------------------------------ words
    // The page counts UTF-16 units, records count code points: the border is here.
    const points = (text, end) => Array.from(text.slice(0, end)).length;
    const said = (node) => one(".said", node);

    function selected() {
      const selection = getSelection();
      if (selection.isCollapsed || !selection.rangeCount) return "";
      const range = selection.getRangeAt(0);
      const box = range.startContainer.parentElement.closest(".said");
      if (!box || !box.contains(range.endContainer)) return "";
      if (box !== said(turn)) setCurrent(box.closest(".turn"), null, { scroll: false, focus: false });
      const before = document.createRange();
      before.selectNodeContents(box);
      before.setEnd(range.startContainer, range.startOffset);
      let start = before.toString().length;
      let end = start + range.toString().length;
      const text = box.textContent;
      while (start < end && /\s/.test(text[start])) start += 1;
      while (end > start && /\s/.test(text[end - 1])) end -= 1;
      return start < end ? `${points(text, start)}-${points(text, end)}` : "";
    }

    function chooseWords(then, row) {
      const picked = selected();
      if (picked && said(turn)) { leaveMode(); then(picked); return; }
      const text = said(turn).textContent;
      const list = Array.from(text.matchAll(/\S+/gu), (match) => ({ start: match.index, end: match.index + match[0].length }));
      if (!list.length) { say(words.no_words); return; }
      enter({ name: "words", then, list, text, first: 0, last: list.length - 1 });
      if (row && row.dataset.spans) {
        const [start, end] = row.dataset.spans.split(" ")[0].split("-").map(Number);
        const covered = list.filter((word) => points(text, word.end) > start && points(text, word.start) < end);
        if (covered.length) { mode.first = list.indexOf(covered[0]); mode.last = list.indexOf(covered[covered.length - 1]); }
      } else mode.last = 0;
      one("#mots button").focus({ preventScroll: true });
      showWords();
    }

    function showWords() {
      const { list, first, last, text } = mode;
      const selection = getSelection();
      const [a, b] = [place(said(turn), list[first].start), place(said(turn), list[last].end)];
      selection.setBaseAndExtent(a.node, a.offset, b.node, b.offset);
      say(text.slice(list[first].start, list[last].end));
    }

    function place(box, offset) {
      const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
      let left = offset;
      let node = walker.nextNode();
      while (node && left > node.data.length) { left -= node.data.length; node = walker.nextNode(); }
      return { node: node || box, offset: node ? left : 0 };
    }

    function moveWords(edge, by) {
      if (!mode || mode.name !== "words") return;
      const top = mode.list.length - 1;
      if (edge === "start") { const length = mode.last - mode.first; mode.first = Math.min(Math.max(mode.first + by, 0), top); mode.last = Math.min(mode.first + length, top); }
      else mode.last = Math.min(Math.max(mode.last + by, mode.first), top);
      showWords();
    }
    function allWords() { mode.first = 0; mode.last = mode.list.length - 1; showWords(); }
    function doneWords() {
      const { list, first, last, text, then } = mode;
      const node = turn;
      leaveMode();
      (mark() || node).focus({ preventScroll: true });
      then(`${points(text, list[first].start)}-${points(text, list[last].end)}`);
    }

    // ------------------------------------------------------------------ comment
    function comment() {
      const dialog = one("#commentaire");
      const field = one("textarea", dialog);
      one("[data-turn-name]", dialog).textContent = turn.dataset.name;
      dialog.returnValue = "";
      field.value = "";
      dialog.showModal();
      field.focus();
      dialog.onclose = () => {
        if (dialog.returnValue === "keep" && field.value.trim()) decide("comment", { comment: field.value.trim() });
        (mark() || turn).focus({ preventScroll: true });
      };
    }
    one("#commentaire textarea").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); one("#commentaire").close("keep"); }
    });

    // ------------------------------------------------------------------ set to work
    function act(name, button) {
      if (button && button.dataset.label !== undefined && mode) {
        if (button.disabled || button.hidden) return;
        const { then } = mode;
        const choice = { label: button.dataset.label, types: button.dataset.types };
        const from = mark() || turn;
        leaveMode();
        from.focus({ preventScroll: true });
        then(choice);
        return;
      }
      if (actions[name]) actions[name]();
    }

    function active(event) {
      if (event.key === "Escape" && mode) { actions.cancel(); return "done"; }
      if (mode && mode.name === "words") {
        const moves = { ArrowLeft: event.shiftKey ? "wordsLess" : "wordsLeft", ArrowRight: event.shiftKey ? "wordsMore" : "wordsRight", Enter: "wordsDone", Home: "wordsAll" };
        const other = event.target.closest && event.target.closest('#mots button:not([data-do="wordsDone"])'); // Enter presses it
        if (moves[event.key] && !(event.key === "Enter" && other)) { actions[moves[event.key]](); return "done"; }
        return "words";
      }
      return mode ? "choose" : "act";
    }

    keyboard(act, active);

    desk.addEventListener("submit", (event) => {
      const form = event.target.closest("form[data-judge]");
      if (!form || !event.submitter) return;
      event.preventDefault();
      const row = form.closest(".mk-row");
      setCurrent(row.closest(".turn"), row, { scroll: false });
      actions[event.submitter.value]();
    });
    desk.addEventListener("click", (event) => {
      if (event.target.closest("button, a, input, summary")) return;
      const node = event.target.closest(".turn");
      if (!node || !getSelection().isCollapsed) return;
      setCurrent(node, event.target.closest(".mk-row") || marksOf(node)[0], { scroll: false });
    });
    // A selection of words makes its turn the current one, so that « add » speaks of it.
    document.addEventListener("selectionchange", () => {
      if (mode) return;
      const selection = getSelection();
      if (selection.isCollapsed || !selection.anchorNode) return;
      const element = selection.anchorNode.nodeType === 1 ? selection.anchorNode : selection.anchorNode.parentElement;
      const node = element && element.closest("#bureau .turn");
      if (node && node !== turn) setCurrent(node, null, { scroll: false, focus: false });
    });
    one("#souci button").addEventListener("click", () => { one("#souci").hidden = true; });

    function fromHash() {
      const asked = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (asked && asked.classList.contains("turn")) { setCurrent(asked, marksOf(asked).find((row) => row.dataset.status === "pending") || marksOf(asked)[0]); bringIntoView(asked); }
    }
    addEventListener("hashchange", fromHash);
    fromHash();
    tools();
  }
})();
