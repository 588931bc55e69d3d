// Answers, numbers and findings stand in the page without this script; it adds drawings, sorting, filters and the evidence.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  let data;
  const print = matchMedia("print");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.documentElement.classList.add("js");

  // Charts: the drawing's light colours are looked up as CSS variables, so they follow the scheme and print.
  function recoloured(value, style) {
    if (Array.isArray(value)) return value.map((item) => recoloured(item, style));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recoloured(item, style)]));
    const name = typeof value === "string" && data.variables[value];
    return name ? style.getPropertyValue(name).trim() : value;
  }
  // On a phone, names at the ends of lines become a legend, ticks stand apart, and words lean.
  function slim(layout) {
    const names = (layout.annotations ?? []).filter((note) => note.xshift);
    if (names.length) {
      layout.annotations = layout.annotations.filter((note) => !note.xshift);
      layout.showlegend = true;
      layout.legend = { orientation: "h", x: 0, y: -0.25, yanchor: "top" };
    }
    const words = layout.xaxis.ticktext?.map((text) => text.replaceAll("<br>", " "));
    layout.margin = { ...layout.margin, r: words ? 52 : names.length ? 16 : Math.min(layout.margin.r, 56) };
    layout.xaxis = { ...layout.xaxis, nticks: 4, tickangle: words ? -60 : 0, ...(words && { ticktext: words }) };
  }
  function draw(id) {
    const place = document.getElementById(id);
    if (!place || !window.Plotly) return Promise.resolve();
    const style = getComputedStyle(document.documentElement);
    const plot = recoloured(data.plots[id], style);
    const narrow = place.clientWidth < 480;
    const layout = { ...plot.layout, autosize: true };
    if (narrow) slim(layout);
    layout.font = { ...layout.font, family: style.getPropertyValue("--sans"), size: narrow ? 11 : 13 };
    return Plotly.react(place, plot.data, layout, data.config).then(() => {
      // The drawing is one picture with a text alternative: nothing inside it takes the focus.
      all("[tabindex], a", place).forEach((node) => node.setAttribute("tabindex", "-1"));
    });
  }
  const drawAll = () => data && Promise.all(Object.keys(data.plots).map(draw));
  async function drawInTurn() {
    try {
      data = await window.drawing;
    } catch {
      // A browser that can't unpack the library shows the numbers instead.
      for (const figure of all("figure")) {
        figure.querySelector(".plot").hidden = true;
        figure.querySelector("details").open = true;
      }
      return;
    }
    const ids = Object.keys(data.plots);
    for (const id of ids) {
      await draw(id);
      await new Promise((next) => setTimeout(next));
    }
    document.documentElement.dataset.charts = String(ids.length);
  }
  dark.addEventListener("change", drawAll);
  print.addEventListener("change", drawAll);
  addEventListener("beforeprint", drawAll);
  addEventListener("afterprint", drawAll);

  // The list of evidence travels compressed. Entries that rest on many others name these by number.
  function place({ entries }) {
    const list = document.getElementById("entries");
    list.innerHTML = entries;
    for (const many of all(".many", list)) {
      const parts = many.textContent.split(/(\d+)/).map((part) => {
        if (!/^\d+$/.test(part)) return part;
        const link = document.createElement("a");
        link.href = `#e${part}`;
        link.textContent = part;
        return link;
      });
      many.replaceChildren(...parts);
    }
    if (location.hash.startsWith("#e")) arrive();
  }

  // On a phone the cells of a row stand below each other, each with its heading; display: block
  // takes the roles of a table from its parts, so they are said again.
  for (const table of all("table.stack")) {
    const headings = [...(table.tHead?.rows[0].cells ?? [])].map((heading) => heading.textContent.trim());
    const say = (selector, role) => all(selector, table).forEach((node) => node.setAttribute("role", role));
    table.setAttribute("role", "table");
    say("thead, tbody", "rowgroup");
    say("tr", "row");
    say("td", "cell");
    say("tbody th", "rowheader");
    say("thead th", "columnheader");
    for (const row of table.tBodies[0]?.rows ?? [])
      [...row.cells].forEach((cell, column) => { cell.dataset.label = headings[column]; });
  }

  // Tables: the heading of a column is a button that sorts by it; a third press restores the order.
  const empty = Symbol("no value");
  const severities = ["critical", "high", "medium", "low", "info"];
  function keyOf(row, column) {
    const cell = row.cells[column];
    if (column === 0 && row.dataset.severity) return severities.indexOf(row.dataset.severity);
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    const text = cell.textContent.trim();
    return text === "" || text === "–" || text === "not assessed" ? empty : text.toLowerCase();
  }
  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  }
  function sort(table, column, rows) {
    const heading = table.tHead.rows[0].cells[column];
    const next = { none: "ascending", ascending: "descending", descending: "none" }[heading.ariaSort || "none"];
    all("th", table.tHead).forEach((other) => other.removeAttribute("aria-sort"));
    if (next !== "none") heading.setAttribute("aria-sort", next);
    const sign = next === "descending" ? -1 : 1;
    const keyed = rows.map((row, place) => [keyOf(row, column), place, row]);
    if (next !== "none")
      keyed.sort(([a, i], [b, j]) =>
        a === empty || b === empty ? (a === empty) - (b === empty) || i - j : sign * compare(a, b) || i - j);
    table.tBodies[0].append(...keyed.map(([, , row]) => row));
  }
  for (const table of all("table.sortable")) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(table, column, rows));
    });
  }

  // A long table shows its first rows until asked for all.
  for (const table of all("table.long")) {
    const button = document.createElement("button");
    const count = table.tBodies[0].rows.length;
    button.type = "button";
    button.className = "all";
    const fold = (short) => {
      table.classList.toggle("short", short);
      button.textContent = short ? `Show ${count} rows` : "Show the first 10 rows";
      button.setAttribute("aria-expanded", String(!short));
    };
    button.addEventListener("click", () => fold(!table.classList.contains("short")));
    table.after(button);
    fold(true);
  }

  // A table that is wider than its place can be scrolled by keyboard.
  function reachable() {
    for (const box of all(".wide")) {
      const wide = box.scrollWidth > box.clientWidth + 1;
      if (!wide) ["tabindex", "role", "aria-label"].forEach((name) => box.removeAttribute(name));
      else {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", (box.querySelector("caption") ?? box.parentElement.querySelector("figcaption")).textContent.trim());
      }
    }
  }

  // The ledger's filter; without one the list starts with the gravest, and the rest is asked for.
  const filter = document.getElementById("filter");
  let unfold = () => {};
  if (filter) {
    const first = 20;
    const findings = document.getElementById("findings");
    const rows = [...findings.tBodies[0].rows];
    const more = document.createElement("button");
    more.type = "button";
    more.className = "all";
    let folded = rows.length > first;
    const show = () => {
      const text = filter.text.value.toLowerCase();
      const chosen = Boolean(text || filter.severity.value || filter.chapter.value);
      let shown = 0;
      for (const row of rows) {
        row.hidden =
          (filter.severity.value && row.dataset.severity !== filter.severity.value) ||
          (filter.chapter.value && row.querySelector("small a").hash !== filter.chapter.value) ||
          !row.textContent.toLowerCase().includes(text);
        shown += !row.hidden;
      }
      const short = folded && !chosen;
      [...findings.tBodies[0].rows].forEach((row, place) => row.classList.toggle("later", short && place >= first));
      filter.querySelector("output").textContent = `${short ? first : shown} of ${rows.length} shown`;
      more.hidden = chosen || rows.length <= first;
      more.textContent = short ? `Show all ${rows.length} findings` : `Show the first ${first} findings`;
      more.setAttribute("aria-expanded", String(!short));
    };
    unfold = () => { folded = false; filter.reset(); show(); };
    more.addEventListener("click", () => { folded = !folded; show(); });
    findings.tHead.addEventListener("click", show);
    findings.closest(".wide").after(more);
    filter.hidden = false;
    filter.addEventListener("input", show);
    filter.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  // Contents: the chapter that is being read is marked.
  const entries = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  const parts = [...entries.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  let waiting = false;
  function follow() {
    waiting = false;
    const line = innerHeight / 3;
    const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const reading = end ? parts.at(-1) : parts.filter((part) => part.getBoundingClientRect().top <= line).at(-1);
    for (const [id, link] of entries)
      if (reading && id === reading.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
  }
  const soon = () => { if (!waiting) { waiting = true; requestAnimationFrame(follow); } };
  addEventListener("scroll", soon, { passive: true });
  const contents = document.querySelector("nav details");
  const small = matchMedia("(max-width: 62rem)");
  const fold = () => { contents.open = !small.matches; };
  small.addEventListener("change", fold);

  // A link into a closed part opens it, and the reader of a screen arrives there.
  function arrive() {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let box = target.parentElement; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    if (target.hidden || target.classList.contains("later")) unfold();
    target.scrollIntoView();
    if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }
  addEventListener("hashchange", arrive);

  // Pointing at a number shows where it comes from; Escape closes it.
  const peek = document.createElement("div");
  peek.className = "peek";
  peek.hidden = true;
  peek.setAttribute("role", "tooltip");
  document.body.append(peek);
  let leaving = 0;
  function lookUp(link) {
    const entry = document.getElementById(link.hash.slice(1));
    if (!entry || !entry.closest(".sources")) return;
    clearTimeout(leaving);
    const title = document.createElement("b");
    title.textContent = entry.querySelector("dt").textContent;
    const says = entry.querySelector("dd").cloneNode(true);
    all("p:not(.rests)", says).forEach((node) => node.remove());
    peek.replaceChildren(title, says.textContent.trim().replace(/\s+/g, " ").slice(0, 420));
    peek.hidden = false;
    const at = link.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, innerWidth - peek.offsetWidth - 16));
    const below = at.bottom + peek.offsetHeight + 12 < innerHeight;
    peek.style.left = `${left + scrollX}px`;
    peek.style.top = `${(below ? at.bottom + 6 : at.top - peek.offsetHeight - 6) + scrollY}px`;
  }
  const leave = () => { leaving = setTimeout(() => { peek.hidden = true; }, 180); };
  peek.addEventListener("mouseenter", () => clearTimeout(leaving));
  peek.addEventListener("mouseleave", leave);
  const traced = "main a[href^='#e']:not(.sources p:not(.rests) a)";
  for (const [enter, exit] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => { const link = event.target.closest?.(traced); if (link) lookUp(link); });
    document.addEventListener(exit, (event) => { if (event.target.closest?.(traced)) leave(); });
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape") peek.hidden = true; });

  addEventListener("resize", () => { reachable(); soon(); });
  fold();
  follow();
  reachable();
  all("details").forEach((box) => box.addEventListener("toggle", reachable));
  if (location.hash) arrive();
  window.told.then(place, () => {});
  drawInTurn();
})();
