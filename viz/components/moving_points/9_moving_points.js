// Points that move from step to step along axes that stay: a player, the plane, the curves, and where each comes from.

class MovingPoints extends Figure {
  title() { return `${this.data.title}, ${this.data.steps[this.step]}`; }

  build() {
    const { data } = this, figure = this;
    this.close();
    this.together = new Together(this, data.parameter);
    this.pointed = -1;
    this.laid = this.heard = null;
    // The shared player calls its parameter "step"; here it has the name that the page gives it.
    const held = { get state() { return { step: figure.step }; }, get closed() { return figure.closed; },
      set: ({ step }) => this.set({ [data.parameter]: step }), button: (...parts) => this.button(...parts) };
    this.player = new Player(held, { last: () => data.steps.length - 1, unit: data.parameter, pace: 1000 });
    this.bar.replaceChildren(this.player.parts);
    this.plane = new Plane(this);
    this.chart = new Chart(this);
    this.near = data.near ? new Near(this) : null;
    this.head = h("h2");
    this.remark = h("p", { class: "sub" });
    this.legend = h("div", { class: "legend" });
    this.readout = h("div", { class: "readout" });
    this.summary = h("p", { class: "hidden", id: "summary" });
    this.rows = h("div", { class: "rows", role: "listbox", tabindex: 0, "aria-label": "Where each point comes from",
      onpointerover: (e) => this.point(this.row(e)), onpointerleave: () => this.point(-1), onclick: (e) => this.choose(this.row(e)) });
    this.body.replaceChildren(h("header", { class: "now" }, this.head, this.remark), this.legend, this.plane.stage, this.readout,
      h("div", { class: data.near ? "columns two" : "columns" }, this.chart.e, this.near ? this.near.e : null, data.details ? h("section", null, h("h3", null, "Where each point comes from"), this.rows) : null), this.summary,
      h("p", { class: "keys leave" }, "Keys: Space plays · ← → one step · Home, End · ↑ ↓ choose a point · Escape lets go"));
  }
  close() {
    this.player?.stop();
    this.plane?.close();
    this.together?.close();
    clearTimeout(this.saying);
  }
  destroy() {
    this.close();
    super.destroy();
  }
  set(patch) {
    super.set(patch);
    this.together.tell(patch);
  }

  // ---- what is where
  get step() { return Math.min(this.state[this.data.parameter], this.data.steps.length - 1); }
  get chosen() { return this.state.point !== null && this.state.point < this.data.labels.length ? this.state.point : -1; }
  get active() { return this.pointed >= 0 ? this.pointed : this.chosen; }
  kind(i) { return this.data.groups?.of[i] ?? 0; }
  kin(i, other) { return Boolean(this.data.groups) && this.kind(i) === this.kind(other); }
  colour(kind) { return this.look.stroke(this.look.head(kind)); }
  mark(kind, radius) { return shapeOf(SHAPES[kind % SHAPES.length], 0, 0, radius, this.colour(kind)); }
  name(i) { return cut(spoken(this.data.labels[i]), 28); }
  group(i) { const { groups } = this.data; return groups ? `${groups.name} ${spoken(groups.names[groups.of[i]])}` : ""; }
  row(event) { return Number(event.target.closest?.("[role=option]")?.dataset.point ?? -1); }

  // ---- the picture
  render() {
    const laid = [this.width, this.em, this.look.name].join();
    if (laid !== this.laid) {
      this.laid = laid;
      this.explain();
      this.plane.lay(this.plane.stage.clientWidth, this.em);
      this.plane.time = Math.min(this.plane.time, this.data.steps.length - 1);
      if (!this.chart.e.hidden) this.chart.lay(this.chart.e.clientWidth, this.em);
      if (this.heard === null) this.plane.time = this.step; // a picture that has just been opened
    }
    this.player.refresh();
    this.head.textContent = this.data.steps[this.step];
    this.remark.textContent = this.data.remarks[this.step] ?? "";
    this.plane.go(this.step);
    if (!this.chart.e.hidden) this.chart.show(this.step);
    for (const row of this.rows.children) {
      row.setAttribute("aria-selected", String(Number(row.dataset.point) === this.chosen));
      row.classList.toggle("lit", Number(row.dataset.point) === this.active);
    }
    if (this.chosen >= 0) this.rows.setAttribute("aria-activedescendant", `point${this.chosen}`);
    else this.rows.removeAttribute("aria-activedescendant");
    this.tell();
    clearTimeout(this.saying);
    const heard = [this.step, this.chosen].join();
    if (this.heard !== null && heard !== this.heard && !this.player.timer) this.saying = setTimeout(() => this.say([this.head.textContent, this.chosen >= 0 ? this.about(this.chosen) : ""].filter(Boolean).join(". ")), 500);
    this.heard = heard;
  }
  // What colours, shapes and the cross mean, and the list.
  explain() {
    const { groups, still, details } = this.data, swatch = (...drawn) => svg("svg", { viewBox: "-7 -7 14 14", class: "swatch", "aria-hidden": "true" }, drawn);
    const shown = groups && !(details && groups.names.length === details.length) ? groups.names.slice(0, 12) : [];
    this.legend.replaceChildren(...shown.map((name, k) => h("span", { class: "group" }, swatch(this.mark(k, 5.5)), h("bdi", null, cut(spoken(name), 40)))),
      shown.length && groups.names.length > 12 ? h("span", { class: "quiet" }, `and ${several(groups.names.length - 12, "more group")}`) : "",
      still ? h("span", { class: "group" }, swatch(svg("path", { class: "still", d: "M-5-5L5 5M-5 5L5-5" })), still.name) : "");
    this.legend.hidden = !shown.length && !still;
    this.rows.replaceChildren(...(details ?? []).map(({ before, word, after, pieces }, i) => h("div", { role: "option", class: "row", id: `point${i}`, "data-point": i }, swatch(this.mark(this.kind(i), 5.5)),
      h("span", null, h("bdi", null, spoken(before), h("mark", null, spoken(word)), spoken(after)), pieces.length > 1 ? h("span", { class: "pieces" }, pieces.map((text) => h("span", { class: "tok" }, tokenText({ text }, true)))) : null))));
  }
  // One point in words.
  about(i) {
    const ranked = this.active === i ? this.chart.ranked(this.step) : [], say = ([curve, value]) => `${number(value)} with ${this.chart.title(curve)}`, pairs = ranked.filter(([curve]) => curve.points.length === 2);
    const cosines = !pairs.length ? "" : pairs.length === 1 ? `${this.data.axis} ${say(pairs[0])}` : `${this.data.axis}: highest ${say(pairs[0])}, lowest ${say(pairs.at(-1))}`;
    return [this.name(i), this.group(i), cosines].filter(Boolean).join(" · ");
  }
  tell() {
    this.near?.show(this.step);
    const i = this.active, same = i < 0 ? [] : this.plane.with(i);
    const words = i < 0 ? [h("p", { class: "quiet" }, "Point at a point to see its way; click to keep it.")]
      : [h("p", null, h("bdi", null, this.about(i))), h("p", { class: "quiet" }, same.length ? `In the same place: ${list(same.slice(0, 6).map((k) => this.name(k)))}${same.length > 6 ? ` and ${same.length - 6} more` : ""}.` : "")];
    this.readout.replaceChildren(...words);
    this.readout.classList.toggle("leave", i < 0);
    const first = this.data.labels.slice(0, 12).map((_, k) => this.name(k)), general = this.chart.e.hidden ? [] : this.chart.ranked(this.step).slice(0, 6);
    this.summary.textContent = [`${this.data.steps[this.step]}: ${several(this.data.labels.length, "point")}${this.data.groups ? ` in ${several(this.data.groups.names.length, "group")}` : ""}.`,
      `${this.data.labels.length > 12 ? "The first are " : ""}${list(first)}.`, this.remark.textContent, general.length ? `${this.data.axis}: ${list(general.map(([curve, value]) => `${this.chart.title(curve)} ${number(value)}`))}.` : "",
      this.chosen >= 0 ? `Chosen: ${this.about(this.chosen)}.` : ""].filter(Boolean).join(" ");
  }

  // ---- the hand
  point(i) {
    if (i === this.pointed) return;
    this.pointed = i;
    this.plane.stage.classList.toggle("on", i >= 0);
    this.frame ||= requestAnimationFrame(() => this.draw());
  }
  choose(i) { this.set({ point: i >= 0 && i !== this.chosen ? i : null }); }
  key(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key], count = this.data.labels.length;
    if (by) {
      this.pointed = -1;
      this.set({ point: this.chosen < 0 ? (by > 0 ? 0 : count - 1) : within(this.chosen + by, 0, count - 1) });
      this.rows.children[this.state.point]?.scrollIntoView?.({ block: "nearest" });
    } else if (event.key === "Escape") this.set({ point: null });
    else return this.player?.key(event);
    return true;
  }
}
export default mount(MovingPoints);
