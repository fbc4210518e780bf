// What does a beam search look like? A column for each step, its candidates by their sums, the best on top, each with a
// line to what it continues. Only the columns that can be seen are drawn: a search may have 200.

const COLUMN = 8.3, WIDE = 6.9, ROW = 2.7, HIGH = 2.35, TOP = 1.7; // em: column to column, a node's width, row to row, a node's height, above

class Tree {
  constructor(figure) {
    this.figure = figure;
    this.drawing = svg("svg", { role: "img" });
    this.box = h("div", { class: "tree", tabindex: 0, role: "group", "aria-label": "The search, step by step; the arrow keys choose a text", onscroll: () => this.draw() }, this.drawing);
    this.box.addEventListener("click", (e) => {
      const node = e.target.closest("[data-node]")?.dataset.node;
      if (node !== undefined) figure.choose(Number(node));
    });
  }
  has(event) { return event.composedPath()[0] === this.box; }
  // The search after so many steps, with one text chosen (-1: the prompt).
  show(search, step, chosen, moved) {
    Object.assign(this, { search, step, chosen, em: this.figure.em, path: new Set(chosen < 0 ? [] : search.path(chosen)) });
    const { em, box } = this, width = (COLUMN * (search.steps.length + 1)) * em, right = this.x(step - 1) + COLUMN * em;
    this.drawing.setAttribute("width", width);
    this.drawing.setAttribute("height", (TOP + ROW * search.width + 0.3) * em);
    if (moved === "step") box.scrollLeft = Math.max(0, right - box.clientWidth);
    else if (moved === "node" && chosen >= 0) {
      const left = this.x(search.step(chosen));
      if (left - COLUMN * em < box.scrollLeft) box.scrollLeft = left - COLUMN * em;
      else if (left + COLUMN * em > box.scrollLeft + box.clientWidth) box.scrollLeft = left + COLUMN * em - box.clientWidth;
    }
    this.draw();
  }
  x(step) { return (step + 1) * COLUMN * this.em; }
  y(candidate) { return (TOP + candidate * ROW) * this.em; }

  draw() {
    const { search, em, box } = this;
    if (!search) return;
    const first = Math.max(0, Math.floor(box.scrollLeft / (COLUMN * em)) - 2), last = Math.min(this.step, Math.ceil((box.scrollLeft + box.clientWidth) / (COLUMN * em)) + 1);
    const links = [], nodes = [], heads = [];
    for (let step = first; step < last; step++) {
      heads.push(svg("text", { class: "head", x: this.x(step) + (WIDE / 2) * em, y: 0.9 * em, "text-anchor": "middle" }, `token ${step + 1}`));
      for (let candidate = 0; candidate < search.width; candidate++) {
        const node = search.at(step, candidate), fate = search.fate(node), on = this.path.has(node);
        links.push([on ? 2 : fate === "cut" || fate === "late" ? 0 : 1, this.link(node, fate, on)]);
        nodes.push(this.node(node, fate, on));
      }
    }
    if (first === 0) nodes.unshift(this.prompt());
    this.drawing.replaceChildren(...links.sort((a, b) => a[0] - b[0]).map(([, link]) => link), ...heads, ...nodes);
    this.drawing.setAttribute("aria-label", this.figure.summary());
  }
  link(node, fate, on) {
    const { em, search } = this, parent = search.parent(node), step = search.step(node);
    const x0 = this.x(step - 1) + WIDE * em, x1 = this.x(step), middle = (x0 + x1) / 2;
    const y0 = this.y(parent < 0 ? 0 : search.candidate(parent)) + (HIGH / 2) * em, y1 = this.y(search.candidate(node)) + (HIGH / 2) * em;
    return svg("path", { class: `link ${fate}${on ? " on" : ""}`, d: `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}` });
  }
  prompt() {
    const { em } = this, y = this.y(0);
    return svg("g", { class: `node alive prompt${this.chosen < 0 ? " chosen" : ""}`, "data-node": -1 },
      svg("rect", { x: 1, y, width: WIDE * em - 1, height: HIGH * em, rx: 4 }),
      svg("text", { x: (WIDE / 2) * em, y: y + 0.82 * em, "text-anchor": "middle", "dominant-baseline": "central", class: "words" }, "prompt"),
      svg("text", { x: (WIDE / 2) * em, y: y + 1.65 * em, "text-anchor": "middle", "dominant-baseline": "central", class: "number" }, "0"));
  }
  node(node, fate, on) {
    const { em, search } = this, x = this.x(search.step(node)), y = this.y(search.candidate(node));
    const words = tokenText({ text: search.of(node, "texts") }, true, 11), wide = Math.min(WIDE - 0.6, Array.from(words).length * 0.53) * em;
    const numbers = fate === "finished" ? `${score(search.sum(node))} → ${score(search.final(node))}` : fate === "cut" || fate === "late" ? score(search.sum(node)) : `${score(search.sum(node))} · ${number(Math.exp(search.lnp(node)))}`;
    const kinds = [fate, on && "on", node === this.chosen && "chosen", search.alike.has(node) && "alike"].filter(Boolean).join(" ");
    return svg("g", { class: `node ${kinds}`, "data-node": node },
      svg("rect", { x, y, width: WIDE * em, height: HIGH * em, rx: 4 }),
      fate === "finished" ? svg("path", { class: "flag", d: `M${x + WIDE * em - 0.75 * em} ${y}h${0.75 * em}v${0.75 * em}z` }) : null,
      search.alike.has(node) ? svg("circle", { class: "dot", cx: x + 0.5 * em, cy: y + 0.55 * em, r: 0.2 * em }) : null,
      svg("text", { x: x + (WIDE / 2) * em, y: y + 0.78 * em, "text-anchor": "middle", "dominant-baseline": "central", class: "words" }, words),
      fate === "cut" || fate === "late" ? svg("path", { class: "strike", d: `M${x + (WIDE * em - wide) / 2} ${y + 0.78 * em}h${wide}` }) : null,
      svg("text", { x: x + (WIDE / 2) * em, y: y + 1.66 * em, "text-anchor": "middle", "dominant-baseline": "central", class: "number", ...(numbers.length > 17 ? { textLength: (WIDE - 0.5) * em, lengthAdjust: "spacingAndGlyphs" } : {}) }, numbers));
  }

  // The arrow keys, while the tree has the focus: to the parent, to the best that goes on from here, up and down.
  neighbour(key) {
    const { search } = this, { state } = this.figure, chosen = search.after(state.node, state.step), step = chosen < 0 ? -1 : search.step(chosen);
    if (key === "ArrowLeft") return chosen < 0 ? -1 : search.parent(chosen);
    if (key === "ArrowRight") {
      if (step + 1 >= search.steps.length) return chosen;
      const next = Array.from({ length: search.width }, (_, candidate) => search.at(step + 1, candidate)).filter((node) => search.parent(node) === chosen);
      return next[0] ?? chosen;
    }
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (!by || chosen < 0) return by ? chosen : null;
    const candidate = search.candidate(chosen) + by;
    return candidate < 0 || candidate >= search.width ? chosen : search.at(step, candidate);
  }
}
