"""Script of the report page: search, filter and sort its columns; the page is whole without it."""

from __future__ import annotations

SCRIPT = """
"use strict";
(() => {
  const table = document.getElementById("columns");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows];
  const cards = new Map(rows.map((row) => [row, document.getElementById(row.dataset.card)]));
  const tools = document.getElementById("tools");
  const text = document.getElementById("search"), state = document.getElementById("state");
  const count = document.getElementById("count"), more = document.getElementById("more");

  function filter() {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const matches = row.dataset.name.toLowerCase().includes(wanted)
        && (!state.value || row.dataset.state === state.value);
      row.hidden = cards.get(row).hidden = !matches;
      shown += matches;
    }
    count.textContent = `${shown} of ${rows.length} columns`;
    if (more && (wanted || state.value)) more.open = true;
  }

  function sort(heading, place) {
    const falls = heading.getAttribute("aria-sort") === "descending";
    const rises = heading.getAttribute("aria-sort") === "ascending";
    const up = falls || (!rises && place === 0);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => row.cells[place].dataset.sort;
    const order = (a, b) => {
      if (key(a) === "" || key(b) === "") return (key(a) === "") - (key(b) === "");
      const numbers = [Number(key(a)), Number(key(b))];
      const way = numbers.some(Number.isNaN)
        ? key(a).localeCompare(key(b)) : numbers[0] - numbers[1];
      return up ? way : -way;
    };
    body.append(...[...rows].sort(order));
  }

  [...table.tHead.rows[0].cells].forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sort(heading, place));
  });
  text.addEventListener("input", filter);
  state.addEventListener("change", filter);
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#column-"]');
    if (link && more) more.open = true;
  });
  tools.hidden = false;
  filter();
})();
"""
