// What does the browser know of a training? All its merges at once, and the pair tables of the steps that have come.

const bytesOf = (hex) => (hex.match(/../g) ?? []).map((two) => parseInt(two, 16));
const hexOf = (bytes) => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

// Bytes as text; those that are no whole character as \xe2, and never a replacement character.
function readable(bytes) {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const size = bytes[at] < 0x80 ? 1 : bytes[at] < 0xe0 ? 2 : bytes[at] < 0xf0 ? 3 : 4;
    try {
      text += strict.decode(new Uint8Array(bytes.slice(at, at + size)));
      at += size;
    } catch {
      text += `\\x${bytes[at++].toString(16).padStart(2, "0")}`;
    }
  }
  return text.replace(/\ufffd/g, "\\ufffd");
}

class Training {
  constructor(id, whole) {
    Object.assign(this, whole, { id, last: whole.left.length, rows: new Map(), known: new Map(), makers: new Map() });
    this.made.forEach((token, step) => { if (!this.makers.has(token)) this.makers.set(token, step); });
  }
  // Tables that have come stay: going back asks nothing.
  add({ first, pairs, counts, ties, distinct }) {
    counts.forEach((row, i) => this.rows.set(first + i, {
      pairs: row.flatMap((count, at) => (count ? [{ left: pairs[i][2 * at], right: pairs[i][2 * at + 1], count }] : [])), ties: ties[i], distinct: distinct[i],
    }));
  }
  bytes(id) {
    const found = [], waiting = [id];
    while (waiting.length) {
      const next = waiting.pop(), step = this.makers.get(next);
      if (step == null) found.push(...bytesOf(this.alphabet[next]));
      else waiting.push(this.right[step], this.left[step]);
    }
    return found;
  }
  // A token by itself, outside any text.
  token(id) {
    if (!this.known.has(id)) {
      const bytes = this.bytes(id), text = readable(bytes);
      this.known.set(id, { text, piece: text, id, hex: hexOf(bytes), kind: "text", segment: 0, part: [0, 1], span: [0, 0] });
    }
    return this.known.get(id);
  }
  ends(id) { return this.mark !== "" && this.token(id).text.endsWith(this.mark); }
  letters(k) { return this.tokens[0] / this.tokens[k]; }
}
