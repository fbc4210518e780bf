// How is a part of the text cut after k merges? Every word comes as a tree with every merge that ever happens in it: a
// node stands where its own step is below k and that of the node over it is not.

const WORD_LIMIT = 4000; // characters: of a longer part, which is one long word, only what was asked for is drawn
const SHOWN = 2000;

class Part {
  constructor(part, training, from) {
    Object.assign(this, { training, from, start: part.start, end: part.end, points: Array.from(part.text), spans: part.spans, words: part.words });
    // The characters of the text that are drawn.
    this.first = this.points.length ? part.start : from;
    this.stop = this.points.length ? part.end : from + SHOWN;
    if (part.end - part.start > WORD_LIMIT) { this.first = Math.max(from, part.start); this.stop = Math.min(from + SHOWN, part.end); }
    this.measure(part.wide);
    const where = new Map(this.words.map((word, i) => [word, i]));
    this.trees = part.letter_ends.slice(1).map((_, word) => this.tree(part, word, this.spans[where.get(word)]));
  }
  // For each character the edge of a grapheme at or before it, and at or after it.
  measure(wide) {
    this.floor = Array.from({ length: this.points.length + 1 }, (_, i) => i);
    this.ceiling = [...this.floor];
    for (const [start, length] of wide) for (let i = 1; i < length; i++) { this.floor[start + i] = start; this.ceiling[start + i] = start + length; }
  }
  tree(part, word, [start, end]) {
    const letters = part.letters.slice(part.letter_ends[word], part.letter_ends[word + 1]), n = letters.length;
    // Which character of the word each letter is (a part of).
    const character = this.training.unit === "characters" ? letters.map((_, i) => i)
      : this.points.slice(start, end).flatMap((c, i) => { const p = c.codePointAt(0); return Array(p < 0x80 ? 1 : p < 0x800 ? 2 : p < 0x10000 ? 3 : 4).fill(i); });
    const nodes = letters.map((id, i) => ({ node: i, id, step: -1, until: Infinity, first: i, last: i }));
    for (const [left, right, id, step] of part.merges.slice(part.merge_ends[word], part.merge_ends[word + 1])) {
      nodes[left].until = nodes[right].until = step;
      nodes.push({ node: nodes.length, id, step, until: Infinity, first: nodes[left].first, last: nodes[right].last });
    }
    for (const node of nodes) { node.start = character[node.first]; node.end = character[node.last] + 1; }
    return nodes.sort((a, b) => a.first - b.first);
  }
  // The words of the part with their tokens, and what was dropped between them: [{ key, tokens }].
  cut(k) {
    const cuts = this.trees.map((nodes) => nodes.filter((node) => node.step < k && k <= node.until)), groups = [], tokens = [];
    let position = 0;
    const group = (start, pieces) => {
      const seen = pieces.filter((t) => this.start + t.end > this.first && this.start + t.start < this.stop);
      if (!seen.length) return;
      groups.push({ start, tokens: seen });
      tokens.push(...seen);
    };
    this.spans.forEach(([start, end], i) => {
      if (start > position) group(position, [{ id: -1, node: -1, start: position, end: start, lit: false }]);
      group(start, cuts[this.words[i]].map(({ id, node, step, start: from, end: to }) => ({ id, node, start: start + from, end: start + to, lit: step === k - 1 && k > 0 })));
      position = end;
    });
    this.read(tokens);
    return groups;
  }
  // What a person reads for each token: its characters, or the whole graphemes that it shares with its neighbours.
  read(tokens) {
    for (let at = 0; at < tokens.length;) {
      let last = at, { start, end } = tokens[at];
      if (!(this.ceiling[end] === end && !(tokens[at + 1]?.start < end))) {
        while (last + 1 < tokens.length && tokens[last + 1].start < this.ceiling[end]) end = Math.max(end, tokens[++last].end);
      }
      const shared = last - at + 1, text = (shared > 1 ? this.points.slice(this.floor[start], this.ceiling[end]) : this.points.slice(start, end)).join("");
      for (let i = at; i <= last; i++) Object.assign(tokens[i], { text, part: [i - at, shared] });
      at = last + 1;
    }
  }
}
