// What is in the vocabulary, and what is found in it? Everything by place: 0, 1, 2, ... in the order of the ids.

const KINDS = ["text", "byte", "added", "special"];
const column = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const utf8 = new TextEncoder();
const spaced = (text) => text.replace(/[Ġ▁␣]/g, " ");
// "0xE2 0x96", "0xE296" or "\xe2\x96" are asked for as bytes.
function bytesOf(query) {
  if (!/^(0x|\\x)/i.test(query)) return null;
  const digits = query.replace(/0x|\\x|[\s,]/gi, "");
  return digits && digits.length % 2 === 0 && /^[\da-f]+$/i.test(digits) ? digits.match(/../g).map((d) => parseInt(d, 16)) : null;
}

class Entries {
  constructor(data) {
    this.texts = data.texts;
    this.odd = data.odd;
    this.alphabet = data.alphabet;
    this.pieces = data.pieces;
    this.ids = column(data.ids, Int32Array);
    this.kinds = column(data.kinds, Uint8Array);
    this.scripts = column(data.scripts, Uint8Array);
    this.names = data.names;
    this.unreachable = data.unreachable && new Set(data.unreachable);
    this.split = data.split && new Set(data.split);
    this.size = this.texts.length;
    this.orders = { id: Uint32Array.from({ length: this.size }, (_, i) => i) };
  }
  bytes(i) { const hex = this.odd[i]; return hex ? Uint8Array.from(hex.match(/../g), (d) => parseInt(d, 16)) : utf8.encode(this.texts[i]); }
  hex(i) { return Array.from(this.bytes(i), (b) => b.toString(16).padStart(2, "0")).join(" "); }
  piece(i) {
    if (i in this.pieces) return this.pieces[i];
    return this.alphabet ? Array.from(this.bytes(i), (b) => this.alphabet[b]).join("") : this.texts[i].replaceAll(" ", "▁");
  }
  // Characters (code points) that begin in it; 0 for the inside of one.
  get lengths() {
    return (this.counted ??= Uint32Array.from(this.texts, (text, i) => {
      if (i in this.odd) return this.bytes(i).reduce((sum, b) => sum + ((b & 0xc0) !== 0x80), 0);
      let n = text.length;
      for (let k = 0; k < text.length; k++) if ((text.charCodeAt(k) & 0xfc00) === 0xdc00) n--;
      return n;
    }));
  }
  get folded() { return (this.lower ??= this.texts.map((text) => text.toLowerCase())); }
  get written() { return (this.latin ??= this.texts.map((_, i) => String.fromCharCode(...this.bytes(i)))); }
  // The place of an id, or -1.
  place(id) {
    let low = 0, high = this.size - 1;
    while (low <= high) {
      const middle = (low + high) >> 1, here = this.ids[middle];
      if (here === id) return middle;
      if (here < id) low = middle + 1; else high = middle - 1;
    }
    return -1;
  }
  kind(i) { return KINDS[this.kinds[i]]; }
  script(i) { return this.names[this.scripts[i]]; }
  token(i) { return { text: this.texts[i], piece: this.piece(i), id: this.ids[i], hex: this.hex(i), kind: this.kind(i), part: [0, 1] }; }

  // Which entries a filter lets through: a test of one place, or null for all of them.
  test(kind) {
    if (kind === "all") return null;
    if (kind === "unreachable" || kind === "split") { const those = this[kind]; return (i) => those?.has(this.ids[i]) ?? false; }
    const wanted = KINDS.indexOf(kind);
    return (i) => this.kinds[i] === wanted;
  }
  count(kind) {
    if (kind === "all") return this.size;
    if (kind === "unreachable" || kind === "split") return this[kind]?.size ?? null;
    const wanted = KINDS.indexOf(kind);
    return this.kinds.reduce((sum, k) => sum + (k === wanted), 0);
  }
  order(sort) {
    if (!this.orders[sort]) {
      const places = Uint32Array.from(this.orders.id);
      if (sort === "length") { const n = this.lengths; places.sort((a, b) => n[b] - n[a] || a - b); }
      else { const t = this.folded; places.sort((a, b) => (t[a] < t[b] ? -1 : t[a] > t[b] ? 1 : a - b)); }
      this.orders[sort] = places;
    }
    return this.orders[sort];
  }
  // The places of what is found, in order; the entry whose id or piece it is comes first.
  find({ search, kind, script, sort }) {
    const ofKind = this.test(kind), name = script === "all" ? -1 : this.names.indexOf(script), tests = [];
    if (ofKind) tests.push(ofKind);
    if (name >= 0) tests.push((i) => this.scripts[i] === name);
    const bytes = bytesOf(search), exact = [];
    if (bytes) { const wanted = String.fromCharCode(...bytes); tests.push((i) => this.written[i].includes(wanted)); }
    else if (search) {
      const asked = search.toLowerCase(), other = spaced(search).toLowerCase();
      tests.push((i) => this.folded[i].includes(asked) || (other !== asked && this.folded[i].includes(other)));
      const place = /^\d{1,9}$/.test(search) ? this.place(Number(search)) : -1;
      if (place >= 0 && tests.slice(0, -1).every((test) => test(place))) exact.push(place);
    }
    const order = this.order(sort);
    const found = tests.length ? order.filter((i) => tests.every((test) => test(i))) : order;
    return exact.length ? Uint32Array.from([exact[0], ...found.filter((i) => i !== exact[0])]) : found;
  }
}
