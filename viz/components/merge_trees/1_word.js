// What becomes of one word? Its nodes and who competes at each step, as `models.traces.BpeWord` has them: nodes 0 to
// letters - 1 are what the word begins as, node letters + j is what its merge j makes.

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
const hexOf = (bytes) => Array.from(bytes, (b) => b.toString(16).toUpperCase().padStart(2, "0")).join(" ");
const decoded = (bytes) => { try { return UTF8.decode(bytes); } catch { return null; } };
const bytesIn = (character) => { const c = character.codePointAt(0); return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; };

class MergedWord {
  // letters: the bytes of each, in hexadecimal; merges and rivals: left, right, rank, one after another
  constructor({ letters, pieces, ids, merges, rivals, roots, outcome }) {
    Object.assign(this, { pieces, ids, rivals, roots, outcome });
    const n = (this.letters = letters.length), nodes = ids.length;
    this.merges = Array.from({ length: merges.length / 3 }, (_, j) => ({ left: merges[3 * j], right: merges[3 * j + 1], rank: merges[3 * j + 2] }));
    this.bytes = Uint8Array.from(letters.flatMap((hex) => hex.match(/../g) ?? []), (pair) => parseInt(pair, 16));
    this.start = new Int32Array(n + 1); // [letter] its first byte
    letters.forEach((hex, i) => { this.start[i + 1] = this.start[i] + hex.length / 2; });
    this.from = new Int32Array(nodes); // [node] its letters, end exclusive
    this.to = new Int32Array(nodes);
    this.level = new Int32Array(nodes); // [node] how high it stands: over its parts, and never below an earlier merge
    this.used = new Int32Array(nodes).fill(merges.length); // [node] the merge that it goes into
    for (let i = 0; i < n; i++) [this.from[i], this.to[i]] = [i, i + 1];
    this.levels = 0;
    this.merges.forEach(({ left, right }, j) => {
      const made = n + j;
      [this.from[made], this.to[made]] = [this.from[left], this.to[right]];
      this.used[left] = this.used[right] = j;
      this.levels = this.level[made] = Math.max(this.levels, this.level[left] + 1, this.level[right] + 1);
    });
    this.text = decoded(this.bytes); // null: bytes that are no text
    this.characters = this.parted(Array.from(this.text ?? "")); // [[first byte, end, what it is]]
    this.graphemes = this.parted(Array.from(GRAPHEMES.segment(this.text ?? ""), (g) => g.segment));
    this.whole = new Map(this.graphemes.map((g) => [g[1], g])); // where a grapheme ends -> it
  }
  parted(parts) {
    let at = 0;
    return parts.map((part) => { const first = at; at += Array.from(part, bytesIn).reduce((a, b) => a + b, 0); return [first, at, part]; });
  }
  get name() { return this.text ?? hexOf(this.bytes); }
  byteSpan(node) { return [this.start[this.from[node]], this.start[this.to[node]]]; }
  hex(node) { return hexOf(this.bytes.subarray(...this.byteSpan(node))); }

  // What stands at a node, to be read: whole characters as such, parts of one as hexadecimal bytes.
  read(node) {
    const [first, end] = this.byteSpan(node), whole = decoded(this.bytes.subarray(first, end));
    if (whole !== null) return { label: tokenText({ text: whole }, true), bytes: false };
    let at = first, label = "";
    const loose = (until) => { if (at < until) label += ` ${hexOf(this.bytes.subarray(at, until))} `; at = until; };
    for (const [a, b, character] of this.inside(first, end)) {
      loose(Math.min(a, end));
      if (b > end) break;
      label += tokenText({ text: character }, true);
      at = b;
    }
    loose(end);
    return { label: label.trim(), bytes: true };
  }
  // The characters that begin in a stretch of bytes.
  inside(first, end) {
    let low = 0, high = this.characters.length;
    while (low < high) { const middle = (low + high) >> 1; if (this.characters[middle][0] < first) low = middle + 1; else high = middle; }
    let last = low;
    while (last < this.characters.length && this.characters[last][0] < end) last++;
    return this.characters.slice(low, last);
  }
  // Neighbouring nodes as chips read them: those that share a grapheme show all of it, and which part they are.
  spell(nodes) {
    const tokens = [];
    for (let i = 0; i < nodes.length;) {
      const first = this.byteSpan(nodes[i])[0];
      let last = i, end = this.byteSpan(nodes[i])[1];
      while (this.text !== null && !this.whole.has(end) && last + 1 < nodes.length) end = this.byteSpan(nodes[++last])[1];
      const bytes = this.bytes.subarray(first, end), text = decoded(bytes) ?? hexOf(bytes);
      for (const node of nodes.slice(i, last + 1)) tokens.push(this.token(node, text, [tokens.length - i, last - i + 1]));
      i = last + 1;
    }
    return tokens;
  }
  token(node, text, part) {
    return { text, piece: this.pieces[node], id: this.ids[node], hex: this.hex(node), kind: this.outcome === "added" ? "special" : "text", part };
  }

  // The word after k merges: the nodes that stand, and the pairs that compete for the next merge, the winner first.
  moment(k) {
    const n = this.letters, there = (node) => node < n + k && this.used[node] >= k;
    const at = Int32Array.from({ length: n }, (_, letter) => letter);
    for (let j = 0; j < k; j++) { at[this.from[this.merges[j].left]] = n + j; at[this.from[this.merges[j].right]] = -1; }
    const rivals = [];
    for (let i = 0; i < this.rivals.length; i += 3) {
      const left = this.rivals[i], right = this.rivals[i + 1];
      if (there(left) && there(right)) rivals.push({ left, right, rank: this.rivals[i + 2] });
    }
    rivals.sort((a, b) => a.rank - b.rank || this.from[a.left] - this.from[b.left]);
    return { nodes: Array.from(at).filter((node) => node >= 0), rivals };
  }
}
