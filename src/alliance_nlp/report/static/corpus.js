// What the corpus page adds: a box that filters the table of sessions, and pages of a hundred rows, so that
// thousands of sessions open at once.  Without this script all rows are there; on paper, all that are kept.
(() => {
  "use strict";
  const table = document.querySelector("table[data-paged]");
  if (!table) return;
  const one = (id) => document.getElementById(id);
  const box = one("filtre"), found = one("trouvees"), next = one("page-suivante"), before = one("page-precedente");
  const size = Number(table.dataset.paged);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const body = table.tBodies[0];
  const words = new Map();  // a row's text without accents, made when first looked for
  let page = 0;

  const wordsOf = (row) => {
    if (!words.has(row)) words.set(row, plain(row.dataset.words + " " + row.textContent));
    return words.get(row);
  };

  function show() {
    const wanted = plain(box.value).split(/\s+/).filter(Boolean);
    const rows = Array.from(body.rows);
    const kept = wanted.length ? rows.filter((row) => wanted.every((word) => wordsOf(row).includes(word))) : rows;
    page = Math.max(0, Math.min(page, Math.ceil(kept.length / size) - 1));
    const on = new Set(kept);
    if (kept.length < rows.length || table.dataset.filtered) for (const row of rows) row.hidden = !on.has(row);
    table.dataset.filtered = kept.length < rows.length ? "yes" : "";
    for (const row of body.querySelectorAll("tr.on")) row.classList.remove("on");
    kept.slice(page * size, (page + 1) * size).forEach((row) => row.classList.add("on"));
    tell(kept.length);
  }

  function tell(kept) {
    const first = page * size + 1, last = Math.min(kept, (page + 1) * size);
    const number = (value) => value.toLocaleString(document.documentElement.lang);
    found.textContent = kept ? found.dataset.some.replace("{first}", number(first)).replace("{last}", number(last))
      .replace("{n}", number(kept)) : found.dataset.none;
    before.disabled = page === 0;
    next.disabled = last >= kept;
    before.hidden = next.hidden = kept <= size && page === 0;
  }

  const turn = (step) => { page += step; show(); };
  let waiting = 0;
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => { page = 0; show(); }, 120); });
  next.addEventListener("click", () => turn(1));
  before.addEventListener("click", () => turn(-1));
  table.tHead.addEventListener("click", (event) => { if (event.target.closest("button")) { page = 0; show(); } });
  show();
  table.dataset.ready = "yes";
})();
