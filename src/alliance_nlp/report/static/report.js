// What the two pages do beyond being read: filters, moving between marked turns, arrows in the time line,
// sorting, opening folds.  Without this script everything is still there, in the order of the page.
(() => {
  "use strict";
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (id) => document.getElementById(id);

  // ------------------------------------------------------------------ filters by label
  const boxes = all('input[name="label"]');
  const shown = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const kinds = all('input[name="certainty"]');
  const certainty = () => (kinds.find((kind) => kind.checked) || { value: "all" }).value;
  const words = (text) => (text || "").split(" ").filter(Boolean);
  // Which of a turn's or a passage's labels count: all, those given without doubt, or those to be checked.
  const counted = ({ dataset }) => ({ sure: words(dataset.sure), check: words(dataset.check) })[certainty()]
    || words(dataset.sure).concat(words(dataset.check));
  const carries = (node, labels) => counted(node).some((label) => labels.includes(label));

  function filter() {
    document.body.dataset.off = boxes.filter((box) => !box.checked).map((box) => box.value).join(" ");
    document.body.dataset.certainty = certainty();
    const labels = shown();
    for (const passage of all(".passage")) passage.hidden = !carries(passage, labels);
    tellPlace();
  }

  // ------------------------------------------------------------------ from marked turn to marked turn
  const place = one("place");
  let current = null;
  const steps = () => { const labels = shown(); return all(certainty() === "check" ? ".turn" : ".turn.marked").filter((turn) => carries(turn, labels)); };

  function tellPlace() {
    if (!place) return;
    const turns = steps();
    const at = turns.indexOf(current);
    if (!turns.length) place.textContent = place.dataset.none;
    else place.textContent = at < 0 ? "" : place.dataset.place.replace("{n}", at + 1).replace("{total}", turns.length);
  }

  function follows(turn, from) {
    return Boolean(from.compareDocumentPosition(turn) & Node.DOCUMENT_POSITION_FOLLOWING);
  }

  function step(forward) {
    const turns = steps();
    const from = current || document.querySelector(".turn:target");
    let next = forward ? turns[0] : turns[turns.length - 1];
    if (from && forward) next = turns.find((turn) => turn !== from && follows(turn, from)) || turns[0];
    if (from && !forward) next = turns.filter((turn) => turn !== from && !follows(turn, from)).pop() || turns[turns.length - 1];
    if (next) goTo(next);
    else tellPlace();
  }

  function goTo(turn) {
    current = turn;
    open(turn);
    history.replaceState(null, "", "#" + turn.id);
    turn.focus({ preventScroll: true });
    turn.scrollIntoView({ block: "start" });
    tellPlace();
  }

  function isTyping(target) {
    if (!(target instanceof Element)) return false;
    if (target.isContentEditable || target.closest("textarea, select")) return true;
    const input = target.closest("input");
    return Boolean(input) && !["checkbox", "button", "radio"].includes(input.type);
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const keys = one("touches");
    if (!keys || !keys.checked || isTyping(event.target)) return;
    if (event.key === "n" || event.key === "p") { event.preventDefault(); step(event.key === "n"); }
  }

  // ------------------------------------------------------------------ folds
  function open(node) {
    for (let fold = node.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }

  function openTarget() {
    const target = location.hash.length > 1 && one(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    open(target);
    if (target.classList.contains("turn")) { current = target; target.focus({ preventScroll: true }); tellPlace(); }
  }

  let closed = [];
  function openForPaper() { closed = all("details:not([open])"); closed.forEach((fold) => { fold.open = true; }); }
  function closeAgain() { closed.forEach((fold) => { fold.open = false; }); closed = []; }

  // ------------------------------------------------------------------ time line: one stop for Tab, arrows inside
  function rove(drawing) {
    const signs = all("a.sym", drawing).sort((a, b) => a.dataset.x - b.dataset.x);
    signs.forEach((sign, at) => { sign.setAttribute("tabindex", at ? "-1" : "0"); });
    drawing.addEventListener("keydown", (event) => {
      const at = signs.indexOf(event.target.closest("a.sym"));
      const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: signs.length - 1 };
      const next = event.key in moves && at >= 0 ? signs[moves[event.key]] : null;
      if (!next) return;
      event.preventDefault();
      signs[at].setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  }

  // ------------------------------------------------------------------ a frame is a stop for Tab only if it scrolls
  function framesThatScroll() {
    for (const frame of all(".table-frame")) {
      if (frame.scrollWidth > frame.clientWidth) frame.setAttribute("tabindex", "0");
      else frame.removeAttribute("tabindex");
    }
  }

  // ------------------------------------------------------------------ sorting a table
  function sortable(table) {
    all("thead th[data-sort]", table).forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.title = table.dataset.sortLabel.replace("{column}", head.textContent.trim());
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head));
    });
  }

  function sort(table, head) {
    const column = head.cellIndex;
    const numeric = head.dataset.sort === "number";
    const first = numeric ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const compare = numeric ? (a, b) => a - b : words.compare;
    const keyed = all("tbody > tr", table).map((row) => {
      const text = row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
      return { row, key: numeric ? (text === "" ? -Number.MAX_VALUE : Number(text) || 0) : text };
    });
    keyed.sort((a, b) => (order === "ascending" ? compare(a.key, b.key) : compare(b.key, a.key)));
    all("th[aria-sort]", table).forEach((cell) => cell.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    table.tBodies[0].append(...keyed.map((entry) => entry.row));
  }

  // ------------------------------------------------------------------ set to work
  all("#outils, .js-only").forEach((part) => { part.hidden = false; });
  boxes.concat(kinds).forEach((box) => box.addEventListener("change", filter));
  if (one("probabilites")) {
    const tell = () => { document.body.dataset.probabilities = one("probabilites").checked ? "on" : "off"; };
    one("probabilites").addEventListener("change", tell);
    tell();
  }
  if (one("suivant")) one("suivant").addEventListener("click", () => step(true));
  if (one("precedent")) one("precedent").addEventListener("click", () => step(false));
  all("svg.tl").forEach(rove);
  all("table[data-sortable]").forEach(sortable);
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", openTarget);
  window.addEventListener("beforeprint", openForPaper);
  window.addEventListener("afterprint", closeAgain);
  window.addEventListener("resize", framesThatScroll);
  framesThatScroll();
  if (boxes.length) filter();  // a reloaded page may keep its boxes as they were
  openTarget();
})();
