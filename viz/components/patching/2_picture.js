// Where do the cells stand, and what are their colours? Layers go down, tokens or heads across.

class Picture {
  constructor(figure, patches) {
    Object.assign(this, { figure, patches, data: figure.data });
    this.stage = h("div", { class: "stage", role: "group", tabindex: "0", "aria-describedby": "summary",
      "aria-label": `${this.data.heads ? "Layers down, heads across" : "Layers down, tokens across"}. Arrow keys go from patch to patch, Home and End to the first and last column.` });
    this.stage.addEventListener("pointermove", (e) => { if (e.pointerType === "mouse") figure.point(this.under(e)); });
    this.stage.addEventListener("pointerleave", () => figure.point(null));
    this.stage.addEventListener("click", (e) => { const cell = this.under(e); if (cell) figure.choose(...cell); });
  }
  under(e) {
    const box = this.stage.getBoundingClientRect(), column = Math.floor((e.clientX - box.left - this.left) / this.wide), layer = Math.floor((e.clientY - box.top - this.top) / this.high);
    return column >= 0 && column < this.patches.columns && layer >= 0 && layer < this.patches.layers ? [layer, column] : null;
  }
  // What stands over a column: the token that runs and, where they differ, the one that is patched in.
  label(column) {
    const { data, patches } = this, spoken = (tokens) => cut(plain(tokens[column]), 14);
    if (data.heads) return [String(column)];
    return patches.differs(column) ? [spoken(data.tokens), `← ${spoken(data.others)}`] : [spoken(data.tokens)];
  }
  draw() {
    const { figure, patches, data } = this, { em, look } = figure, { layers, columns } = patches, size = em * 0.8, context = document.createElement("canvas").getContext("2d");
    context.font = `${size}px ${getComputedStyle(figure.root).fontFamily}`;
    const long = (words) => context.measureText(words).width, labels = Array.from({ length: columns }, (_, i) => this.label(i));
    const width = this.stage.clientWidth || figure.width;
    this.left = em * 2.8;
    this.wide = Math.min(em * 3.8, (width - this.left - size) / columns);
    if (this.wide > 6) this.wide = Math.floor(this.wide);
    this.high = Math.max(4, Math.floor(Math.min(em * (figure.width < 34 * em ? 1.15 : 1.6), Math.max(em * 24, Math.min(em * 44, innerHeight * 0.72)) / layers)));
    const upright = Math.max(...labels.flat().map(long)) > this.wide * 0.96, lines = Math.max(...labels.map((words) => words.length));
    this.top = Math.ceil(upright ? Math.max(...labels.map((words) => long(words.join(" ")) * 1.06)) + em * 0.8 : em * (0.6 + 1.1 * lines));
    const right = this.left + columns * this.wide, bottom = this.top + layers * this.high, foot = em * 1.5, parts = [];
    this.stage.style.height = `${bottom + foot}px`;
    const text = (x, y, words, props) => parts.push(svg("text", { x: x.toFixed(1), y: y.toFixed(1), "font-size": size, fill: look.paper.ink, "dominant-baseline": "central", ...props }, words));
    const every = (cell) => (cell >= size * 1.1 ? 1 : Math.ceil((size * 1.6) / cell));
    for (let layer = 0; layer < layers; layer += every(this.high)) text(this.left - em * 0.4, this.top + (layer + 0.5) * this.high, String(layer), { "text-anchor": "end", fill: look.paper.quiet });
    for (let i = 0; i < columns; i += upright ? every(this.wide) : 1) {
      const x = this.left + (i + 0.5) * this.wide, differs = !data.heads && patches.differs(i), props = { "font-weight": differs ? 700 : 400 };
      if (upright) text(0, 0, labels[i].join(" "), { ...props, transform: `translate(${x.toFixed(1)} ${(this.top - em * 0.4).toFixed(1)}) rotate(-90)` });
      else labels[i].forEach((words, line) => text(x, this.top - em * (0.75 + 1.1 * (labels[i].length - 1 - line)), words, { ...props, "text-anchor": "middle" }));
    }
    text((this.left + right) / 2, bottom + foot / 2, data.heads ? "head" : "token", { "text-anchor": "middle", fill: look.paper.quiet });
    text(0, 0, "layer", { "text-anchor": "middle", fill: look.paper.quiet, transform: `translate(${(em * 0.5).toFixed(1)} ${((this.top + bottom) / 2).toFixed(1)}) rotate(-90)` });
    const colours = new Colours(look, figure.theme, { low: -1, high: 1 });
    if (this.wide >= em * 2.3 && this.high >= em) for (let layer = 0; layer < layers; layer++) for (let i = 0; i < columns; i++) {
      const far = patches.far(layer, i);
      if (Math.abs(far) >= 0.005) text(this.left + (i + 0.5) * this.wide, this.top + (layer + 0.5) * this.high, signed(far).replace("+", ""), { "text-anchor": "middle", fill: look.inkOn(colours.of(far)), "font-size": size * 0.92 });
    }
    const canvas = tiled(layers, columns, Math.max(1, Math.min(24, Math.floor(2000 / Math.max(layers, columns)))), (layer, column) => colours.of(patches.far(layer, column)));
    Object.assign(canvas.style, { left: `${this.left}px`, top: `${this.top}px`, width: `${right - this.left}px`, height: `${bottom - this.top}px` });
    parts.push(svg("rect", { x: this.left, y: this.top, width: right - this.left, height: bottom - this.top, fill: "none", stroke: look.paper.line }));
    this.marks = svg("g", { fill: "none" });
    this.stage.replaceChildren(canvas, svg("svg", { "aria-hidden": "true", viewBox: `0 0 ${width} ${bottom + foot}`, width, height: bottom + foot }, parts, this.marks));
    figure.legend.replaceChildren("−1", colours.ramp(-1, 1), "1", h("span", { class: "quiet" }, "0: as before · 1: as the other prompt (or beyond) · below 0: away from it"));
  }
  mark(layer, column) {
    const { paper } = this.figure.look, x = this.left + column * this.wide, y = this.top + layer * this.high, parts = [];
    for (const [stroke, wide] of [[paper.paper, 4], [paper.ink, 2]]) parts.push(svg("rect", { x, y, width: this.wide, height: this.high, stroke, "stroke-width": wide }));
    this.marks.replaceChildren(...parts);
  }
}
