// The component: one toolbar, one or two panes, one panel of measures; and what Streamlit calls.

const VIEW = { map: mapView, heads: headsView, matrix: matrixView, text: textView, rollout: rolloutView };

class Explorer {
  constructor(parent, standalone) {
    parent.querySelectorAll(":scope > .orrery").forEach((e) => e.remove());
    this.host = parent.host ?? parent;
    this.address = new Address(asParameters, standalone);
    this.standalone = standalone;
    this.turn = 0;
    this.root = h("div", { class: "orrery", tabindex: "-1" });
    this.live = h("div", { class: "hidden", "aria-live": "polite" });
    parent.append(this.root);
    this.resize = new ResizeObserver(() => { if (this.root.clientWidth !== this.width) this.render(); });
    this.resize.observe(this.root);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.repaint = () => this.render();
    this.scheme.addEventListener("change", this.repaint);
    this.root.addEventListener("keydown", (e) => this.key(e));
  }
  destroy() {
    this.closed = true;
    this.address.close();
    this.resize.disconnect();
    this.scheme.removeEventListener("change", this.repaint);
    clearTimeout(this.asking);
    cancelAnimationFrame(this.frame);
    this.root.remove();
  }

  // New data, or the same again: Streamlit calls on every rerun.
  async receive(data, setStateValue) {
    const turn = ++this.turn;
    this.setStateValue = setStateValue;
    performance.mark("explorer-data");
    try {
      const { header, body } = await decode(data), fresh = header.content !== this.version;
      const panes = fresh ? await Promise.all(header.panes.map((p, i) => Pane.read(p, body, i))) : this.panes;
      if (this.closed || turn !== this.turn) return;
      this.root.style.fontSize = header.present ? "max(1.2rem, 22.4px)" : ""; // 1.4 times the usual, however the page has grown
      this.adopt(header);
      if (fresh) {
        Object.assign(this, { version: header.content, panes, theme: header.theme, look: null, asked: null, hovered: null, previewed: null });
        this.held(() => this.build());
      }
      this.render(true);
      requestAnimationFrame(() => { this.host.dataset.ready = "1"; performance.mark("explorer-painted"); });
    } catch (error) {
      console.error(error);
      this.root.replaceChildren(h("p", { role: "alert" }, "This picture could not be read; reload the page to compute it again."));
    }
  }
  // The server's state counts at first, when the page commands it, and when it is new and not an echo of what this
  // browser wrote.
  adopt(header) {
    const given = readState(header.state, header.defaults), sent = this.address.query(given);
    this.defaults = readState({}, header.defaults);
    if (!this.state) this.state = this.standalone ? readState({ ...header.state, ...this.address.read(header.defaults) }, header.defaults) : given;
    else if (header.command !== this.command || (sent !== this.sent && !this.address.written.has(sent))) this.state = given;
    Object.assign(this, { sent, command: header.command });
    this.address.written.clear();
    this.address.set(this.state, this.defaults);
    this.pinned = this.state.token == null ? null : { pane: 0, token: this.state.token, side: this.pinned?.side ?? "query" };
  }

  set(patch) {
    Object.assign(this.state, patch);
    this.address.set(this.state, this.defaults);
    this.frame ||= requestAnimationFrame(() => this.render());
  }
  say(words) { this.live.textContent = words; }
  // What has the focus may be replaced or hidden; the keys go on working.
  held(change) {
    const focused = () => this.root.getRootNode().activeElement, inside = this.root.contains(focused());
    change();
    if (inside && !this.root.contains(focused())) this.root.focus({ preventScroll: true });
  }

  // ---- cursors
  get cursor() { return this.hovered ?? this.pinned; }
  cursorIn(pane) {
    const c = this.cursor, from = c && this.panes[c.pane];
    return from && c.token < from.all.length ? linked(from, c.token, pane) : [];
  }
  hover(cursor, quiet) {
    this.hovered = cursor;
    this.point(quiet);
  }
  pin(cursor, keep) {
    const same = !keep && cursor && this.pinned?.pane === cursor.pane && this.pinned.token === cursor.token && this.pinned.side === cursor.side;
    this.pinned = same ? null : cursor;
    if (keep || !cursor) this.hovered = null;
    const token = this.pinned && linked(this.panes[this.pinned.pane], this.pinned.token, this.panes[0])[0];
    this.state.token = token ?? null;
    this.address.set(this.state, this.defaults);
    this.point();
  }
  point(quiet) {
    const c = this.cursor;
    this.figures.forEach((figure, at) => {
      const pane = this.panes[at], on = this.cursorIn(pane);
      const key = c?.key == null ? null : linked(this.panes[c.pane], c.key, pane)[0];
      figure.view?.cursor(on, c?.side ?? "query", key);
      if (quiet && c?.pane === at) return;
      if (on.length && this.state.view !== "map") this.readout(pane, this.sentence(pane, on, c.side), about(pane.tokens[on[0]], on[0]));
      else this.readout(pane, null, this.state.view === "map" ? "Point at a head, or use the arrow keys." : "Point at a token, or use the arrow keys; a click keeps it.");
    });
  }
  readout(pane, first, second) { this.figures[pane.index].readout.replaceChildren(...[first, h("span", { class: "quiet" }, second)].filter(Boolean)); }
  preview(pane, at) {
    this.previewed = at && { pane: pane.index, at };
    this.panel();
  }

  // ---- words for those who can't see the picture
  strongest(pane, w, at, side) {
    const { n, index, values } = w, layer = pane.layer(this.state), found = [];
    for (let r = 0; r < n; r++) {
      const [q, k] = side === "key" ? [r, at] : [at, r];
      if (!pane.masked(layer, index[q], index[k])) found.push([values[q * n + k], index[r]]);
    }
    return found.sort((a, b) => b[0] - a[0]);
  }
  current(pane) {
    const { state } = this, layer = pane.layer(state);
    return state.view === "rollout" ? pane.average(layer, state.average) : pane.weights(layer, pane.headsOf(state), state.special);
  }
  // The same in chips, for the eye.
  sentence(pane, on, side) {
    const { spaces } = this.state, w = this.current(pane), at = w?.index.indexOf(on[0]) ?? -1, words = h("span", null, on.slice(0, 4).map((i) => chip(pane.tokens[i], spaces)));
    if (at < 0) return words;
    words.append(`${w.exact ? "" : ` (mean of ${pane.headsOf(this.state).length} heads)`} ${side === "key" ? "is looked at by" : "looks at"} `);
    for (const [m, i] of this.strongest(pane, w, at, side).slice(0, 5)) words.append(chip(pane.tokens[i], spaces), " ", h("b", null, share(m, w.exact ? 3 : 2)), "  ");
    return words;
  }
  describe(pane, token, side) {
    const w = this.current(pane), at = w?.index.indexOf(token) ?? -1;
    if (at < 0) return plain(pane.tokens[token]);
    const words = this.strongest(pane, w, at, side).slice(0, 5).map(([m, i]) => `${plain(pane.tokens[i])} ${share(m, w.exact ? 3 : 2)}`);
    return `${plain(pane.tokens[token])} ${side === "key" ? "is attended to by" : "attends to"}: ${words.join(", ")}`;
  }
  where(pane) {
    const { state } = this, layer = pane.layer(state), heads = pane.headsOf(state);
    const sort = pane.measures.find((m) => m.key === state.sort);
    if (state.view === "map") return sort ? `Heads by ${sort.name.toLowerCase()}` : "All heads";
    if (state.view === "rollout") return state.average === "rollout" ? `Rollout up to layer ${layer}` : `Average of layer ${layer}`;
    return `Layer ${layer}, ${heads.length > 1 ? `heads ${list(heads)}` : `head ${heads[0]}`}`;
  }
  summary(pane, w = this.current(pane)) {
    if (!w) return this.where(pane);
    const rows = w.index.slice(0, 12).map((i, q) => { const best = this.strongest(pane, w, q, "query")[0]; return `${plain(pane.tokens[i])} to ${plain(pane.tokens[best[1]])} ${share(best[0], w.exact ? 3 : 2)}`; });
    return `${this.where(pane)}. Strongest key of each query: ${rows.join("; ")}${w.n > 12 ? `; and ${w.n - 12} more` : ""}.`;
  }

  // ---- the frame
  build() {
    const { panes } = this, most = Math.max(...panes.map((p) => p.heads)), deepest = Math.max(...panes.map((p) => p.layers)) - 1;
    const check = (name, words) => h("label", { class: "check" }, h("input", { type: "checkbox", onchange: (e) => this.set({ [name]: e.target.checked }) }), words);
    const button = (words, act, props) => h("button", { type: "button", onclick: act, ...props }, words);
    const c = (this.controls = {});

    c.tabs = Object.entries(VIEWS).map(([view, words]) => button(words, () => this.set({ view }), { role: "tab", id: `tab-${view}`, "aria-controls": "panel" }));
    const tablist = h("div", { class: "tabs", role: "tablist", "aria-label": "View", onkeydown: (e) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key], views = Object.keys(VIEWS);
      if (!step) return;
      const at = (views.indexOf(this.state.view) + step + views.length) % views.length;
      this.set({ view: views[at] });
      c.tabs[at].focus();
    } }, c.tabs);

    c.layer = h("input", { type: "range", min: 0, max: deepest, step: 1, "aria-label": "Layer", oninput: (e) => this.set({ layer: Number(e.target.value) }) });
    c.layerText = h("output");
    c.layers = h("div", { class: "control" }, h("span", { class: "name" }, "Layer"),
      button("‹", () => this.step("layer", -1), { "aria-label": "Previous layer" }), c.layer, button("›", () => this.step("layer", 1), { "aria-label": "Next layer" }), c.layerText);

    c.chips = Array.from({ length: most }, (_, head) => button(String(head), (e) => this.choose(head, e), { class: "head", "aria-label": `Head ${head}` }));
    const widest = panes.find((p) => p.heads === most), groups = widest.shared ? kvGroups(widest) : [[null, c.chips.map((_, i) => i)]];
    const several = h("label", { class: "check" }, (c.several = h("input", { type: "checkbox", onchange: (e) => { if (!e.target.checked) this.set({ head: this.state.head.slice(0, 1) }); } })), "several");
    c.heads = h("div", { class: "control", role: "group", "aria-label": "Heads" }, h("span", { class: "name" }, "Head"),
      groups.map(([group, members]) => h("span", { class: group == null ? "chips" : "chips shared", title: group == null ? null : `These query heads share key/value head ${group}` },
        members.map((i) => c.chips[i]), group == null ? null : h("small", null, `key/value ${group}`))), several,
      most > 1 ? button("all", () => this.set({ head: c.chips.map((_, i) => i) }), { class: "plain" }) : null);

    c.sort = h("select", { "aria-label": "Sort heads by", onchange: (e) => this.set({ sort: e.target.value, filter: null }) },
      h("option", { value: "layer" }, "layer and head"), panes[0].measures.map((m) => h("option", { value: m.key }, m.name)));
    c.filter = h("input", { type: "range", min: 0, step: "any", "aria-label": "Show heads from this value", oninput: (e) => this.set({ filter: Number(e.target.value) > Number(e.target.min) ? Number(Number(e.target.value).toFixed(3)) : null }) });
    c.filterText = h("output");
    c.filters = h("label", { class: "control" }, h("span", { class: "name" }, "From"), c.filter, c.filterText);
    c.sorting = h("div", { class: "control" }, h("label", { class: "control" }, h("span", { class: "name" }, "Sort by"), c.sort), c.filters);

    c.average = ["rollout", "mean"].map((value) => h("label", { class: "check" }, h("input", { type: "radio", name: "average", value, onchange: () => this.set({ average: value }) }), value === "rollout" ? "rollout" : "plain average"));
    c.averages = h("div", { class: "control", role: "radiogroup", "aria-label": "Kind of average" }, c.average);

    c.spaces = check("spaces", "show spaces");
    c.special = check("special", "hide special tokens");
    const options = h("div", { class: "control" }, c.spaces, panes.some((p) => p.hasSpecial) ? c.special : null);

    const actions = h("div", { class: "control actions" }, h("span", { class: "name" }, "Save picture"),
      button("SVG", () => this.save("svg"), { "aria-label": "Save picture as SVG" }), button("PNG", () => this.save("png"), { "aria-label": "Save picture as PNG" }), new CopyLink(this.address).parts);

    this.figures = panes.map((pane) => {
      const f = { title: h("h2"), sub: h("p", { class: "sub" }), badge: h("p", { class: "badge" }, "renormalised without special tokens; the measures still count them"), box: h("div", { class: "box" }),
        wait: h("p", { class: "wait", role: "status" }), readout: h("div", { class: "readout" }), note: h("p", { class: "note" }) };
      f.e = h("section", { class: "pane", "aria-label": pane.title }, h("header", null, f.title, f.sub, f.badge), f.wait, f.box, f.readout, f.note);
      return f;
    });
    this.tabpanel = h("div", { class: "panes", role: "tabpanel", id: "panel" }, this.figures.map((f) => f.e));
    this.aside = h("aside", { "aria-label": "Measures of the head" });
    this.sides = panes.map((pane) => this.side(pane));
    this.aside.append(...this.sides.map((s) => s.e));
    this.root.classList.toggle("two", panes.length > 1);
    this.root.replaceChildren(h("div", { class: "bar" }, tablist, actions), h("div", { class: "bar controls" }, c.layers, c.heads, c.sorting, c.averages, options),
      h("div", { class: "main" }, this.tabpanel, this.aside), h("p", { class: "keys" }, "Keys: arrows move · [ ] layer · , . head · Enter keeps · Esc lets go"), this.live);
  }
  side(pane) {
    const s = { title: h("h3"), shares: h("p", { class: "quiet" }), picture: h("canvas", { role: "img" }), values: [] };
    const rows = pane.measures.map((m, i) => {
      const value = h("b"), bar = h("i"), most = () => { let top = 0; for (let l = 0; l < pane.layers; l++) for (let x = 0; x < pane.heads; x++) top = Math.max(top, pane.measure(i, l, x) || 0); return top; };
      s.values.push({ value, bar, unit: m.unit, most: m.unit ? most() : 1 });
      return h("div", { class: "measure" }, h("div", null, h("button", { type: "button", class: "plain", title: `Rank all heads by ${m.name.toLowerCase()}`, onclick: () => this.set({ view: "map", sort: m.key, filter: null }) }, m.name), value),
        h("div", { class: "meter" }, bar), h("p", null, m.explanation));
    });
    s.e = h("div", { class: "side" }, h("header", null, s.title, s.shares), s.picture, rows);
    return s;
  }
  panel() {
    this.sides.forEach((s, at) => {
      const pane = this.panes[at], seen = this.previewed?.pane === at ? this.previewed.at : null;
      const [layer, head] = seen ?? [pane.layer(this.state), pane.headsOf(this.state)[0]], group = pane.key_value_heads[head];
      const mates = pane.key_value_heads.flatMap((g, i) => (g === group && i !== head ? [i] : []));
      s.title.textContent = `${this.panes.length > 1 ? `${"AB"[at]}: ` : ""}Layer ${layer}, head ${head}`;
      s.shares.textContent = pane.shared ? `Reads key/value head ${group}${mates.length ? `, as do heads ${list(mates)}` : " alone"}.` : "Has its own key/value head.";
      s.values.forEach(({ value, bar, unit, most }, i) => {
        const x = pane.measure(i, layer, head);
        value.textContent = number(x, unit);
        bar.style.width = `${Math.max(0, Math.min(100, (100 * x) / (most || 1))) || 0}%`;
      });
      const map = this.state.view === "map";
      s.picture.hidden = !map;
      if (!map) return;
      const side = this.em * 13, c = sized(s.picture, side, side), thumb = pane.thumbnails.side;
      if (s.look !== this.look) { s.atlas = thumbAtlas(pane, this.look); s.look = this.look; }
      c.imageSmoothingEnabled = false;
      c.drawImage(s.atlas, head * thumb, layer * thumb, thumb, thumb, 0, 0, side, side);
      s.picture.setAttribute("aria-label", `Pattern of layer ${layer}, head ${head}, enlarged`);
    });
  }

  theming() {
    const dark = onDarkPaper(this.host);
    if (this.look?.dark !== dark) dress(this.root, (this.look = new Look(this.theme, dark)));
  }
  render() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.panes || this.closed) return;
    this.width = this.root.clientWidth;
    this.theming();
    this.em = parseFloat(getComputedStyle(this.root).fontSize);
    const { state, controls: c } = this, { view } = state, weights = view === "heads" || view === "matrix" || view === "text";
    this.root.dataset.view = view;
    this.root.classList.toggle("narrow", this.width < 58 * this.em);
    this.root.classList.toggle("small", this.width < 34 * this.em);
    Object.keys(VIEWS).forEach((name, i) => { const on = name === view; c.tabs[i].setAttribute("aria-selected", String(on)); c.tabs[i].tabIndex = on ? 0 : -1; });
    this.tabpanel.setAttribute("aria-labelledby", `tab-${view}`);
    const layers = this.panes.map((p) => p.layer(state));
    c.layers.hidden = view === "map";
    c.heads.hidden = !weights;
    c.sorting.hidden = view !== "map";
    c.spaces.hidden = view === "map";
    c.special.hidden = !weights;
    this.aside.hidden = view === "rollout";
    c.averages.hidden = view !== "rollout";
    c.layer.value = state.layer;
    c.layerText.replaceChildren(h("b", null, [...new Set(layers)].join(" and ")), h("span", { class: "quiet" }, ` of 0–${c.layer.max}`));
    if (state.head.length > 1) c.several.checked = true;
    c.chips.forEach((e, head) => {
      const on = state.head.includes(head) || (Math.min(...state.head) > c.chips.length - 1 && head === c.chips.length - 1), { back, ink } = this.look.shade(this.look.head(head), 1000);
      e.setAttribute("aria-pressed", String(on));
      e.style.setProperty("--colour", back);
      e.style.setProperty("--letters", ink);
    });
    const at = this.panes[0].measures.findIndex((m) => m.key === state.sort);
    c.sort.value = at < 0 ? "layer" : state.sort;
    c.filters.hidden = at < 0;
    if (at >= 0) {
      const p = this.panes[0], all = p.arrays.measures.subarray(at * p.layers * p.heads, (at + 1) * p.layers * p.heads).filter(Number.isFinite);
      c.filter.min = Math.min(0, ...all);
      c.filter.max = Math.max(...all, 0.001);
      c.filter.value = state.filter ?? c.filter.min;
      c.filterText.textContent = state.filter == null ? "all" : number(state.filter, p.measures[at].unit);
    }
    c.average.forEach((e) => { const input = e.querySelector("input"); input.checked = input.value === state.average; });
    c.spaces.querySelector("input").checked = state.spaces;
    c.special.querySelector("input").checked = state.special;

    this.figures.forEach((figure, i) => {
      const pane = this.panes[i], layer = pane.layer(state), wanting = view !== "map" && !pane.has(layer);
      figure.wait.hidden = !wanting;
      if (wanting && figure.box.contains(this.root.getRootNode().activeElement)) this.root.focus({ preventScroll: true });
      figure.box.hidden = wanting;
      if (wanting) this.want(pane, layer, figure);
      if (figure.kind !== view) {
        figure.box.replaceChildren();
        figure.view = VIEW[view](this, pane, figure.box);
        figure.kind = view;
      }
      figure.title.textContent = `${this.panes.length > 1 ? `${"AB"[i]}: ` : ""}${this.where(pane)}`;
      figure.sub.textContent = `${pane.title} · ${pane.all.length} token${pane.all.length === 1 ? "" : "s"}${this.panes.length > 1 ? ` · “${cut(pane.text, 60)}”` : ""}`;
      figure.badge.hidden = !(weights && state.special && pane.hasSpecial);
      if (!wanting) figure.view.update();
      figure.note.textContent = figure.view.note();
    });
    this.panel();
    this.point();
  }
  want(pane, layer, figure) {
    const last = pane.first + pane.count - 1;
    figure.wait.textContent = this.setStateValue ? `Fetching layer ${layer}…`
      : `This file holds ${pane.count > 1 ? `layers ${pane.first} to ${last}` : `layer ${pane.first}`} of this long text; layer ${layer} can be seen in the app.`;
    clearTimeout(this.asking);
    if (!this.setStateValue || this.asked === layer) return;
    // A slider that passes over layers asks only for the one where it stops.
    this.asking = setTimeout(() => { this.asked = layer; this.setStateValue("around", layer); }, 150);
  }

  // ---- hands
  step(what, by) {
    const { state, panes } = this;
    if (what === "layer") this.set({ layer: Math.max(0, Math.min(Math.max(...panes.map((p) => p.layers)) - 1, state.layer + by)) });
    else this.set({ head: [Math.max(0, Math.min(Math.max(...panes.map((p) => p.heads)) - 1, state.head[0] + by))] });
    this.say(panes.map((p) => this.where(p)).join("; "));
  }
  choose(head, e) {
    const { state, controls } = this;
    if (!(controls.several.checked || e.shiftKey || e.ctrlKey || e.metaKey)) return this.set({ head: [head] });
    const rest = state.head.filter((x) => x !== head);
    this.set({ head: rest.length === state.head.length ? [...rest, head].sort((a, b) => a - b) : rest.length ? rest : [head] });
  }
  key(e) {
    const field = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName), inside = this.tabpanel?.contains(e.target);
    if (e.ctrlKey || e.metaKey || e.altKey || !this.panes) return;
    const act = (what, by) => { e.preventDefault(); this.step(what, by); };
    if (e.key === "Escape") this.pin(null);
    else if (field) return;
    else if (e.key === "[") act("layer", -1);
    else if (e.key === "]") act("layer", 1);
    else if (e.key === ",") act("head", -1);
    else if (e.key === ".") act("head", 1);
    else if (inside && /^Arrow(Left|Right)$/.test(e.key)) act(e.shiftKey ? "layer" : "head", e.key === "ArrowLeft" ? -1 : 1);
  }

  // ---- pictures to keep
  picture(kind) {
    const em = 14, parts = [], old = this.em;
    this.em = em;
    this.panes.forEach((pane, i) => this.figures[i].view.export({ add: (width, height, draw) => parts.push({ pane, width, height, draw }) }));
    this.em = old;
    const gap = em * 2, width = Math.max(em * 30, parts.reduce((sum, p) => sum + p.width + gap, gap)), below = Math.max(...parts.map((p) => p.height)) + em * 4.4;
    const facts = parts.map(({ pane }) => `${pane.title} (${pane.made_by}, revision ${pane.revision}), ${this.where(pane)}${this.figures[pane.index].badge.hidden ? "" : ", renormalised without special tokens"}, computed in ${pane.dtype} on ${pane.device}; text: ${pane.text}${pane.pair ? `; second text: ${pane.pair}` : ""}`);
    // What it is, under the picture: at most two lines of the text, then the source and how to read it.
    const captions = parts.map(({ pane, width }) => {
      const figure = this.figures[pane.index], room = Math.floor(width / (em * 0.4));
      const source = `${pane.made_by} · revision ${pane.revision.slice(0, 12)} · ${figure.badge.hidden ? "" : `${figure.badge.textContent} · `}${figure.view.note(true)}`;
      const words = wrap(`“${pane.text}${pane.pair ? `” and “${pane.pair}` : ""}”`, room);
      if (words.length > 2) words.splice(1, Infinity, `${words[1].slice(0, room - 2)} …`);
      return [...words, ...wrap(source, room)];
    });
    const height = below + em * (1.2 * Math.max(...captions.map((c) => c.length)) + 0.6);
    const draw = (p) => {
      let x = gap;
      parts.forEach((part, i) => {
        p.text(x, em * 1.6, cut(`${part.pane.title} · ${this.where(part.pane)}`, Math.floor(part.width / (em * 0.55))), { size: em * 1.05, bold: true });
        part.draw(p, x, em * 3);
        captions[i].forEach((line, row) => p.text(x, below + em * 1.2 * row, line, { size: em * 0.75, fill: this.look.paper.quiet }));
        x += part.width + gap;
      });
    };
    if (kind === "svg") {
      const p = new SvgPainter(this.look, width, height, this.panes.map((pane) => `${pane.title}: ${this.where(pane)}`).join("; "), facts.join("\n"));
      draw(p);
      return Promise.resolve(new Blob([p.file()], { type: "image/svg+xml" }));
    }
    const canvas = document.createElement("canvas"), p = new CanvasPainter(sized(canvas, width, height), this.look);
    p.rect(0, 0, width, height, { fill: this.look.paper.paper });
    draw(p);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }
  async save(kind) {
    const pane = this.panes[0], { state } = this;
    if (this.figures.some((f) => !f.wait.hidden)) return;
    const place = state.view === "map" ? "map" : `layer${pane.layer(state)}-${state.view === "rollout" ? state.average : `head${pane.headsOf(state).join("+")}-${state.view}`}`;
    download(await this.picture(kind), `${this.panes.map((p) => p.model).join("-and-")}-${place}.${kind}`);
  }
}

const explorers = new WeakMap();

export default function explorer({ data, parentElement, setStateValue }) {
  let app = explorers.get(parentElement);
  if (!app) explorers.set(parentElement, (app = new Explorer(parentElement, !setStateValue)));
  const call = (app.calls = (app.calls ?? 0) + 1);
  if (data) app.receive(data, setStateValue);
  return () => {
    // An earlier call's clean-up may come after a later call: only the last one closes.
    if (app.calls !== call) return;
    app.destroy();
    explorers.delete(parentElement);
  };
}
