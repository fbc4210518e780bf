// The lattice, drawn: the characters, below them the best path, below that every other piece that matches.

const CELL = 2.75; // em, the width of one character where there is room
const LEAST = 1.75;
const PAGE = 100; // words on show at once

class Bars {
  constructor(figure, paths) {
    this.figure = figure;
    this.paths = paths;
    this.readout = h("div", { class: "readout" });
    this.legend = h("div", { class: "legend" });
    this.text = h("div", { class: "words" });
    this.title = h("h2");
    this.sub = h("p", { class: "sub" });
    this.pagesText = h("span", { class: "quiet" });
    this.pages = h("p", { class: "control pages leave" }, figure.button("Earlier words", () => this.turn(-1)), figure.button("Later words", () => this.turn(1)), this.pagesText);
    this.parts = [h("header", null, this.title, this.sub), this.readout, this.pages, this.text, this.legend];
    this.bars = [];
    this.page = 0;
    this.text.addEventListener("pointerover", (e) => this.point(this.edgeOf(e)));
    this.text.addEventListener("pointerleave", () => this.point(null));
    this.text.addEventListener("focusin", (e) => this.point(this.edgeOf(e)));
    this.text.addEventListener("focusout", () => this.point(null));
    this.text.addEventListener("click", (e) => {
      const edge = this.edgeOf(e);
      if (edge != null) figure.set({ edge });
    });
  }
  edgeOf(event) {
    const bar = event.target.closest?.(".edge");
    return bar ? Number(bar.dataset.edge) : null;
  }

  // The words on show, built again only when they, the room or the colours change.
  draw(word, edge) {
    const { paths, figure } = this, words = paths.words.length;
    if (edge != null) this.page = Math.floor(paths.wordOf[paths.starts[edge]] / PAGE);
    const first = this.page * PAGE, shown = word == null ? paths.words.slice(first, first + PAGE) : [paths.words[word]];
    const width = figure.width / figure.em, version = [word, this.page, width, figure.look.name].join();
    if (version !== this.version) {
      this.version = version;
      this.bars = [];
      this.text.replaceChildren(...shown.flatMap((w) => paths.parts(w, Math.floor(width / LEAST)).map((part) => this.word(w, part, width, word != null))));
      this.pages.hidden = words <= PAGE || word != null;
      this.pagesText.textContent = `words ${count(first + 1)} to ${count(first + shown.length)} of ${count(words)}`;
      this.pages.children[0].disabled = !first;
      this.pages.children[1].disabled = first + PAGE >= words;
      this.legend.replaceChildren(...this.key());
    }
    const one = word != null && paths.words.length > 1;
    this.title.textContent = one ? `Word ${word + 1} of ${count(paths.words.length)}` : "Every piece that matches, and the best path";
    const places = one ? shown[0].edges.length : paths.edges.length;
    this.sub.textContent = `${count(places)} place${places === 1 ? "" : "s"} where a piece matches, ${paths.ways} way${paths.ways === "1" ? "" : "s"} to cut the ${one ? "whole " : ""}text`;
    this.chosen = edge;
    const entry = edge ?? paths.best.find((e) => this.bars[e]);
    if (this.entry != null && this.bars[this.entry]) this.bars[this.entry].tabIndex = -1;
    if (this.bars[entry]) this.bars[entry].tabIndex = 0;
    this.entry = entry;
    this.text.querySelector("[aria-pressed=true]")?.setAttribute("aria-pressed", "false");
    this.bars[edge]?.setAttribute("aria-pressed", "true");
    this.point(this.pointed ?? null);
  }
  // A chosen piece says in the link which words are on show.
  turn(by) {
    const { paths } = this, start = paths.words[(this.page + by) * PAGE].start;
    this.figure.set({ edge: paths.best.find((e) => paths.starts[e] === start) });
  }
  word(w, { start, end }, width, alone) {
    const { paths } = this, size = end - start, letters = paths.letters.slice(start, end);
    const cell = Math.max(LEAST, Math.min(alone ? 4.5 : CELL, (width - 0.5) / size));
    const rows = w.rows.map((row) => row.filter((e) => paths.starts[e] >= start && paths.ends[e] <= end)).filter((row) => row.length);
    const box = h("div", { class: "word", role: "group", "aria-label": `${letters.join("")}: ${rows.flat().length} pieces` },
      h("div", { class: "letters" }, letters.map((letter) => {
        const words = tokenText({ text: letter }, false);
        return h("span", { class: letter === "▁" ? "space" : words.length > 2 ? "long" : "" }, h("bdi", null, words));
      })),
      rows.map((row, i) => h("div", { class: i ? "row" : "row best" }, row.map((e) => this.bar(e, start, cell)))));
    box.style.setProperty("--cell", `${cell}em`);
    box.style.width = `${cell * size}em`;
    return h("div", { class: "block", ...(cell * size > width ? { tabindex: 0, role: "region", "aria-label": "A word wider than the screen" } : {}) }, box);
  }
  bar(e, start, cell) {
    const { paths, figure } = this, room = paths.room(e) * cell, shade = figure.look.shade(figure.look.parts.query, 1000 * paths.shares[e]);
    const piece = tokenText({ text: paths.piece(e) }, false);
    const bar = h("button", { type: "button", class: `edge ${paths.kind(e)}${paths.onBest.has(e) ? " path" : ""}${piece.length > 2 * paths.room(e) ? " long" : ""}`, tabindex: -1,
      "data-edge": e, "aria-pressed": "false", "aria-label": paths.describe(e) }, h("bdi", null, piece), room >= 2.3 ? h("small", null, log(paths.scores[e], room >= 2.7 ? 2 : 1)) : null);
    bar.style.left = `${(paths.starts[e] - start) * cell}em`;
    bar.style.width = `${room}em`;
    bar.style.setProperty("--back", shade.back);
    bar.style.setProperty("--letters", shade.ink);
    this.bars[e] = bar;
    return bar;
  }
  key() {
    const { look } = this.figure, stops = [0, 0.05, 0.25, 0.5, 1];
    const scale = h("span", { class: "scale" }, stops.map((x) => {
      const shade = look.shade(look.parts.query, 1000 * x), box = h("span", null, `${100 * x}%`);
      box.style.background = shade.back;
      box.style.color = shade.ink;
      return box;
    }));
    return [h("span", { class: "item" }, "Share of all ways that use a piece", scale),
      h("span", { class: "item" }, h("span", { class: "sample path" }, "best"), "the best path: framed, the first row"),
      ...(this.paths.isUnknown.size ? [h("span", { class: "item" }, h("span", { class: "sample unknown" }, "?"), "a character without a piece: a penalty, no probability")] : []),
      h("span", { class: "item" }, h("span", { class: "sample space" }, "▁"), "a space, so that the text can be put together again")];
  }

  // What is under the hand, or else what was chosen: its words, and the best way to cut its word that uses it.
  point(edge) {
    this.pointed = edge;
    const e = edge ?? this.chosen, { paths } = this;
    for (const bar of this.text.querySelectorAll(".on")) bar.classList.remove("on");
    if (e == null) {
      this.readout.replaceChildren(h("p", { class: "quiet" }, "Point at a piece, or choose one with the arrow keys: its probability, and the best way to cut the word with it."));
      return;
    }
    const word = paths.words[paths.wordOf[paths.starts[e]]], path = paths.through(e), behind = paths.sum(paths.bestOf(word)) - paths.sum(path);
    for (const other of path) this.bars[other]?.classList.add("on");
    const facts = paths.isUnknown.has(e)
      ? ["no piece: the unknown token", `penalty ${log(paths.scores[e], 3)}`]
      : [`id ${paths.ids[e]}`, `log p ${log(paths.scores[e], 3)}`, `p ${brief(Math.exp(paths.scores[e]))}`];
    this.readout.replaceChildren(
      h("p", null, pieceChip(paths.piece(e), paths.kind(e)), " ", [...facts, `share ${percent(paths.shares[e])}`, paths.place(e)].join(" · ")),
      h("p", null, h("span", { class: "quiet" }, "Best with it: "), path.flatMap((o) => [pieceChip(paths.piece(o), o === e ? "this" : paths.kind(o)), " "]),
        h("span", { class: "quiet" }, behind < 1e-9 ? "This is the best path." : `log P ${log(behind)} below the best path's: ${times(Math.exp(behind))} less probable`)));
  }

  // Left and right along the best way through the piece; up and down between pieces that begin at one place.
  step(key) {
    const { paths, figure } = this, now = figure.state.edge;
    if (now == null || !this.bars[now]) return this.choose(paths.best.find((e) => this.bars[e]));
    if (key === "ArrowLeft") return this.choose(paths.before[paths.starts[now]]);
    if (key === "ArrowRight") return this.choose(paths.after[paths.ends[now]]);
    const beside = paths.edges.filter((e) => paths.starts[e] === paths.starts[now]).sort((a, b) => this.rowOf(a) - this.rowOf(b));
    return this.choose(beside[beside.indexOf(now) + (key === "ArrowDown" ? 1 : -1)]);
  }
  rowOf(e) { return this.paths.words[this.paths.wordOf[this.paths.starts[e]]].rows.findIndex((row) => row.includes(e)); }
  choose(edge) {
    if (edge == null || edge < 0) return true;
    const { paths, figure } = this, word = paths.wordOf[paths.starts[edge]];
    figure.set({ edge, ...(figure.state.word == null ? {} : { word }) });
    figure.draw();
    this.bars[edge].focus();
    return true;
  }
}
const times = (ratio) => `${ratio < 10 ? ratio.toFixed(1) : brief(ratio)} times`;
