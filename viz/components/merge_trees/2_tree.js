// What does the tree of a word's merges look like? Its letters side by side at the bottom, each merge a join above, with
// its rank; below the letters what their bytes make up. Only what can be seen is drawn: a word may have 20,000 letters.

const ROW = 3.4, BOX = 1.55, FOOT = 1.9; // em: from level to level, height of a box, of a line below the letters

class Tree {
  constructor(figure) {
    this.figure = figure;
    this.drawing = svg("svg", { role: "img" });
    this.box = h("div", { class: "tree", tabindex: 0, role: "group", "aria-label": "Tree of merges, scrolls sideways", onscroll: () => this.draw() }, this.drawing);
    const node = (e) => Number(e.target.closest("[data-node]")?.dataset.node ?? -1);
    this.box.addEventListener("pointerover", (e) => figure.point(node(e)));
    this.box.addEventListener("pointerleave", () => figure.point(-1));
    this.box.addEventListener("click", (e) => { if (node(e) >= this.word.letters) figure.player.go(node(e) - this.word.letters + 1); });
  }
  // The word after k merges; `next` is the pair that is merged next.
  show(word, k, next) {
    const other = word !== this.word;
    Object.assign(this, { word, k, next });
    const em = (this.em = this.figure.em), room = this.box.clientWidth;
    this.column = Math.max(1.75 * em, Math.min(2.7 * em, room / Math.max(1, word.letters)));
    if (other) this.feet = this.lines(word);
    this.bottom = (word.levels * ROW + BOX) * em;
    this.width = Math.max(room, this.column * word.letters);
    this.shift = Math.max(0, (room - this.column * word.letters) / 2); // a short word stands in the middle
    this.drawing.setAttribute("width", this.width);
    this.drawing.setAttribute("height", this.bottom + this.feet.length * FOOT * em + 2);
    if (other) this.box.scrollLeft = 0;
    if (next) {
      const [from, to] = [this.x(word.from[next.left]), this.x(word.to[next.right])];
      if (from < this.box.scrollLeft || to > this.box.scrollLeft + room) this.box.scrollLeft = (from + to - room) / 2;
    }
    this.draw();
  }
  // Below the letters: the characters that are several bytes, and the graphemes that are several characters.
  lines(word) {
    const letterAt = new Map(Array.from(word.start, (byte, letter) => [byte, letter]).reverse()); // bytes of a fused letter: its own
    const bracket = ([first, end, text]) => ({ from: letterAt.get(first), to: letterAt.get(end), text });
    const characters = word.characters.map(bracket).filter(({ from, to }) => to - from > 1);
    const graphemes = word.graphemes.filter(([, , text]) => Array.from(text).length > 1).map(bracket).filter(({ from, to }) => to > from);
    return [characters, graphemes].filter((line) => line.length);
  }
  x(letter) { return this.shift + letter * this.column; }
  middle(node) { return this.x((this.word.from[node] + this.word.to[node]) / 2); }
  top(node) { return (this.word.levels - this.word.level[node]) * ROW * this.em; }

  draw() {
    const { word, box } = this, from = box.scrollLeft - 200, to = box.scrollLeft + box.clientWidth + 200;
    if (!word) return;
    const seen = (first, end) => this.x(end) > from && this.x(first) < to;
    const joins = [], boxes = [];
    for (let node = 0; node < word.ids.length; node++) {
      if (!seen(word.from[node], word.to[node])) continue;
      const j = node - word.letters, state = this.state(node);
      boxes.push(this.node(node, state));
      if (j >= 0) joins.push(this.join(node, word.merges[j], state));
    }
    const feet = this.feet.flatMap((line, row) => line.filter((b) => seen(b.from, b.to)).map((b) => this.foot(b, row)));
    this.drawing.replaceChildren(...joins, ...boxes, ...feet);
    this.drawing.setAttribute("aria-label", this.figure.summary());
  }
  state(node) {
    const j = node - this.word.letters;
    if (j >= this.k) return this.next && j === this.k ? "next" : "future";
    if (this.next && (node === this.next.left || node === this.next.right)) return "half";
    return this.word.used[node] >= this.k ? "stands" : "gone";
  }
  node(node, state) {
    const { word, em } = this, { label, bytes } = word.read(node), shown = cut(label, 40);
    const span = (word.to[node] - word.from[node]) * this.column, size = Math.min(0.95, (span - 0.5 * em) / (Array.from(shown).length * 0.62 * em));
    const width = Math.max(1.4 * em, Math.min(span - 0.25 * em, Array.from(shown).length * 0.62 * size * em + 0.8 * em));
    const x = this.middle(node), y = this.top(node);
    return svg("g", { class: `node ${state}${bytes ? " bytes" : ""}`, "data-node": node },
      svg("rect", { x: x - width / 2, y: y + 1, width, height: BOX * em - 2, rx: 3 }),
      svg("text", { x, y: y + (BOX / 2) * em, "text-anchor": "middle", "dominant-baseline": "central", style: `font-size: ${Math.max(size, 0.5)}em` }, shown));
  }
  join(node, { left, right, rank }, state) {
    const { em } = this, low = this.top(node) + BOX * em, bar = low + 1.35 * em, x = this.middle(node);
    const words = rank.toLocaleString("en"), width = words.length * 0.5 * em;
    return svg("g", { class: `join ${state}`, "data-node": node },
      svg("path", { d: `M${this.middle(left)} ${this.top(left)}V${bar}H${this.middle(right)}V${this.top(right)}M${x} ${bar}V${low}` }),
      svg("rect", { x: x - width / 2, y: low + 0.15 * em, width, height: em }),
      svg("text", { x, y: low + 0.7 * em, "text-anchor": "middle", "dominant-baseline": "central" }, words));
  }
  foot({ from, to, text }, row) {
    const { em } = this, y = this.bottom + row * FOOT * em, [a, b] = [this.x(from) + 3, this.x(to) - 3];
    return svg("g", { class: "foot" },
      svg("path", { d: `M${a} ${y + 3}v${0.3 * em}H${b}v${-0.3 * em}` }),
      svg("text", { x: (a + b) / 2, y: y + 1.1 * em, "text-anchor": "middle", "dominant-baseline": "central" }, tokenText({ text }, true)));
  }
}
