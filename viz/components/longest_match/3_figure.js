// How does WordPiece cut a text? One word at a time: the string that is looked up now, what was found, and why the
// search goes on, begins anew behind a piece, or gives the whole word up.

const TOLD = 200, NEAR = 60; // look-ups told in words; pieces shown, the last ones
const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;

class LongestMatch extends Figure {
  constructor(parent) {
    super(parent);
    this.strip = new Strip(this, (i) => this.named(this.word(i)));
    this.player = new Player(this, { unit: "look-up", pace: 600, last: () => this.word(this.state.word).last });
    this.stairs = new Stairs(this);
    this.bar.append(this.player.parts);
  }
  build() {
    this.words = [];
    this.heading = h("h2");
    this.seen = h("p", { class: "seen quiet" });
    this.why = h("p", { class: "why" });
    this.pieces = h("div", { class: "pieces", tabindex: 0, role: "group", "aria-label": "The word's pieces so far" });
    this.told = h("div", { class: "hidden" });
    this.body.replaceChildren(this.strip.parts, this.heading, this.seen, this.why, this.pieces, this.stairs.box,
      h("p", { class: "legend quiet" }, `× not in the vocabulary. ✓ in the vocabulary: a piece. Dashed: not looked up yet. ${this.data.prefix} begins every piece inside a word. Click a row to go there.`), this.told);
    this.strip.reset(this.data.order.length);
  }
  word(i) {
    const which = this.data.order[i];
    return (this.words[which] ??= new Search(this.data.words[which], this.data.prefix));
  }
  named(word) {
    const other = word.original !== word.text, unknown = word.outcome === "unknown" || word.outcome === "too long";
    return h("span", { class: "pair" }, other ? h("small", { class: "original" }, h("bdi", null, tokenText({ text: word.original }, true))) : null,
      h("span", { class: `tok${word.outcome === "added" ? " special" : ""}` }, h("bdi", null, tokenText(word, true)),
        h("small", { "aria-label": unknown ? "unknown" : count(word.ids.length, "token") }, unknown ? this.data.unknown : String(word.ids.length))));
  }

  render() {
    const chosen = Math.min(this.state.word, this.data.order.length - 1), word = this.word(chosen), step = Math.min(this.state.step, word.last);
    if (chosen !== this.state.word || step !== this.state.step) { this.set({ word: chosen, step }); return; } // of another text
    this.now = { word, step };
    this.strip.refresh();
    this.player.refresh();
    this.heading.replaceChildren("“", h("bdi", null, tokenText(word, true)), "”", word.last ? ` after ${step.toLocaleString("en")} of ${count(word.last, "look-up")}` : "");
    this.seen.replaceChildren(...(word.original === word.text ? ["The tokenizer sees this word as it was written."]
      : ["Written “", h("bdi", null, tokenText({ text: word.original }, true)), "”; the tokenizer's normalizer made it “", h("bdi", null, tokenText(word, true)), "”."]));
    this.why.replaceChildren(...this.reason());
    this.showPieces();
    this.stairs.show(word, step);
    if (this.told.word !== word) this.tell(word);
    this.say(`${this.heading.textContent}: ${this.why.textContent}`);
  }
  reason() {
    const { word, step } = this.now, quoted = (at) => chip(word.token(word.spelled(at), null), true);
    if (word.outcome === "added") return ["A token that was added to the vocabulary: it is cut out of the text before any search."];
    if (word.outcome === "too long") return [`This word has ${count(word.letters.length, "character")}, and this tokenizer looks at words of up to ${this.data.limit.toLocaleString("en")}: all of it becomes `, this.unknown(), "."];
    if (!step) return ["The search begins with the whole word: is ", quoted(word.at(0)), " in the vocabulary?"];
    const now = word.at(step - 1), next = step < word.last && word.at(step);
    if (now.found && next) return [quoted(now), " is in the vocabulary: the longest piece here. The search goes on behind it, with ", quoted(next), "."];
    if (now.found) return [quoted(now), " is in the vocabulary, and the word ends here: ", h("b", null, count(word.ids.length, "token")), "."];
    if (next) return [quoted(now), " is not in the vocabulary: one letter less, ", quoted(next), "."];
    const before = word.found(step);
    return ["Not even ", quoted(now), " is in the vocabulary, so no piece begins here. The whole word becomes ", this.unknown(),
      before.length ? ": one unknown letter, and what was found before is lost." : ": one unknown letter, and the whole word is lost."];
  }
  unknown() { return chip(this.now.word.token(this.data.unknown, this.now.word.ids[0], "special"), true); }
  showPieces() {
    const { word, step } = this.now, ended = step === word.last;
    const matches = word.found(step), hidden = Math.max(0, matches.length - NEAR);
    const found = word.outcome === "added" ? [chip(word.token(word.text, word.ids[0], "special"), true)] : matches.slice(hidden).map((m) => chip(word.piece(m), true));
    const lost = ended && (word.outcome === "unknown" || word.outcome === "too long");
    if (lost) found.forEach((piece) => piece.classList.add("lost"));
    this.pieces.replaceChildren(h("span", { class: "quiet" }, lost ? "Token:" : ended ? `${count(word.ids.length, "token")}:` : found.length ? `${count(matches.length, "piece")} so far:` : "No piece so far."),
      ...(hidden ? [h("span", { class: "quiet" }, `${hidden.toLocaleString("en")} more`)] : []), ...(lost ? [this.unknown()] : []), ...found);
    this.pieces.scrollLeft = 1e6;
  }
  summary() {
    const { word, step } = this.now;
    return `Staircase of the look-ups for ${word.text.slice(0, 100)}: ${step} of ${word.last} made.`;
  }
  tell(word) {
    this.told.word = word;
    const said = Array.from({ length: Math.min(TOLD, word.last) }, (_, i) => { const at = word.at(i); return h("li", null, `${cut(word.spelled(at), 100)}: ${at.found ? "in the vocabulary" : "not in the vocabulary"}`); });
    const rest = word.last - said.length;
    this.told.replaceChildren(h("p", null, "All look-ups for this word, in order:"), h("ol", null, ...said), rest > 0 ? h("p", null, `and ${count(rest, "more look-up")}.`) : "");
  }
  key(event) { return this.player.key(event) || this.strip.key(event); }
  title() { return `Longest match of ${this.now.word.text}, look-up ${this.now.step}`; }
}

export default mount(LongestMatch);
