// Tables of similarities as pictures: cells on a canvas, words and lines above it, a line that says what is pointed at.

const SIGNED = /-/g, LONG = 200, PAIRS = 3;

class Similarity extends Figure {
  title() { return this.data.title; }

  build() {
    const { data } = this, steps = stepsOf(data.values);
    this.together?.close();
    this.together = new Together(this, data.parameter);
    this.square = data.columns === null;
    this.rows = data.rows.map((words) => this.clean(words));
    this.columns = this.square ? this.rows : data.columns.map((words) => this.clean(words));
    this.titles = data.titles.map((words) => words && this.clean(words));
    this.size = this.rows.length * this.columns.length;
    this.value = (k, row, column) => (data.least + steps[k * this.size + row * this.columns.length + column]) / 10 ** data.digits;
    this.pointed = null;

    const turn = (by) => this.button(by < 0 ? "‹" : "›", () => this.turnTo(this.picture + by), { "aria-label": by < 0 ? "Picture before" : "Next picture" });
    this.choice = h("select", { "aria-label": "Picture", onchange: () => this.turnTo(this.choice.selectedIndex) }, this.titles.map((words) => h("option", null, cut(words, 60))));
    this.bar.replaceChildren(turn(-1), this.choice, turn(1));

    this.stage = h("div", { class: "stage", role: "group", tabindex: "0", "aria-describedby": "summary", "aria-label":
      `${data.title}. Arrow keys go from cell to cell${this.titles.length > 1 ? ", [ and ] from picture to picture" : ""}; Escape lets go.` });
    this.stage.addEventListener("pointermove", (e) => { if (e.pointerType === "mouse") this.point(this.under(e)); });
    this.stage.addEventListener("pointerleave", () => this.point(null));
    this.stage.addEventListener("click", (e) => this.click(this.under(e)));
    this.legend = h("p", { class: "legend" });
    this.readout = h("div", { class: "readout" });
    this.summary = h("p", { class: "hidden", id: "summary" });
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), this.legend, this.stage, this.readout, this.summary);
    this.drawn = this.spoken = null;
  }
  destroy() {
    this.together?.close();
    super.destroy();
  }
  set(patch) {
    super.set(patch);
    this.together.tell(patch);
  }
  clean(words) { return tokenText({ text: words.slice(0, LONG * 4) }, false, LONG); }

  // ---- what is seen
  // Numbers as they came, with a sign that is as long as a plus.
  said(value, digits = this.data.digits) { return value.toFixed(Math.max(0, digits)).replace(/^-(?=[0.]+$)/, "").replace(SIGNED, "−"); }
  get picture() { return this.state[this.data.parameter]; }
  get cell() { return this.pointed ?? [this.picture, this.state.row, this.state.column]; }
  render() {
    const { state } = this, { parameter } = this.data, last = { [parameter]: this.titles.length, row: this.rows.length, column: this.columns.length };
    for (const name of Object.keys(last)) if (state[name] >= last[name]) state[name] = name === parameter ? 0 : null; // of other data
    const frame = [this.width, this.em, this.look.name].join();
    if (frame !== this.framed || !this.drawn) this.layOut();
    this.framed = frame;
    const shown = this.shown();
    if (shown.join() !== this.drawn) {
      this.paint(shown);
      this.summary.textContent = this.summed(shown);
    }
    this.drawn = shown.join();
    this.choice.selectedIndex = this.picture;
    this.mark();
    this.tell();
  }
  shown() { return this.grid.together ? [...this.titles.keys()] : [this.picture]; }
  layOut() {
    const { em, width, data } = this, context = document.createElement("canvas").getContext("2d");
    this.letters = em * 0.8;
    context.font = `${this.letters}px ${getComputedStyle(this.root).fontFamily}`;
    this.long = (words) => context.measureText(words).width;
    const widest = (labels) => Math.max(...labels.map(this.long)), least = (most, labels) => Math.min(most, widest(labels)) + em * 0.5;
    const edges = [0.22, 0.3].map((part) => least(Math.min(width * part, em * 17), this.rows)), column = widest(this.columns);
    const place = (head, end) => new Grid({ width, em, edges, head, end, rows: this.rows.length, columns: this.columns.length, square: this.square,
      pictures: this.titles.length, tall: Math.max(em * 20, Math.min(em * 44, innerHeight * 0.7)) });
    const flat = place(em * 1.3, 0);
    this.upright = column > flat.wide * 0.94; // labels of columns stand up where they have no room lying down
    this.grid = this.upright ? place(least(em * 9, this.columns), this.letters / 2) : flat;
    this.bar.hidden = this.grid.together;
    this.stage.style.height = `${this.grid.height}px`;
    this.colours = new Colours(this.look, this.theme, data);
    const end = (value) => String(Number(value.toPrecision(3))).replace(SIGNED, "−");
    this.legend.replaceChildren(end(data.low), this.colours.ramp(data.low, data.high), end(data.high), data.low < 0 ? h("span", { class: "quiet" }, "0 has the paper’s colour") : "");
    this.drawn = null;
  }
  // A label in so many pixels.
  fitted(words, room) {
    let most = Array.from(words).length;
    while (most > 2 && this.long(cut(words, most)) > room) most = Math.max(2, Math.min(most - 1, Math.floor((most * room) / this.long(cut(words, most)))));
    return cut(words, most);
  }
  paint(shown) {
    const { grid, look, em } = this, { paper } = look, size = this.letters, parts = [], canvases = [];
    const text = (x, y, words, props) => parts.push(svg("text", { x: x.toFixed(1), y: y.toFixed(1), "font-size": size, fill: paper.ink, "dominant-baseline": "central", ...props }, words));
    const every = (cell) => (cell >= size * 1.1 ? 1 : Math.ceil((size * 1.6) / cell)), across = this.upright ? every(grid.wide) : 1, numbers = grid.wide >= em * 1.9 && grid.high >= em;
    for (let row = 0; row < this.rows.length; row += every(grid.high)) {
      text(grid.edge - em * 0.4, grid.top + (row + 0.5) * grid.high, this.fitted(this.rows[row], grid.edge - em * 0.5), { "text-anchor": "end", "data-row": row });
    }
    shown.forEach((k, place) => {
      const left = grid.left(place);
      if (this.titles.length > 1) text(left, em * 0.7, this.fitted(this.titles[k], (grid.stride - em) / 1.2), { "font-weight": 600, "font-size": em * 0.875 });
      for (let column = 0; column < this.columns.length; column += across) {
        const x = left + (column + 0.5) * grid.wide;
        if (this.upright) text(0, 0, this.fitted(this.columns[column], grid.top - em * 2.4), { transform: `translate(${x.toFixed(1)} ${(grid.top - em * 0.4).toFixed(1)}) rotate(-90)` });
        else text(x, grid.top - em * 0.7, this.columns[column], { "text-anchor": "middle" });
      }
      canvases.push(this.canvas(k, left));
      if (numbers) for (let i = 0; i < this.size; i++) {
        const [row, column] = [Math.floor(i / this.columns.length), i % this.columns.length], value = this.value(k, row, column);
        text(left + (column + 0.5) * grid.wide, grid.top + (row + 0.5) * grid.high, this.said(value, Math.min(2, this.data.digits)), { fill: look.inkOn(this.colours.of(value)), "text-anchor": "middle", "font-size": size * 0.92 });
      }
      parts.push(svg("rect", { x: left, y: grid.top, width: grid.right, height: grid.bottom - grid.top, fill: "none", stroke: paper.line }));
    });
    this.marks = svg("g", { fill: "none" });
    this.stage.replaceChildren(...canvases, svg("svg", { "aria-hidden": "true", viewBox: `0 0 ${this.width} ${grid.height}`, width: this.width, height: grid.height }, parts, this.marks));
  }
  // Cells of whole pixels, at least twice as many as on the page: sharp in a saved picture, too.
  canvas(k, left) {
    const { grid } = this, [rows, columns] = [this.rows.length, this.columns.length], fold = Math.max(1, Math.ceil(Math.min(2 * Math.max(grid.wide, grid.high), 2000 / Math.max(rows, columns))));
    const canvas = tiled(rows, columns, fold, (row, column) => this.colours.of(this.value(k, row, column)));
    Object.assign(canvas.style, { left: `${left}px`, top: `${grid.top}px`, width: `${grid.right}px`, height: `${grid.bottom - grid.top}px` });
    return canvas;
  }
  // The row, the column and the cell that are read, in every picture that is shown.
  mark() {
    const { grid } = this, { paper } = this.look, [, row, column] = this.cell, parts = [];
    const frame = (x, y, width, height, line) => [[paper.paper, line + 2], [paper.ink, line]].forEach(([stroke, wide]) => parts.push(svg("rect", { x, y, width, height, stroke, "stroke-width": wide })));
    for (let place = 0; place < grid.shown; place++) {
      const left = grid.left(place), x = left + column * grid.wide, y = grid.top + row * grid.high;
      if (row !== null) frame(left, y, grid.right, grid.high, 1);
      if (column !== null) frame(x, grid.top, grid.wide, grid.bottom - grid.top, 1);
      if (row !== null && column !== null) frame(x, y, grid.wide, grid.high, 2);
    }
    this.marks.replaceChildren(...parts);
  }

  // ---- what is said
  // The values of a cell, in the pictures that are shown.
  *values(row, column) {
    for (const k of this.shown()) yield [this.titles.length > 1 ? this.titles[k] : "", this.said(this.value(k, row, column))];
  }
  sentence(row, column) {
    return `${this.rows[row]}, ${this.columns[column]}: ${[...this.values(row, column)].map(([name, value]) => `${name} ${value}`.trim()).join(", ")}`;
  }
  tell() {
    const [, row, column] = this.cell, words = (text) => h("bdi", null, text);
    if (row === null && column === null) this.readout.replaceChildren(h("p", { class: "quiet" }, "Point at a cell to read it; click to keep it."));
    else if (row === null || column === null) this.readout.replaceChildren(h("p", null, words(row === null ? this.columns[column] : this.rows[row])));
    else this.readout.replaceChildren(h("p", null, words(this.rows[row]), h("span", { class: "quiet" }, " · "), words(this.columns[column])),
      h("p", null, [...this.values(row, column)].map(([name, value]) => h("span", { class: "value" }, name ? [h("bdi", { class: "quiet" }, cut(name, 60)), " "] : null, h("b", null, value)))));
    const { row: r, column: c } = this.state, kept = [this.picture, r, c].join();
    if (r !== null && c !== null && kept !== this.spoken) this.say(this.sentence(r, c));
    this.spoken = kept;
  }
  choose(row, column) {
    this.set({ row, column });
    if (!this.data.asks) return;
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.send("chosen", [row ?? -1, column ?? -1]), 200); // arrow keys that are held down ask once
  }
  // For those who can't see it: how large, and what is most and least alike.
  summed(shown) {
    const { rows, columns } = this, size = `${rows.length.toLocaleString("en")} rows, ${columns.length.toLocaleString("en")} columns, values from ${this.said(this.data.low)} to ${this.said(this.data.high)}.`;
    const name = ([value, row, column]) => `${cut(rows[row], 60)}, ${cut(columns[column], 60)}: ${this.said(value)}`;
    return [size, ...shown.map((k) => {
      const best = [];
      let least = null;
      for (let row = 0; row < rows.length; row++) for (let column = this.square ? row + 1 : 0; column < columns.length; column++) {
        const found = [this.value(k, row, column), row, column];
        if (!least || found[0] < least[0]) least = found;
        if (best.length === PAIRS && found[0] <= best.at(-1)[0]) continue;
        const after = best.findIndex(([value]) => value < found[0]);
        best.splice(after < 0 ? best.length : after, 0, found);
        best.length = Math.min(PAIRS, best.length);
      }
      return least ? `${this.titles[k] && `${this.titles[k]}. `}Highest: ${best.map(name).join("; ")}. Lowest: ${name(least)}.` : "";
    })].join(" ");
  }

  // ---- the hand
  under(e) {
    const box = this.stage.getBoundingClientRect();
    return this.grid.under(e.clientX - box.left, e.clientY - box.top);
  }
  point(cell) {
    if (String(cell) === String(this.pointed)) return;
    this.pointed = cell;
    this.frame ||= requestAnimationFrame(() => this.draw());
  }
  click(cell) {
    const kept = cell && cell[1] !== null && cell[2] !== null;
    this.choose(kept ? cell[1] : null, kept ? cell[2] : null);
  }
  turnTo(picture) { this.set({ [this.data.parameter]: (picture + this.titles.length) % this.titles.length }); }
  key({ key }) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key], { row, column } = this.state;
    const within = (i, by, count) => Math.max(0, Math.min(count - 1, i + by));
    this.pointed = null;
    if (step && (row === null || column === null)) this.choose(row ?? 0, column ?? 0);
    else if (step) this.choose(within(row, step[0], this.rows.length), within(column, step[1], this.columns.length));
    else if (key === "Escape") this.choose(null, null);
    else if (key === "[" || key === "]") this.turnTo(this.picture + (key === "]" ? 1 : -1));
    else return false;
    return true;
  }
}
export default mount(Similarity);
