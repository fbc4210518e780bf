// What does the chosen token attend to, and what attends to it? The sentence itself, shaded.

// A flowing text with one span a token; the characters between tokens, which no token covers, stand between them.
function flow(app, pane, index, side, name) {
  const { spaces } = app.state, box = h("div", { class: "flow", role: "listbox", tabindex: 0, "aria-label": name, "aria-orientation": "horizontal" });
  const spans = [];
  let end = 0, segment = 0, first = true;
  for (const i of index) {
    const t = pane.tokens[i], [start, stop] = t.span;
    if (t.segment !== segment) { segment = t.segment; end = 0; box.append(h("br", { role: "presentation" })); }
    if (t.kind !== "special") {
      const between = pane.letters[segment].slice(end, start).join("");
      if (between.trim() === "" && between && !first) box.append(between.length > 20 ? " " : between);
      end = Math.max(end, stop);
      first = false;
    }
    const e = h("span", { class: `word${t.kind === "special" ? " special" : ""}`, role: "option", "aria-selected": "false" }, label(t, spaces));
    spans.push(e);
    box.append(e);
    if (/\n/.test(t.text)) box.append(h("br", { role: "presentation" }));
  }
  const choose = (r, keep) => app.pin({ pane: pane.index, token: index[r], side: "query" }, keep);
  box.addEventListener("pointerover", (e) => { const r = spans.indexOf(e.target.closest?.(".word")); if (r >= 0) app.hover({ pane: pane.index, token: index[r], side: "query" }); });
  box.addEventListener("pointerleave", () => app.hover(null));
  box.addEventListener("click", (e) => { const r = spans.indexOf(e.target.closest?.(".word")); if (r >= 0) choose(r); });
  box.addEventListener("keydown", (e) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[e.key];
    if (!step || e.shiftKey) return;
    e.preventDefault();
    e.stopPropagation();
    const at = index.indexOf(app.cursor?.pane === pane.index ? app.cursor.token : index.at(-1));
    const r = Math.max(0, Math.min(index.length - 1, at + step));
    choose(r, true);
    app.say(app.describe(pane, index[r], side));
  });
  // Letters join and words follow each other as in the text: its first letter says which way it reads.
  box.dir = /^[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/.test(pane.text.match(/\p{L}/u)?.[0] ?? "") ? "rtl" : "ltr";
  return { box, spans };
}
function shadeFlow(app, spans, index, on, milli, hex) {
  spans.forEach((e, r) => {
    const chosen = on.includes(index[r]), m = milli(r);
    e.classList.toggle("on", chosen);
    e.setAttribute("aria-selected", String(chosen));
    const { back, ink } = m == null ? { back: "transparent", ink: "inherit" } : app.look.shade(hex, m);
    e.style.background = back;
    e.style.color = ink;
    e.title = m == null ? "masked" : share(m);
  });
}

function textView(app, pane, box, read = () => pane.weights(pane.layer(app.state), pane.headsOf(app.state), app.state.special)) {
  let built = "", flows = [], w;
  const heads = { query: h("h3", { class: "query" }), key: h("h3", { class: "key" }) };
  const directions = [["query", "What the chosen token looks at"], ["key", "What looks at the chosen token"]];

  // The chosen token, or the last one: a causal model reads from there.
  const chosen = (indices) => (indices.length ? indices : [w.index.at(-1)]);
  function shade(indices) {
    if (!w) return;
    const on = chosen(indices).filter((i) => w.index.includes(i)), layer = pane.layer(app.state), rows = on.map((i) => w.index.indexOf(i));
    if (!on.length) return;
    flows.forEach(({ spans }, d) => {
      const side = directions[d][0], words = on.map((i) => plain(pane.tokens[i])).join(" ");
      heads[side].replaceChildren(...(d ? ["What looks at ", h("code", null, h("bdi", null, words))] : ["What ", h("code", null, h("bdi", null, words)), " looks at"]));
      shadeFlow(app, spans, w.index, on, (r) => {
        let best = null;
        for (const at of rows) {
          const [q, k] = d ? [r, at] : [at, r];
          if (!pane.masked(layer, w.index[q], w.index[k])) best = Math.max(best ?? 0, w.values[q * w.n + k]);
        }
        return best;
      }, app.look.parts[side]);
    });
  }

  return {
    update() {
      w = read();
      if (!w) return;
      const now = [app.state.spaces, w.index.length].join();
      if (now !== built) {
        built = now;
        flows = directions.map(([side, name]) => flow(app, pane, w.index, side, name));
        for (const f of flows) f.box.classList.toggle("large", w.index.length <= 48);
        box.replaceChildren(heads.query, flows[0].box, heads.key, flows[1].box);
      }
    },
    cursor: (indices) => shade(indices),
    note: () => {
      const heads = pane.headsOf(app.state);
      return `${app.state.view === "rollout" ? "" : heads.length > 1 ? `Mean of heads ${list(heads)}. ` : ""}Blue: looked at by the token in the frame. Orange: looks at it. Shade is the square root of the weight.`;
    },
    export(make) {
      if (!w) return;
      const { look, em, state } = app, on = chosen(app.cursorIn(pane)), row = w.index.indexOf(on[0]);
      if (row < 0) return;
      const rowOf = w.index.map((_, k) => w.values[row * w.n + k]), columnOf = w.index.map((_, q) => w.values[q * w.n + row]);
      const width = em * 52, options = { width, em, spaces: state.spaces, chosen: on[0] }, still = { rect() {}, text() {} };
      const tall = paintText(still, look, pane, w.index, rowOf, "#000000", options);
      make.add(width, tall * 2 + em * 5, (p, x, y) => {
        const name = plain(pane.tokens[on[0]]);
        p.text(x, y + em * 0.6, `What “${name}” looks at`, { size: em * 0.9, bold: true });
        paintText(p, look, pane, w.index, rowOf, look.parts.query, { ...options, x, y: y + em * 1.5 });
        p.text(x, y + tall + em * 3.1, `What looks at “${name}”`, { size: em * 0.9, bold: true });
        paintText(p, look, pane, w.index, columnOf, look.parts.key, { ...options, x, y: y + tall + em * 4 });
      });
    },
  };
}

// Where does a layer's information come from? Attention multiplied through the layers, or only averaged over heads.
function rolloutView(app, pane, box) {
  const read = () => pane.average(pane.layer(app.state), app.state.average);
  const [grid, words] = [h("div"), h("div")];
  const warning = h("div", { class: "warning", role: "note" });
  box.append(warning, h("div", { class: "duo" }, grid, words));
  const matrix = matrixView(app, pane, grid, read), text = textView(app, pane, words, read);
  return {
    update() {
      const layer = pane.layer(app.state);
      warning.replaceChildren(h("b", null, "What this does not show. "), app.state.average === "rollout"
        ? `Rollout multiplies 0.5 A + 0.5 I (A: the heads' mean) from layer 0 to ${layer}, as Abnar and Zuidema (2020) assume. It leaves out the value vectors, the output projections and the MLPs, and treats heads that differ as equal: it is not how much a token influenced another.`
        : `The plain average over the heads of layer ${layer}. It hides what single heads do, and leaves out the value vectors, the output projections and the MLPs: a high weight is not a high influence.`);
      matrix.update();
      text.update();
    },
    cursor(...given) { matrix.cursor(...given); text.cursor(...given); },
    note: () => `${app.state.average === "rollout" ? `Rollout from layer 0 to layer ${pane.layer(app.state)}` : `Mean over the heads of layer ${pane.layer(app.state)}`}. ${pane.hasSpecial && app.state.special ? "Special tokens stay: rollout needs every row. " : ""}${matrix.note()}`,
    export: (make) => matrix.export(make),
  };
}
