// How does a model know what stands where? Five ways, each as what it has for every position, and as a number for every
// two positions.
//
// A way says: `columns` of its picture and what one `cell(p, c)` of it is; `between(m, n)`, the number of a query at m and
// a key at n; `backward`, whether a query sees only what stands before it.

const frequenciesOf = (base, dimensions) => Array.from({ length: dimensions / 2 }, (_, i) => base ** ((-2 * i) / dimensions));

// Sines at even columns, cosines at odd ones: of these angles the one table is made, and RoPE's turning.
const wave = (frequencies) => (p, c) => (c % 2 ? Math.cos : Math.sin)(p * frequencies[c >> 1]);

class Sinusoidal {
  constructor(dimensions, base) {
    this.frequencies = frequenciesOf(base, dimensions);
    Object.assign(this, { dimensions, base, columns: dimensions, cell: wave(this.frequencies), unit: "cosine of PE(m) and PE(n)" });
  }
  between(m, n) { return this.product(m, n) / (this.dimensions / 2); }
  product(m, n) {
    let sum = 0;
    for (let c = 0; c < this.dimensions; c++) sum += this.cell(m, c) * this.cell(n, c);
    return sum;
  }
  // How far PE(p), turned pair by pair by k times each frequency, is from PE(p + k).
  offTurned(p, k) {
    return Math.max(...this.frequencies.map((f, i) => {
      const s = this.cell(p, 2 * i), c = this.cell(p, 2 * i + 1), cos = Math.cos(k * f), sin = Math.sin(k * f);
      return Math.max(Math.abs(s * cos + c * sin - this.cell(p + k, 2 * i)), Math.abs(c * cos - s * sin - this.cell(p + k, 2 * i + 1)));
    }));
  }
}

class Learned {
  constructor({ rows, columns, least, step, values }) {
    const steps = stepsOf(values);
    this.table = Float64Array.from(steps, (each) => least + each * step);
    Object.assign(this, { columns, rows, unit: "cosine of the rows m and n" });
    this.cell = (p, c) => this.table[p * columns + c];
    this.lengths = Array.from({ length: rows }, (_, p) => Math.sqrt(this.dot(p, p)));
    // Nearly all of its numbers are at most so large; a few are far beyond, and would leave no colour to the rest.
    this.usual = Number(this.table.map(Math.abs).sort()[Math.floor(0.995 * (this.table.length - 1))].toPrecision(2)) || 1;
    this.known = new Map();
  }
  dot(m, n) {
    let sum = 0;
    for (let c = 0; c < this.columns; c++) sum += this.cell(m, c) * this.cell(n, c);
    return sum;
  }
  between(m, n) {
    if (m >= this.rows || n >= this.rows) return NaN;
    const place = Math.min(m, n) * this.rows + Math.max(m, n);
    if (!this.known.has(place)) this.known.set(place, this.lengths[m] * this.lengths[n] ? this.dot(m, n) / (this.lengths[m] * this.lengths[n]) : 0);
    return this.known.get(place);
  }
}

// The model's own query and key, turned where they stand; without any, two equal vectors with as much in every pair.
class Rope {
  constructor({ frequencies, scaling, vectors }, layer, head, theta) {
    this.frequencies = theta ? frequenciesOf(theta, 2 * frequencies.length) : frequencies;
    Object.assign(this, { columns: 2 * frequencies.length, cell: wave(this.frequencies), backward: true, pairs: frequencies.length, scaling, softcap: vectors?.softcap });
    this.unit = vectors ? "score of the query at m and the key at n" : "what is left of the product of two equal vectors";
    if (!vectors) {
      this.query = this.key = Array(this.columns).fill(Math.sqrt(1 / this.pairs)).map((x, i) => (i < this.pairs ? x : 0));
      Object.assign(this, { scale: 1, scaling: 1 });
      return;
    }
    const { size, heads, sharing } = vectors, kept = heads / sharing;
    this.query = vectors.queries.subarray((layer * heads + head) * size, (layer * heads + head + 1) * size);
    this.key = vectors.keys.subarray((layer * kept + Math.floor(head / sharing)) * size, (layer * kept + Math.floor(head / sharing) + 1) * size);
    this.scale = vectors.scales[layer];
  }
  // Pair i of a vector: its dimensions i and i + pairs, turned by p times its frequency.
  turned(vector, i, p) {
    const [a, b] = [vector[i], vector[i + this.pairs]], angle = p * this.frequencies[i], cos = Math.cos(angle), sin = Math.sin(angle);
    return [a * cos - b * sin, b * cos + a * sin];
  }
  // Both are really turned, each by its own position, and multiplied then.
  between(m, n) {
    let sum = 0;
    for (let i = 0; i < this.pairs; i++) {
      const [a, b] = this.turned(this.query, i, m), [c, d] = this.turned(this.key, i, n);
      sum += a * c + b * d;
    }
    sum *= this.scaling ** 2;
    for (let c = 2 * this.pairs; c < this.query.length; c++) sum += this.query[c] * this.key[c];
    return sum * this.scale;
  }
}

class Alibi {
  constructor(heads, chosen) {
    const power = 2 ** Math.floor(Math.log2(heads));
    this.slopes = Array.from({ length: heads }, (_, i) => (i < power ? 2 ** ((-8 * (i + 1)) / power) : 2 ** ((-4 * (2 * (i - power) + 1)) / power)));
    Object.assign(this, { heads, chosen, columns: heads, backward: true, unit: "what is added to the score of the query at m and the key at n" });
    this.cell = (p, c) => -this.slopes[c] * p;
  }
  get slope() { return this.slopes[this.chosen]; }
  between(m, n) { return this.slope * (n - m); }
}

class None {
  constructor() { Object.assign(this, { columns: 1, cell: () => 0, unit: "what position adds to the score" }); }
  between() { return 0; }
}
