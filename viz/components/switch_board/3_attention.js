// What does the watched head look at, before and after? Two tables of weights; a click on a cell cuts that edge.

class Looks {
  constructor(figure) {
    this.figure = figure;
    this.cell = null;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.stage = h("div", { class: "looks", tabindex: "0", role: "group", "aria-label": "Attention of the watched head, before and after. Arrow keys go from cell to cell; Enter cuts that edge or puts it back." }, this.canvas);
    this.stage.addEventListener("pointermove", (e) => { if (e.pointerType === "mouse") this.point(this.under(e)); });
    this.stage.addEventListener("click", (e) => { const cell = this.under(e); if (cell) { this.point(cell); figure.cut(...cell); } });
    this.stage.addEventListener("keydown", (e) => this.key(e));
    this.stage.addEventListener("focus", () => { if (!this.cell) this.point([this.size - 1, 0]); });
  }
  get size() { return this.figure.data.tokens.length; }
  take(data) {
    const { from, count, steps } = data.weights;
    this.steps = stepsOf(steps);
    this.has = (layer) => layer >= from && layer < from + count;
    this.weight = (side, layer, head, query, key) => this.steps[(((side * count + layer - from) * data.heads + head) * data.tokens.length + query) * data.tokens.length + key] / 65535;
    if (this.cell?.some((place) => place >= data.tokens.length)) this.cell = null;
  }
  point(cell) {
    if (String(cell) === String(this.cell)) return;
    this.cell = cell;
    this.figure.readLooks();
    this.draw();
  }
  key(e) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey || (!step && e.key !== "Enter" && e.key !== " ")) return;
    const [query, key] = this.cell ?? [this.size - 1, 0], clamp = (i) => Math.max(0, Math.min(this.size - 1, i));
    if (step) this.point([clamp(query + step[0]), clamp(key + step[1])]);
    else this.figure.cut(query, key);
    e.preventDefault();
    e.stopPropagation();
  }
  under(e) {
    const box = this.canvas.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
    for (const left of this.lefts ?? []) {
      const query = Math.floor((y - this.top) / this.side), key = Math.floor((x - left) / this.side);
      if (query >= 0 && query < this.size && key >= 0 && key <= query) return [query, key];
    }
    return null;
  }
  draw() {
    const { figure, size } = this, { data, look, state, em } = figure, n = size, sides = data.both ? 2 : 1, edge = em * 6.2, gap = em * 1.2;
    const across = figure.width >= edge + 2 * em * 9 || sides === 1;
    const room = across ? (figure.width - edge - gap * (sides - 1)) / sides : figure.width - edge;
    this.side = Math.max(3, Math.min(em * 1.7, room / n, (em * 26) / n));
    const wide = n * this.side, top = (this.top = em * 1.5), stride = across ? wide + gap : 0, lift = across ? 0 : wide + em * 1.8;
    const c = sized(this.canvas, across ? edge + sides * wide + (sides - 1) * gap : edge + wide + 2, top + wide + 2 + (sides - 1) * lift);
    this.lefts = Array.from({ length: across ? sides : 1 }, (_, i) => edge + i * stride);
    if (!this.has(state.layer)) { c.fillStyle = look.paper.quiet; c.font = `${em * 0.85}px sans-serif`; c.fillText("Asking for this layer …", 4, em * 2); return; }
    const parts = figure.parts, font = (x) => { c.font = `${x}px ui-monospace, monospace`; };
    for (let side = 0; side < sides; side++) {
      const left = edge + side * stride, up = top + side * lift;
      c.fillStyle = look.paper.quiet; c.font = `${em * 0.8}px sans-serif`; c.textAlign = "left"; c.textBaseline = "alphabetic";
      c.fillText(sides === 1 ? "now" : ["before", "after"][side], left, up - em * 0.4);
      for (let query = 0; query < n; query++) {
        for (let key = 0; key <= query; key++) {
          c.fillStyle = css(look.scale[look.at(1000 * this.weight(side, state.layer, state.head, query, key))]);
          c.fillRect(left + key * this.side, up + query * this.side, this.side - (this.side > 6 ? 1 : 0), this.side - (this.side > 6 ? 1 : 0));
          if (parts.isCut(state.layer, state.head, query + data.first, key + data.first)) {
            c.strokeStyle = look.paper.bad; c.lineWidth = 1.5; c.beginPath();
            const [x, y, s] = [left + key * this.side + 1, up + query * this.side + 1, this.side - 3];
            c.moveTo(x, y); c.lineTo(x + s, y + s); c.moveTo(x + s, y); c.lineTo(x, y + s); c.stroke();
          }
        }
        if ((side === 0 || !across) && (this.side > em * 0.7 || query % Math.ceil((em * 0.8) / this.side) === 0)) {
          c.fillStyle = look.paper.ink; font(em * 0.74); c.textAlign = "right"; c.textBaseline = "middle";
          c.fillText(cut(plain(data.tokens[query]), 11), edge - 5, up + (query + 0.5) * this.side);
        }
      }
      c.strokeStyle = look.paper.line; c.lineWidth = 1; c.strokeRect(left - 0.5, up - 0.5, wide, wide);
      if (this.cell) { c.strokeStyle = look.paper.accent; c.lineWidth = 2; c.strokeRect(left + this.cell[1] * this.side, up + this.cell[0] * this.side, this.side - 1, this.side - 1); }
    }
  }
}
