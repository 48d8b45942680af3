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
    const list = one("[data-words]");
    const pick = list && one("#mots") ? picker({
      words: JSON.parse(list.dataset.words), current: () => current, rest: () => current, owner: () => null,
      goTo: (row) => goTo(row), say: (text) => { one("#dire").textContent = text || ""; },
    }) : null;

    function act(name, button) {
      if (button.type === "submit") { button.form.requestSubmit(button); return; }
      if (pick && pick.act(name, button)) return;
      const list = rows();
      const at = list.indexOf(current);
      if (name === "nextRow") goTo(list[Math.min(at + 1, list.length - 1)]);
      else if (name === "previousRow") goTo(list[Math.max(at - 1, 0)]);
      else if (name.startsWith("keep")) press(current && all("[data-pick]", current)[Number(name.slice(4)) - 1]);
      else if (name === "settle" && current) { const form = one("form", current); if (form) form.requestSubmit(); }
      else if (name === "addMark" && current) addMark(current);
      else if (name === "dropRow" && current) focusOn(one("[data-reason]", current));
      else if (name === "otherTurn" && current) focusOn(one("[data-other]", current));
      else if (name === "undoRow") { const form = one("#reprendre"); if (form) form.requestSubmit(); }
    }
    function focusOn(field) { if (field) field.focus(); }
    function press(chosen) {
      if (!chosen) return;
      if (chosen.type === "checkbox") chosen.checked = !chosen.checked;
      else if (chosen.href) location.assign(chosen.href);
      else chosen.form.requestSubmit(chosen);
    }

    // A mark that nobody gave: it joins the others to be ticked, and is kept with them when the turn is settled.
    function addMark(row) {
      const then = (choice, spans) => {
        const line = one("#marque-ajoutee").content.firstElementChild.cloneNode(true);
        const box = one("input", line);
        box.value = `${choice.label}:${choice.types}:${spans}`;
        one(".mark", line).className = `mark mark-${choice.label}`;
        one(".mark", line).append(...Array.from(choice.look.childNodes, (node) => node.cloneNode(true)));
        one(".quote", line).textContent = pick.quoted(one(".said", row), spans);
        one("fieldset", row).append(line);
        box.focus({ preventScroll: true });
      };
      const picked = pick.selected();
      pick.choose("label", (choice) => (picked ? then(choice, picked) : pick.chooseWords((spans) => then(choice, spans), "")));
    }
    keyboard(act, (event) => (pick && pick.keys(event)) || "page");
    const first = rows()[0];
    if (location.hash) { const asked = one(location.hash); if (asked && asked.matches("[data-row]")) goTo(asked); }
    else if (first) { current = first; first.classList.add("current"); }
    document.addEventListener("focusin", (event) => {
      const row = event.target.closest && event.target.closest("[data-row]");
      if (row && row !== current) { if (current) current.classList.remove("current"); current = row; row.classList.add("current"); }
    });
  }

  // ------------------------------------------------- choosing a label or a type, choosing words
  // The page counts UTF-16 units, records count code points: the border is here.
  function picker({ words, say, current, rest, goTo, owner }) {
    let mode = null; // null, or { name: "label" | "type" | "words", then, … }
    const points = (text, end) => Array.from(text.slice(0, end)).length;
    const said = (node) => one(".said", node);

    function limit() {
      const may = current() ? current().dataset.may.split(" ") : null;
      all("[data-label]", one("#choix")).forEach((button) => { button.disabled = Boolean(may) && !may.includes(button.dataset.label); });
    }

    function enter(next) {
      leave();
      mode = next;
      one("#agir").hidden = true;
      one("#choix").hidden = next.name === "words";
      one("#mots").hidden = next.name !== "words";
      limit();
    }

    function leave() {
      if (!mode) return;
      mode = null;
      one("#agir").hidden = false;
      one("#choix").hidden = true;
      one("#mots").hidden = true;
      shade([]);
      getSelection().removeAllRanges();
    }

    function cancel() { const from = rest(); leave(); if (from) from.focus({ preventScroll: true }); }

    function choose(kind, then) {
      enter({ name: kind, then });
      const buttons = all("#choix [data-label]");
      buttons.forEach((button) => { button.hidden = kind === "type" && (button.dataset.label !== owner() || !button.dataset.types); });
      one("#choix h2").textContent = kind === "type" ? words.choose_type : words.choose_label;
      const first = buttons.find((button) => !button.hidden && !button.disabled);
      if (first) first.focus({ preventScroll: true });
    }

    function chosen(button) {
      if (button.disabled || button.hidden) return;
      const { then } = mode;
      const from = rest();
      leave();
      from.focus({ preventScroll: true });
      then({ label: button.dataset.label, types: button.dataset.types, look: one("span", button) });
    }

    // The words selected with the mouse, as « start-end » in code points, white space at the edges left out.
    function selected() {
      const range = selectedRange();
      const box = range && range.startContainer.parentElement.closest(".said");
      if (!box || !box.contains(range.endContainer)) return "";
      if (box !== said(current())) goTo(box.closest("[data-may]"));
      let [start, end] = offsets(box, range);
      const text = box.textContent;
      while (start < end && /\s/.test(text[start])) start += 1;
      while (end > start && /\s/.test(text[end - 1])) end -= 1;
      return start < end ? `${points(text, start)}-${points(text, end)}` : "";
    }

    function selectedRange() {
      const selection = getSelection();
      return selection.isCollapsed || !selection.rangeCount ? null : selection.getRangeAt(0);
    }

    function offsets(box, range) {
      const before = document.createRange();
      before.selectNodeContents(box);
      before.setEnd(range.startContainer, range.startOffset);
      const start = before.toString().length;
      return [start, start + range.toString().length];
    }

    // Words are taken in one or several passages: ``runs`` of ``list``, one of them at hand.
    function chooseWords(then, spans) {
      const picked = current() ? selected() : "";
      if (picked) { leave(); then(picked); return; }
      const text = said(current()).textContent;
      const list = Array.from(text.matchAll(/\S+/gu), (match) => ({ start: match.index, end: match.index + match[0].length }));
      if (!list.length) { say(words.no_words); return; }
      const runs = (spans ? spans.split(" ") : []).map((span) => {
        const [start, end] = span.split("-").map(Number);
        return covered(list, (word) => points(text, word.end) > start && points(text, word.start) < end);
      }).filter(Boolean);
      enter({ name: "words", then, list, text, runs: runs.length ? runs : [{ first: 0, last: 0 }], at: 0 });
      one("#mots button").focus({ preventScroll: true });
      showWords();
    }

    function covered(list, inside) {
      const first = list.findIndex(inside);
      return first < 0 ? null : { first, last: list.length - 1 - [...list].reverse().findIndex(inside) };
    }

    const run = () => mode.runs[mode.at];
    const wordsOf = ({ first, last }) => mode.text.slice(mode.list[first].start, mode.list[last].end);

    function rangeOf({ first, last }) {
      const box = said(current());
      const range = document.createRange();
      const [a, b] = [place(box, mode.list[first].start), place(box, mode.list[last].end)];
      range.setStart(a.node, a.offset);
      range.setEnd(b.node, b.offset);
      return range;
    }

    function shade(ranges) {
      if (!CSS.highlights) return; // older browsers: the list of passages tells as much
      if (ranges.length) CSS.highlights.set("passages", new Highlight(...ranges)); else CSS.highlights.delete("passages");
    }

    function showWords() {
      const range = rangeOf(run());
      getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
      listRuns();
      say(wordsOf(run()));
    }

    function listRuns() {
      shade(mode.runs.filter((one) => one !== run()).map(rangeOf));
      const list = one("#passages");
      list.hidden = mode.runs.length < 2;
      list.replaceChildren(...mode.runs.map((each, number) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = wordsOf(each);
        button.dataset.run = String(number);
        if (number === mode.at) button.setAttribute("aria-current", "true");
        const line = document.createElement("li");
        line.append(button);
        return line;
      }));
    }

    function place(box, offset) {
      const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
      let left = offset;
      let node = walker.nextNode();
      while (node && left > node.data.length) { left -= node.data.length; node = walker.nextNode(); }
      return { node: node || box, offset: node ? left : 0 };
    }

    function move(edge, by) {
      const top = mode.list.length - 1;
      const here = run();
      if (edge === "start") { const length = here.last - here.first; here.first = Math.min(Math.max(here.first + by, 0), top); here.last = Math.min(here.first + length, top); }
      else here.last = Math.min(Math.max(here.last + by, here.first), top);
      showWords();
    }

    function another() {
      const free = Math.max(...mode.runs.map((each) => each.last)) + 1;
      const place = free < mode.list.length ? free : mode.list.findIndex((_, number) => !mode.runs.some((each) => each.first <= number && number <= each.last));
      if (place < 0) { say(words.no_words_left); return; }
      mode.runs.push({ first: place, last: place });
      mode.at = mode.runs.length - 1;
      showWords();
    }

    function without() {
      if (mode.runs.length < 2) { say(words.one_passage); return; }
      mode.runs.splice(mode.at, 1);
      mode.at = Math.min(mode.at, mode.runs.length - 1);
      showWords();
    }

    function turnTo(number) { mode.at = (number + mode.runs.length) % mode.runs.length; showWords(); }

    function done() {
      const { list, text, then } = mode;
      const joined = [];
      for (const each of [...mode.runs].sort((a, b) => a.first - b.first)) {
        const before = joined[joined.length - 1];
        if (before && each.first <= before.last) before.last = Math.max(before.last, each.last); else joined.push({ ...each });
      }
      const from = rest();
      leave();
      from.focus({ preventScroll: true });
      then(joined.map(({ first, last }) => `${points(text, list[first].start)}-${points(text, list[last].end)}`).join(" "));
    }

    const actions = {
      cancel, wordsDone: done, wordsAnother: another, wordsDrop: without,
      wordsLeft: () => move("start", -1), wordsRight: () => move("start", 1), wordsMore: () => move("end", 1), wordsLess: () => move("end", -1),
      wordsAll: () => { Object.assign(run(), { first: 0, last: mode.list.length - 1 }); showWords(); },
      wordsNext: () => turnTo(mode.at + 1), wordsPrevious: () => turnTo(mode.at - 1),
    };

    function act(name, button) {
      if (!mode) return false;
      if (button && button.dataset.label !== undefined) { chosen(button); return true; }
      if (!actions[name] || (name !== "cancel" && mode.name !== "words")) return false;
      actions[name]();
      return true;
    }

    function keys(event) {
      if (!mode) return null;
      if (event.key === "Escape") { cancel(); return "done"; }
      if (mode.name !== "words") return "choose";
      const moves = {
        ArrowLeft: event.shiftKey ? "wordsLess" : "wordsLeft", ArrowRight: event.shiftKey ? "wordsMore" : "wordsRight", ArrowUp: "wordsPrevious",
        ArrowDown: "wordsNext", Enter: "wordsDone", " ": "wordsAnother", Delete: "wordsDrop", Backspace: "wordsDrop", Home: "wordsAll",
      };
      const other = event.target.closest && event.target.closest('#mots button:not([data-do="wordsDone"])'); // Enter and Space press it
      if (moves[event.key] && !("Enter ".includes(event.key) && other)) { actions[moves[event.key]](); return "done"; }
      return "words";
    }

    // Firefox presses a focused button when Space is let go, whatever became of the key press.
    document.addEventListener("keyup", (event) => { if (event.key === " " && mode && mode.name === "words" && event.target.matches('[data-do="wordsDone"]')) event.preventDefault(); });

    // Dragging over words while choosing takes them as the passage at hand.
    document.addEventListener("selectionchange", () => {
      if (!mode || mode.name !== "words") return;
      const range = selectedRange();
      const box = said(current());
      if (!range || !box.contains(range.startContainer) || !box.contains(range.endContainer)) return;
      const [start, end] = offsets(box, range);
      const taken = covered(mode.list, (word) => word.end > start && word.start < end);
      if (!taken || (taken.first === run().first && taken.last === run().last)) return;
      Object.assign(run(), taken);
      listRuns();
    });
    one("#passages").addEventListener("click", (event) => {
      const button = event.target.closest("[data-run]");
      if (button && mode && mode.name === "words") { turnTo(Number(button.dataset.run)); one("#mots button").focus({ preventScroll: true }); }
    });

    function quoted(box, spans) {
      const letters = Array.from(box.textContent);
      return spans.split(" ").map((span) => letters.slice(...span.split("-").map(Number)).join("")).join(" … ");
    }

    return { choose, chooseWords, selected, leave, act, keys, quoted, limit, open: () => Boolean(mode) };
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
    let chain = Promise.resolve(); // one request after the other: each carries what the one before brought
    let waiting = 0;
    const unsaved = new Map();

    const say = (text) => { tell.textContent = ""; tell.textContent = text || ""; };
    const pick = picker({
      words, say, current: () => turn, rest: () => mark() || turn, owner: () => mark() && mark().dataset.label,
      goTo: (node) => setCurrent(node, null, { scroll: false, focus: false }),
    });
    const mark = () => (turn && markId !== null ? one(`.mk-row[data-mark="${CSS.escape(markId)}"]`, turn) : null);

    // ------------------------------------------------------------------ where we are
    function setCurrent(next, nextMark, { scroll = true, focus = true } = {}) {
      all(".current", desk).forEach((node) => node.classList.remove("current"));
      if (!next) return;
      if (next !== turn) pick.leave();
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
      pick.limit();
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
      change: () => { if (needMark()) pick.choose("label", ({ label, types }) => decide("change", { mark: mark().dataset.mark, label, types })); },
      type: () => {
        if (!needMark()) return;
        if (!mark().dataset.types) { say(words.no_type_here); return; }
        pick.choose("type", ({ types }) => decide("change", { mark: mark().dataset.mark, label: mark().dataset.label, types }));
      },
      span: () => { if (needMark()) { const id = mark().dataset.mark; pick.chooseWords((spans) => decide("change", { mark: id, spans }), mark().dataset.spans); } },
      add: () => { if (needTurn()) { const picked = pick.selected(); pick.choose("label", ({ label, types }) => (picked ? decide("add", { label, types, spans: picked }) : pick.chooseWords((spans) => decide("add", { label, types, spans }), ""))); } },
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
    };

    function needTurn() { if (turn) return true; const list = turns(); if (list.length) setCurrent(list[0], marksOf(list[0])[0]); return Boolean(turn); }
    function needMark() { if (!mark() && turn && marksOf(turn)[0]) markId = marksOf(turn)[0].dataset.mark; if (mark()) return true; say(words.no_mark_here); return false; }

    function readHere() {
      const list = turns();
      for (const node of list.slice(0, list.indexOf(turn) + 1)) if (node.dataset.seen !== "yes") { node.dataset.seen = "yes"; node.classList.add("seen"); toSee.add(node); }
      sendSeen();
      say(words.read_here);
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
      if (!pick.act(name, button) && actions[name]) actions[name]();
    }

    keyboard(act, (event) => pick.keys(event) || "act");

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
      if (pick.open()) return;
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
