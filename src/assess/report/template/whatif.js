// What-if: formulas (assess.core.formula_graph), evaluated in the page.
(() => {
  "use strict";
  const fold = { "+": (a, b) => a + b, "*": (a, b) => a * b, min: Math.min, max: Math.max };
  const pair = { "/": (a, b) => a / b, "^": Math.pow, "<=": (a, b) => +(a <= b), "<": (a, b) => +(a < b) };
  const single = { floor: Math.floor, ceil: Math.ceil, exp: Math.exp, log: Math.log };

  // Plain loops: Float64Array.from asks an iterator for each number, which is many times slower.
  function taken(data, places) {
    const found = new Float64Array(places.length);
    for (let at = 0; at < found.length; at++) found[at] = data[places[at]];
    return found;
  }
  function computed(count, one) {
    const found = new Float64Array(count);
    for (let at = 0; at < count; at++) found[at] = one(at);
    return found;
  }
  const along = {
    sum: [0, (a, b) => a + b],
    least: [Infinity, Math.min],
    most: [-Infinity, Math.max],
  };

  // Numbers along named axes, flat; the axes stand in the order of the model's.
  class Model {
    constructor(model) {
      this.model = model;
      this.order = Object.keys(model.axes);
      this.size = Object.fromEntries(this.order.map((axis) => [axis, model.axes[axis].length]));
      this.maps = new Map();
      this.constants = Object.entries(model.constants).map(([name, array]) => [name, this.arranged(array)]);
    }
    sorted(axes) { return this.order.filter((axis) => axes.includes(axis)); }
    strides(axes) {
      const found = {};
      let stride = 1;
      for (const axis of [...axes].reverse()) { found[axis] = stride; stride *= this.size[axis]; }
      return found;
    }
    count(axes) { return axes.reduce((product, axis) => product * this.size[axis], 1); }
    // For each place along some axes, in their order, the place in data that lie along others; an axis that
    // only the others have counts from its first label. Worked out once for each pair of axes.
    map(to, from) {
      const key = `${to.join()} ${from.join()}`;
      let found = this.maps.get(key);
      if (found) return found;
      const stride = this.strides(from);
      const steps = to.map((axis) => stride[axis] ?? 0);
      const index = to.map(() => 0);
      found = new Int32Array(this.count(to));
      for (let place = 0, at = 0; place < found.length; place++) {
        found[place] = at;
        for (let axis = to.length - 1; axis >= 0; axis--) {
          at += steps[axis];
          if (++index[axis] < this.size[to[axis]]) break;
          at -= steps[axis] * index[axis];
          index[axis] = 0;
        }
      }
      this.maps.set(key, found);
      return found;
    }
    arranged({ axes, values }) {
      const sorted = this.sorted(axes);
      return { axes: sorted, data: taken(values, this.map(sorted, axes)) };
    }
    aligned(grids) {
      const shared = this.order.filter((axis) => grids.some((grid) => grid.axes.includes(axis)));
      const spread = grids.map(({ axes, data }) =>
        axes.length === shared.length ? data : taken(data, this.map(shared, axes)));
      return [shared, spread];
    }
    listed(axis, grids) {
      const [shared, parts] = this.aligned(grids);
      return this.arranged({ axes: [axis, ...shared], values: parts.flatMap((part) => [...part]) });
    }
    along(operator, rest, { axes, data }) {
      const axis = rest[0];
      if (operator === "as") return this.arranged({ axes: axes.map((own) => (own === axis ? rest[1] : own)), values: data });
      const stride = this.strides(axes)[axis];
      const size = this.size[axis];
      if (operator === "running") {
        const sums = data.slice();
        for (let place = 0; place < sums.length; place++) if (Math.floor(place / stride) % size > 0) sums[place] += sums[place - stride];
        return { axes, data: sums };
      }
      const left = axes.filter((other) => other !== axis);
      const starts = this.map(left, axes);
      const one = (start) => {
        if (operator === "at") return data[start + stride * this.model.axes[axis].indexOf(rest[1])];
        if (operator === "which") {
          let best = 0;
          for (let at = 1; at < size; at++) if (data[start + stride * at] > data[start + stride * best]) best = at;
          return best + 1;
        }
        const [first, combine] = along[operator];
        let found = first;
        for (let at = 0; at < size; at++) found = combine(found, data[start + stride * at]);
        return found;
      };
      return { axes: left, data: computed(starts.length, (place) => one(starts[place])) };
    }
    value(formula, known) {
      if (typeof formula === "number") return { axes: [], data: [formula] };
      if (typeof formula === "string") return known.get(formula);
      const [operator, ...rest] = formula;
      if (operator === "number") return { axes: [rest[0]], data: computed(this.size[rest[0]], (at) => at + 1) };
      if (operator === "list") return this.listed(rest[0], rest.slice(1).map((part) => this.value(part, known)));
      if (operator in along || ["at", "as", "which", "running"].includes(operator)) return this.along(operator, rest, this.value(rest.at(-1), known));
      const [axes, parts] = this.aligned(rest.map((part) => this.value(part, known)));
      const each = (combine) => ({ axes, data: computed(parts[0].length, combine) });
      const [a, b] = parts;
      const folded = fold[operator];
      if (folded) return { axes, data: parts.reduce((one, other) => computed(one.length, (place) => folded(one[place], other[place]))) };
      const paired = pair[operator];
      if (paired) return each((place) => paired(a[place], b[place]));
      const alone = single[operator];
      if (alone) return each((place) => alone(a[place]));
      if (operator === "if") return each((place) => (parts[0][place] !== 0 ? parts[1][place] : parts[2][place]));
      return each(b ? (place) => a[place] - b[place] : (place) => -a[place]);
    }
    evaluate(values) {
      const known = new Map(Object.entries(values).map(([id, value]) => [id, { axes: [], data: [value] }]));
      for (const [name, grid] of this.constants) known.set(name, grid);
      for (const step of this.model.formulas) known.set(step.name, this.value(step.formula, known));
      return known;
    }
  }

  // Numbers as assess.intake.numbers writes them.
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
    if (unit === "%") return number(value) + unit;
    if (unit === "share") return number(value * 100, shareDigits(Math.abs(value) * 100)) + "%";
    const size = Math.abs(value);
    const large = size >= 1e7 && [[1e9, "bn"], [1e6, "M"]].find(([scale]) => size >= scale * 0.9995);
    const days = bare[unit] === "d" && size >= 0.05 && !large;
    if (days) return number(value, size >= 99.95 ? 0 : 1).replace(/\.0$/, "") + gap + "d";
    const text = large ? number(value / large[0], size < 99.95 * large[0] ? 2 : 0) + gap + large[1] : number(value);
    return text + (unit ? gap + (bare[unit] ?? unit) : "");
  }

  function set(box, { model: data, base }, currencies) {
    const model = new Model(data);
    const knobs = new Map(data.sliders.map((slider) => [slider.id, slider]));
    const parts = (id) => [...box.querySelectorAll("input")].filter((input) => input.dataset.slider === id);
    const values = Object.fromEntries(data.sliders.map((slider) => [slider.id, slider.value]));
    const said = box.querySelector("output");
    const text = (output, value) => (output.words ? (data.axes[output.words][value - 1] ?? "–") : quantity(value, output.unit, currencies));
    // How a value differs from the report's; a word that differs says which it was.
    function shift(output, value, was, most) {
      if (output.words) return text(output, value) === text(output, was) ? "" : `was ${text(output, was)}`;
      const change = value - (was ?? NaN);
      if (!Number.isFinite(change) || Math.abs(change) <= 1e-9 * most) return "";
      return (change > 0 ? "+" : "") + quantity(change, output.unit, currencies);
    }

    function show() {
      const found = model.evaluate(values);
      const words = [];
      for (const output of data.outputs) {
        const grid = found.get(output.name);
        const cells = [...box.querySelectorAll("[data-output]")].filter((cell) => cell.dataset.output === output.name);
        const most = Math.max(...grid.data.map(Math.abs).filter(Number.isFinite), 1e-300);
        cells.forEach((cell, place) => {
          (cell.querySelector("a") ?? cell.querySelector("b")).textContent = text(output, grid.data[place]);
          cell.querySelector("small").textContent = shift(output, grid.data[place], base[output.name][place], most);
          const part = output.words || !Number.isFinite(grid.data[place]) ? 0 : grid.data[place] / most;
          cell.style.setProperty("--part", `${Math.max(0, part * 100)}%`);
        });
        if (output.best && grid.axes.length) {
          const pick = output.best === "lowest" ? Math.min : Math.max;
          const place = grid.data.indexOf(pick(...grid.data));
          [...box.querySelectorAll("tbody tr")].forEach((row, at) => row.classList.toggle("best", at === place));
          words.push(`${output.label}: ${output.best} for ${data.axes[grid.axes[0]][place]}, ${text(output, grid.data[place])}`);
        } else if (!grid.axes.length) words.push(`${output.label}: ${text(output, grid.data[0])}`);
      }
      said.textContent = words.join("; ") + ".";
    }
    // A share is shown in percent, everywhere.
    const scale = (id) => (knobs.get(id).unit === "share" ? 100 : 1);
    const written = (id) => String(Number((values[id] * scale(id)).toPrecision(12)));
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
          for (const other of parts(id)) if (other !== input) other.value = written(id);
        });
        input.addEventListener("change", () => { for (const each of parts(id)) each.value = written(id); });
      }
    box.querySelector("button").addEventListener("click", () => {
      for (const [id, slider] of knobs) {
        values[id] = slider.value;
        for (const input of parts(id)) input.value = written(id);
      }
      show();
    });
    // For tests and the curious: the model as a function of the sliders.
    box.evaluate = (given) => Object.fromEntries([...model.evaluate({ ...values, ...given })].map(([name, grid]) => [name, [...grid.data]]));
    box.querySelector(".knobs").hidden = false;
    box.querySelector("button").hidden = false;
    show();
  }
  window.told.then(({ models, currencies }) => {
    for (const [id, model] of Object.entries(models)) set(document.getElementById(id), model, currencies);
  }, () => {});
})();
