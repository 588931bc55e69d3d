// A slider with its number box, both under one name. What is typed or released goes to the model, within the limits.
const short = (value) => String(Number(value.toPrecision(6)));

function render({ model, el }) {
  const name = `knob-${Math.random().toString(36).slice(2)}`; // each widget is a module of its own: nothing to count with
  const label = document.createElement("label");
  const range = document.createElement("input");
  const box = document.createElement("input");
  label.htmlFor = name;
  label.textContent = model.get("label");
  range.type = "range";
  range.setAttribute("data-lm-suppress-shortcuts", "true"); // else JupyterLab takes the arrow keys for itself
  range.setAttribute("aria-label", model.get("label"));
  box.type = "number";
  box.id = name;
  for (const input of [range, box]) {
    input.min = model.get("low");
    input.max = model.get("high");
  }
  range.step = model.get("step");
  box.step = "any";

  const show = () => {
    range.value = model.get("value");
    box.value = short(model.get("value"));
  };
  const give = (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) {
      model.set("value", Math.min(model.get("high"), Math.max(model.get("low"), value)));
      model.save_changes();
    }
    show();
  };
  range.addEventListener("input", () => { box.value = short(Number(range.value)); });
  range.addEventListener("change", () => give(range.value));
  box.addEventListener("change", () => give(box.value));
  model.on("change:value", show);
  show();
  el.classList.add("assess-knob");
  el.append(label, range, box);
  return () => model.off("change:value", show);
}

export default { render };
