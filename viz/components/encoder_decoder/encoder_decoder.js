// Where are the parameters of the Transformer of the paper? Both stacks as blocks, one layer of each opened, and the
// formula of the block that is chosen.

const STACKS = {
  encoder: { below: "source", inner: ["self", "mlp", "norms"], above: [] },
  decoder: { below: "target", inner: ["self", "cross", "mlp", "norms"], above: ["head"] },
};
const SLIM = 12; // with more layers, those that are closed are drawn as lines
const whole = (n) => n.toLocaleString("en");
const signs = (formula) => formula.replaceAll("*", " · ");

class EncoderDecoder extends Figure {
  constructor(parent) {
    super(parent);
    this.range = h("input", { type: "range", min: 1, "aria-label": "Layer that is opened", oninput: () => this.set({ opened: Number(this.range.value) }) });
    this.said = h("output");
    this.bar.append(h("label", { class: "control" }, h("span", { class: "name" }, "Opened"), this.range), this.said);
  }
  build() {
    const { data } = this;
    this.largest = Math.max(...Object.entries(data.blocks).filter(([, block]) => block.part).map(([, block]) => block.each));
    this.buttons = {};
    this.shut = {};
    this.readout = h("p", { class: "readout" });
    this.panel = h("div", { class: "panel", role: "region", "aria-label": "The block that is chosen" });
    this.stacks = h("div", { class: "stacks" }, Object.keys(STACKS).map((stack) => this.stack(stack)));
    this.body.replaceChildren(
      h("h2", null, `${whole(data.total)} parameters`),
      h("p", null, `${whole(data.inside)} of them in torch.nn.Transformer, ${whole(data.total - data.inside)} in two embeddings and the output head.`),
      this.readout, h("div", { class: "halves" }, this.stacks, this.panel));
    this.range.max = data.layers;
  }
  // From bottom to top: embedding, layers, final norm, and what comes after.
  stack(name) {
    const { below, inner, above } = STACKS[name], { layers } = this.data, named = (id) => `${name}-${id}`;
    this.shut[name] = Array.from({ length: layers }, (_, i) => h("button", { type: "button", class: "closed", tabindex: layers > SLIM ? -1 : null, "aria-label": `Open layer ${i + 1} of the ${name}`,
      onclick: () => this.set({ opened: i + 1, sublayer: name }) }, h("span", null, `Layer ${i + 1}`), h("span", { class: "amount" }, whole(this.data.blocks[name].each))));
    const open = h("div", { class: "open" }, this.block(name, name), inner.toReversed().map((id) => this.block(named(id), name)));
    const boxes = this.shut[name].map((button) => h("div", { class: "place" }, button));
    this.shut[name].open = open;
    return h("div", { class: `stack${layers > SLIM ? " many" : ""}`, role: "group", "aria-label": name },
      [...above, named("final")].map((id) => this.block(id, name)), h("div", { class: "layers" }, boxes.toReversed()), this.block(below, name),
      h("p", { class: "title" }, h("b", null, name === "encoder" ? "Encoder" : "Decoder"), `: ${layers} layer${layers === 1 ? "" : "s"}`));
  }
  block(id, stack) {
    const block = this.data.blocks[id], colour = this.data.colours[block.part];
    const track = block.part ? h("span", { class: "track", "aria-hidden": "true" }, h("span", { style: `width:${(100 * block.each) / this.largest}%;background:${colour}` })) : null;
    this.buttons[id] = h("button", { type: "button", class: `block${block.part ? "" : " head"}`, "data-stack": stack, style: block.part ? `border-left-color:${colour}` : null, onclick: () => this.set({ sublayer: id }) },
      h("span", { class: "words" }, block.title), h("span", { class: "amount" }, whole(block.each)), track);
    return this.buttons[id];
  }

  render() {
    const { data, state } = this, opened = Math.min(state.opened, data.layers), focused = this.root.getRootNode().activeElement;
    this.range.value = opened;
    this.said.textContent = `layer ${opened} of ${data.layers}`;
    for (const [name, buttons] of Object.entries(this.shut)) {
      buttons.forEach((button, i) => { button.hidden = i === opened - 1; });
      const place = buttons[opened - 1].parentElement;
      if (buttons.open.parentElement !== place) place.append(buttons.open);
      this.buttons[name].querySelector(".words").textContent = `Layer ${opened}`;
      if (buttons.includes(focused) && focused.hidden) this.buttons[name].focus();
    }
    for (const [id, button] of Object.entries(this.buttons)) button.setAttribute("aria-pressed", String(id === state.sublayer));
    this.root.classList.toggle("beside", this.width >= 46 * this.em);
    this.readout.replaceChildren(...this.short(data.blocks[state.sublayer]));
    this.panel.replaceChildren(...this.explain(state.sublayer));
    if (this.told !== state.sublayer && this.told) this.say(this.summary());
    this.told = state.sublayer;
  }
  short(block) {
    return [h("b", null, block.title), `: ${block.terms.map((term) => signs(term.formula)).join(" + ")} = `, h("b", null, whole(block.each)), block.times > 1 ? `, in each of ${block.times} layers: ${whole(block.each * block.times)}.` : "."];
  }
  explain(id) {
    const block = this.data.blocks[id], letters = { d: "width", h: "heads", L: "layers", m: "feed-forward width", V: "vocabulary" };
    const of = id.startsWith("encoder") ? ", encoder" : id.startsWith("decoder") ? ", decoder" : "", times = block.times > 1;
    return [h("h3", null, `${block.title}${block.part ? of : ""}`),
      h("p", { class: "total" }, h("b", null, whole(block.each)), times ? ` in each layer, ${whole(block.each)} × ${block.times} layers = ${whole(block.each * block.times)}` : ""),
      ...block.terms.map((term) => h("div", { class: "term" }, h("p", null, term.name), h("p", { class: "formula" }, signs(term.formula)), h("p", { class: "formula" }, `= ${signs(term.numbers)}`), h("p", { class: "formula" }, `= ${whole(term.each)}`),
        h("p", { class: "quiet" }, term.tensors.join(", ")))),
      h("p", { class: "quiet" }, Object.entries(this.data.symbols).map(([letter, value]) => `${letter} = ${whole(value)} ${letters[letter]}`).join(", "), ". The heads share the width: their number changes no count.")];
  }
  summary() {
    const block = this.data.blocks[this.state.sublayer];
    return `${block.title}: ${block.terms.map((term) => `${term.name} ${signs(term.formula)} = ${whole(term.each)}`).join("; ")}. ${whole(block.each)}${block.times > 1 ? ` in each of ${block.times} layers` : ""}.`;
  }

  // Up and down in a stack, left and right to the other, [ and ] from layer to layer.
  key(event) {
    const stack = this.buttons[this.state.sublayer].dataset.stack, { below, inner, above } = STACKS[stack];
    const way = [...above, `${stack}-final`, stack, ...inner.toReversed().map((id) => `${stack}-${id}`), below];
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key], layer = { "[": -1, "]": 1 }[event.key];
    if (by) this.go(way[Math.max(0, Math.min(way.length - 1, way.indexOf(this.state.sublayer) + by))]);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") this.go(this.other(this.state.sublayer, event.key === "ArrowLeft" ? "encoder" : "decoder"));
    else if (layer) this.set({ opened: Math.max(1, Math.min(this.data.layers, Math.min(this.state.opened, this.data.layers) + layer)) });
    else if (event.key === "Home" || event.key === "End") this.go(event.key === "Home" ? way[0] : below);
    else return false;
    return true;
  }
  // The same block of the other stack, or what stands nearest.
  other(id, stack) {
    if (this.buttons[id].dataset.stack === stack) return id;
    return { source: "target", target: "source", head: "encoder-final", "decoder-cross": "encoder-self" }[id] ?? id.replace(/^\w+coder/, stack);
  }
  go(id) {
    this.set({ sublayer: id });
    if (this.stacks.contains(this.root.getRootNode().activeElement)) this.buttons[id].focus();
  }
  title() { return `Transformer of ${whole(this.data.total)} parameters`; }
}

export default mount(EncoderDecoder);
