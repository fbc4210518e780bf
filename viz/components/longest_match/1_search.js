// Which strings are looked up for a word? From each start the whole rest first, then one character less each time, until
// one is in the vocabulary or nothing is left; as `models.traces.WordPieceWord` has it.

class Search {
  constructor(word, prefix) {
    Object.assign(this, word, { prefix, letters: Array.from(word.text) });
    this.before = [0]; // [match] look-ups before it
    this.starts.forEach((start, m) => this.before.push(this.before[m] + this.letters.length - Math.max(this.ends[m], start + 1) + 1));
    this.lost = this.outcome === "unknown";
  }
  get last() { return this.before.at(-1); }
  // The i-th look-up: [from, to) of the word, and whether it is in the vocabulary.
  at(i) {
    let low = 0, high = this.starts.length - 1;
    while (low < high) { const middle = (low + high + 1) >> 1; if (this.before[middle] <= i) low = middle; else high = middle - 1; }
    const from = this.starts[low], to = this.letters.length - (i - this.before[low]);
    return { match: low, from, to, found: to === this.ends[low] };
  }
  spelled({ from, to }) { return (from ? this.prefix : "") + this.letters.slice(from, to).join(""); }
  // The matches that have been found after so many look-ups.
  found(step) {
    const done = [];
    for (let m = 0; m < this.starts.length && this.before[m + 1] <= step; m++) if (this.ends[m] > this.starts[m]) done.push(m);
    return done;
  }
  // A piece as a chip reads it. Of a word that is lost, what was found has no id of its own.
  token(text, id, kind = "text") { return { text, piece: text, id, kind, part: [0, 1] }; }
  piece(match) { return this.token(this.spelled({ from: this.starts[match], to: this.ends[match] }), this.lost ? null : this.ids[match]); }
}
