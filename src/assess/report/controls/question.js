// A practice of the checklist: the answer of one respondent, and the evidence for it.
function render({ model, el }) {
  const text = document.createElement("p");
  const small = document.createElement("small");
  const choice = document.createElement("select");
  const proof = document.createElement("input");
  text.textContent = model.get("text");
  small.textContent = model.get("practice");
  text.append(document.createElement("br"), small);
  for (const [label, value] of model.get("choices")) choice.add(new Option(label, value));
  choice.setAttribute("data-lm-suppress-shortcuts", "true"); // else JupyterLab takes the arrow keys for itself
  choice.setAttribute("aria-label", `Answer: ${model.get("text")}`);
  proof.type = "text";
  proof.placeholder = "evidence, such as a document";
  proof.setAttribute("aria-label", `Evidence: ${model.get("text")}`);

  const show = () => {
    choice.value = model.get("answer");
    proof.value = model.get("evidence");
  };
  const give = () => {
    model.set({ answer: choice.value, evidence: proof.value });
    model.save_changes();
  };
  choice.addEventListener("change", give);
  proof.addEventListener("change", give);
  model.on("change:answer change:evidence", show);
  show();
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", model.get("text"));
  el.classList.add("assess-question");
  el.append(text, choice, proof);
  return () => model.off("change:answer change:evidence", show);
}

export default { render };
