// What is told: a sentence that a screen reader announces when it changes, and a table below it, escaped where it was made.
function render({ model, el }) {
  const sentence = document.createElement("p");
  const table = document.createElement("div");
  sentence.setAttribute("role", "status");
  const show = () => {
    sentence.textContent = model.get("sentence");
    table.innerHTML = model.get("table");
  };
  model.on("change", show);
  show();
  el.classList.add("assess-told", "jp-RenderedHTMLCommon");
  el.append(sentence, table);
  return () => model.off("change", show);
}

export default { render };
