// Which layer, at which token or in which head, carries what tells two prompts apart? A picture of patches, and the chosen one.

class Patching extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this;
    this.patches = new Patches(data);
    this.pointed = this.painted = this.spoken = null;
    const step = (by, words, sign) => this.button(sign, () => this.move(by, 0), { "aria-label": words });
    this.bar.replaceChildren(h("span", { class: "name" }, "Layer"), step(-1, "Layer before", "‹"), (this.where = h("output")), step(1, "Next layer", "›"));
    this.prompts = new TwoPrompts(this, this.patches);
    this.picture = new Picture(this, this.patches);
    this.legend = h("p", { class: "legend" });
    this.readout = h("div", { class: "readout" });
    this.summary = h("p", { class: "hidden", id: "summary" }, this.summed());
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), this.prompts.box, this.legend, h("div", { class: "split" }, this.picture.stage, h("div", { class: "beside" }, this.readout, farthest(this))), this.summary);
  }
  get column() { return this.data.heads ? this.state.head : this.state.token - this.data.first; }
  render() {
    const { state, data, patches } = this;
    if (state.layer >= patches.layers || !(this.column >= 0 && this.column < patches.columns)) Object.assign(state, this.defaults); // of other prompts
    this.root.classList.toggle("stacked", this.width < 46 * this.em);
    const frame = [this.width, this.em, this.look.name].join();
    if (frame !== this.painted) this.picture.draw();
    this.painted = frame;
    this.where.textContent = String(state.layer);
    this.tell();
  }
  tell() {
    const [layer, column] = this.pointed ?? [this.state.layer, this.column], { patches } = this;
    this.picture.mark(layer, column);
    this.prompts.mark(column);
    this.readout.replaceChildren(...aboutPatch(this, layer, column));
    const said = `${patches.name(layer, column)}: ${signed(patches.far(layer, column))} of the way`;
    if (this.pointed === null && this.spoken && this.spoken !== said) this.say(said);
    if (this.pointed === null) this.spoken = said;
  }
  // For those who can't see it.
  summed() {
    const { patches, data } = this;
    return `${patches.layers} layers, ${patches.columns} ${data.heads ? "heads" : "tokens"}. ${data.way ? `Farthest: ${patches.best().map((cell) => `${patches.name(...cell)}, ${signed(patches.far(...cell))}`).join("; ")}.` : "No patch changes the answer."}`;
  }
  point(cell) {
    if (String(cell) === String(this.pointed) || !this.look) return;
    this.pointed = cell;
    this.tell();
  }
  choose(layer, column) {
    const within = (i, count) => Math.max(0, Math.min(count - 1, i)), { patches, data } = this;
    this.pointed = null;
    const at = within(column, patches.columns);
    this.set({ layer: within(layer, patches.layers), ...(data.heads ? { head: at } : { token: data.first + at }) });
  }
  move(down, across) { this.choose(this.state.layer + down, this.column + across); }
  key({ key }) {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e6], End: [0, 1e6] }[key];
    if (by) this.move(...by);
    return Boolean(by);
  }
}
export default mount(Patching);
