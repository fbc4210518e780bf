// How are numbers written whose last digits matter?

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const raised = (exponent) => Array.from(String(exponent), (c) => RAISED[c]).join("");
// A difference: 1.7 × 10⁻⁵, or 0.31.
function small(value) {
  if (value === 0) return "0";
  if (value >= 0.001) return value.toPrecision(2);
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${digits} × 10${raised(Number(exponent))}`;
}
const exact = (value) => value.toFixed(6).replace("-", "−");
// A number to six decimals: what it shares with another quiet, the digits that differ marked.
function digits(value, other) {
  const words = exact(value);
  if (other === undefined) return h("span", { class: "digits" }, words);
  let same = 0;
  while (same < words.length && words[same] === other[same]) same++;
  return h("span", { class: "digits" }, h("span", { class: "quiet" }, words.slice(0, same)), words.slice(same) ? h("b", { class: "differ" }, words.slice(same)) : null);
}
