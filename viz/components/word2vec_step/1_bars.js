// How does a vector look? A bar for each number, up or down from zero; which number, and what it is, on hover.

const RAISED = { "-": "⁻", "+": "", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, i) => [i, digit])) };

// A number with three digits that count, and all digits that there are.
function three(value) {
  if (value == null) return "–";
  const size = Math.abs(value), power = size.toExponential(1).split("e");
  const text = size === 0 ? "0" : size >= 0.001 && size < 1000 ? size.toPrecision(3) : `${power[0]} × 10${power[1].replace(/./g, (sign) => RAISED[sign])}`;
  return `${value < 0 ? "−" : ""}${text}`;
}
const whole = (value) => String(value).replace("-", "−");
const largest = (vectors) => Math.max(0, ...vectors.flat().map(Math.abs));

// `most`: the number whose bar fills half the height; `name` says whose vector it is.
function bars(values, most, name, colour, em) {
  const wide = Math.round(em * 0.56), half = Math.round(em * 0.95), width = wide * values.length;
  const bar = (value, i) => {
    const size = most ? Math.max(value ? 1 : 0, (Math.abs(value) / most) * half) : 0;
    return [svg("rect", { class: "bar", "data-at": i, x: i * wide + 1, width: wide - 2, y: value < 0 ? half : half - size, height: size, fill: colour }),
      svg("rect", { class: "hit", "data-at": i, x: i * wide, width: wide, y: 0, height: 2 * half, fill: "transparent" })];
  };
  return svg("svg", { class: "bars", role: "img", width, height: 2 * half, viewBox: `0 0 ${width} ${2 * half}`, "aria-label": `${name}: ${values.map(three).join(", ")}` },
    svg("line", { class: "axis", x1: 0, x2: width, y1: half, y2: half }), ...values.flatMap(bar));
}
