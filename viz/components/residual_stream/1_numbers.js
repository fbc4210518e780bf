// What is in the stream, and what is written into it? And which parts are the loudest?

const LOUDEST = 10;

// All of one text: p is a position among those shown, l a layer, h a head.
class Numbers {
  constructor(data) {
    const { layers, heads, shares } = data, cells = layers * heads, layer = (text) => { const read = floatsOf(text); return (p, l) => read[p * layers + l]; }, head = (text) => { const read = floatsOf(text); return (p, l, h) => read[p * cells + l * heads + h]; };
    const stream = floatsOf(data.stream);
    this.stream = (p, l) => stream[p * (layers + 1) + l]; // behind layer l - 1; 0: before the first
    this.attention = { norm: layer(data.attention), cosine: layer(data.attention_cosine) };
    this.mlp = { norm: layer(data.mlp), cosine: layer(data.mlp_cosine) };
    this.head = { norm: head(data.head), cosine: head(data.head_cosine) };
    Object.assign(this, { layers, heads, positions: data.tokens.length, shares: null });
    if (!shares) return;
    this.shares = { attention: layer(shares.attention), mlp: layer(shares.mlp), head: head(shares.head),
      embedding: shares.embedding, constant: shares.constant, totals: shares.totals, sums: shares.sums };
    this.rest = shares.constant.some((value) => value !== 0); // whether there is anything that is no layer's
  }
  // The sum up to and with what the embedding, each layer and the constant give.
  running(p) {
    const { attention, mlp, embedding, constant } = this.shares, sums = [embedding[p]];
    for (let l = 0; l < this.layers; l++) sums.push(sums.at(-1) + attention(p, l) + mlp(p, l));
    return this.rest ? [...sums, sums.at(-1) + constant[p]] : sums;
  }
  // Heads and MLPs, those that speak loudest for the token first; then those against it.
  loudest(p) {
    const { head, mlp } = this.shares, found = [];
    for (let l = 0; l < this.layers; l++) {
      found.push({ layer: l, head: null, value: mlp(p, l) });
      for (let h = 0; h < this.heads; h++) found.push({ layer: l, head: h, value: head(p, l, h) });
    }
    found.sort((a, b) => b.value - a.value);
    return [found.slice(0, LOUDEST).filter((part) => part.value > 0), found.slice(-LOUDEST).reverse().filter((part) => part.value < 0)];
  }
}

const long = (value) => (value >= 1000 ? Math.round(value).toLocaleString("en") : number(value));
const plus = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
const angle = (value) => value.toFixed(2).replace(/^-(?=[0.]+$)/, "").replace("-", "−");
const partName = (part) => (part.head === null ? `MLP ${part.layer}` : `head ${part.layer}.${part.head}`);
