// How is an amount written? Three digits and a unit, each a thousand of the one before.

function amount(value, units) {
  let step = 0;
  while (step < units.length - 1 && value >= 999.5) { value /= 1000; step++; }
  const digits = value >= 99.95 || Number.isInteger(value) ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}${units[step] ? `\u00a0${units[step]}` : ""}`;
}
const MEASURES = {
  multiplications: { name: "multiplications", of: (data) => data.products, words: (value) => amount(value, ["", "thousand", "million", "billion", "trillion"]), short: (value) => amount(value, ["", "K", "M", "B", "T"]) },
  tokens: { name: "tokens read", of: (data) => data.reading, words: (value) => value.toLocaleString("en"), short: (value) => value.toLocaleString("en") },
  time: { name: "time", of: (data) => data.seconds, words: (value) => amount(value * 1e6, ["µs", "ms", "s"]), short: (value) => amount(value * 1e6, ["µs", "ms", "s"]) },
};
const bytesOf = (value) => amount(value, ["B", "kB", "MB", "GB"]);
const tokensOf = (count) => `${count.toLocaleString("en")} token${count === 1 ? "" : "s"}`;
const soFar = (values) => { let sum = 0; return values.map((value) => (sum += value)); };
