"use strict";
(() => {
  const root = document.documentElement;
  const store = {
    get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
    set: (v) => { try { localStorage.setItem("theme", v); } catch { /* a file may have no store */ } },
  };
  const button = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => {
    button.textContent = dark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `${button.textContent} mode`);
  };
  if (store.get()) root.dataset.theme = store.get();
  name();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    store.set(root.dataset.theme);
    name();
  });

  const text = (cell) => cell.textContent.trim();
  const value = (cell) => "v" in cell.dataset ? (cell.dataset.v === "" ? NaN : Number(cell.dataset.v)) : text(cell).toLowerCase();
  const order = (a, b, sign) => {
    if (typeof a === "number" && typeof b === "number") {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return sign * (a - b);
    }
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  };
  const say = (table, words) => {
    const live = document.getElementById(table.id + "-live");
    if (live) live.textContent = words;
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, i) => {
      const sorter = document.createElement("button");
      sorter.type = "button";
      sorter.append(...head.childNodes);
      head.append(sorter);
      sorter.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const body = table.tBodies[0];
        const keyed = [...body.rows].map((row) => [value(row.cells[i]), row]);
        keyed.sort((a, b) => order(a[0], b[0], up ? 1 : -1));
        body.append(...keyed.map((pair) => pair[1]));
        say(table, `Sorted by ${text(head)}, ${up ? "ascending" : "descending"}.`);
      });
    });
  }

  for (const form of document.querySelectorAll("form.filters")) {
    const table = document.getElementById(form.dataset.for);
    const heads = [...table.tHead.rows[0].cells];
    const apply = () => {
      const said = Object.fromEntries(new FormData(form));
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        const cost = row.dataset.cost;
        const keep = text(row.cells[0]).toLowerCase().includes((said.text || "").trim().toLowerCase())
          && (!said.family || row.dataset.family === said.family)
          && (!said.input || row.dataset.input === said.input)
          && (!said.cost || (cost !== "" && Number(cost) <= Number(said.cost)));
        row.hidden = !keep;
        shown += keep;
      }
      heads.forEach((head, i) => {
        if (!("block" in head.dataset)) return;
        const hide = head.dataset.block !== (said.block || "0");
        head.hidden = hide;
        for (const row of table.tBodies[0].rows) row.cells[i].hidden = hide;
      });
      say(table, `${shown} of ${table.tBodies[0].rows.length} methods shown.`);
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  const query = document.getElementById("query");
  if (query) {
    const live = document.getElementById("search-live");
    const items = [...document.querySelectorAll(".found")];
    query.form.hidden = false;
    query.form.addEventListener("submit", (event) => event.preventDefault());
    query.addEventListener("input", () => {
      const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const item of items) {
        const has = words.every((word) => item.textContent.toLowerCase().includes(word));
        item.hidden = !has;
        shown += has;
      }
      for (const group of document.querySelectorAll(".group")) {
        group.hidden = !group.querySelector(".found:not([hidden])");
      }
      live.textContent = words.length ? `${shown} found.` : "";
    });
  }

  addEventListener("beforeprint", () => {
    for (const more of document.querySelectorAll("details")) more.open = true;
  });
})();
