// Where is each point now, and where was it? A plane with the same scale across and up, which stays while the points move.

const WHOLE = 65535, TAIL = 6, GLIDE = 400, REACH = 16; // steps of a side; steps of a trail; milliseconds; pixels
const within = (value, least, most) => Math.max(least, Math.min(most, value));
const several = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
const measure = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
const spoken = (text) => text && tokenText({ text }, false, 4000);

// Round numbers between two others, about `count` of them.
function ticks(low, high, count) {
  const rough = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].find((n) => n * power >= rough) * power, found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

class Plane {
  constructor(figure) {
    const { data } = figure;
    Object.assign(this, { figure, data, count: data.labels.length, time: 0, labels: [] });
    this.side = Math.max(...data.low.map((low, axis) => data.high[axis] - low)) || 1;
    this.svg = svg("svg", { class: "plane", "aria-hidden": "true" });
    this.stage = h("div", { class: "stage", role: "group", tabindex: 0, "aria-describedby": "summary",
      "aria-label": `${data.title}. Space plays, left and right step, up and down choose a point, Escape lets go.` }, this.svg);
    const near = (e) => { const box = this.svg.getBoundingClientRect(); return this.nearest(e.clientX - box.left, e.clientY - box.top); };
    this.stage.addEventListener("pointermove", (e) => figure.point(near(e)));
    this.stage.addEventListener("pointerleave", () => figure.point(-1));
    this.stage.addEventListener("click", (e) => figure.choose(near(e)));
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.pen = document.createElement("canvas").getContext("2d");
  }
  close() { cancelAnimationFrame(this.frame); }

  // ---- where things are
  place(x, y) { return [this.left + x * this.scale, this.top - y * this.scale]; }
  // A point at a step, or on its way between two.
  at(i, time = this.time) {
    const before = Math.floor(time), part = time - before, a = this.data.frames[before], b = part ? this.data.frames[before + 1] : a;
    return this.place(a[2 * i] + (b[2 * i] - a[2 * i]) * part, a[2 * i + 1] + (b[2 * i + 1] - a[2 * i + 1]) * part);
  }
  nearest(x, y) {
    let best = -1, least = REACH ** 2;
    for (let i = 0; i < this.count; i++) {
      const [px, py] = this.at(i), far = (px - x) ** 2 + (py - y) ** 2;
      if (far < least) { least = far; best = i; }
    }
    return best;
  }
  // The other points in the very same place.
  with(i) {
    const [x, y] = this.at(i);
    return this.data.labels.flatMap((_, k) => { const [px, py] = this.at(k); return k !== i && Math.hypot(px - x, py - y) < 1 ? [k] : []; });
  }

  // ---- what is drawn
  lay(width, em) {
    const { low, high, axes } = this.data, [across, up] = low.map((least, axis) => ((high[axis] - least) / this.side) * WHOLE || WHOLE / 8);
    const [padX, padY] = [Math.min(4.5 * em, width / 8), 2.2 * em], room = width - 2 * padX;
    const height = Math.round(within((room * up) / across + 2 * padY, 17 * em, 30 * em));
    Object.assign(this, { width, height, em, scale: Math.min(room / across, (height - 2 * padY) / up) });
    this.left = (width - across * this.scale) / 2;
    this.top = (height + up * this.scale) / 2;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    const grid = [], value = (axis, pixel) => low[axis] + ((axis ? this.top - pixel : pixel - this.left) / this.scale / WHOLE) * this.side;
    const gap = ticks(0, value(0, width) - value(0, 0), width / (7 * em))[1] ?? this.side;
    for (const axis of [0, 1]) {
      const [from, to] = axis ? [value(1, height), value(1, 0)] : [value(0, 0), value(0, width)];
      for (let k = Math.ceil(from / gap); k * gap <= to; k++) {
        const at = (((k * gap - low[axis]) / this.side) * WHOLE), [x, y] = this.place(axis ? 0 : at, axis ? at : 0), words = measure(k * gap);
        grid.push(axis ? svg("line", { class: "grid", x1: 0, x2: width, y1: y, y2: y }) : svg("line", { class: "grid", x1: x, x2: x, y1: 0, y2: height }));
        if (axis ? y > 2.2 * em && y < height - 2.4 * em : x > 3 * em && x < width - 1.5 * em) grid.push(axis ? svg("text", { class: "tick", x: 4, y: y - 3 }, words) : svg("text", { class: "tick", x, y: height - 4, "text-anchor": "middle" }, words));
      }
    }
    this.trails = svg("g");
    this.marks = svg("g");
    this.names = svg("g", { class: "labels" });
    this.svg.replaceChildren(...grid, svg("text", { class: "axis", x: width - 6, y: height - 1.5 * em, "text-anchor": "end" }, axes[0] && `→ ${axes[0]}`),
      svg("text", { class: "axis", x: 6, y: 1.1 * em }, axes[1] && `↑ ${axes[1]}`), this.trails, this.marks, this.names);
    this.look();
  }
  // The marks, each in its group's colour and shape; what cannot move is a cross.
  look() {
    const { still } = this.data, radius = this.count > 100 ? 4 : 5.5, mark = (k) => this.figure.mark(k, radius);
    const crosses = [];
    for (let p = 0; still && p < still.places.length; p += 2) {
      const [x, y] = this.place(still.places[p], still.places[p + 1]), r = radius;
      crosses.push(svg("path", { class: "still", d: `M${x - r} ${y - r}l${2 * r} ${2 * r}M${x - r} ${y + r}l${2 * r} ${-2 * r}` }));
    }
    this.drawn = this.data.labels.map((_, i) => svg("g", { class: "point", "data-point": i }, mark(this.figure.kind(i))));
    this.ring = svg("circle", { class: "ring", r: radius + 4 });
    this.marks.replaceChildren(...crosses, ...this.drawn.slice().reverse(), this.ring);
  }
  go(step) {
    cancelAnimationFrame(this.frame);
    const from = this.time, way = step - from;
    if (!way || Math.abs(way) > 1.01 || this.calm.matches) { this.arrive(step); return; }
    let began = null;
    const glide = (now) => {
      began ??= now;
      const part = (now - began) / GLIDE;
      if (part >= 1) { this.arrive(step); return; }
      this.time = from + way * part * part * (3 - 2 * part);
      this.move();
      this.frame = requestAnimationFrame(glide);
    };
    this.frame = requestAnimationFrame(glide);
  }
  arrive(step) {
    this.time = step;
    this.write();
    this.move();
    this.figure.tell();
  }
  // Everything that depends on the time.
  move() {
    const active = this.figure.active, now = this.data.labels.map((_, i) => this.at(i));
    now.forEach(([x, y], i) => {
      this.drawn[i].setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
      this.drawn[i].setAttribute("opacity", active < 0 || i === active || this.figure.kin(i, active) ? 1 : 0.45);
    });
    for (const { i, e, dx, dy } of this.labels) e.setAttribute("transform", `translate(${(now[i][0] + dx).toFixed(2)} ${(now[i][1] + dy).toFixed(2)})`);
    this.ring.setAttribute("visibility", active < 0 ? "hidden" : "visible");
    if (active >= 0) this.ring.setAttribute("transform", `translate(${now[active].map((x) => x.toFixed(2)).join(" ")})`);
    this.trail(active);
  }
  // The last steps of every point, the older the fainter; of the one in hand the whole way, what is to come in dots.
  trail(active) {
    const way = (i, from, to) => {
      const stops = [from, ...Array.from({ length: Math.max(0, Math.ceil(to) - Math.floor(from) - 1) }, (_, k) => Math.floor(from) + 1 + k), to];
      return `M${stops.map((time) => this.at(i, time).map((x) => x.toFixed(1)).join(" ")).join("L")}`;
    };
    const last = this.data.frames.length - 1, parts = [], paths = new Map();
    for (let i = 0; i < this.count; i++) {
      if (i === active) continue;
      for (let age = 0; age < TAIL && this.time - age > 0; age++) {
        const key = `${this.figure.kind(i)} ${age}`, to = this.time - age;
        paths.set(key, (paths.get(key) ?? "") + way(i, Math.max(0, to - 1), to));
      }
    }
    for (const [key, d] of paths) {
      const [kind, age] = key.split(" ").map(Number);
      parts.push(svg("path", { class: "trail", d, stroke: this.figure.colour(kind), "stroke-opacity": (((active < 0 ? 0.6 : 0.25) * (TAIL - age)) / TAIL).toFixed(2) }));
    }
    if (active >= 0) {
      const stroke = this.figure.colour(this.figure.kind(active)), { still } = this.data;
      if (this.time < last) parts.push(svg("path", { class: "trail", d: way(active, this.time, last), stroke, "stroke-dasharray": "1 4", "stroke-linecap": "round" }));
      if (this.time > 0) parts.push(svg("path", { class: "trail whole", d: way(active, 0, this.time), stroke }));
      for (let step = 0; step <= last; step++) { const [x, y] = this.at(active, step); parts.push(svg("circle", { class: "stop", cx: x, cy: y, r: 2, fill: stroke, "fill-opacity": step <= this.time ? 1 : 0.4 })); }
      if (still) {
        const p = 2 * still.of[active], [x, y] = this.place(still.places[p], still.places[p + 1]), [px, py] = this.at(active);
        parts.push(svg("line", { class: "tether", x1: x, y1: y, x2: px, y2: py }));
      }
    }
    this.trails.replaceChildren(...parts);
  }
  // The labels that have room where the points are now: the one in hand first.
  write() {
    const { figure, em } = this, labels = new Labels(this.width, this.height, em * 1.05), gap = 9, { active } = figure;
    this.pen.font = `${em * 0.82}px ${getComputedStyle(figure.root).fontFamily}`;
    const now = this.data.labels.map((_, i) => this.at(i));
    const fixed = this.data.still?.places ?? [], crosses = Array.from({ length: fixed.length / 2 }, (_, k) => this.place(fixed[2 * k], fixed[2 * k + 1]));
    for (const [x, y] of [...now, ...crosses]) labels.avoid({ x0: x - 4, y0: y, x1: x + 4, y1: y });
    const order = [...(active >= 0 ? [active] : []), ...this.data.labels.keys()];
    for (const [rank, i] of order.entries()) {
      if (rank && i === active) continue;
      const text = figure.name(i);
      labels.put(i, text, ...now[i], this.pen.measureText(text).width, i === active ? gap + 4 : gap, i === active);
    }
    this.labels = labels.placed.map(({ i, text, x, y }) => {
      const props = { "dominant-baseline": "central", "font-size": (em * 0.82).toFixed(2) };
      return { i, dx: x - now[i][0], dy: y - now[i][1], e: svg("g", null, svg("text", { class: "halo", ...props }, text), svg("text", props, text)) };
    });
    this.names.replaceChildren(...this.labels.map(({ e }) => e));
  }
}
