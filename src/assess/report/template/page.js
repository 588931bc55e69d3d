// Everything that the page says stands in it without this script, and each number is a link into the flat file of
// evidence. The script opens the same cards in place: unpacked on the first click or search, none of them at load.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, given) => Object.assign(document.createElement(name), given);
  const box = one("#card"), place = one("#card div"), find = one("#find"), base = document.body.dataset.evidence;
  let cards;

  // Base 85: five letters are four bytes, the highest first; the last group may be short.
  function bytes(text) {
    const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%,()*+-;.=/?@^_:{|}~";
    const worth = new Uint8Array(128);
    for (let at = 0; at < 85; at++) worth[signs.charCodeAt(at)] = at;
    const found = new Uint8Array(Math.ceil(text.length / 5) * 4);
    for (let from = 0, to = 0; from < text.length; from += 5) {
      let group = 0;
      for (let at = from; at < from + 5; at++) group = group * 85 + (at < text.length ? worth[text.charCodeAt(at)] : 84);
      for (let shift = 24; shift >= 0; shift -= 8) found[to++] = (group / 2 ** shift) & 255;
    }
    return found.subarray(0, Math.floor(text.length * 4 / 5));
  }
  async function load() {
    if (cards) return;
    const stream = new Blob([bytes(one("#cards").textContent.trim())]).stream();
    const text = await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
    cards = new Map(JSON.parse(text).map(([id, title, where, html]) => [id, { id, title, where, html }]));
    // A link that reads as its card is called stands there as the card's id between two signs of their own.
    const sign = { "&": "&amp;", "<": "&lt;" };
    const named = (_, id) => `<a href="#${id}">${cards.get(id).title.replace(/[&<]/g, (at) => sign[at])}</a>`;
    for (const card of cards.values()) card.html = card.html.replace(/\x7f([^\x7f]+)\x7f/g, named);
  }

  // The address holds what is open: #c5?e=card&q=words&o=folds. Back closes a card, or returns to the one before it.
  function state() {
    const [part, query = ""] = location.hash.slice(1).split("?");
    const given = new URLSearchParams(query);
    return { part, e: given.get("e"), q: given.get("q"), o: given.get("o") };
  }
  function address(change) {
    const wanted = { ...state(), ...change }, given = new URLSearchParams();
    for (const key of ["e", "q", "o"]) if (wanted[key]) given.set(key, wanted[key]);
    return `#${wanted.part}${given.size ? `?${given}` : ""}`;
  }
  const depth = () => history.state?.depth ?? 0;
  function go(change) {
    history.pushState({ depth: depth() + 1 }, "", address(change));
    show();
  }

  function fill(title, ...nodes) {
    place.replaceChildren(make("h2", { id: "cardtitle", tabIndex: -1, textContent: title }), ...nodes);
    if (!box.open) box.showModal();
    box.scrollTop = 0;
    place.firstChild.focus();
  }
  function shut() {
    if (box.open) box.close();
  }
  // What a card says, as text to search in.
  function words(card) {
    card.text ??= `${card.title} ${card.where} ${card.html.replace(/<[^>]+>/g, " ")}`.toLowerCase();
    return card.text;
  }
  function linked(hits) {
    const found = make("ol", { className: "hits" });
    for (const card of hits) {
      const item = make("li");
      item.append(make("a", { href: `#${card.id}`, textContent: card.title }), make("small", { textContent: card.where }));
      found.append(item);
    }
    return found;
  }
  function list(q) {
    const wanted = q.toLowerCase().split(/\s+/).filter(Boolean);
    const rank = (card) => (card.where === "integration" ? 0 : 2) + (wanted.every((word) => card.title.toLowerCase().includes(word)) ? 0 : 1);
    const hits = [...cards.values()].filter((card) => wanted.every((word) => words(card).includes(word)));
    hits.sort((a, b) => rank(a) - rank(b));
    fill(`${hits.length} found for “${q}”${hits.length > 200 ? ", the first 200" : ""}`, linked(hits.slice(0, 200)));
  }
  async function show() {
    const { part, e, q, o } = state();
    for (const id of o?.split(" ") ?? []) {
      const fold = document.getElementById(id);
      if (fold?.tagName === "DETAILS") fold.open = true;
    }
    const id = e || (part && !document.getElementById(part) ? part : "");
    if (!id && !q) return shut();
    await load();
    const card = cards.get(id) ?? cards.get(id.replace(/\.\d+$/, ""));
    if (card) {
      const held = make("div");
      held.innerHTML = card.html;
      // What lies side by side in the flat file is listed here; findings are numbered by severity.
      for (const head of all("[data-list]", held)) {
        const hits = [...cards.values()].filter((each) => each.where.endsWith(head.dataset.list));
        if (head.dataset.list.startsWith("finding")) hits.sort((a, b) => a.id.slice(1) - b.id.slice(1));
        head.after(linked(hits));
      }
      fill(card.title, held, make("p", { className: "note", textContent: card.where }));
      if (id !== card.id) {
        const row = document.getElementById(id);
        row?.classList.add("here");
        row?.scrollIntoView({ block: "center" });
      }
    } else if (q) {
      find.value = q;
      list(q);
    } else shut();
  }

  const able = "DecompressionStream" in window;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const href = link?.getAttribute("href") ?? "";
    const own = href.startsWith(`${base}#`) || (box.contains(link) && href.startsWith("#"));
    if (!able || !own || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ e: decodeURIComponent(href.slice(href.indexOf("#") + 1)) });
  });
  find.form.hidden = !able;
  find.form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (find.value.trim()) go({ q: find.value.trim(), e: null });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || box.open || /INPUT|TEXTAREA/.test(event.target.tagName)) return;
    event.preventDefault();
    find.focus();
  });
  // Closing goes back to the page: over all cards that were opened since, or, where the address came with one, by itself.
  box.addEventListener("close", () => {
    if (!state().e && !state().q) return;
    if (depth()) history.go(-depth());
    else history.replaceState(null, "", address({ e: null, q: null }));
  });
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  one(".x", box).addEventListener("click", () => box.close());
  addEventListener("popstate", show);
  for (const fold of all("main details[id]"))
    fold.addEventListener("toggle", () => {
    const open = all("main details[id][open]").map((each) => each.id).join(" ");
    history.replaceState(history.state, "", address({ o: open }));
  });

  // The chapters are laid out once the brief stands, one at a time; at once where the address leads past it, so that nothing moves.
  const later = window.requestIdleCallback ?? setTimeout, below = all(".ch");
  const lay = (count) => below.splice(0, count).forEach((chapter) => chapter.classList.add("laid"));
  const rest = () => { lay(1); if (below.length) later(rest); };
  if (location.hash) lay(below.length);
  else addEventListener("load", () => later(rest));

  // The contents follow the reader.
  const nav = one("nav");
  const spy = new IntersectionObserver((seen) => {
    for (const part of seen.filter((each) => each.isIntersecting))
      for (const link of all("a", nav)) {
      const here = link.hash === `#${part.target.id}`;
      if (!here) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "true");
        nav.scrollLeft = link.offsetLeft - nav.offsetLeft - 40;
      }
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  all("main > section").forEach((section) => spy.observe(section));

  // Paper: the brief alone, or with every chapter, its folds open.
  one("#prints").hidden = false;
  all("#prints button").forEach((button, every) => button.addEventListener("click", () => {
    const closed = every ? all("main details:not([open])") : [];
    document.documentElement.classList.toggle("all", Boolean(every));
    closed.forEach((fold) => { fold.open = true; });
    print();
    closed.forEach((fold) => { fold.open = false; });
    document.documentElement.classList.remove("all");
  }));
  if (location.hash) show();
})();
