// What would the model say if it stopped after each layer? All positions and layers, and the chosen column.

class LogitLens extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this;
    this.reading = new Reading(data);
    this.pointed = this.painted = this.spoken = null;
    this.colours = h("select", { "aria-label": "Colour by", onchange: () => this.set({ colour: this.colours.value }) },
      Object.entries(COLOURS).map(([name, colour]) => h("option", { value: name }, colour.name(this.reading))));
    const back = this.reading.own ? null : this.button("Follow the final answers", () => this.follow(null));
    this.bar.replaceChildren(h("label", { class: "control" }, h("span", { class: "name" }, "Colour by"), this.colours), this.check("spaces", "Show spaces"), ...(back ? [back] : []));
    this.grid = new Grid(this);
    this.curves = new Curves(this);
    this.readout = h("p", { class: "readout" });
    this.legend = h("p", { class: "legend" });
    this.story = h("p", { class: "story" });
    this.cell = h("section", { class: "cell" });
    this.curveBox = h("section", { class: "curves" }, this.curves.parts);
    this.columnTitle = h("h3");
    this.columnBox = h("div", { class: "lens whole", tabindex: 0, role: "group", "aria-label": "The ten likeliest at every layer; scrolls" });
    this.body.replaceChildren(h("h2", null, data.title), this.legend, this.readout, this.grid.box, this.story,
      h("div", { class: "parts" }, this.cell, this.curveBox), h("section", { class: "all" }, this.columnTitle, this.columnBox));
    this.root.classList.toggle("few", this.reading.columns <= 6);
  }
  get row() { return this.state.layer === "input" ? 0 : Number(this.state.layer) + 1; }
  get column() { return this.state.token - this.data.first; }

  render() {
    const { state, reading } = this;
    if (!(this.row < reading.rows)) state.layer = this.defaults.layer; // of another model
    if (!(this.column >= 0 && this.column < reading.columns)) state.token = this.defaults.token; // of another text
    const version = [state.colour, state.spaces, this.look.name].join();
    if (version !== this.painted) {
      this.grid.paint();
      this.drawLegend();
      this.colours.value = state.colour;
      this.painted = version;
    }
    const { row, column } = this;
    this.grid.mark(row, column);
    this.grid.reveal(row, column);
    this.story.replaceChildren(...story(reading, column));
    this.cell.replaceChildren(...aboutCell(this));
    this.curves.draw(Math.min(this.curveBox.clientWidth, 40 * this.em));
    this.columnTitle.replaceChildren("The ten likeliest at every layer, behind ", chip(this.data.tokens[column], false));
    const scrolled = [this.columnBox.scrollLeft, this.columnBox.scrollTop];
    this.columnBox.replaceChildren(wholeColumn(this));
    [this.columnBox.scrollLeft, this.columnBox.scrollTop] = scrolled;
    this.tell();
  }
  drawLegend() {
    const { reading } = this, colour = COLOURS[this.state.colour];
    const samples = colour.legend(reading).map(([words, milli, line]) => {
      const box = h("span", { class: "sample" }, words, level());
      paint(this, box, milli, line);
      return box;
    });
    this.legend.replaceChildren(h("span", { class: "quiet" }, `Colour: ${colour.name(reading)}`), h("span", { class: "samples" }, samples),
      h("span", { class: "quiet" }, h("b", null, "bold"), ": the final answer"), h("span", { class: "quiet" }, h("i", { class: "mark" }), "it stays from here on"),
      h("span", { class: "quiet" }, h("i", { class: "mark first" }), "it was here first"));
  }
  words(row, column) {
    const { reading } = this, target = reading.target(column);
    return `${row ? `Behind layer ${row - 1}` : "Before layer 0"}, at token ${this.data.first + column} (${plain(this.data.tokens[column])}): ${plain(reading.top(row, column))} ${chance(reading.data.probabilities[row][column][0])}, entropy ${bits(reading.data.entropies[row][column])}; ${plain(target)} has rank ${count(reading.rank(row, column))}, ${chance(reading.share(row, column))}.`;
  }
  tell() {
    const said = this.words(...(this.pointed ?? [this.row, this.column]));
    this.readout.textContent = said;
    if (this.pointed) return;
    if (this.spoken && this.spoken !== said) this.say(said);
    this.spoken = said;
  }
  point(cell) {
    if (!this.look || (!cell && !this.pointed) || (cell && String(cell) === String(this.pointed))) return;
    this.pointed = cell;
    this.tell();
  }
  choose(row, column) {
    this.pointed = null;
    const { rows, columns } = this.reading, at = Math.max(0, Math.min(rows - 1, row)), place = Math.max(0, Math.min(columns - 1, column));
    this.set({ layer: rowName(at), token: this.data.first + place });
  }
  // Another token: only the server knows its numbers in cells where it isn't among the ten likeliest.
  follow(entry) { this.send("follow", [entry && entry.id, entry && entry.text, Date.now()]); }
  key({ key }) {
    const { row, column } = this, { rows, columns } = this.reading;
    const to = { ArrowUp: [row + 1, column], ArrowDown: [row - 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, columns - 1], PageUp: [rows - 1, column], PageDown: [0, column] }[key];
    if (!to) return false;
    this.choose(...to);
    return true;
  }
  // A saved picture shows all cells, also those that have scrolled out of sight.
  async save(kind) {
    this.root.classList.add("saving");
    const saved = super.save(kind);
    this.root.classList.remove("saving");
    await saved;
  }
}
export default mount(LogitLens);
