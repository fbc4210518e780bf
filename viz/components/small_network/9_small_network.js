// What are the parameters of a network, one by one? A network drawn whole: change its sizes, light up any part and see
// what it adds to the count; where it has been trained, send a patient through.

const SHOWS = { weights: "weights", flow: "weight × what comes in" };

class SmallNetwork extends Figure {
  constructor(parent) {
    super(parent);
    this.sizing = h("div", { class: "control", role: "group", "aria-label": "Units, layer by layer" });
    this.patient = h("input", { type: "number", min: 1, step: 1, "aria-label": "Patient", onchange: () => this.choosePatient(Number(this.patient.value)) });
    const step = (by, words, label) => this.button(words, () => this.choosePatient(this.state.patient + by), { "aria-label": label });
    this.shows = h("select", { "aria-label": "Lines show", onchange: () => this.set({ lines: this.shows.value }) }, Object.entries(SHOWS).map(([value, words]) => h("option", { value }, words)));
    this.trainer = this.button("Train it", () => this.send("train", `${this.state.units} ${Date.now()}`));
    this.feeding = h("fieldset", { class: "control" }, h("span", { class: "name" }, "Patient"), step(-1, "‹", "Patient before"), this.patient, step(1, "›", "Next patient"),
      h("span", { class: "name" }, "Lines show"), this.shows);
    this.bar.append(this.sizing, this.trainer, this.feeding);
    this.actions.append(this.button("CSV", () => this.csv(), { "aria-label": "All numbers, CSV" }));
    this.drawing = new NetworkDrawing({ over: (place) => this.hover(place), chosen: (place) => this.choose(place) });
    const term = (e) => e.target.closest("[data-layer]");
    this.sum = h("p", { class: "sum",
      onpointerover: (e) => this.hover(term(e) ? { layer: Number(term(e).dataset.layer) } : null), onpointerleave: () => this.hover(null),
      onfocusin: (e) => this.hover(term(e) ? { layer: Number(term(e).dataset.layer) } : null), onfocusout: () => this.hover(null),
      onclick: (e) => { if (term(e)) this.choose({ layer: Number(term(e).dataset.layer) }); } });
  }
  build() {
    this.heading = h("h2");
    this.stage = h("div", { class: "stage", tabindex: 0, role: "group", "aria-label": "The network: arrow keys go from unit to unit, [ and ] from line to line" }, this.drawing.pixels, this.drawing.root);
    this.readout = h("p", { class: "readout" });
    this.legend = h("p", { class: "legend quiet" });
    this.note = h("p", { class: "note" });
    this.told = h("div", { class: "hidden" });
    this.body.replaceChildren(this.heading, this.sum, this.readout, this.stage, this.note, this.legend, this.told);
  }

  // ---- the hand
  hover(place) {
    if (textOf(place) === textOf(this.over)) return;
    this.over = place;
    this.lightUp();
  }
  choose(place) { this.set({ at: textOf(place) === this.state.at ? "" : textOf(place) }); }
  choosePatient(number) {
    const most = this.data.trained?.inputs.length ?? 1;
    this.set({ patient: Math.max(1, Math.min(most, Math.round(number) || 1)) });
    this.patient.value = this.state.patient;
  }
  // change(sizes as they are now): the picture may be a moment behind.
  resizeTo(change) {
    const sizes = change(sizesOf(this.state.units));
    if (sizes.length < 2 || sizes.length > MOST_LAYERS) return;
    this.set({ units: sizes.map((size) => Math.max(1, Math.min(MOST_UNITS, Math.round(size) || 1))).join("-") });
  }
  key(event) {
    const { sizes } = this, at = placeOf(this.state.at, sizes), own = at && "column" in at ? at : at && "from" in at ? { column: at.layer + 1, unit: at.to } : at ? { column: at.layer + 1, unit: 0 } : null;
    const go = (column, unit) => {
      const to = Math.max(0, Math.min(sizes.length - 1, column));
      this.set({ at: textOf({ column: to, unit: Math.max(0, Math.min(sizes[to] - 1, unit)) }) });
    };
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key], line = { "[": -1, "]": 1 }[event.key];
    if (by) own ? go(own.column + by[0], own.unit + by[1]) : go(1, 0);
    else if (event.key === "Home" && own) go(own.column, 0);
    else if (event.key === "End" && own) go(own.column, sizes[own.column] - 1);
    else if (event.key === "Escape" && at) this.set({ at: "" });
    else if (line) {
      const to = own?.column ? own : { column: 1, unit: 0 }, from = at && "from" in at ? at.from + line : line > 0 ? 0 : sizes[to.column - 1] - 1;
      this.set({ at: textOf({ layer: to.column - 1, from: (from + sizes[to.column - 1]) % sizes[to.column - 1], to: to.unit }) });
    } else return false;
    return true;
  }

  // ---- the picture
  render() {
    const { state, data } = this, sizes = (this.sizes = sizesOf(state.units)), layers = (this.layers = layersOf(sizes)), total = totalOf(sizes);
    const trained = (this.trained = data.trained?.sizes === state.units ? data.trained : null);
    if (trained && state.patient > trained.inputs.length) state.patient = 1;
    this.way = trained && forward(trained, state.patient - 1);
    this.laySizes();
    this.fits = sizes[0] === data.names.length && sizes.at(-1) === 1 && sizes.length > 2 && total <= data.most;
    this.trainer.disabled = Boolean(trained) || !this.fits;
    this.feeding.disabled = !trained;
    this.patient.max = trained?.inputs.length ?? 1;
    if (this.root.getRootNode().activeElement !== this.patient) this.patient.value = state.patient;
    this.shows.value = state.lines;

    this.heading.textContent = `${state.units}: ${count(total, "parameter")}`;
    this.sum.replaceChildren(...layers.flatMap((layer, i) => [i ? " + " : "", h("button", { type: "button", class: "term", "data-layer": i, "aria-pressed": String(state.at === String(i + 1)) }, `${layer.from} × ${layer.to} + ${layer.to}`)]),
      ` = ${layers.length > 1 ? `${layers.map((layer) => whole(layer.all)).join(" + ")} = ` : ""}`, h("b", null, whole(total)));
    this.drawNetwork();
    this.note.replaceChildren(...this.remark());
    this.told.replaceChildren(this.table(total));
    if (this.place !== state.at) { this.place = state.at; this.speak = true; }
    this.lightUp();
  }
  // The fields stay while the hand is in one of them.
  laySizes() {
    const { sizes } = this;
    if (this.fields?.length !== sizes.length) {
      this.fields = sizes.map((_, i) => h("input", { type: "number", min: 1, max: MOST_UNITS, step: 1, onchange: () => this.resizeTo((sizes) => sizes.with(i, Number(this.fields[i].value))) }));
      const step = (i, by) => this.button(by < 0 ? "−" : "+", () => this.resizeTo((sizes) => sizes.with(i, sizes[i] + by)));
      this.steps = sizes.map((_, i) => [step(i, -1), step(i, 1)]);
      this.adding = this.button("Add a layer", () => this.resizeTo((sizes) => sizes.toSpliced(-1, 0, sizes.length > 2 ? sizes.at(-2) : 8)));
      this.taking = this.button("Remove a layer", () => this.resizeTo((sizes) => sizes.toSpliced(-2, 1)));
      this.sizing.replaceChildren(...sizes.map((_, i) => h("span", { class: "layer" }, this.steps[i][0], this.fields[i], this.steps[i][1])), this.adding, this.taking);
    }
    sizes.forEach((size, i) => {
      const name = this.column(i);
      this.fields[i].setAttribute("aria-label", `Units: ${name}`);
      this.steps[i].forEach((button, j) => {
        button.setAttribute("aria-label", `${j ? "One more" : "One fewer"}: ${name}`);
        button.disabled = size === (j ? MOST_UNITS : 1);
      });
      this.fields[i].value = size;
    });
    this.adding.disabled = sizes.length === MOST_LAYERS;
    this.taking.disabled = sizes.length === 2;
  }
  column(i) { return i === 0 ? "inputs" : i === this.sizes.length - 1 ? "outputs" : this.sizes.length > 3 ? `hidden layer ${i}` : "hidden layer"; }
  unit(column, i) { return column === 0 && this.trained ? this.data.names[i] : `${column === 0 ? "input" : column === this.sizes.length - 1 ? "output" : this.sizes.length > 3 ? `unit ${i + 1} of hidden layer ${column}` : `hidden unit ${i + 1}`}${column === 0 || (column === this.sizes.length - 1 && this.sizes.at(-1) > 1) ? ` ${i + 1}` : ""}`; }

  drawNetwork() {
    const { sizes, trained, way, state, look, theme, width, em, data } = this, small = this.root.classList.contains("small"), flow = state.lines === "flow";
    const raw = trained && ((layer, from, to) => trained.weights[layer][from][to] * (flow ? way.values[layer][from] : 1));
    if (trained) {
      const numbers = sizes.slice(1).flatMap((_, layer) => linesOf({ layer }, sizes).map((line) => Math.abs(raw(...line))));
      this.largest = Math.max(...numbers, ...(flow ? [] : trained.biases.flat().map(Math.abs)), 1e-12);
    }
    const head = (size, i) => (small && sizes.length > 3 ? String(size) : `${size} ${i === 0 ? "input" : i === sizes.length - 1 ? "output" : small ? "hid." : "hidden"}${(i === 0 || i === sizes.length - 1) && size > 1 ? "s" : ""}`);
    this.drawing.show({
      sizes, look, width, em, small, diverging: theme.diverging[look.name],
      value: trained && ((...line) => raw(...line) / this.largest),
      bias: trained && ((layer, to) => Math.max(-1, Math.min(1, trained.biases[layer][to] / this.largest))),
      heads: sizes.map(head),
      left: sizes[0] === data.names.length ? data.names.map((name, i) => (trained && !small ? `${name} ${short(trained.inputs[state.patient - 1][i])}` : trained || this.fits ? cut(name, small ? 9 : 18) : "")) : [],
      right: trained && [number(way.output), "predicted"],
      above: (column, unit) => trained && { text: column && column < sizes.length - 1 ? short(way.values[column][unit]) : "", active: way.values[column][unit] > 0 || column === 0 },
      says: `A network of ${list(sizes.map((size, i) => `${size} ${this.column(i)}`))}, with ${count(totalOf(sizes), "parameter")}`,
    });
    this.legend.replaceChildren(...(trained ? this.drawing.legend(`−${number(this.largest)}`, `+${number(this.largest)}`, flow ? "Line: its weight times what comes in" : "Line: its weight; square: bias") : ["Line: a weight; square: a bias"]),
      trained ? h("span", null, "Dashed: negative. Filled unit: it hands something on; hollow: ReLU made it 0.") : "");
  }
  lightUp() {
    const place = this.over ?? placeOf(this.state.at, this.sizes);
    this.drawing.light(place);
    const words = this.about(place);
    this.readout.replaceChildren(...words);
    for (const button of this.sum.querySelectorAll("button")) button.classList.toggle("on", place?.layer === Number(button.dataset.layer) && !("from" in place));
    if (this.speak && !this.over) { this.speak = false; this.say(this.readout.textContent); }
  }

  // ---- words
  about(place) {
    const { sizes, layers, trained, way } = this;
    if (!place) return ["Every line is a weight, every square a bias. Point at a unit or a line, or at a term of the sum."];
    if ("from" in place) {
      const { layer, from, to } = place, words = [h("b", null, `w ${from + 1}→${to + 1}`), ` of layer ${layer + 1}, from ${this.unit(layer, from)} to ${this.unit(layer + 1, to)}: one weight.`];
      if (!trained) return words;
      const w = trained.weights[layer][from][to], x = way.values[layer][from];
      return [...words, ` It is ${four(w)}. This patient: ${four(w)} × ${four(x)} = ${four(w * x)}.`];
    }
    if ("layer" in place) {
      const { from, to, weights, all } = layers[place.layer];
      return [`Layer ${place.layer + 1}, from ${this.column(place.layer)} to ${this.column(place.layer + 1)}: `, h("b", null, `${from} × ${to} = ${count(weights, "weight")} + ${count(to, "bias")} = ${whole(all)}`), "."];
    }
    const { column, unit } = place, called = this.unit(column, unit), name = called[0].toUpperCase() + called.slice(1);
    if (!column) {
      const own = [h("b", null, name), ": an input. It has no parameters of its own; ", `${count(sizes[1], "weight")} start${sizes[1] === 1 ? "s" : ""} here.`];
      return trained ? [...own, ` This patient: (${number(trained.inputs[this.state.patient - 1][unit])} − ${number(trained.mean[unit])}) / ${number(trained.scale[unit])} = ${four(way.values[0][unit])}.`] : own;
    }
    const own = [h("b", null, name), `: ${count(sizes[column - 1], "weight")} + 1 bias = ${whole(sizes[column - 1] + 1)}.`];
    if (!trained) return own;
    const bias = trained.biases[column - 1][unit], sum = way.sums[column][unit], last = column === sizes.length - 1;
    const on = last ? "" : ` On for ${whole(trained.inputs.filter((_, patient) => forward(trained, patient).values[column][unit] > 0).length)} of ${whole(trained.inputs.length)} patients.`;
    return [...own, ` This patient: weights × what comes in, summed: ${four(sum - bias)}, + bias ${four(bias)} = ${four(sum)}`,
      last ? `. As measured: ${four(sum)} × ${number(trained.spread)} + ${number(trained.centre)} = ${number(way.output)}.` : `${sum > 0 ? "; ReLU leaves it." : "; ReLU makes it 0."}${on}`];
  }
  remark() {
    const { trained, way, state, data, sizes } = this;
    if (trained) {
      const i = state.patient - 1;
      return [h("b", null, `Patient ${state.patient}`), `, ${trained.held_out[i] ? "held out" : "one of those trained on"}: the network says ${number(way.output)}, linear regression ${number(trained.linear[i])}; measured ${number(trained.targets[i])} (${data.target}).`];
    }
    if (this.fits) return ["Not trained: every line is one number that has no value yet. “Train it” fits them all to the table of patients."];
    const why = sizes[0] !== data.names.length || sizes.at(-1) !== 1 ? `the table of patients has ${data.names.length} inputs and 1 output` : sizes.length < 3 ? "without a hidden layer it is linear regression" : `only networks of up to ${whole(data.most)} parameters are trained here`;
    return [`Drawn without values: ${why}. The count is the same, whatever the values are.`];
  }
  table(total) {
    return h("table", null, h("caption", null, `All ${whole(total)} parameters`),
      h("thead", null, h("tr", null, ...["Layer", "From", "To", "Weights", "Biases", "Together"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, ...this.layers.map((layer, i) => h("tr", null, ...[i + 1, this.column(i), this.column(i + 1), layer.weights, layer.to, layer.all].map((cell) => h("td", null, String(cell)))))));
  }
  // What steps back in a canvas does so by its style, which a picture doesn't keep.
  async save(kind) {
    const { drawing } = this, strength = Number(drawing.pixels.style.opacity);
    if (drawing.many) drawing.paint(strength);
    await super.save(kind);
    if (drawing.many) drawing.paint();
  }
  title() { return `Network ${this.state.units}, ${whole(totalOf(this.sizes))} parameters`; }
  facts() { return [this.readout.textContent, ...(this.trained ? this.data.facts : [])]; }
  // Every parameter of what is drawn, one a line; without a value where it has none.
  csv() {
    const { trained, sizes, state } = this, rows = [];
    this.layers.forEach(({ from, to }, layer) => {
      for (let j = 0; j < to; j++) for (let i = 0; i < from; i++) rows.push([layer + 1, "weight", i + 1, j + 1, trained ? trained.weights[layer][i][j] : ""]);
      for (let j = 0; j < to; j++) rows.push([layer + 1, "bias", "", j + 1, trained ? trained.biases[layer][j] : ""]);
    });
    const origin = [`# sizes: ${state.units}`, ...(trained ? this.data.origin : ["# values: none, it is not trained"])];
    download(new Blob([[...origin, "layer,kind,from,to,value", ...rows.map((row) => row.join()), ""].join("\n")], { type: "text/csv" }), "orrery-small-network.csv");
  }
}
const four = (x) => (x < 0 ? `−${four(-x)}` : x === 0 ? "0" : x >= 0.001 && x < 1e5 ? String(Number(x.toPrecision(4))) : x.toExponential(2));
const short = (x) => (x < 0 ? `−${short(-x)}` : x !== 0 && x < 0.001 ? "<0.001" : String(Number(x.toPrecision(3))));
const sizesOf = (text) => text.split("-").map(Number);

export default mount(SmallNetwork);
