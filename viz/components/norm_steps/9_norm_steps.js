// What does a norm do to a real vector, and what would the other kind do to it? Both step by step, side by side, with a
// hand on the vector: it can be multiplied, and a constant added to all its numbers.

const PLACES = { embedding: "behind the embedding", attention: "before the attention", "attention after": "behind the attention", mlp: "before the MLP", "mlp after": "behind the MLP", final: "the final norm" };
const OUTLIERS = 6;

class NormSteps extends Figure {
  constructor(parent) {
    super(parent);
    this.choice = h("select", { "aria-label": "Norm", onchange: () => this.choose(this.choice.value) });
    this.range = h("input", { type: "range", min: 0, "aria-label": "Layer", oninput: () => this.set({ layer: Number(this.range.value) }) });
    this.said = h("output");
    this.times = h("input", { type: "range", min: -4, max: 4, step: 0.25, "aria-label": "then multiply by", oninput: () => this.set({ times: Number((10 ** Number(this.times.value)).toPrecision(3)) }) });
    this.timesSaid = h("output");
    this.plus = h("input", { type: "range", min: -5, max: 5, step: 0.1, "aria-label": "Add to all", oninput: () => this.set({ plus: Number(this.plus.value) }) });
    this.plusSaid = h("output");
    this.bar.append(h("label", { class: "control" }, "Norm", this.choice), h("label", { class: "control" }, "Layer", this.range, this.said));
    this.hand = h("div", { class: "control hand leave" }, h("span", { class: "name" }, "A hand on the vector"), h("label", { class: "control" }, "Add to all", this.plus, this.plusSaid),
      h("label", { class: "control" }, "then multiply by", this.times, this.timesSaid), this.button("As it is", () => this.set({ times: 1, plus: 0 })));
  }
  build() {
    const { data } = this;
    Object.assign(this, { vectors: floatsOf(data.vectors), weights: floatsOf(data.weights), biases: data.biases ? floatsOf(data.biases) : null, pointed: null });
    this.own = data.kind === "LayerNorm";
    this.choice.replaceChildren(...[...new Set(data.places.map(([place]) => place))].map((place) => h("option", { value: place }, PLACES[place])));
    this.range.max = Math.max(...data.places.map(([, layer]) => layer));
    this.heading = h("h2");
    this.chips = data.tokens.map((token, i) => {
      const shown = h("button", { type: "button", class: "plain", onclick: () => this.ask(data.first + i), "aria-pressed": String(data.first + i === data.position), "aria-label": `Token ${data.first + i}: ${plain(token)}` }, chip(token, true));
      return shown;
    });
    [this.course, this.sides, this.readout, this.change, this.below, this.told] = ["course", "sides", "readout", "change", "below", "hidden"].map((name) => h("div", { class: name }));
    this.body.replaceChildren(this.heading, h("div", { class: "text", role: "group", "aria-label": "Token" }, ...this.chips), this.course, this.hand, this.change, this.sides, this.readout, this.below, this.told);
  }
  ask(token) {
    if (token === this.data.position) return;
    this.set({ token });
    this.send("asked", { token, ...this.data.about });
  }
  choose(norm) { this.set({ norm }); }
  get place() {
    const { places } = this.data, { layer, norm } = this.state;
    const found = places.findIndex(([name, at]) => name === norm && (at === layer || at < 0));
    return found < 0 ? places.findIndex(([, at]) => at >= 0) : found;
  }
  goTo(place) {
    const { places } = this.data, [norm, layer] = places[Math.max(0, Math.min(places.length - 1, place))];
    this.set(layer < 0 ? { norm } : { norm, layer });
  }
  point(dim, pinned) {
    this.pointed = pinned ? null : dim;
    if (pinned) this.set({ dim });
    else this.tell();
  }

  render() {
    const { data, place } = this, { size } = data, [name, layer] = data.places[place];
    const row = (numbers) => Array.from(numbers.subarray(place * size, (place + 1) * size));
    const weight = row(this.weights), bias = this.biases && row(this.biases), asIs = row(this.vectors);
    const { times, plus } = this.state, unit = Math.sqrt(asIs.reduce((sum, value) => sum + value * value, 0) / size) || 1;
    const x = asIs.map((value) => times * (value + plus * unit));
    const kinds = (vector) => [normed(vector, this.own, weight, bias, data.eps), normed(vector, !this.own, weight, null, data.eps)];
    Object.assign(this, { x, weight, results: kinds(x), asItIs: kinds(asIs), dim: this.state.dim ?? asIs.reduce((best, value, i) => (Math.abs(value) > Math.abs(asIs[best]) ? i : best), 0) });
    const where = layer < 0 ? PLACES[name] : `layer ${layer}, ${PLACES[name]}`;
    this.choice.value = name;
    this.range.disabled = layer < 0;
    this.range.value = layer < 0 ? this.state.layer : layer;
    this.said.textContent = layer < 0 ? "" : `${layer} of 0 to ${this.range.max}`;
    this.times.value = Math.log10(Math.abs(times) || 1e-4);
    this.timesSaid.textContent = exact(times);
    this.plus.value = plus;
    this.plusSaid.textContent = plus ? `${exact(plus)} × ${exact(unit)} = ${exact(plus * unit)}` : "0";
    const token = data.tokens[data.position - data.first];
    this.heading.replaceChildren(`${where[0].toUpperCase()}${where.slice(1)}: what a norm makes of `, token ? chip(token, true) : `token ${data.position}`);
    this.drawCourse(place);
    this.drawSides();
    this.tell();
    this.drawChange();
    this.drawBelow();
    const summary = this.summary(where);
    if (this.spoken && this.spoken !== summary) this.say(summary);
    this.spoken = summary;
  }
  drawCourse(place) {
    const { before, after } = this.data, { em, width } = this;
    const words = `Length of the vector: ${exact(before[place])} before this norm, ${exact(after[place])} behind it; before all norms from ${exact(Math.min(...before))} to ${exact(Math.max(...before))}, behind them from ${exact(Math.min(...after))} to ${exact(Math.max(...after))}.`;
    this.course.replaceChildren(h("p", { class: "quiet" }, "Length of this token's vector at every norm of the model: ", h("b", { class: "before" }, `━ before, here ${exact(before[place])}`), "  ", h("b", { class: "after" }, `┅ behind, here ${exact(after[place])}`)),
      lengths(before, after, place, { em, width, words, go: (to) => this.goTo(to) }));
  }
  drawSides() {
    const { data, em, x, dim } = this, apartBy = 2 * em, width = this.root.classList.contains("small") ? this.width : Math.floor((this.width - apartBy) / 2);
    const part = (numbers, kind, words) => strip(numbers, dim, { em, width, part: kind, words: `${words}: ${data.size} numbers, the largest ${exact(farthest(numbers))}`, point: (i, pinned) => this.point(i, pinned) });
    const step = (words, drawn) => h("div", { class: "step" }, h("p", null, ...words), drawn ?? h("div", { class: "none" }));
    this.sides.replaceChildren(...this.results.map((found, i) => {
      const layerNorm = found.centred, title = `${layerNorm ? "LayerNorm" : "RMSNorm"}${i ? ", on the same vector" : ", the model's own"}`;
      const root = `√(${exact(found.square)} + ${exact(data.eps)}) = ${exact(found.root)}`;
      return h("section", { style: `width:${width}px`, "aria-label": title }, h("h3", null, title),
        step([h("b", null, "x "), `as it comes: ${data.size} numbers, the largest ${exact(farthest(x))}`], part(x, "residual", "x")),
        layerNorm ? step([h("b", null, "− mean "), exact(found.mean)], part(found.moved, "residual", "x minus its mean"))
          : step([h("b", null, "no centring: "), `the mean, ${exact(found.mean)}, stays`]),
        step([h("b", null, "÷ root "), `of the mean square: ${root}`], part(found.unit, "accent", "divided by the root")),
        step([h("b", null, "× weight "), "number by number"], part(found.scaled, "out", "times the weight")),
        this.biases ? (i ? step([h("b", null, "no bias")]) : step([h("b", null, "+ bias")], part(found.out, "out", "plus the bias"))) : null);
    }), h("p", { class: "quiet" }, "Heights grow with the square root, so that small numbers can be seen beside large ones; each row fills its height."));
  }
  // What one number becomes.
  tell() {
    const { x, weight, results, data } = this, i = this.pointed ?? this.dim, [own, other] = results;
    const share = (100 * x[i] * x[i]) / ((data.size * (x.reduce((sum, value) => sum + value * value, 0) / data.size)) || 1);
    const path = (found) => `${found.centred ? "LayerNorm" : "RMSNorm"}: ÷ root ${exact(found.unit[i])}, × weight ${exact(found.scaled[i])}${found.out === found.scaled ? "" : `, + bias ${exact(found.out[i])}`}`;
    this.readout.replaceChildren(h("b", null, `Number ${i}: ${exact(x[i])}`), `, ${share.toFixed(1)} % of the mean square. Its weight is ${exact(weight[i])}. ${path(own)}. ${path(other)}.`);
  }
  drawChange() {
    const { results, asItIs, state } = this, name = (found) => (found.centred ? "LayerNorm" : "RMSNorm");
    const moved = results.map((found, i) => `${name(found)}'s result ${apart(asItIs[i].out, found.out) < 1e-6 ? "stays" : `moves by up to ${percent(apart(asItIs[i].out, found.out))} of its largest number`}`);
    const eps = state.times !== 1 && results[0].square < 1000 * this.data.eps ? ` The mean square, ${exact(results[0].square)}, is no longer large against eps, ${exact(this.data.eps)}.` : "";
    const [own, other] = results;
    this.change.replaceChildren(state.times === 1 && state.plus === 0
      ? `As the model has it. Both kinds' results point the same way up to a cosine of ${cosine(own.scaled, other.scaled).toFixed(5)}: the mean, ${exact(mean(this.x))}, is ${percent(Math.abs(mean(this.x)) / Math.sqrt(square(this.x) || 1))} of the root of the mean square.`
      : `${moved.join("; ")}.${eps}`);
  }
  drawBelow() {
    const { x, weight, results: [own], em } = this, width = this.root.classList.contains("small") ? this.width : Math.min(22 * em, Math.floor((this.width - 26 * em) / 2));
    const total = square(x) * x.length || 1, order = [...x.keys()].sort((a, b) => Math.abs(x[b]) - Math.abs(x[a])).slice(0, OUTLIERS);
    const cells = (i) => [String(i), exact(x[i]), `${((100 * x[i] * x[i]) / total).toFixed(1)} %`, exact(weight[i]), exact(own.out[i])];
    this.below.replaceChildren(
      h("table", null, h("caption", null, "The numbers farthest from 0"), h("thead", null, h("tr", null, ...["number", "enters", "of mean square", "weight", "leaves"].map((cell) => h("th", { scope: "col" }, cell)))),
        h("tbody", null, ...order.map((i) => h("tr", { class: i === this.dim ? "on" : null }, ...cells(i).map((cell, c) => h("td", null, c ? cell : h("button", { type: "button", class: "plain", onclick: () => this.set({ dim: i }) }, cell))))))),
      ...[["Spread as they come", x, "residual"], ["Spread as they leave", own.out, "out"]].map(([words, numbers, part]) =>
        h("div", null, h("h3", null, words), spread(numbers, { em, width, part, words: `Histogram from ${exact(-farthest(numbers))} to ${exact(farthest(numbers))}` }))));
  }
  summary(where) {
    const [own, other] = this.results;
    return `${where}: mean ${exact(own.mean)}, root of the mean square ${exact(own.centred ? other.root : own.root)}; ${own.centred ? "LayerNorm" : "RMSNorm"} leaves a vector whose largest number is ${exact(farthest(own.out))}.`;
  }
  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], way = { ArrowUp: 1, ArrowDown: -1 }[event.key], { size } = this.data;
    if (by) this.set({ dim: (this.dim + by + size) % size });
    else if (way) this.goTo(this.place + way);
    else return false;
    return true;
  }
  title() { const [name, layer] = this.data.places[this.place]; return `${this.data.kind}${layer < 0 ? "" : ` of layer ${layer}`}, ${PLACES[name]}`; }
}
const mean = (x) => x.reduce((sum, value) => sum + value, 0) / x.length;
const square = (x) => x.reduce((sum, value) => sum + value * value, 0) / x.length;

export default mount(NormSteps);
