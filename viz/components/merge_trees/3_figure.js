// How do a tokenizer's own merges make its tokens of a text? One word at a time: its tree, the pieces that stand at this
// step, the pairs that compete, and why one of them goes next.

const RIVALS = 6, NEAR = 60, TOLD = 200; // rows of the table; pieces shown around the next merge; merges told in words
const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
const ORDER = (rank) => `rank ${rank.toLocaleString("en")}`;

class MergeTrees extends Figure {
  constructor(parent) {
    super(parent);
    this.strip = new Strip(this, (i) => this.named(this.word(i)));
    this.player = new Player(this, { unit: "merge", last: () => this.word(this.state.word).merges.length });
    this.tree = new Tree(this);
    this.bar.append(this.player.parts);
  }
  build() {
    this.words = [];
    this.pointed = -1;
    this.heading = h("h2");
    this.why = h("p", { class: "why" });
    this.pieces = h("div", { class: "pieces", tabindex: 0, role: "group", "aria-label": "The word's pieces now" });
    this.rivals = h("div", { class: "rivals" });
    this.readout = h("p", { class: "readout quiet leave" });
    this.told = h("div", { class: "hidden" });
    this.body.replaceChildren(this.strip.parts, this.heading, this.why, this.pieces,
      h("div", { class: "halves" },
        h("div", { class: "left" }, this.tree.box, this.readout,
          h("p", { class: "legend quiet" }, "Thin frame: used up. Full frame: a piece now. Thick: merges next. Dashed: not made yet. The number on a join is its rank. Click a join to go there.")),
        this.rivals),
      this.told);
    this.strip.reset(this.data.order.length);
  }
  word(i) {
    const which = this.data.order[i];
    return (this.words[which] ??= new MergedWord(this.data.words[which]));
  }
  named(word) {
    const special = word.outcome === "added";
    return h("span", { class: `tok${special ? " special" : ""}` }, h("bdi", null, tokenText({ text: word.name }, true)),
      h("small", { "aria-label": count(word.roots.length, "token") }, String(word.roots.length)));
  }

  render() {
    const chosen = Math.min(this.state.word, this.data.order.length - 1), word = this.word(chosen), k = Math.min(this.state.step, word.merges.length);
    if (chosen !== this.state.word || k !== this.state.step) { this.set({ word: chosen, step: k }); return; } // of another text
    const now = (this.now = { word, k, ...word.moment(k) }), next = now.rivals[0];
    const tokens = word.spell(now.nodes);
    this.place = new Map(now.nodes.map((node, i) => [node, i]));
    this.strip.refresh();
    this.player.refresh();
    this.heading.replaceChildren("“", h("bdi", null, tokenText({ text: word.name }, true)), "”", word.merges.length ? ` after ${k} of ${count(word.merges.length, "merge")}` : "");
    this.why.replaceChildren(...this.reason(tokens));
    this.showPieces(tokens, next);
    this.showRivals(tokens);
    this.tree.show(word, k, next);
    this.point(this.pointed < word.ids.length ? this.pointed : -1);
    if (this.told.word !== word) this.tell(word);
    this.say(`${this.heading.textContent}: ${this.why.textContent}`);
  }
  // Why this merge and no other.
  reason(tokens) {
    const { word, rivals, nodes } = this.now, chipOf = (node) => chip(tokens[this.place.get(node)], true);
    if (word.outcome === "added") return ["A token that was added to the vocabulary: it is cut out of the text before any merge."];
    if (word.outcome === "whole") return ["The whole word is in the vocabulary, and this tokenizer looks there first: no merge is needed."];
    if (!word.letters) return ["The vocabulary has nothing for this, not even an unknown token: it is dropped."];
    const ended = word.merges.length ? "Nothing is left that can be merged: " : nodes.length > 1 ? "No two neighbours can be merged: " : "There is only one piece, and nothing to merge: ";
    if (!rivals.length) return [ended, h("b", null, count(nodes.length, "token")), "."];
    const [next, second] = rivals, pair = (r) => [chipOf(r.left), " + ", chipOf(r.right)];
    const opening = ["Next: ", ...pair(next), ", "];
    if (!second) return [...opening, h("b", null, ORDER(next.rank)), ". It is the only pair that can be merged."];
    if (second.rank === next.rank) return [...opening, h("b", null, ORDER(next.rank)), `. ${count(rivals.filter((r) => r.rank === next.rank).length, "pair")} have this rank: the leftmost goes first.`];
    return [...opening, h("b", null, ORDER(next.rank)), ", the lowest: learnt first. ", ...pair(second), ` would be ${second.rank.toLocaleString("en")}.`];
  }
  showPieces(tokens, next) {
    const at = next ? this.place.get(next.left) : 0, from = Math.max(0, Math.min(at - NEAR / 2, tokens.length - NEAR)), to = Math.min(tokens.length, from + NEAR);
    const more = (n) => n > 0 && h("span", { class: "quiet" }, `${n.toLocaleString("en")} more`);
    const shown = tokens.slice(from, to).map((token, i) => {
      const piece = chip(token, true);
      if (next && (from + i === at || from + i === at + 1)) piece.classList.add("half");
      piece.dataset.node = this.now.nodes[from + i];
      return piece;
    });
    this.pieces.replaceChildren(...[h("span", { class: "quiet" }, `${count(tokens.length, "piece")}:`), more(from), ...shown, more(tokens.length - to)].filter(Boolean));
    const half = this.pieces.querySelector(".half");
    this.pieces.scrollLeft = half ? half.offsetLeft - this.pieces.offsetLeft - this.pieces.clientWidth / 2 : 0;
  }
  showRivals(tokens) {
    const { rivals, nodes, word } = this.now, chipOf = (node) => chip(tokens[this.place.get(node)], true);
    const never = Math.max(0, nodes.length - 1 - rivals.length), rows = rivals.slice(0, RIVALS).map(({ left, right, rank }, i) =>
      h("tr", i ? null : { class: "winner" }, h("td", null, i ? "" : "next"), h("td", { class: "number" }, rank.toLocaleString("en")),
        h("td", null, chipOf(left), " ", chipOf(right))));
    this.rivals.replaceChildren(
      h("table", null, h("caption", null, "Pairs that can be merged now"),
        h("thead", null, h("tr", null, h("td"), h("th", { scope: "col", class: "number" }, "Rank"), h("th", { scope: "col" }, "Pair"))),
        h("tbody", null, ...(rows.length ? rows : [h("tr", null, h("td"), h("td", { class: "number" }, "–"), h("td", { class: "quiet" }, "none"))]))),
      h("p", { class: "quiet" }, [rivals.length > RIVALS && `${count(rivals.length - RIVALS, "more pair")} with higher ranks.`,
        word.outcome === "merged" && never > 0 && `${count(never, rivals.length ? "other pair" : "pair")} of neighbours ${never === 1 ? "has" : "have"} no merge.`].filter(Boolean).join(" ")));
  }
  // Under the pointer: everything about one node.
  point(node) {
    this.pointed = node;
    const { word } = this.now;
    if (node < 0) { this.readout.textContent = "Point at a piece to see its entry in the vocabulary."; return; }
    const j = node - word.letters;
    this.readout.textContent = [`piece ${cut(word.pieces[node], 40)}`, `id ${word.ids[node]}`, `bytes ${cut(word.hex(node), 47)}`,
      j >= 0 ? `merge ${j + 1} of ${word.merges.length}, ${ORDER(word.merges[j].rank)}` : word.outcome === "merged" ? "the word begins with it" : null].filter(Boolean).join(" · ");
  }
  summary() {
    const { word, k, nodes } = this.now;
    return `Tree of the merges of ${word.name}: ${count(k, "merge")} of ${word.merges.length} made, ${count(nodes.length, "piece")} now.`;
  }
  // The tree in words.
  tell(word) {
    this.told.word = word;
    const said = word.merges.slice(0, TOLD).map(({ left, right, rank }, j) => {
      const [a, b, made] = [left, right, word.letters + j].map((node) => cut(word.read(node).label, 40));
      return h("li", null, `${a} and ${b} make ${made}, ${ORDER(rank)}`);
    });
    const rest = word.merges.length - said.length;
    this.told.replaceChildren(h("p", null, "All merges of this word, in order:"), h("ol", null, ...said), rest > 0 ? h("p", null, `and ${count(rest, "more merge")}, in the file.`) : "");
  }
  key(event) { return this.player.key(event) || this.strip.key(event); }
  title() { return `Merges of ${this.now.word.name}, step ${this.now.k}`; }
}

export default mount(MergeTrees);
