// One token's way through the model: the map, the stage that one stands at, and the numbers under the hand.

const PACE = 1400, SHORT = 350; // milliseconds for a stage, and for a layer in which all is as in the one before

class Walk extends Figure {
  constructor(parent) {
    super(parent);
    this.takes = ({ detail }) => { this.row_ = detail; if (this.data && !this.closed) this.draw(); };
    addEventListener("orrery-walk-row", this.takes);
    this.row_ = globalThis.orreryWalkRow;
  }
  destroy() {
    this.stop();
    removeEventListener("orrery-walk-row", this.takes);
    super.destroy();
  }
  build() {
    const { data } = this;
    this.numbers = new Numbers(data);
    this.stages = new Map(data.stages.map((stage) => [stage.id, stage]));
    this.cut = new Set(data.cut.map((edge) => edge.join()));
    this.asked = null;
    if (this.state.token === data.count - 1) this.state.token = null; // the last is the usual one
    this.headSize = this.numbers.of("attention.mixed", 0).shape[1];
    const range = (name, count, act) => {
      const input = h("input", { type: "range", min: 0, max: count - 1, "aria-label": name, oninput: () => act(Number(input.value)) }), said = h("output");
      return { input, said, parts: h("label", { class: "control" }, h("span", { class: "name" }, name), input, said) };
    };
    this.layers = range("Layer", data.layers, (layer) => this.layer(layer));
    this.heads = range("Head", data.heads, (head) => this.head(head));
    this.play = this.button("Play", () => this.toggle(), { "aria-label": "Play" });
    this.bar.replaceChildren(this.button("‹", () => this.by(-1), { "aria-label": "Stage before" }), this.play, this.button("›", () => this.by(1), { "aria-label": "Next stage" }), this.layers.parts, this.heads.parts);
    this.map = new Map2(this);
    this.chips = h("div", { class: "chosenTokens", role: "group", "aria-label": "The token that is walked" }, data.tokens.map((token, i) => h("button", { type: "button", class: "plain", title: about(token, i + data.first), "aria-pressed": String(i + data.first === data.position), onclick: () => this.token(i + data.first) }, chip(token, true))));
    this.zooms = h("div", { class: "zooms", role: "group", "aria-label": "Zoom" });
    this.heading = h("h2");
    this.why = h("p", { class: "why" });
    this.shape = h("p", { class: "quiet shape" });
    this.picture = h("div", { class: "picture" });
    this.readout = h("p", { class: "readout quiet" });
    this.formula = h("div", { class: "formula" });
    this.code = h("code");
    this.check_ = h("p", { class: "checked" });
    this.doors = h("p", { class: "doors leave" });
    const panel = h("section", { class: "panel" }, this.zooms, this.heading, this.why, this.shape, this.picture, this.readout, this.formula, h("pre", { tabindex: 0, "aria-label": "The line of PyTorch" }, this.code), this.check_, this.doors);
    this.panel = panel;
    this.body.replaceChildren(this.chips, h("div", { class: "split" }, this.map.parts, panel));
  }

  // ---- what is looked at
  get stage() { return this.stages.get(this.state.stage) ?? this.data.stages[0]; }
  // Which of the shown tokens is looked at: the chosen key, or the one that the head looks at most.
  get at() {
    const { data, state } = this, i = state.key === null ? -1 : state.key - data.first;
    if (i >= 0 && i < data.tokens.length) return i;
    const weights = this.byHead("attention.weights");
    return weights.indexOf(Math.max(...weights));
  }
  get candidate() { const { top } = this.data; return top.find((one) => one.id === this.state.dimension) ?? top[0]; }
  // The stage's own tensor: of one that has none, that of what it reads.
  get tensor() { const { stage } = this; return stage.id === "joined" || this.numbers.has(stage.id) || stage.id === "input" ? stage.id : null; }
  get depth() { return this.stage.where === "after" ? this.data.layers - 1 : this.state.layer; }
  array(name) {
    const { stage, data } = this;
    if (stage.id === "input" && name === stage.inputs[0]) return this.numbers.of(name, 0);
    return this.numbers.of(name, stage.where === "after" ? data.layers - 1 : this.state.layer);
  }
  get width_() { return this.tensor ? this.numbers.size(this.tensor) : 0; }
  get byKeys() { return ["dot", "scale", "mask", "softmax"].includes(this.stage.kind); }
  get ofVocabulary() { return this.stage.where === "after" && ["final.logits", "softmax", "next"].includes(this.stage.id); }
  get dimension() {
    const { dimension } = this.state;
    if (this.stage.id === "rotation") return dimension ?? 0;
    return dimension !== null && dimension < this.width_ ? dimension : null;
  }
  // What the visitor has a stage (or what a "layer" adds) multiplied by; of a stage of heads, that of the chosen one.
  factor(name, layer = this.depth, head = this.dimension === null ? this.state.head : Math.floor(this.dimension / this.headSize)) {
    const found = this.data.factors[name]?.[layer] ?? 1;
    return Array.isArray(found) ? found[head] : found;
  }
  // Whether a head of the walked token may look at a shown token.
  sees(i, layer = this.state.layer, head = this.state.head) {
    return this.numbers.of("attention.mask", layer).values[i] > 0 && !this.cut.has([layer, head, i + this.data.first].join());
  }
  part(name) { return this.array(name).values[this.dimension]; }
  get value() { return this.ofVocabulary ? this.candidate.logit : this.array(this.tensor).values[this.dimension]; }
  byHead(name) { const count = this.data.tokens.length; return this.numbers.of(name, this.state.layer).values.subarray(this.state.head * count, (this.state.head + 1) * count); }
  // The row of an array of heads that belongs to the chosen head: key and value heads are shared.
  row(rows) { return Math.min(rows - 1, Math.floor(this.state.head / (this.data.heads / rows))); }
  headNames(rows) { return Array.from({ length: rows }, (_, i) => String(i)); }
  step_(i) { return this.numbers.has("rotation.step") ? this.numbers.of("rotation.step", 0).values[i] : 0; }
  turn_(i) { return this.data.position * this.step_(i); }
  short(name) { return { input: "x", "attention.residual": "x", "attention.output": "attention", "mlp.output": "MLP" }[name] ?? (this.stages.get(name)?.short || name); }
  // The weights behind the chosen number, if they are here.
  rowOfWeights() {
    const row = this.row_, { data, stage, state } = this, number_ = this.ofVocabulary ? this.candidate.id : this.dimension;
    return row && row.about === data.about && row.stage === stage.id && (row.layer === state.layer || stage.where !== "layer") && row.row === number_ ? row : null;
  }
  shades(least) {
    const at = `${this.look.name}${least}`;
    return ((this.shades_ ??= {})[at] ??= new Shades(this.look, this.theme, least));
  }

  // ---- what the hand does
  basis(id) { const stage = this.stages.get(id); return this.numbers.has(id) && stage.where === "layer" ? JSON.stringify(this.numbers.of(id, 0).shape) : ["input", "embedding.sum"].includes(id) ? JSON.stringify(this.numbers.of("input", 0).shape) : stage.where === "after" && this.ofVocabulary ? "vocabulary" : id; }
  go(id, layer) {
    const patch = { stage: id, layer: Math.max(0, Math.min(this.data.layers - 1, layer)) };
    if (this.basis(id) !== this.basis(this.stage.id)) Object.assign(patch, { dimension: null, zoom: this.state.zoom === "product" ? "layer" : this.state.zoom });
    this.set(patch);
    this.say(`${this.stages.get(id).title}${this.stages.get(id).where === "layer" ? `, layer ${patch.layer}` : ""}`);
  }
  // The place `by` stages on, or null at an end.
  place(by) {
    const { data, stage, state } = this, all = data.stages, i = all.indexOf(stage), to = all[i + by];
    if (by > 0 && stage.where === "layer" && to?.where !== "layer" && state.layer < data.layers - 1) return [all.find((s) => s.where === "layer").id, state.layer + 1];
    if (by < 0 && stage.where === "layer" && to?.where !== "layer" && state.layer > 0) return [all.findLast((s) => s.where === "layer").id, state.layer - 1];
    if (!to) return null;
    return [to.id, to.where === "layer" && stage.where !== "layer" ? (by > 0 ? 0 : data.layers - 1) : state.layer];
  }
  by(steps) { this.stop(); const to = this.place(steps); if (to) this.go(...to); }
  layer(layer) { this.stop(); this.set({ layer: Math.max(0, Math.min(this.data.layers - 1, layer)) }); }
  head(head) {
    const { state, data } = this, next = ((head % data.heads) + data.heads) % data.heads, shape = this.tensor && this.array(this.tensor).shape;
    // The chosen number stays at its place within the head.
    const dimension = shape?.length > 1 && this.dimension !== null ? Math.floor(next / (data.heads / shape[0])) * shape[1] + (this.dimension % shape[1]) : state.dimension;
    this.set({ head: next, dimension });
  }
  key_(i) { this.set({ key: i + this.data.first }); }
  choose(dimension) {
    const { stage, data } = this, shape = this.tensor && this.array(this.tensor).shape, patch = { dimension };
    if (shape?.length === 2 && shape[0] > 1) { const each = data.heads / shape[0], row = Math.floor(dimension / shape[1]); if (this.row(shape[0]) !== row) patch.head = row * each; }
    if (stage.id === "joined") patch.head = Math.floor(dimension / this.headSize);
    this.set(patch);
  }
  zoom(zoom) { this.set({ zoom }); }
  token(position) {
    const { data } = this;
    if (position === data.position) return;
    this.stop();
    this.set({ token: position === data.count - 1 ? null : position });
    this.ask({ token: position });
    this.say("Asking the model for this token");
  }
  ask(more) {
    this.address.write(); // the server reads the rest there
    const { data, state } = this, asked = { about: data.about, model: data.model, text: data.text, token: data.position, layer: state.layer, ...more };
    this.asked = more;
    this.send("asked", asked);
    this.draw();
  }
  append() {
    const { append } = this.candidate;
    if (append === null) return;
    this.set({ token: null, key: null, dimension: null, stage: "text", layer: 0, zoom: "layer" });
    this.address.write();
    this.asked = { append };
    this.send("appended", { text: append });
    this.draw();
  }
  toggle() {
    if (this.timer) { this.stop(); return; }
    if (!this.place(1)) this.go(this.data.stages[0].id, 0);
    this.whole = this.stage.where === "layer" ? this.state.layer : 0; // this layer is walked through; of the next ones only what they leave
    this.next();
    this.play.textContent = "Pause";
    this.play.setAttribute("aria-label", "Pause");
  }
  next() {
    const over = this.stage.where === "layer" && this.state.layer > this.whole;
    this.timer = setTimeout(() => {
      if (this.closed) return;
      let to = this.place(1);
      if (to && this.stages.get(to[0]).where === "layer" && to[1] > this.whole) to = [this.data.stages.findLast((s) => s.where === "layer").id, to[1]];
      if (!to) { this.stop(); return; }
      this.go(...to);
      this.next();
    }, over ? SHORT : PACE);
  }
  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.play) { this.play.textContent = "Play"; this.play.setAttribute("aria-label", "Play"); }
  }
  key(event) {
    const { state } = this, on = { ArrowRight: () => this.by(1), ArrowLeft: () => this.by(-1), ArrowDown: () => this.layer(state.layer + 1), ArrowUp: () => this.layer(state.layer - 1), "]": () => this.layer(state.layer + 1), "[": () => this.layer(state.layer - 1),
      h: () => this.head(state.head + 1), H: () => this.head(state.head - 1), Home: () => { this.stop(); this.go(this.data.stages[0].id, 0); }, End: () => { this.stop(); this.go(this.data.stages.at(-1).id, this.data.layers - 1); },
      ".": () => this.move(1), ",": () => this.move(-1), "+": () => this.nearer(1), "-": () => this.nearer(-1) }[event.key];
    if (event.key === " " && event.composedPath()[0].tagName !== "BUTTON") { this.toggle(); return true; }
    on?.();
    return Boolean(on);
  }
  // The number, or the token looked at, beside the chosen one.
  move(by) {
    if (this.byKeys) { this.key_(Math.max(0, Math.min(this.data.tokens.length - 1, this.at + by))); return; }
    if (this.ofVocabulary) { const { top } = this.data; this.choose(top[Math.max(0, Math.min(top.length - 1, top.indexOf(this.candidate) + by))].id); return; }
    const count = this.stage.id === "rotation" ? this.numbers.size("rotation.cosine") : this.width_;
    if (count) this.choose(this.dimension === null ? 0 : Math.max(0, Math.min(count - 1, this.dimension + by)));
  }
  nearer(by) {
    const offered = this.offered(), i = offered.indexOf(this.state.zoom);
    this.zoom(offered[Math.max(0, Math.min(offered.length - 1, (i < 0 ? 1 : i) + by))]);
  }

  // ---- what is drawn
  // At which scales there is a picture: all layers, this one, one head, one number.
  offered() {
    const { stage } = this, shape = this.tensor && this.numbers.of(this.tensor, 0).shape, heads = this.byKeys || (shape?.length === 2 && shape[0] > 1);
    const many = ["dot", "mix", "product"].includes(stage.kind) && (this.byKeys || stage.kind === "product" || this.dimension !== null);
    return [stage.where === "layer" ? "machine" : null, "layer", heads && stage.where === "layer" ? "head" : null, many ? "product" : null].filter(Boolean);
  }
  point(words) { this.readout.textContent = words || this.hint; }
  line(words) { return h("p", null, words); }
  asks(words) {
    const waits = this.asked?.stage === this.stage.id;
    return h("p", null, this.button(waits ? "Asking the model…" : words, () => this.ask({ stage: this.stage.id, dimension: this.ofVocabulary ? this.candidate.id : this.dimension }), { class: "go" }), h("span", { class: "quiet" }, " one row of the matrix, from the server"));
  }
  // A vector as cells, at the scale that is asked for, below what it is made from.
  vector() {
    const { stage, state, data } = this, { values, shape } = this.array(this.tensor), { rows, columns, heads } = laid(shape), chosen = this.dimension;
    const what = (r, c) => (heads ? `head ${r}, number ${c}` : `number ${r * columns + c}`);
    if (state.zoom === "machine" && stage.where === "layer") {
      const row = heads ? this.row(shape[0]) : 0, wide = heads ? shape[1] : values.length, all = Array.from({ length: data.layers }, (_, l) => this.numbers.of(this.tensor, l).values.subarray(row * wide, (row + 1) * wide));
      const tops = all.map((each) => largestOf(each) || 1), flat = Float64Array.from(all.flatMap((each, l) => Array.from(each, (v) => v / tops[l])));
      return [h("h3", null, `${heads ? `Head ${row} of every` : "Every"} layer`, h("span", { class: "quiet" }, " rows: layers, each coloured by its own largest number")),
        cells(this, { values: flat, rows: data.layers, columns: wide, names: this.headNames(data.layers), lit: state.layer, chosen: chosen === null ? null : state.layer * wide + (chosen % wide), most: 1, pick: (r, c) => this.set({ layer: r, dimension: row * wide + c }), what: (r, c) => `layer ${r}, number ${c}, as a share of the layer’s largest` })];
    }
    if (state.zoom === "head" && heads) {
      const row = this.row(shape[0]), own = values.subarray(row * columns, (row + 1) * columns), fold = laid([columns]).rows === 1 ? Math.min(columns, 16) : 16;
      return [h("h3", null, `Head ${row} alone`), cells(this, { values: padded(own, Math.ceil(columns / fold) * fold), rows: Math.ceil(columns / fold), columns: fold, names: Array.from({ length: Math.ceil(columns / fold) }, (_, r) => String(r * fold)), chosen: chosen === null || Math.floor(chosen / columns) !== row ? null : chosen % columns, height: this.em * 1.3, pick: (r, c) => { if (r * fold + c < columns) this.choose(row * columns + r * fold + c); }, what: (r, c) => `number ${r * fold + c}` }), legend(this, largestOf(own))];
    }
    const made = stage.kind === "product" && stage.id === "attention.output" ? ["joined"] : stage.inputs.filter((name) => ["add", "times", "norm", "activation", "product"].includes(stage.kind) && (this.numbers.has(name) || name === "input"));
    const from = made.map((name) => {
      const { values: read } = this.array(name), same = read.length === values.length && stage.kind !== "product";
      return h("div", { class: "from" }, h("span", { class: "quiet" }, `${this.stages.get(name)?.title ?? name} `), cells(this, { values: read, rows: 1, columns: read.length, chosen: same ? chosen : null, height: this.em * 0.7 }));
    });
    const names = heads ? this.headNames(rows) : Array.from({ length: rows }, (_, r) => String(r * columns)), lit = heads && rows > 1 ? this.row(rows) : stage.id === "joined" ? null : null;
    return [...from, from.length ? h("p", { class: "arrow quiet", "aria-hidden": "true" }, stage.kind === "product" ? `↓ × W [${values.length} × ${this.numbers.size(stage.inputs[0])}]` : { add: "↓ added", times: "↓ multiplied", norm: "↓ brought to a usual size", activation: `↓ ${data.activation}` }[stage.kind]) : null,
      cells(this, { values: padded(values, rows * columns), rows, columns, names, lit, chosen, pick: (r, c) => { if (r * columns + c < values.length) this.choose(r * columns + c); }, what }), legend(this, largestOf(values)), this.inWords(values, (i) => what(Math.floor(i / columns), i % columns))].filter(Boolean);
  }
  // For those who can't see the cells.
  inWords(values, what) {
    const order = [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a])).slice(0, 5);
    return h("p", { class: "hidden" }, `The largest: ${order.map((i) => `${what(i)}: ${three(values[i])}`).join("; ")}.`);
  }
  // Other pages that show the same from another side.
  ways() {
    const { data, state, stage } = this, off = new URLSearchParams(location.search).get("off"), inside = stage.where === "layer";
    const to = (path, rest) => `${path}?${new URLSearchParams({ model: data.model, text: data.text, ...rest, ...(off ? { off } : {}) })}`;
    return [inside && stage.id.startsWith("attention.") || this.byKeys ? ["This head on the page of attention", to("attention", { layer: state.layer, head: state.head, token: data.position })] : null,
      stage.part === "residual" || this.ofVocabulary ? ["The residual stream", to("inside", { view: "stream" })] : null,
      (stage.part === "residual" && inside) || this.ofVocabulary ? ["What the model would say after each layer", to("inside", { view: "lens" })] : null].filter(Boolean);
  }
  shapeWords() {
    const { stage, data } = this, size = this.headSize;
    if (this.ofVocabulary) return `[${data.vocabulary.toLocaleString("en")}], one number for each token of the vocabulary`;
    if (stage.kind === "angles") return `[${this.numbers.size("rotation.cosine")}] angles, one for each pair of numbers of a head`;
    if (stage.id === "text") return `${Array.from(data.text).length.toLocaleString("en")} characters`;
    if (stage.id === "ids") return `[${data.count}] whole numbers`;
    if (this.byKeys) return stage.kind === "mask" && !data.cut.length ? `[${data.count}], the same for every head` : `[${data.heads} heads × ${data.count} tokens]`;
    const { shape, values } = this.array(this.tensor), kv = shape.length > 1 && shape[0] < data.heads;
    return `[${shape.join(" × ")}]${shape.length > 1 ? `, ${shape[0]} ${kv ? "key/value " : ""}head${shape[0] === 1 ? "" : "s"} of ${size}${kv ? `, each for ${data.heads / shape[0]} query heads` : ""}` : ""} · length ${three(lengthOf(values))}`;
  }
  checkWords() {
    const { data, stage, state } = this, name = stage.id === "rotation" ? "rotation.cosine" : { dot: "attention.scores", joined: "attention.mixed" }[stage.id] ?? stage.id, found = data.differences[name];
    const off = found && found[found.length > 1 ? state.layer : 0], all = `all ${data.layers} layers: ${roughly(data.max_difference)}`;
    return `Recomputed from its inputs, apart by at most: ${off === undefined ? "" : `here ${roughly(off)}, `}${all} of the largest number`;
  }
  render() {
    const { data, stage, state } = this, inside = stage.where === "layer";
    this.root.classList.toggle("stacked", this.width < 46 * this.em);
    this.room = Math.max(160, this.panel.clientWidth - 2);
    const asking = this.asked && ("token" in this.asked || "append" in this.asked);
    for (const [range, value, count] of [[this.layers, state.layer, data.layers], [this.heads, state.head, data.heads]]) { range.input.value = value; range.said.textContent = `${value} of 0–${count - 1}`; }
    this.chips.classList.toggle("waiting", Boolean(asking));
    this.map.refresh(stage);
    const names = { machine: "All layers", layer: inside ? `Layer ${state.layer}` : "The whole", head: `Head ${state.head}`, product: "One dot product" }, offered = this.offered(), zoom = offered.includes(state.zoom) ? state.zoom : "layer";
    this.zooms.replaceChildren(...(offered.length > 1 ? offered : []).flatMap((each, i) => [i ? h("span", { class: "quiet", "aria-hidden": "true" }, "›") : null, h("button", { type: "button", class: "plain", "aria-pressed": String(each === zoom), onclick: () => this.zoom(each) }, names[each])]).filter(Boolean));
    this.heading.textContent = stage.title;
    this.heading.append(inside ? h("span", { class: "quiet" }, ` layer ${state.layer}`) : "");
    this.why.textContent = asking ? `${stage.why} (Asking the model …)` : stage.why;
    this.shape.textContent = this.shapeWords();
    this.hint = this.byKeys ? "Choose a token to read its number, term by term." : this.ofVocabulary ? "Choose a token to read how its number comes about." : this.tensor || stage.id === "rotation" ? "Choose a cell to read how its number comes about." : "";
    this.readout.textContent = this.hint;
    this.picture.hidden = this.readout.hidden = zoom === "product"; // the terms alone
    this.picture.replaceChildren(...[zoom === "product" ? null : PICTURES[stage.kind](this)].flat(Infinity).filter(Boolean));
    const open = this.byKeys || this.ofVocabulary || this.dimension !== null || ["text", "ids"].includes(stage.id);
    const written = formula(this);
    const factor = this.factor(stage.id === "mlp.residual" && data.norms !== "after" ? "layer" : stage.id), changed = factor === 1 ? null : this.line(`${stage.id === "mlp.residual" ? "All that this layer adds" : stage.id === "attention.mixed" ? "What this head has fetched" : "The result"} is multiplied by ${three(factor)}: see the top of the page.`);
    this.formula.replaceChildren(...[written ? h("p", { class: "rule" }, written) : null, changed, ...(open && !(this.ofVocabulary && !data.top.length) ? FORMULAS[stage.kind]?.(this) ?? [] : [])].filter(Boolean));
    this.code.textContent = stage.code;
    this.check_.textContent = this.checkWords();
    this.doors.replaceChildren(...this.ways().map(([words, href]) => h("a", { href }, words)));
  }
  title() { return `${this.data.title}: ${this.stage.title}${this.stage.where === "layer" ? `, layer ${this.state.layer}` : ""}`; }
  facts() { return [...this.data.facts, this.checkWords()]; }
}

export default mount(Walk);
