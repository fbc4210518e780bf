// How does a computer hold a number? In 64, 32 or 16 bits: each result is rounded to the nearest number that it has.

// To the nearest of float16's numbers; of two equally near ones to the even one; too large ones become infinite.
function half(x) {
  const size = Math.abs(x);
  if (!(size > 0 && size < Infinity)) return x;
  const step = 2 ** Math.max(Math.floor(Math.log2(size)) - 10, -24), steps = size / step;
  let whole = Math.floor(steps);
  if (steps - whole > 0.5 || (steps - whole === 0.5 && whole % 2)) whole++;
  return Math.sign(x) * (whole * step > 65504 ? Infinity : whole * step);
}

// `most`: the largest number; `from`: from which x on e^x is larger than that; `bits` that count.
const FORMATS = {
  float64: { round: (x) => x, most: Number.MAX_VALUE, from: "709.79", bits: 53 },
  float32: { round: Math.fround, most: 3.4028234663852886e38, from: "88.73", bits: 24 },
  float16: { round: half, most: 65504, from: "11.09", bits: 11 },
};
// How far the numbers of a format near x are apart.
const gap = (x, bits) => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), Number.MIN_VALUE))) - bits + 1);

// The calculation of models/softmax_by_hand.py: every single result is rounded before the next.
function byHand(logits, temperature, constant, format) {
  const { round } = FORMATS[format], t = round(temperature), add = (a, b) => round(a + b);
  const moved = logits.map((z) => add(round(z), round(constant))), x = moved.map((z) => round(z / t));
  const powers = x.map((v) => round(Math.exp(v))), total = powers.reduce(add, 0), naive = powers.map((e) => round(e / total));
  const most = Math.max(...x), shifted = x.map((v) => round(v - most)), small = shifted.map((v) => round(Math.exp(v))), sum = small.reduce(add, 0);
  const top = Math.max(...moved), ties = moved.filter((z) => z === top).length;
  const p = temperature === 0 ? moved.map((z) => (z === top ? round(1 / round(ties)) : 0)) : small.map((e) => round(e / sum));
  return { moved, x, powers, total, naive, most, shifted, small, sum, p, ties };
}

// ---- numbers as a person reads them
const RAISED = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, i) => [i, digit])) };
const exactly = (value) => String(value).replace("-", "−").replace("Infinity", "∞");
// With four digits that count.
function four(value) {
  if (Number.isNaN(value)) return "NaN";
  const size = Math.abs(value), sign = value < 0 ? "−" : "";
  if (size === Infinity || size === 0) return `${size ? sign : ""}${size ? "∞" : "0"}`;
  if (size >= 0.001 && size < 100000) return sign + (size >= 1000 ? String(Math.round(size * 10) / 10) : String(Number(size.toPrecision(4))));
  const [digits, power] = size.toExponential(2).split("e");
  return `${sign}${digits} × 10${power.replace("+", "").replace(/./g, (c) => RAISED[c])}`;
}
