// What does each kind of norm make of a vector? Every step of it, in doubles.

// {moved: the vector, centred or not; mean, square: the mean square of `moved`; root: of square + eps; unit: moved / root; scaled: unit times weight; out}
function normed(x, centred, weight, bias, eps) {
  const n = x.length;
  let mean = 0, square = 0;
  for (const value of x) mean += value / n;
  const moved = centred ? x.map((value) => value - mean) : x;
  for (const value of moved) square += (value * value) / n;
  const root = Math.sqrt(square + eps), unit = moved.map((value) => value / root);
  const scaled = unit.map((value, i) => value * weight[i]);
  return { centred, mean, moved, square, root, unit, scaled, out: bias ? scaled.map((value, i) => value + bias[i]) : scaled };
}
const farthest = (x) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
// The largest difference between two vectors, as a share of the largest number of the first.
const apart = (x, y) => x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0) / (farthest(x) || 1);
const cosine = (x, y) => {
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((value, i) => { xy += value * y[i]; xx += value * value; yy += y[i] * y[i]; });
  return xy / Math.sqrt(xx * yy || 1);
};
const percent = (share) => `${100 * share >= 10 ? Math.round(100 * share).toLocaleString("en") : Number((100 * share).toPrecision(2))} %`;
// A number with four digits that count, however large or small it is.
function exact(value) {
  if (value === 0 || !Number.isFinite(value)) return "0";
  const size = Math.abs(value), sign = value < 0 ? "−" : "";
  if (size >= 1e6 || size < 1e-3) {
    const [digits, power] = size.toExponential(2).split("e");
    const raised = String(Number(power)).replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
    return `${sign}${digits} × 10${raised}`;
  }
  return sign + (size >= 1000 ? Math.round(size).toLocaleString("en") : String(Number(size.toPrecision(4))));
}
