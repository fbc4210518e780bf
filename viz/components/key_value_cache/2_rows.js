// What does a model compute at a step? A row for each token so far: its query, key and value, and whom it attends to.
// What is computed now is filled, keys and values that are kept are outlines, and what is gone is a faint trace.

const HEAD_ROOM = 1.8, LABELS = 6.4, PARTS = ["query", "key", "value"]; // em

class Rows {
  constructor(figure, title, cached) {
    Object.assign(this, { figure, title, cached });
    this.drawing = svg("svg", { role: "img", class: "rows" });
    this.said = h("p", { class: "said" });
    this.e = h("section", null, h("h3", null, title), this.said, this.drawing);
  }
  show(step) {
    const { em, data, half: width, look } = this.figure;
    const rows = data.tokens.length - 1, now = data.prompt + step - data.hidden; // the last token is written, never read
    const part = 0.95 * em, left = LABELS * em, begin = left + 3 * part + 0.8 * em;
    const cell = Math.max(1.5, Math.min(1.3 * em, (width - begin - 2) / rows)), top = HEAD_ROOM * em, y = (i) => top + i * cell;
    const from = this.cached && step ? now - 1 : 0; // the first row that is computed now
    const gap = cell > 5 ? 1 : 0, every = Math.ceil((1.15 * em) / cell);
    const drawn = [
      ...["q", "k", "v"].map((letter, p) => svg("text", { class: "tick", x: left + (p + 0.5) * part, y: 1.2 * em, "text-anchor": "middle" }, letter)),
      svg("text", { class: "tick", x: begin, y: 1.2 * em }, "attends to"),
    ];
    // Rows of one kind: one by one where there is room for a gap between them, else as one block.
    const block = (x, wide, i, end, props) => svg("rect", { ...props, x, y: y(i) + gap / 2, width: wide, height: Math.max(0.5, (end - i) * cell - gap) });
    const column = (x, wide, first, end, props) => (gap ? Array.from({ length: end - first }, (_, i) => block(x, wide, first + i, first + i + 1, props)) : end > first ? [block(x, wide, first, end, props)] : []);
    const stairs = (first, end, name) => {
      let d = `M${begin} ${y(first)}`;
      for (let i = first; i < end; i++) d += `H${begin + (i + 1) * cell - gap}V${y(i + 1) - gap}`;
      return end > first ? [svg("path", { class: name, d: `${d}H${begin}Z` })] : [];
    };
    for (const [p, name] of PARTS.entries()) {
      const colour = look.stroke(look.parts[name]), x = left + p * part;
      if (p) drawn.push(...column(x + 1, part - 3, 0, from, { class: "kept", stroke: colour }));
      drawn.push(...column(x, part - 1, from, now, { fill: colour }));
    }
    drawn.push(...stairs(0, from, "gone"), ...stairs(from, now, "looks"));
    for (let i = 0; i < now; i++) {
      const last = i === now - 1;
      if (last || (i % every === 0 && now - 1 - i >= every)) {
        drawn.push(svg("text", { class: `token${last ? " last" : ""}`, x: left - 0.5 * em, y: y(i) + cell / 2, "text-anchor": "end", "dominant-baseline": "central" }, cut(label(data.tokens[i], true), 11)));
      }
    }
    if (gap) {
      for (let i = from + 1; i < now; i++) drawn.push(svg("path", { class: "cut", d: `M${begin} ${y(i) - 0.5}H${begin + i * cell}` }));
      for (let i = 1; i < now; i++) drawn.push(svg("path", { class: "cut", d: `M${begin + i * cell - 0.5} ${y(Math.max(from, i))}V${y(now)}` }));
    }
    this.drawing.setAttribute("width", width);
    this.drawing.setAttribute("height", y(rows) + 2);
    this.drawing.replaceChildren(...drawn);
    const read = data.reading[this.cached ? 0 : 1][step], before = data.prompt + step - read;
    const kept = !this.cached ? "Nothing is kept." : before ? `Keys and values of ${tokensOf(before)} are kept from before.` : "Nothing is kept yet.";
    this.said.textContent = `Queries, keys and values are computed for ${tokensOf(read)}. ${kept}`;
    this.drawing.setAttribute("aria-label", `${this.title}: ${this.said.textContent}`);
  }
}
