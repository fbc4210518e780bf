// What did the server send? Columns (__init__.py says which), and here: tokens, their twins, and passages of the text.

// One tokenizer's tokens on the text.
class Row {
  constructor(columns, letters) {
    Object.assign(this, columns);
    this.letters = letters;
    this.count = this.which.length;
    this.starts = new Int32Array(this.count);
    this.ends = new Int32Array(this.count);
    for (let i = 0, end = 0; i < this.count; i++) {
      this.starts[i] = end + this.gaps[i];
      this.ends[i] = end = this.starts[i] + this.lengths[i];
    }
    this.seen = new Map(); // token -> [its place in the character that it shares, of how many, what is seen]
    for (const [first, count, text] of this.shared) for (let k = 0; k < count; k++) this.seen.set(first + k, [k, count, text]);
    this.special = new Set(this.entries.special);
  }
  // As `chip` and `about` read it.
  token(i) {
    const entry = this.which[i], [k, n, whole] = this.seen.get(i) ?? [0, 1, null], span = [this.starts[i], this.ends[i]];
    return {
      id: this.entries.ids[entry],
      piece: this.entries.pieces[entry],
      hex: this.entries.hex[entry].replace(/..(?=.)/g, "$& "),
      kind: this.special.has(entry) ? "special" : "text",
      text: whole ?? (span[1] > span[0] ? this.letters.slice(...span).join("") : this.entries.pieces[entry]),
      span,
      part: [k, n],
    };
  }
  // The first token that begins at or after a character.
  from(character) {
    let low = 0, high = this.count;
    while (low < high) { const middle = (low + high) >> 1; if (this.starts[middle] < character) low = middle + 1; else high = middle; }
    return low;
  }
  // The tokens that share a character with a stretch of the text. Starts and ends both ascend, so they are neighbours.
  within(start, end) {
    let low = 0, high = this.count;
    while (low < high) { const middle = (low + high) >> 1; if (this.ends[middle] <= start) low = middle + 1; else high = middle; }
    const found = [];
    for (let i = low; i < this.count && this.starts[i] < end; i++) if (this.ends[i] > this.starts[i]) found.push(i);
    return found;
  }
}

// Where a text may be parted into passages of about `most` characters: at white space, else between two graphemes.
function passages(letters, most) {
  const edges = [0];
  while (letters.length - edges.at(-1) > most * 1.25) {
    const last = edges.at(-1);
    let at = last + most;
    while (at > last + most / 2 && !/\s/.test(letters[at])) at--;
    if (at <= last + most / 2) {
      at = last;
      for (const { segment } of new Intl.Segmenter().segment(letters.slice(last, last + most + 64).join(""))) {
        const next = at + Array.from(segment).length;
        if (next > last + most && at > last) break;
        at = next;
      }
    }
    edges.push(at);
  }
  return [...edges, letters.length];
}

// Whether a text begins in a script that is written from right to left.
const rightToLeft = (text) => /^[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/.test(text.match(/\p{L}/u)?.[0] ?? "");
