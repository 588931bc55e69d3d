// What-if: the formulas of assess.report.whatif, evaluated in the page.
(() => {
  "use strict";
  const fold = { "+": (a, b) => a + b, "*": (a, b) => a * b, min: Math.min, max: Math.max };
  const pair = { "/": (a, b) => a / b, "^": Math.pow, "<=": (a, b) => +(a <= b), "<": (a, b) => +(a < b) };
  const single = { floor: Math.floor, ceil: Math.ceil, exp: Math.exp, log: Math.log };

  // Numbers along named axes, flat; the axes stand in the order of the model's.
  class Model {
    constructor(model) {
      this.model = model;
      this.order = Object.keys(model.axes);
      this.size = Object.fromEntries(this.order.map((axis) => [axis, model.axes[axis].length]));
      this.constants = Object.entries(model.constants).map(([name, array]) => [name, this.arranged(array)]);
    }
    strides(axes) {
      const found = {};
      let stride = 1;
      for (const axis of [...axes].reverse()) { found[axis] = stride; stride *= this.size[axis]; }
      return found;
    }
    count(axes) { return axes.reduce((product, axis) => product * this.size[axis], 1); }
    // Calls back for every place of a grid along these axes: its number, and its index on each axis.
    places(axes, visit) {
      const index = Object.fromEntries(axes.map((axis) => [axis, 0]));
      const total = this.count(axes);
      for (let place = 0; place < total; place++) {
        visit(place, index);
        for (let at = axes.length - 1; at >= 0; at--) {
          if (++index[axes[at]] < this.size[axes[at]]) break;
          index[axes[at]] = 0;
        }
      }
    }
    arranged({ axes, values }) {
      const sorted = [...axes].sort((a, b) => this.order.indexOf(a) - this.order.indexOf(b));
      const stride = this.strides(axes);
      const data = [];
      this.places(sorted, (_, index) => data.push(values[axes.reduce((sum, axis) => sum + stride[axis] * index[axis], 0)]));
      return { axes: sorted, data };
    }
    aligned(grids) {
      const shared = this.order.filter((axis) => grids.some((grid) => grid.axes.includes(axis)));
      const strides = grids.map((grid) => this.strides(grid.axes));
      const spread = grids.map(() => []);
      this.places(shared, (_, index) =>
        grids.forEach((grid, g) =>
          spread[g].push(grid.data[grid.axes.reduce((sum, axis) => sum + strides[g][axis] * index[axis], 0)])));
      return [shared, spread];
    }
    along(operator, rest, grid) {
      const axis = rest[0];
      const left = grid.axes.filter((other) => other !== axis);
      const stride = this.strides(grid.axes);
      const data = [];
      const base = (index, axes) => axes.reduce((sum, other) => sum + stride[other] * index[other], 0);
      if (operator === "running") {
        const sums = grid.data.slice();
        this.places(grid.axes, (place, index) => { if (index[axis] > 0) sums[place] += sums[place - stride[axis]]; });
        return { axes: grid.axes, data: sums };
      }
      this.places(left, (_, index) => {
        const start = base(index, left);
        if (operator === "at") { data.push(grid.data[start + stride[axis] * this.model.axes[axis].indexOf(rest[1])]); return; }
        let found = operator === "sum" ? 0 : Infinity;
        for (let at = 0; at < this.size[axis]; at++) {
          const value = grid.data[start + stride[axis] * at];
          found = operator === "sum" ? found + value : Math.min(found, value);
        }
        data.push(found);
      });
      return { axes: left, data };
    }
    value(formula, known) {
      if (typeof formula === "number") return { axes: [], data: [formula] };
      if (typeof formula === "string") return known.get(formula);
      const [operator, ...rest] = formula;
      if (operator === "number") return { axes: [rest[0]], data: this.model.axes[rest[0]].map((_, at) => at + 1) };
      if (["at", "sum", "least", "running"].includes(operator)) return this.along(operator, rest, this.value(rest.at(-1), known));
      const [axes, parts] = this.aligned(rest.map((part) => this.value(part, known)));
      const each = (combine) => ({ axes, data: parts[0].map((_, place) => combine(place)) });
      if (operator in fold) return each((place) => parts.map((part) => part[place]).reduce((a, b) => fold[operator](a, b)));
      if (operator in pair) return each((place) => pair[operator](parts[0][place], parts[1][place]));
      if (operator in single) return each((place) => single[operator](parts[0][place]));
      if (operator === "if") return each((place) => (parts[0][place] !== 0 ? parts[1][place] : parts[2][place]));
      return each((place) => (parts.length === 2 ? parts[0][place] - parts[1][place] : -parts[0][place]));
    }
    evaluate(values) {
      const known = new Map(Object.entries(values).map(([id, value]) => [id, { axes: [], data: [value] }]));
      for (const [name, grid] of this.constants) known.set(name, grid);
      for (const step of this.model.formulas) known.set(step.name, this.value(step.formula, known));
      return known;
    }
  }

  // Numbers as assess.report.numbers writes them.
  const gap = "\u00a0";
  function number(value, digits) {
    const size = Math.abs(value);
    const chosen = digits ?? (size >= 1000 || Number.isInteger(value) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size))));
    let text = size.toLocaleString("en-US", { minimumFractionDigits: chosen, maximumFractionDigits: chosen, roundingMode: "halfEven" });
    if (digits === undefined && text.includes(".")) text = text.replace(/\.?0+$/, "");
    return (value < 0 && /[1-9]/.test(text) ? "\u2212" : "") + text;
  }
  function money(value, currency) {
    const sign = currency === "EUR" ? "€" : currency;
    const size = Math.abs(value);
    for (const [scale, letter] of [[1e9, "bn"], [1e6, "M"], [1e3, "k"]])
      if (size >= scale * 0.9995) {
        const digits = size < 99.95 * scale && (scale > 1e3 || size < 9950) ? 1 : 0;
        return number(value / scale, digits) + gap + letter + (sign === "€" ? sign : gap + sign);
      }
    if (size >= 10 || size < 1e-9 || Number.isInteger(value)) return number(value, 0) + gap + sign;
    return number(value, size >= 0.1 ? 2 : 1 - Math.floor(Math.log10(size))) + gap + sign;
  }
  function shareDigits(percent) {
    if ((percent > 0 && percent < 1) || (percent > 99.9 && percent < 100)) return 2;
    const whole = percent <= 99 || percent >= 100;
    return whole && Math.abs(percent - Math.round(percent)) < 0.05 ? 0 : 1;
  }
  const bare = { "person-days": "d", "person-day": "d" };
  function quantity(value, unit, currencies) {
    if (!Number.isFinite(value)) return "–";
    const [currency, ...per] = unit.split("/");
    if (currencies.includes(currency)) return money(value, currency) + (per.length ? "/" + per.join("/") : "");
    if (unit === "share") return number(value * 100, shareDigits(Math.abs(value) * 100)) + gap + "%";
    const size = Math.abs(value);
    const large = size >= 1e7 && [[1e9, "bn"], [1e6, "M"]].find(([scale]) => size >= scale * 0.9995);
    const text = large ? number(value / large[0], size < 99.95 * large[0] ? 2 : 0) + gap + large[1] : number(value);
    return text + (unit ? gap + (bare[unit] ?? unit) : "");
  }

  function set(box) {
    const { model: data, base, currencies } = JSON.parse(box.querySelector("script").textContent);
    const model = new Model(data);
    const knobs = new Map(data.sliders.map((slider) => [slider.id, slider]));
    const parts = (id) => [...box.querySelectorAll("input")].filter((input) => input.dataset.slider === id);
    const values = Object.fromEntries(data.sliders.map((slider) => [slider.id, slider.value]));
    const said = box.querySelector("output");

    function show() {
      const found = model.evaluate(values);
      const words = [];
      for (const output of data.outputs) {
        const grid = found.get(output.name);
        const cells = [...box.querySelectorAll("[data-output]")].filter((cell) => cell.dataset.output === output.name);
        const most = Math.max(...grid.data.map(Math.abs), 1e-300);
        cells.forEach((cell, place) => {
          (cell.querySelector("a") ?? cell.querySelector("b")).textContent = quantity(grid.data[place], output.unit, currencies);
          const change = grid.data[place] - base[output.name][place];
          const shift = Math.abs(change) > 1e-9 * most ? (change > 0 ? "+" : "") + quantity(change, output.unit, currencies) : "";
          cell.querySelector("small").textContent = shift;
          cell.style.setProperty("--part", `${Math.max(0, (grid.data[place] / most) * 100)}%`);
        });
        if (output.best && grid.axes.length) {
          const pick = output.best === "lowest" ? Math.min : Math.max;
          const place = grid.data.indexOf(pick(...grid.data));
          [...box.querySelectorAll("tbody tr")].forEach((row, at) => row.classList.toggle("best", at === place));
          words.push(`${output.label}: ${output.best} for ${data.axes[grid.axes[0]][place]}, ${quantity(grid.data[place], output.unit, currencies)}`);
        } else if (!grid.axes.length) words.push(`${output.label}: ${quantity(grid.data[0], output.unit, currencies)}`);
      }
      said.textContent = words.join("; ") + ".";
    }
    // A share is shown in percent, everywhere.
    const scale = (id) => (knobs.get(id).unit === "share" ? 100 : 1);
    const text = (id) => String(Number((values[id] * scale(id)).toPrecision(12)));
    function move(id, wanted) {
      const { low, high } = knobs.get(id);
      if (!Number.isFinite(wanted)) return;
      values[id] = Math.min(high, Math.max(low, wanted / scale(id)));
      show();
    }
    for (const id of knobs.keys())
      for (const input of parts(id)) {
        input.addEventListener("input", () => {
          move(id, input.valueAsNumber);
          for (const other of parts(id)) if (other !== input) other.value = text(id);
        });
        input.addEventListener("change", () => { for (const each of parts(id)) each.value = text(id); });
      }
    box.querySelector("button").addEventListener("click", () => {
      for (const [id, slider] of knobs) {
        values[id] = slider.value;
        for (const input of parts(id)) input.value = text(id);
      }
      show();
    });
    // For tests and the curious: the model as a function of the sliders.
    box.evaluate = (given) => Object.fromEntries([...model.evaluate({ ...values, ...given })].map(([name, grid]) => [name, grid.data]));
    box.querySelector(".knobs").hidden = false;
    box.querySelector("button").hidden = false;
    show();
  }
  document.querySelectorAll(".whatif").forEach(set);
})();
