// What is a network of dense layers? Its sizes, its numbers counted layer by layer, and one patient's way through it.

const MOST_UNITS = 64, MOST_LAYERS = 6;
const whole = (n) => n.toLocaleString("en");
const count = (n, word) => `${whole(n)} ${word}${n === 1 ? "" : word === "bias" ? "es" : "s"}`;

// [layer of numbers] from so many units to so many: weights, biases, and both together.
const layersOf = (sizes) => sizes.slice(1).map((to, i) => ({ from: sizes[i], to, weights: sizes[i] * to, all: sizes[i] * to + to }));
const totalOf = (sizes) => layersOf(sizes).reduce((sum, layer) => sum + layer.all, 0);

// One patient's way: [layer][unit] the sums, and the values that are handed on; layer 0 are the inputs on one scale.
function forward(trained, patient) {
  const sums = [trained.inputs[patient].map((x, i) => (x - trained.mean[i]) / trained.scale[i])], values = [sums[0]];
  trained.weights.forEach((weights, layer) => {
    const before = values[layer], last = layer === trained.weights.length - 1;
    const sum = trained.biases[layer].map((bias, to) => before.reduce((so, x, from) => so + x * weights[from][to], bias));
    sums.push(sum);
    values.push(last ? sum : sum.map((x) => Math.max(x, 0)));
  });
  return { sums, values, output: values.at(-1)[0] * trained.spread + trained.centre };
}

// What "1", "2.3" and "1.3.5" stand for, counted from 0; null if this network has no such place.
function placeOf(text, sizes) {
  if (!text) return null;
  const [a, b, c] = text.split(".").map((n) => Number(n) - 1);
  if (b === undefined) return a < sizes.length - 1 ? { layer: a } : null;
  if (c === undefined) return b < sizes[a] ? { column: a, unit: b } : null;
  return a < sizes.length - 1 && b < sizes[a] && c < sizes[a + 1] ? { layer: a, from: b, to: c } : null;
}
const textOf = (place) => !place ? "" : "column" in place ? `${place.column + 1}.${place.unit + 1}` : "from" in place ? `${place.layer + 1}.${place.from + 1}.${place.to + 1}` : `${place.layer + 1}`;

// The lines that a place lights up: all of a layer, those that come into a unit (out of an input), or one.
function linesOf(place, sizes) {
  if ("from" in place) return [[place.layer, place.from, place.to]];
  if ("layer" in place) return Array.from({ length: sizes[place.layer] }, (_, from) => Array.from({ length: sizes[place.layer + 1] }, (_, to) => [place.layer, from, to])).flat();
  const { column, unit } = place;
  if (column === 0) return Array.from({ length: sizes[1] }, (_, to) => [0, unit, to]);
  return Array.from({ length: sizes[column - 1] }, (_, from) => [column - 1, from, unit]);
}
