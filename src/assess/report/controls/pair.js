// Two records beside each other, field by field, and whether they are the same: y, n, s (skip) and u (back) on the keyboard.
const KEYS = { y: "yes", n: "no", s: "skip", u: "back" };

function render({ model, el }) {
  const table = document.createElement("table");
  const buttons = document.createElement("div");
  const words = { yes: "Yes, the same (y)", no: "No (n)", skip: "Skip (s)", back: "Back (u)" };
  for (const [name, label] of Object.entries(words)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => give(name));
    buttons.append(button);
  }

  // until an answer is taken, its pair stands: another key would be said of a pair that nobody has seen
  const waits = () => model.get("given").length > 0 && model.get("given")[1] !== model.get("taken");
  const give = (name) => {
    if (waits() || (model.get("place") === "" && name !== "back")) return;
    // the number tells two equal answers apart
    model.set("given", [name, model.get("taken") + 1]);
    model.save_changes();
    draw();
  };
  const cell = (tag, text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  };
  const show = () => {
    table.replaceChildren();
    const caption = document.createElement("caption");
    caption.textContent = waits() ? "The answer is being written." : model.get("place");
    table.append(caption);
    const head = document.createElement("tr");
    for (const name of ["Field", ...model.get("sides")]) {
      const made = cell("th", name);
      made.scope = "col";
      head.append(made);
    }
    table.append(head);
    for (const [field, left, right] of model.get("fields")) {
      const row = document.createElement("tr");
      const name = cell("th", field);
      name.scope = "row";
      row.append(name, cell("td", left), cell("td", right));
      if (left && left === right) row.className = "same";
      table.append(row);
    }
    for (const button of buttons.children) button.setAttribute("aria-disabled", waits() || model.get("place") === "");
    buttons.lastChild.setAttribute("aria-disabled", waits());
  };
  el.tabIndex = 0;
  el.setAttribute("data-lm-suppress-shortcuts", "true"); // else JupyterLab takes the keys for itself
  el.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    event.preventDefault();
    event.stopPropagation();
    give(KEYS[event.key]);
  });
  const draw = () => {
    show();
    el.setAttribute("aria-label", model.get("place") || "No pair to look at");
    el.setAttribute("aria-busy", waits());
  };
  model.on("change:place change:fields change:taken", draw);
  draw();
  el.setAttribute("role", "group");
  el.classList.add("assess-pair");
  el.append(table, buttons);
  return () => model.off("change:place change:fields change:taken", draw);
}

export default { render };
