// What does an analogy look like? The plane of its three words seen straight on: a to b, the same arrow from c, and the
// words near its tip, each at the foot of its perpendicular; beside it the candidates by both methods.

class Plane {
  constructor(figure) {
    const { data } = figure, [a, b, c] = data.terms;
    Object.assign(this, { figure, data, count: data.drawn.length, expected: data.expected == null ? -1 : data.drawn.indexOf(data.expected) });
    this.order = data.lists[0].rows.map(([word]) => data.drawn.indexOf(word));
    this.usual = data.drawn.indexOf(data.lists[0].rows.find((row) => !row[2])[0]);
    this.drawing = svg("svg", { class: "plane", role: "img", "aria-label": `The plane of ${a}, ${b} and ${c}: an arrow from ${a} to ${b}, the same from ${c}, and the words near its tip.` });
    this.lists = data.lists.map((list, k) => this.list(list, k));
    this.readout = h("p", { class: "readout tall" });
    const name = (i) => h("bdi", null, spell(data.drawn[i])), answer = name(this.usual);
    this.parts = [h("h2", { class: "leave" }, name(0), " is to ", name(1), " as ", name(2), " is to ", answer),
      h("p", { class: "ranks" }, ...this.ranks()),
      h("div", { class: "two" }, (this.left = h("div", null, this.drawing, this.readout)), h("div", { class: "columns" }, ...this.lists.map((l) => l.part))),
      h("p", { class: "note" }, `Filled: the three words, which lie in the plane. Cross: ${b} − ${a} + ${c}, which lies in it, too. Hollow: the candidates of 3CosAdd, seen where they stand above or below the plane. A word in italics is one of the question's, which are usually left out.`)];
  }
  list({ name, rows }, k) {
    const least = Math.min(0, ...rows.map((row) => row[1])), most = Math.max(...rows.map((row) => row[1]));
    let rank = 0;
    const options = rows.map(([word, score, given]) => {
      const i = this.data.drawn.indexOf(word), sign = given ? "–" : `${++rank}.`, right = word === this.data.expected;
      return h("div", { class: `row${given ? " given" : ""}${right ? " right" : ""}`, role: k ? null : "option", id: k ? null : `row${i}`, "data-i": i },
        h("span", { class: "value quiet" }, sign), h("span", { class: "word" }, h("bdi", null, spell(word)), given ? h("small", null, "in the question") : right ? h("small", null, "✓ expected") : null),
        h("span", { class: "meter" }, h("i", { style: `width:${((score - least) / (most - least || 1)) * 100}%` })), h("span", { class: "value" }, score.toFixed(3).replace("-", "−")));
    });
    const box = h("div", k ? { class: "list plane-list" } : { class: "list plane-list", role: "listbox", tabindex: 0, "aria-label": "Candidates by 3CosAdd; the arrow keys choose one" }, ...options);
    return { options, box, part: h("section", null, h("h3", null, name), box) };
  }
  get options() { return this.lists.flatMap((l) => l.options); }
  // Where the expected word ranks, in words.
  ranks() {
    const { expected, ranks, size, terms } = this.data;
    if (expected == null) return [h("span", { class: "quiet" }, "Say which word you expect (d) to learn where it ranks.")];
    if (terms.includes(expected)) {
      return ["You expect ", h("b", null, h("bdi", null, spell(expected))), `, which is in the question: where its words are left out, it can't be the answer. Among all ${whole(size)} words it ranks ${ordinal(ranks[0][1])} by 3CosAdd and ${ordinal(ranks[1][1])} by 3CosMul.`];
    }
    const said = ranks.map(([without, all], k) => `${ordinal(without)} by ${this.data.lists[k].name} with the question's words left out, ${without === all ? "and with them" : `${ordinal(all)} with them`}`);
    return ["The expected ", h("b", null, h("bdi", null, spell(expected))), ` ranks ${said.join("; ")}, of ${whole(size)} words.`];
  }

  draw() {
    const { figure, data } = this, { em } = figure, ruler = new Ruler(figure.root), narrow = figure.root.classList.contains("narrow"), size = 0.875 * em;
    const width = narrow ? figure.width : Math.min(0.5 * figure.width, 46 * em), xs = data.places.map((p) => p[0]), ys = data.places.map((p) => p[1]);
    const side = Math.min(7 * em, 0.18 * width), pad = 1.8 * em, [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const scale = Math.min((width - 2 * side) / (right - left || 1), (30 * em - 2 * pad) / (high - low || 1)), height = Math.max(14 * em, (high - low) * scale + 2 * pad);
    const place = ([x, y]) => [width / 2 + (x - (left + right) / 2) * scale, height / 2 - (y - (low + high) / 2) * scale];
    const points = data.places.map(place), [a, b, c] = points, target = points.at(-1);
    Object.assign(this, { points, width, height });
    const kinds = data.drawn.map((word, i) => `dot${i < 3 ? " term" : ""}${i === this.expected ? " right" : ""}`);
    const items = data.drawn.map((word, i) => ({ x: points[i][0], y: points[i][1], width: ruler.width(spell(word), size, i < 3 || i === this.expected ? 600 : 400) + 4, i }));
    const first = [0, 1, 2, ...(this.expected > 2 ? [this.expected] : [])], ordered = [...new Set([...first, ...this.order])].map((i) => items[i]);
    const sum = `${spell(data.terms[1])} − ${spell(data.terms[0])} + ${spell(data.terms[2])}`, cross = { x: target[0], y: target[1], width: ruler.width(sum, size) + 4, i: -1 };
    const all = [...ordered.slice(0, 3), cross, ...ordered.slice(3)], labels = beside(all, [[a, b], [c, target], [a, c], [b, target]], { x: 0, y: 0, width, height }, em);
    const written = labels.flatMap((box, k) => {
      const { x, y, i } = all[k];
      if (!box) return [];
      const middle = box.y + box.height / 2, near = Math.max(box.x, Math.min(box.x + box.width, x));
      return [svg("g", { class: `label ${i < 0 ? "sum" : kinds[i]}`, "data-i": i },
        box.from ? svg("line", { x1: x, y1: y, x2: near, y2: y < box.y ? box.y : y > box.y + box.height ? box.y + box.height : middle }) : null,
        svg("rect", { x: box.x - 1, y: box.y + 1, width: box.width + 2, height: box.height - 2 }),
        svg("text", { x: box.x + 2, y: middle, "dominant-baseline": "central" }, i < 0 ? sum : spell(data.drawn[i])))];
    });
    this.step = svg("g", { class: "step" });
    this.dots = points.slice(0, -1).map(([x, y], i) => svg("circle", { class: kinds[i], "data-i": i, cx: x, cy: y, r: 0.32 * em }));
    const s = 0.35 * em;
    this.drawing.replaceChildren(svg("path", { class: "side", d: `M${a}L${c}M${b}L${target}` }), arrow(...a, ...b, "known", 0.8 * em), arrow(...c, ...target, "sought", 0.8 * em), this.step, ...this.dots,
      svg("path", { class: "cross", d: `M${target[0] - s} ${target[1] - s}l${2 * s} ${2 * s}M${target[0] - s} ${target[1] + s}l${2 * s} ${-2 * s}` }), ...written);
    this.left.style.width = `${width}px`;
    this.left.style.flex = "none";
    for (const [name, value] of [["width", width], ["height", height], ["viewBox", `0 0 ${width} ${height}`]]) this.drawing.setAttribute(name, value);
  }
  point(i) {
    const { data, points } = this, word = () => h("b", null, h("bdi", null, spell(data.drawn[i]))), c = h("bdi", null, spell(data.terms[2]));
    for (const dot of this.drawing.querySelectorAll("[data-i]")) dot.classList.toggle("on", Number(dot.dataset.i) === i);
    const [x, y] = data.places[i], [cx, cy] = data.places[2], flat = Math.hypot(x - cx, y - cy), far = Math.hypot(flat, data.off[i]);
    this.step.replaceChildren(...(i > 2 ? [svg("line", { x1: points[2][0], y1: points[2][1], x2: points[i][0], y2: points[i][1] })] : []));
    if (i === 2) this.readout.replaceChildren(word(), " is where the second arrow begins.");
    else if (i < 2) this.readout.replaceChildren(word(), ` is one of the three words: it lies in the plane. The step from it to the other end of its arrow is ${data.places[1][0].toFixed(2)} long.`);
    else {
      this.readout.replaceChildren("From ", c, " to ", word(), ` it is ${far.toFixed(2)} (the vectors have length 1). Of that length ${flat.toFixed(2)}, ${((flat / far) * 100).toFixed(0)}%, lies in this plane; the word itself stands ${data.off[i].toFixed(2)} off it.`);
    }
  }
}
