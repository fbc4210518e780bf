// How is a vector seen? All its numbers as a row of lines; how they are spread; and how long it is at each norm.

const STRIP = 3.2, SPREAD = 5, LENGTHS = 9; // em high
const BINS = 61;

// Every number as a line up or down from the middle, as long as its square root; the chosen one is marked.
function strip(x, chosen, { em, width, part, words, point }) {
  const high = STRIP * em, middle = high / 2, most = farthest(x) || 1, step = width / x.length;
  const at = (i) => (i + 0.5) * step, up = (i) => middle - Math.sign(x[i]) * Math.sqrt(Math.abs(x[i]) / most) * (middle - 2);
  const drawing = svg("svg", { role: "img", class: `strip-of ${part}`, width, height: high, "aria-label": words },
    svg("path", { class: "chosen", d: `M${at(chosen).toFixed(1)} 0V${high}` }), svg("path", { class: "axis", d: `M0 ${middle}H${width}` }),
    svg("path", { class: "numbers", "stroke-width": Math.max(0.7, Math.min(3, step * 0.8)), d: Array.from(x, (_, i) => `M${at(i).toFixed(1)} ${middle}V${up(i).toFixed(1)}`).join("") }));
  const find = (e) => Math.max(0, Math.min(x.length - 1, Math.floor((e.clientX - drawing.getBoundingClientRect().left) / step)));
  drawing.addEventListener("pointermove", (e) => point(find(e), false));
  drawing.addEventListener("pointerleave", () => point(null, false));
  drawing.addEventListener("click", (e) => point(find(e), true));
  return drawing;
}

// How many numbers lie where, as a histogram whose heights are logarithms, so that a single one can be seen.
function spread(x, { em, width, part, words }) {
  const high = SPREAD * em, most = farthest(x) || 1, counts = new Array(BINS).fill(0);
  for (const value of x) counts[Math.min(BINS - 1, Math.floor(((value / most + 1) / 2) * BINS))]++;
  const top = Math.log1p(Math.max(...counts)), room = high - 1.5 * em, step = width / BINS;
  return svg("svg", { role: "img", class: `spread ${part}`, width, height: high, "aria-label": words },
    ...counts.map((count, i) => count ? svg("rect", { x: i * step, width: step * 0.85, y: room - (Math.log1p(count) / top) * room, height: (Math.log1p(count) / top) * room }) : null).filter(Boolean),
    svg("path", { class: "axis", d: `M0 ${room}H${width}` }),
    svg("text", { class: "tick", x: 0, y: high - 0.3 * em }, exact(-most)),
    svg("text", { class: "tick", x: width / 2, y: high - 0.3 * em, "text-anchor": "middle" }, "0"),
    svg("text", { class: "tick", x: width, y: high - 0.3 * em, "text-anchor": "end" }, exact(most)));
}

// The length of the vector before and behind each norm of the model, on a scale of powers of ten.
function lengths(before, after, chosen, { em, width, words, go }) {
  const left = 3.4 * em, right = 0.8 * em, above = 0.7 * em, room = (LENGTHS - 2.6) * em, count = before.length;
  const logs = [...before, ...after].filter((value) => value > 0).map(Math.log10);
  const low = Math.floor(Math.min(...logs)), high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
  const x = (i) => left + (count > 1 ? (i / (count - 1)) * (width - left - right) : 0);
  const y = (value) => above + ((high - Math.log10(Math.max(value, 10 ** low))) / (high - low)) * room;
  const line = (values) => values.map((value, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const drawing = svg("svg", { role: "img", class: "lengths", width, height: LENGTHS * em, "aria-label": words },
    ...Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).flatMap((value) => [
      svg("path", { class: "axis", d: `M${left} ${y(value)}H${width - right}` }),
      svg("text", { class: "tick", x: left - 0.5 * em, y: y(value), "text-anchor": "end", "dominant-baseline": "central" }, value < 1 ? String(value) : value.toLocaleString("en"))]),
    svg("path", { class: "here", d: `M${x(chosen)} ${above}V${above + room}` }),
    svg("path", { class: "before", d: line(before) }), svg("path", { class: "after", d: line(after) }),
    svg("circle", { class: "before point", cx: x(chosen), cy: y(before[chosen]), r: 4 }), svg("circle", { class: "after point", cx: x(chosen), cy: y(after[chosen]), r: 4 }),
    svg("text", { class: "tick", x: left, y: LENGTHS * em - 0.5 * em }, "first norm"), svg("text", { class: "tick", x: width - right, y: LENGTHS * em - 0.5 * em, "text-anchor": "end" }, "last norm"));
  drawing.addEventListener("click", (e) => go(Math.round(((e.clientX - drawing.getBoundingClientRect().left - left) / (width - left - right)) * (count - 1))));
  return drawing;
}
