// Which numbers does a stage have? They come as halves of a float32, times a power of two for each layer.

const HALVES = Float32Array.from({ length: 65536 }, (_, code) => {
  const power = (code >> 10) & 31, rest = code & 1023, size = power ? (1 + rest / 1024) * 2 ** (power - 15) : rest * 2 ** -24;
  return code & 32768 ? -size : size;
});

class Numbers {
  constructor(data) {
    this.arrays = data.arrays;
    this.left = data.norms === "after" ? "mlp.norm_after" : "mlp.residual"; // what leaves a layer
    this.read = {};
  }
  has(name) { return name in this.arrays; }
  // The numbers of a tensor in one layer, and how they are laid out there.
  of(name, layer) {
    if (name === "joined") return { values: this.of("attention.mixed", layer).values, shape: [this.size("attention.mixed")] };
    if (name === "input" && layer > 0 && this.arrays.input.shape[0] === 1) return this.of(this.left, layer - 1);
    const { shape, powers, data } = this.arrays[name], layered = shape.length > 1, at = layered ? Math.min(layer, shape[0] - 1) : 0;
    const inner = layered ? shape.slice(1) : shape, count = inner.reduce((a, b) => a * b, 1);
    const found = (this.read[name] ??= { codes: stepsOf(data), layers: [] });
    const values = (found.layers[at] ??= Float64Array.from(found.codes.subarray(at * count, (at + 1) * count), (code) => HALVES[code] * 2 ** -powers[at]));
    return { values, shape: inner };
  }
  size(name) { const { shape } = this.arrays[name === "joined" ? "attention.mixed" : name]; return (shape.length > 1 ? shape.slice(1) : shape).reduce((a, b) => a * b, 1); }
}

// ---- as a person reads them: at most three digits that count
const UP = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, i) => [i, digit])) };
function three(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value), sign = value < 0 ? "−" : "";
  if (size === 0) return "0";
  if (size >= 0.001 && size < 100000) return sign + Number(size.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 6 });
  const [digits, power] = size.toExponential(2).split("e");
  return `${sign}${Number(digits)} × 10${power.replace("+", "").replace(/./g, (c) => UP[c])}`;
}
// In a product or a sum, where a sign would be taken for the operation's.
const bracketed = (value) => (value < 0 ? `(${three(value)})` : three(value));
const roughly = (difference) => { // how far apart, in one digit
  if (!difference) return "0";
  const [digit, power] = difference.toExponential(0).split("e");
  return `${digit} × 10${power.replace("+", "").replace(/./g, (c) => UP[c])}`;
};
const summed = (values) => values.reduce((a, b) => a + b, 0);
const largestOf = (values) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const lengthOf = (values) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
