// How does a model know what stands where? Five ways under the hand: what each has for a position, what it makes of a
// distance, and its formula with the numbers that are chosen.

const WAYS = { sinusoidal: "Sinusoidal", learned: "Learned", rope: "RoPE", alibi: "ALiBi", none: "None" };
const DIMENSIONS = [8, 16, 32, 64, 128, 256, 512];
const BASES = [10, 10_000_000]; // least and most
const onLogScale = { of: (at) => Number((10 ** (at / 20)).toPrecision(3)), to: (base) => Math.round(20 * Math.log10(base)), least: 20, most: 140 };

class PositionLab extends Figure {
  title() { return `${this.data.title}: ${WAYS[this.state.way]}`; }

  build() {
    const { data } = this, { vectors } = data.rope;
    if (vectors) for (const name of ["queries", "keys"]) vectors[name] = floatsOf(vectors[name]);
    this.learned = new Learned(data.learned);
    this.made = {};
    const set = (name) => (value) => this.set({ [name]: value });
    this.tabs = h("div", { class: "tabs", role: "group", "aria-label": "Way of telling positions" }, Object.entries(WAYS).map(([name, words]) =>
      this.button(words, () => this.set({ way: name }), { "data-way": name })));
    const theta = data.rope.base || 10_000;
    this.ranges = {
      dimension: new Range({ name: "Dimension d", most: DIMENSIONS.length - 1, of: (at) => String(DIMENSIONS[at]), to: (d) => DIMENSIONS.indexOf(Number(d)), write: (d) => d, changed: set("dimension") }),
      base: new Range({ name: "Base", ...onLogScale, changed: set("base"), title: "From 10 to 10 million, on a log scale" }),
      theta: new Range({ name: "Base θ", ...onLogScale, to: (base) => onLogScale.to(base || theta), write: (base) => (base ? whole(base) : data.rope.base ? `${whole(data.rope.base)}, its own` : "the model’s own"), changed: set("theta"),
        title: "From 10 to 10 million, on a log scale" }),
      layer: new Range({ name: "Layer", most: vectors ? vectors.scales.length - 1 : 0, changed: set("layer") }),
      head: new Range({ name: "Head", most: vectors ? vectors.heads - 1 : 0, changed: set("head") }),
      pair: new Range({ name: "Pair", most: 1, changed: set("pair") }),
      heads: new Range({ name: "Heads", least: 1, most: 64, changed: set("heads") }),
      slope: new Range({ name: "Head", most: 1, changed: set("slope") }),
      reach: new Range({ name: "Positions shown", least: 16, most: data.most, step: 16, changed: set("reach") }),
      position: new Range({ name: "Position m", most: data.most - 1, changed: (m) => this.stand(m, Math.min(this.state.distance, m)) }),
      distance: new Range({ name: "Distance m − n", most: data.most - 1, changed: (k) => this.stand(Math.max(this.state.position, k), k) }),
      shift: new Range({ name: "Move both by", most: 1000, changed: set("shift") }),
    };
    this.own = this.button("The model’s own base", () => this.set({ theta: 0 }));
    this.wheres = h("div", { class: "control wheres" }, ["reach", "position", "distance", "shift"].map((name) => this.ranges[name].parts));
    this.hows = h("div", { class: "control" }, ["dimension", "base", "theta", "layer", "head", "pair", "heads", "slope"].map((name) => this.ranges[name].parts), this.own);
    this.bar.replaceChildren(this.tabs, this.wheres, this.hows);
    this.table ??= this.button("CSV", () => this.csv(), { "aria-label": "Save the curve as CSV" });
    if (!this.table.isConnected) this.actions.append(this.table);

    this.picture = new Cells("picture", (row, column) => this.pick(row, column));
    this.matrix = new Cells("matrix", (row, column) => this.stand(Math.max(row, column), Math.abs(row - column)));
    this.curve = new ByDistance((k) => this.stand(Math.max(this.m, this.within(k)), this.within(k)));
    this.heading = h("h2", { class: "leave" });
    this.sentence = h("p", { class: "sentence" });
    this.clock = h("div", { class: "clock" });
    this.written = h("div", { class: "written" });
    this.caption = h("h3");
    this.readers = h("p", { class: "quiet readers" });
    this.body.setAttribute("role", "group");
    this.body.setAttribute("tabindex", "0");
    this.body.setAttribute("aria-label", "Left and right arrow keys change the distance, up and down the position, [ and ] the way");
    this.pictures = h("div", { class: "pictures" }, this.picture.parts, this.matrix.parts);
    this.below = h("div", { class: "below" }, h("div", { class: "wide" }, this.caption, this.curve.drawing, this.readers), this.clock);
    this.body.replaceChildren(this.heading, this.sentence, this.pictures, this.below, h("h3", null, "With the numbers put in"), this.written);
  }

  // ---- what is chosen
  // From the state, and not from what is drawn: another key may come before the frame.
  get m() { return Math.min(this.state.position, this.count - 1); }
  get k() { return Math.min(this.state.distance, this.m); }
  get n() { return this.m - this.k; }
  within(k) { return Math.max(0, Math.min(this.count - 1, k)); }
  stand(position, distance) { this.set({ position, distance }); }
  pick(row, column) {
    if (this.state.way === "alibi") this.set({ distance: row, position: Math.max(row, this.m), slope: column });
    else this.set({ position: row, distance: Math.min(this.state.distance, row), ...(this.way.frequencies ? { pair: column >> 1 } : {}) });
  }
  // The way as it is set; made once for what it is made of.
  get way() {
    const { way, dimension, base, theta, layer, head, heads, slope } = this.state;
    const [made, key] = {
      sinusoidal: [() => new Sinusoidal(Number(dimension), base), [dimension, base]],
      learned: [() => this.learned, [this.version]],
      rope: [() => new Rope(this.data.rope, layer, head, theta), [this.version, layer, head, theta]],
      alibi: [() => new Alibi(heads, Math.min(slope, heads - 1)), [heads, slope]],
      none: [() => new None(), []],
    }[way];
    const known = `${way} ${key}`;
    if (this.made.known !== known) this.made = { known, way: made() };
    return this.made.way;
  }
  // Values for all distances from the query back to the key, and from it on to what stands behind it.
  values(way) {
    const { count, m } = this, each = (n) => Array.from({ length: count }, (_, k) => n(k));
    if (way !== this.learned) return [each((k) => way.between(k, 0)), way.backward ? null : each((k) => way.between(0, k))];
    return [each((k) => (k <= m ? way.between(m, m - k) : NaN)), each((k) => (m + k < count ? way.between(m, m + k) : NaN))];
  }

  // ---- what is seen
  render() {
    const { state, data, em } = this, way = this.way;
    this.count = way === this.learned ? Math.min(state.reach, way.rows) : state.reach;
    this.pair = Math.min(state.pair, (way.frequencies?.length ?? 1) - 1);
    this.controls(way);
    const { title, sentence } = this.says(way);
    this.heading.textContent = title;
    this.sentence.replaceChildren(sentence);
    const roomy = this.width >= em * 44, gap = em * 2, share = roomy ? (this.width - gap) / 2 : this.width, tall = em * (roomy ? 17 : 15);
    const frame = { em, look: this.look, theme: this.theme, tall }, [back, on] = this.values(way);
    this.draw2(way, back, on, { ...frame, width: share });
    const clocked = way.frequencies && this.width >= em * 44 ? em * 15 : 0;
    const [low, high] = this.ends(way, back, on), lines = [{ values: back }, ...(on && way === this.learned ? [{ values: on, dashed: true }] : [])];
    if (way.slopes) way.slopes.forEach((slope, i) => { if (i !== way.chosen) lines.push({ values: back.map((_, k) => -slope * k), faint: true }); });
    this.caption.textContent = `By distance: ${way.unit}`;
    this.curve.show({ lines: lines.map((line) => ({ ...line, values: line.values.map((v) => (v < low ? NaN : v)) })), most: this.count - 1, distance: this.k, low, high,
      words: `${title}. ${[0, 1, 2, 4, 8, 16, 32, 64].filter((k) => k < this.count && Number.isFinite(back[k])).map((k) => `${k} apart ${four(back[k])}`).join(", ")}.` }, { ...frame, width: this.width - clocked });
    this.readers.replaceChildren(h("span", null, this.reads(way)), ...this.doors(way));
    this.below.firstChild.style.width = `${this.width - clocked}px`;
    this.clock.hidden = !way.frequencies;
    if (way.frequencies) this.clock.replaceChildren(h("h3", null, `Pair ${this.pair} as the hand of a clock`), clock(...this.arrows(way), frame));
    this.written.replaceChildren(...this.lines(way).map(([name, ...words]) => h("p", null, h("span", { class: "name" }, name), h("span", null, words))));
    const now = `${this.m} ${this.n} ${state.way}`;
    if (this.spoken && this.spoken !== now) this.say(`${WAYS[state.way]}, position ${this.m}, ${this.k} apart: ${four(way.between(this.m, this.n))}`);
    this.spoken = now;
  }
  controls(way) {
    const { state, ranges } = this, shown = { sinusoidal: ["dimension", "base", "pair"], learned: [], rope: ["theta", "pair", ...(this.data.rope.vectors ? ["layer", "head"] : [])], alibi: ["heads", "slope"], none: [] }[state.way];
    for (const name of ["dimension", "base", "theta", "layer", "head", "pair", "heads", "slope"]) ranges[name].parts.hidden = !shown.includes(name);
    this.own.hidden = state.way !== "rope" || !state.theta;
    for (const name of ["dimension", "base", "theta", "layer", "head", "heads", "shift", "reach"]) ranges[name].show(state[name]);
    ranges.pair.show(this.pair, (way.frequencies?.length ?? 1) - 1);
    ranges.slope.show(Math.min(state.slope, state.heads - 1), state.heads - 1);
    ranges.reach.show(this.count, way === this.learned ? way.rows : this.data.most);
    ranges.position.show(this.m, this.count - 1);
    ranges.distance.show(this.k, this.count - 1);
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.way === state.way));
  }
  // Of the curve: cosines from −1 to 1, else as far as it goes, and 0.
  ends(way, back, on) {
    if (!way.backward || !this.data.rope.vectors && way.query) return [-1, 1];
    const all = back.filter(Number.isFinite), low = Math.min(0, ...all), high = Math.max(0, ...all), step = 10 ** Math.floor(Math.log10(high - low || 1)) / 2;
    return [Math.floor(low / step) * step, Math.max(Math.ceil(high / step) * step, way.slopes ? 0 : step)];
  }
  draw2(way, back, on, frame) {
    const { count, m, n, state } = this, columns = way.columns, known = this.made.known;
    const biggest = (values) => values.reduce((most, x) => Math.max(most, Math.abs(x) || 0), 0) || 1;
    const most = way === this.learned ? way.usual : way.slopes ? way.slopes[0] * (count - 1) : 1;
    const column = way.frequencies ? [2 * this.pair, 2] : way.slopes ? [way.chosen, 1] : null;
    for (const cells of [this.picture, this.matrix]) cells.parts.style.width = `${frame.width}px`;
    this.picture.show({ rows: count, columns, value: way.cell, ends: [-most, most], beyond: way === this.learned, key: `${known} ${count}`, marked: way.slopes ? [this.k, null, column] : [m, n, column], down: way.slopes ? "distance" : "position",
      across: way.slopes ? "head" : state.way === "rope" ? "sine and cosine of each pair" : "dimension", title: { rope: "What each pair is turned by", alibi: "What a key so far back gets", none: "What position adds" }[state.way] ?? "What is added to a token’s vector" }, frame);
    const cell = way === this.learned ? (row, other) => way.between(row, other) : (row, other) => (other > row ? (on ? on[other - row] : NaN) : back[row - other]);
    const top = way.backward && !(way.query && !this.data.rope.vectors) ? biggest(back) : 1;
    this.matrix.show({ rows: count, columns: count, value: cell, ends: [-top, top], key: `${known} ${count}`, marked: [m, null, [n, 1]], down: "query m", across: "key n", title: "Every two positions" }, frame);
  }
  arrows(way) {
    const { m, n, pair: i, state } = this, { parts } = this.look;
    if (state.way === "sinusoidal") {
      const at = (p) => [way.cell(p, 2 * i + 1), way.cell(p, 2 * i)];
      return [[[...at(n), parts.key, "n"], [...at(m), parts.query, "m"]], `Pair ${i} of PE at ${m} and at ${n}: ${four((way.frequencies[i] * (m - n) * 180) / Math.PI)} degrees apart`];
    }
    const [q, k] = [way.turned(way.query, i, 0), way.turned(way.key, i, 0)];
    return [[[...q, parts.query, "q", true], [...k, parts.key, "k", true], [...way.turned(way.query, i, m), parts.query, "q"], [...way.turned(way.key, i, n), parts.key, "k"]],
      `Pair ${i}: the query turned by ${four((way.frequencies[i] * m * 180) / Math.PI)} degrees, the key by ${four((way.frequencies[i] * n * 180) / Math.PI)}`];
  }

  // ---- what is said
  says(way) {
    const { data, state } = this, { rope, learned } = data, { vectors } = rope, quoted = (token) => h("bdi", null, "“", tokenText(token, false), "”");
    if (state.way === "sinusoidal") return { title: "Sinusoidal: a vector of sines and cosines is added to each token’s", sentence: "Vaswani et al. 2017. Nothing is learned: each pair of columns is a wave, the next one slower." };
    if (state.way === "learned") return { title: `Learned: the table of ${learned.model}`, sentence: `Every position has a row of numbers that training has found. ${whole(learned.rows)} of its ${whole(learned.all)} rows are here.` };
    if (state.way === "alibi") return { title: "ALiBi: the further back, the lower the score", sentence: "Press et al. 2021. Each head has its own slope; nothing is added to a vector, and nothing is learned." };
    if (state.way === "none") return { title: "None: a score depends on what the tokens are, not on where", sentence: "Without positions, attention sees a bag of tokens; only the causal mask still says what came before." };
    const title = `RoPE: queries and keys are turned by their positions, in ${rope.model}`;
    if (!vectors) return { title, sentence: `Su et al. 2021. ${rope.refused} Shown is what turning leaves of the product of two equal vectors.` };
    return { title, sentence: h("span", null, "Su et al. 2021. The query of ", quoted(vectors.token), ` (token ${vectors.token.place}) and the key of `, quoted(vectors.key), ` (token ${vectors.key.place}), layer ${state.layer}, head ${state.head}, as if they stood at m and n.`) };
  }
  reads(way) {
    if (way === this.learned) return `From position ${this.m}: the line goes back, the dashes go on.`;
    if (way.slopes) return "The grey lines are the other heads.";
    const capped = way.softcap ? ` The model caps its scores softly at ±${whole(way.softcap)}; these are not capped yet.` : "";
    if (way.query && this.state.theta) return `This base isn’t the model’s own: a what-if with its real query and key.${capped}`;
    return capped.trim();
  }
  // The same head elsewhere, with the same text and what is switched off.
  doors(way) {
    const { vectors } = this.data.rope, { layer, head } = this.state;
    if (!way.query || !vectors || vectors.text.length > 1000) return [];
    const off = new URLSearchParams(location.search).get("off"), { model, text } = vectors, token = vectors.token.place;
    const door = (path, query, words) => h("a", { href: `${path}?${new URLSearchParams({ ...query, model, text, layer, head, token, ...(off ? { off } : {}) })}`, target: "_top", class: "door leave" }, words);
    return [door("inside", { view: "walk", stage: "attention.query_rotated", key: vectors.key.place }, "This query on its way through the model"), door("attention", {}, "What this head looks at")];
  }
  lines(way) {
    const { m, n, k, pair: i, state } = this, s = state.shift, now = way.between(m, n), moved = way.between(m + s, n + s), off = Math.abs(moved - now), lines = [];
    const f = way.frequencies?.[i];
    if (state.way === "sinusoidal") {
      lines.push(["angle", `ω${i} = ${whole(way.base)}^(−${2 * i}/${way.dimensions}) = ${four(f)} a position`],
        ["added", `PE(${m}, ${2 * i}) = sin(${m} × ${four(f)}) = ${four(way.cell(m, 2 * i))},  PE(${m}, ${2 * i + 1}) = cos(${m} × ${four(f)}) = ${four(way.cell(m, 2 * i + 1))}`],
        ["cosine", `PE(${m}) · PE(${n}) / (d/2) = ${four(way.product(m, n))} / ${way.dimensions / 2} = ${four(now)}`],
        ["a rotation", `PE(${m + s}) is PE(${m}) with every pair turned by ${s} × ω: largest difference ${four(way.offTurned(m, s))}`]);
    } else if (way === this.learned) {
      const some = (p) => `(${[0, 1, 2].map((c) => four(Number(way.cell(p, c).toPrecision(3)))).join(", ")}, …)`;
      lines.push(["rows", `E[${m}] = ${some(m)},  E[${n}] = ${some(n)}`], ["cosine", `E[${m}] · E[${n}] / (|E[${m}]| |E[${n}]|) = ${four(way.dot(m, n))} / (${four(way.lengths[m])} × ${four(way.lengths[n])}) = ${four(now)}`]);
    } else if (state.way === "rope") {
      const degrees = (p) => `${four((f * p * 180) / Math.PI)}°`, say = ([a, b]) => `(${four(a)}, ${four(b)})`;
      const q = way.turned(way.query, i, m), key = way.turned(way.key, i, n), still = way.query.length - 2 * way.pairs;
      lines.push(["angle", state.theta ? `θ${i} = ${whole(state.theta)}^(−${2 * i}/${2 * way.pairs}) = ${four(f)} a position` : `θ${i} = ${four(f)} a position, the model’s own`],
        ["query", `${say(way.turned(way.query, i, 0))} turned by ${m} × θ${i} = ${degrees(m)} is ${say(q)}`],
        ["key", `${say(way.turned(way.key, i, 0))} turned by ${n} × θ${i} = ${degrees(n)} is ${say(key)}`],
        ["score", `sum over ${way.pairs} pairs${still ? ` and ${still} dimensions that aren’t turned` : ""}, times ${four(way.scale)}: ${four(now)}; pair ${i} gives ${four((q[0] * key[0] + q[1] * key[1]) * way.scaling ** 2 * way.scale)}`]);
    } else if (way.slopes) {
      lines.push(["slope", `of head ${way.chosen} of ${way.heads}: ${four(way.slope)}`], ["bias", `−${four(way.slope)} × ${k} = ${four(now)}`],
        ["weight", `before softmax divides by the sum, e^${four(now)} = ${four(Math.exp(now))} of what it was`]);
    } else lines.push(["score", "q · k / √d, wherever they stand: position adds 0"]);
    const both = `${m} and ${n} become ${m + s} and ${n + s}: `;
    lines.push(["moved", Number.isNaN(moved) ? `${both}beyond the ${whole(this.learned.rows)} rows that are here`
      : `${both}${four(now)} becomes ${four(moved)}; ${off <= 1e-9 * Math.max(1, Math.abs(now)) ? off ? `the same, within ${four(off)}` : "exactly the same" : `changed by ${four(moved - now)}`}`]);
    return lines;
  }

  // The curve as it stands, every number with all its digits.
  csv() {
    const way = this.way, [back, on] = this.values(way), { state } = this, own = (value) => (Number.isFinite(value) ? String(value) : "");
    const set = { sinusoidal: ["dimension", "base"], learned: [], rope: ["layer", "head", "theta"], alibi: ["heads", "slope"], none: [] }[state.way];
    const header = [...this.facts(), `way: ${state.way}`, ...set.map((name) => `${name}: ${state[name]}`), `position: ${this.m}`].map((line) => `# ${line.replace(/\s+/g, " ")}`);
    const rows = back.map((value, k) => [k, own(value), ...(way === this.learned ? [own(on[k])] : [])].join());
    download(new Blob([[...header, way === this.learned ? "distance,back,on" : "distance,value", ...rows, ""].join("\n")], { type: "text/csv" }), "orrery-positions.csv");
  }
  key({ key }) {
    const { count, m, k } = this, by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key], names = Object.keys(WAYS);
    if (by) {
      const distance = this.within(k + by[1]), position = Math.max(distance, Math.max(0, Math.min(count - 1, m + by[0])));
      this.stand(position, Math.min(distance, position));
    } else if (key === "[" || key === "]") this.set({ way: names[(names.indexOf(this.state.way) + (key === "]" ? 1 : names.length - 1)) % names.length] });
    else return false;
    return true;
  }
}
export default mount(PositionLab);
