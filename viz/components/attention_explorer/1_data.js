// What did the server send? Reads the blob that __init__.py describes.

async function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "ORR1") throw new Error("not an explorer blob");
  const start = 8 + view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  return { header, body: bytes.subarray(start) };
}

// One trace. Weights are whole thousandths (0 to 1000) until they are written down.
class Pane {
  static async read(record, body, index) {
    const arrays = {};
    await Promise.all(Object.entries(record.arrays).map(async ([name, a]) => {
      const raw = await inflate(body.subarray(a.offset, a.offset + a.length));
      if (a.encoding === "milli") {
        const half = raw.length / 2, values = new Uint16Array(half);
        for (let i = 0; i < half; i++) values[i] = raw[i] | (raw[half + i] << 8);
        arrays[name] = values;
      } else arrays[name] = a.encoding === "float32" ? new Float32Array(raw.buffer) : raw;
    }));
    return Object.assign(new Pane(), record, { arrays, shapes: record.arrays, index, cache: new Map() }).prepare();
  }

  prepare() {
    this.all = this.tokens.map((_, i) => i);
    this.kept = this.all.filter((i) => this.tokens[i].kind !== "special");
    this.hasSpecial = this.kept.length > 0 && this.kept.length < this.all.length;
    this.shared = new Set(this.key_value_heads).size < this.heads;
    // Python counts characters, JavaScript counts UTF-16 units: cut the text once, into characters.
    this.letters = [Array.from(this.text), Array.from(this.pair ?? "")];
    return this;
  }

  // Indices of the tokens on show.
  shown(special) { return special && this.hasSpecial ? this.kept : this.all; }
  has(layer) { return layer >= this.first && layer < this.first + this.count; }
  layer(state) { return Math.min(state.layer, this.layers - 1); }
  headsOf(state) {
    const heads = state.head.filter((x) => x < this.heads);
    return heads.length ? heads : [this.heads - 1];
  }
  masked(layer, query, key) {
    const window = this.windows[layer];
    return (this.causal && key > query) || (window > 0 && Math.abs(query - key) >= window);
  }

  // Dense [query, key] of one stored matrix, row by row.
  dense(name, slot, side) {
    const id = name + slot;
    let out = this.cache.get(id);
    if (out) return out;
    const n = side, packed = this.arrays[name];
    out = new Uint16Array(n * n);
    if (this.causal) {
      let at = slot * n * (n + 1) / 2;
      for (let k = 0; k < n; k++) for (let q = k; q < n; q++) out[q * n + k] = packed[at++];
    } else {
      let at = slot * n * n;
      for (let k = 0; k < n; k++) for (let q = 0; q < n; q++) out[q * n + k] = packed[at++];
    }
    if (name === "kept") this.correct(out, slot);
    this.cache.set(id, out);
    return out;
  }

  // Rows without special tokens travel as corrections of a guess: see _corrections in __init__.py.
  correct(out, slot) {
    const n = this.kept.length, side = this.all.length, weights = this.dense("weights", slot, side);
    this.kept.forEach((query, q) => {
      const row = this.kept.map((key) => weights[query * side + key]), total = row.reduce((sum, w) => sum + w, 0);
      row.forEach((w, k) => {
        if (this.causal && k > q) return;
        const at = q * n + k, odd = out[at] & 1, difference = odd ? -(out[at] + 1) / 2 : out[at] / 2;
        out[at] = (total > 0 ? Math.floor(1000 * w / total + 0.5) : 0) + difference;
      });
    });
  }

  // The weights of one head, or their mean over several: {n, index, values, exact}, or null when the layer isn't here.
  weights(layer, heads, special) {
    if (!this.has(layer)) return null;
    const hide = special && this.hasSpecial, index = this.shown(special), n = index.length;
    const parts = heads.map((x) => this.dense(hide ? "kept" : "weights", (layer - this.first) * this.heads + x, n));
    if (parts.length === 1) return { n, index, values: parts[0], exact: true };
    const values = new Float32Array(n * n);
    for (const part of parts) for (let i = 0; i < values.length; i++) values[i] += part[i] / parts.length;
    return { n, index, values, exact: false };
  }

  // Rollout or the average over heads, up to one layer.
  average(layer, name) {
    if (!this.has(layer)) return null;
    return { n: this.all.length, index: this.all, values: this.dense(name, layer - this.first, this.all.length), exact: true };
  }

  measure(at, layer, head) { return this.arrays.measures[(at * this.layers + layer) * this.heads + head]; }

  // Bytes on a square-root scale, [layer, head, side, side]: the largest weight of each block.
  get thumbnails() {
    if (this.pictures) return this.pictures;
    const sent = this.arrays.thumbnails;
    if (sent) return (this.pictures = { side: this.shapes.thumbnails.shape[2], values: sent });
    const n = this.all.length, side = Math.min(n, 32), values = new Uint8Array(this.layers * this.heads * side * side);
    const block = new Uint8Array(n).map((_, i) => { let b = Math.floor((i * side) / n); while (Math.floor(((b + 1) * n) / side) <= i) b++; return b; });
    const shade = new Uint8Array(1001).map((_, m) => Math.round(255 * Math.sqrt(m / 1000)));
    for (let x = 0; x < this.layers * this.heads; x++) {
      const w = this.dense("weights", x, n), base = x * side * side;
      for (let q = 0; q < n; q++) {
        const row = base + block[q] * side;
        for (let k = this.causal ? q : n - 1; k >= 0; k--) {
          const s = shade[w[q * n + k]], at = row + block[k];
          if (s > values[at]) values[at] = s;
        }
      }
    }
    return (this.pictures = { side, values });
  }
}

// Which tokens of `to` go with token `i` of `from`: the same characters of the same text, else the same position.
function linked(from, i, to) {
  if (from === to) return [i];
  const t = from.tokens[i];
  const same = from.text === to.text && (from.pair === to.pair || !from.pair || !to.pair);
  if (same && t.segment === 1 && !to.pair) return [];
  if (same) {
    if (t.kind === "special") return to.all.filter((j) => to.tokens[j].piece === t.piece && to.tokens[j].segment === t.segment);
    return to.all.filter((j) => {
      const u = to.tokens[j];
      return u.kind !== "special" && u.segment === t.segment && u.span[0] < t.span[1] && t.span[0] < u.span[1];
    });
  }
  return i < to.all.length ? [i] : [];
}
