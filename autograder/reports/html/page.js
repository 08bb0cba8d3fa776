"use strict";
// Without this script the page is complete. With it, tables can be sorted, searched and saved, a
// student's checks can be opened, and pseudonyms can replace names. Students' texts are inserted as
// text, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const hide = document.getElementById("hide");
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function say(sentence) {
  document.getElementById("said").textContent = sentence;
}

// A sentence of the page's language, with what its placeholders stand for.
function words(name, values = {}) {
  return data.words[name].replace(/\{(\w+)\}/g, (_, each) => values[each]);
}

function element(tag, text, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Sorting ------------------------------------------------------------------------------------

function value(row, column, number) {
  const cell = row.cells[column];
  if (!number) return cell.textContent.trim();
  const found = parseFloat(cell.dataset.value ?? cell.textContent.trim());
  return Number.isNaN(found) ? null : found;
}

function compare(a, b, number) {
  if (!number) return collator.compare(a, b);
  if (a === null || b === null) return (a === null) - (b === null);
  return a - b;
}

function sort(table, column, descending) {
  closeAll(table);
  const head = table.tHead.rows[0].cells[column];
  const number = head.dataset.kind === "number";
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [value(row, column, number), row]);
  keyed.sort(([a], [b]) =>
    // What has no number stays at the end, whichever way it is sorted.
    descending && !(number && (a === null || b === null))
      ? compare(b, a, number)
      : compare(a, b, number),
  );
  body.append(...keyed.map(([, row]) => row));
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = element("button", undefined, { type: "button", className: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const first = head.dataset.kind === "number" ? "descending" : "ascending";
      const descending = before === null ? first === "descending" : before === "ascending";
      sort(table, column, descending);
      const order = descending ? "descending" : "ascending";
      say(words(order, { column: head.textContent.trim() }));
    });
  });
}

// Searching ----------------------------------------------------------------------------------

const searches = [];

function headingOf(table) {
  return table.closest("section").querySelector("h2").textContent;
}

function makeSearchable(table) {
  const heading = headingOf(table);
  const label = element("label", `${words("search")} `, { className: "search" });
  const input = element("input", undefined, { type: "search" });
  input.setAttribute("aria-label", words("search_in", { heading }));
  input.autocomplete = "off";
  const count = element("span", "", { className: "count" });
  label.append(input, count);
  table.parentElement.before(label);
  let texts = null;
  function search() {
    closeAll(table);
    texts ??= new Map(
      [...table.tBodies[0].rows].map((row) => [row, row.textContent.toLocaleLowerCase()]),
    );
    const wanted = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of texts) {
      row.hidden = !wanted.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    const found = { shown, all: texts.size };
    count.textContent = wanted.length ? ` ${words("shown", found)}` : "";
    if (wanted.length) say(words("rows_shown", found));
  }
  input.addEventListener("input", search);
  searches.push(() => {
    input.value = "";
    texts = null;
    search();
  });
}

// Saving -------------------------------------------------------------------------------------

const BLANKS = /^[\p{Z}\p{C}]*/u;

// As autograder/reports/csv_cells.py: no spreadsheet computes what a student may have written.
function defused(piece) {
  const [blanks] = piece.match(BLANKS);
  const rest = piece.slice(blanks.length);
  const first = rest ? String.fromCodePoint(rest.codePointAt(0)) : "";
  return /^[=+\-@\u2212]/.test(first.normalize("NFKC")) ? `${blanks}'${rest}` : piece;
}

function csvCell(text) {
  const bare = text.replace(BLANKS, "");
  const safe = /^[+-]?\d+(\.\d+)?$/.test(bare)
    ? bare
    : bare.split(/([;,|\t\r\n])/).map(defused).join("");
  return `"${safe.replaceAll('"', '""')}"`;
}

function csvText(cell) {
  if (cell.dataset.value !== undefined) return cell.dataset.value;
  const copy = cell.cloneNode(true);
  for (const each of copy.querySelectorAll("br, li")) each.after(" ");
  return copy.textContent.trim();
}

function csv(table) {
  const rows = [...table.rows].filter((row) => !row.hidden && !row.classList.contains("opened"));
  return rows.map((row) => [...row.cells].map((cell) => csvCell(csvText(cell))).join(",")).join("\r\n");
}

function makeSavable(table) {
  const heading = headingOf(table);
  const link = element("a", words("save"), { href: "#", download: `${heading}.csv` });
  link.setAttribute("aria-label", words("save_what", { heading }));
  link.addEventListener("click", () => {
    link.href = `data:text/csv;charset=utf-8,${encodeURIComponent("\ufeff" + csv(table))}`;
    setTimeout(() => link.setAttribute("href", "#")); // what was saved may hold names
  });
  link.className = "save";
  table.parentElement.before(link);
}

// A student's checks -------------------------------------------------------------------------

function closeAll(table) {
  for (const row of table.querySelectorAll("tr.opened")) row.remove();
  for (const button of table.querySelectorAll("button[aria-expanded=true]"))
    button.setAttribute("aria-expanded", "false");
}

function number(points) {
  return points === null ? "–" : String(Math.round(points * 100) / 100);
}

function checksOf(learner) {
  const list = element("ul");
  for (const [check, verdict, points, most, mistake] of data.lost[learner]) {
    const [id, sentence] = data.checks[check];
    const item = element("li");
    item.append(
      element("b", verdict === "not_run" && points ? data.withdrawn : data.verdicts[verdict]),
      ` ${number(points)}/${number(most)} `,
      element("code", id),
      sentence && ` – ${sentence}`,
    );
    if (mistake !== null) {
      const [name, advice] = data.mistakes[mistake];
      item.append(element("br"), `${words("recognised")} `, element("code", name), advice && ` – ${advice}`);
    }
    list.append(item);
  }
  return list.childElementCount ? list : element("p", words("all_passed"));
}

function makeOpen(table) {
  for (const row of table.tBodies[0].rows) {
    const head = row.cells[0];
    const button = element("button", undefined, { type: "button", className: "open" });
    button.setAttribute("aria-expanded", "false");
    button.append(...head.childNodes);
    head.append(button);
  }
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button.open");
    if (!button) return;
    const row = button.closest("tr");
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      row.nextElementSibling.remove();
      return;
    }
    const opened = element("tr", undefined, { className: "opened" });
    const cell = element("td", undefined, { colSpan: row.cells.length });
    cell.append(checksOf(Number(row.dataset.learner)));
    opened.append(cell);
    row.after(opened);
  });
}

// Pseudonyms ---------------------------------------------------------------------------------

function showNames() {
  const which = hide.checked ? 1 : 0;
  for (const each of document.querySelectorAll("[data-name]"))
    each.textContent = data.names[each.dataset.name][which];
  for (const each of document.querySelectorAll("[data-quote]"))
    each.textContent = data.quotes[each.dataset.quote][which];
  for (const clear of searches) clear(); // what was typed may be a name
  for (const list of document.querySelectorAll(".who")) {
    const items = [...list.children];
    items.sort((a, b) => collator.compare(a.textContent, b.textContent));
    list.append(...items);
  }
  // The order of the names would tell whose pseudonym is whose, also where the marks are equal.
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    const sorted = heads.findIndex((each) => each.hasAttribute("aria-sort"));
    const descending = sorted >= 0 && heads[sorted].getAttribute("aria-sort") === "descending";
    if (!table.tBodies[0].querySelector("th [data-name]")) continue;
    sort(table, 0, false);
    if (sorted > 0) sort(table, sorted, descending);
  }
  say(words(hide.checked ? "pseudonyms" : "names"));
}

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
for (const table of document.querySelectorAll("table.searchable")) makeSearchable(table);
for (const table of document.querySelectorAll("table.sortable")) makeSavable(table);
for (const table of document.querySelectorAll("table.opens")) makeOpen(table);
for (const each of document.querySelectorAll(".scripted")) each.hidden = false;
if (hide) {
  document.getElementById("privacy").hidden = false;
  hide.checked = false; // a browser may remember what it was before the page was loaded again
  hide.addEventListener("change", showNames);
}
