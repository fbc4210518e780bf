// What does the chosen patch do? The two prompts above each other, and three next-token distributions side by side.

// Both prompts, token under token; one that differs in both is marked by a frame and by its lower half.
class TwoPrompts {
  constructor(figure, patches) {
    const { data } = figure;
    this.figure = figure;
    this.parts = data.tokens.map((token, i) => {
      const differs = patches.differs(i), chips = [chip(token, false)];
      if (differs) chips.push(chip(data.others[i], false));
      return h("span", { class: differs ? "pair differs" : "pair", "data-column": i, title: differs ? `${about(token, data.first + i)}\n${about(data.others[i], data.first + i)}` : about(token, data.first + i) }, chips);
    });
    this.box = h("div", { class: "prompts", role: "group", "aria-label": "Both prompts, token by token" }, this.parts);
    if (!data.heads) {
      this.box.addEventListener("pointerover", (e) => { const i = this.of(e); if (i !== null) figure.point([figure.state.layer, i]); });
      this.box.addEventListener("pointerleave", () => figure.point(null));
      this.box.addEventListener("click", (e) => { const i = this.of(e); if (i !== null) figure.choose(figure.state.layer, i); });
    }
  }
  of(e) { const pair = e.target.closest?.("[data-column]"); return pair ? Number(pair.dataset.column) : null; }
  mark(column) { this.parts.forEach((pair, i) => pair.classList.toggle("chosen", !this.figure.data.heads && i === column)); }
}

// A token that may come next.
const nextToken = (data, place) => h("span", { class: "tok" }, h("bdi", null, tokenText({ text: data.names[place] }, true, 24)));

// What the patch does, in words and numbers.
function aboutPatch(figure, layer, column) {
  const { data, patches } = figure, far = patches.far(layer, column), three = [data.ends[0], patches.cell(layer, column), data.ends[1]];
  const heads = ["As it is", "With this patch", "Other prompt"];
  const what = data.heads ? ` hands on what it has in the other prompt, at ${data.tokens.length === 1 ? "the token" : `all ${data.tokens.length} tokens`}.`
    : patches.differs(column) ? [": ", WROTE[data.what], " is that of ", chip(data.others[column], false), "."] : `: ${WROTE[data.what]} is the other prompt’s.`;
  const row = (name, cells) => h("tr", null, h("th", { scope: "row" }, name), cells.map((cell, i) => h("td", { class: i === 1 ? "patched" : "" }, cell)));
  const link = (address, words) => h("a", { href: address }, words);
  const links = data.heads ? [link(`${data.links.attention}&layer=${layer}&head=${column}`, "This head’s attention"), link(`${data.links.walk}&layer=${layer}&head=${column}`, "Walk through it")]
    : [link(`${data.links.walk}&layer=${layer}&token=${data.first + column}`, "Walk through this layer and token"), link(`${data.links.lens}&layer=${layer}&token=${data.first + column}`, "What the lens reads there")];
  return [
    h("p", { class: "which" }, h("b", null, patches.name(layer, column)), what),
    h("p", { class: "far" }, data.way ? [h("b", null, signed(far)), " of the way to the other prompt’s answer"] : data.same ? `Both prompts are the same: the difference moves by ${signed(three[1][0] - three[0][0], 6)}.` : "Both prompts say the same of these two tokens: there is no way to go."),
    h("table", { class: "three" },
      h("thead", null, h("tr", null, h("td"), heads.map((words) => h("th", { scope: "col" }, words)))),
      h("tbody", null, row("logits’ difference", three.map(([difference]) => signed(difference))),
        row([nextToken(data, data.answer), h("small", null, " answer")], three.map(([, [p]]) => chance(p))),
        row([nextToken(data, data.rival), h("small", null, " rival")], three.map(([, [, p]]) => chance(p))))),
    h("div", { class: "lists" }, three.map(([, , likely], i) => h("div", null, h("h3", null, heads[i]),
      h("ol", { "aria-label": `Likeliest next tokens: ${heads[i]}` }, likely.map(([place, p]) => h("li", { class: place === data.answer || place === data.rival ? "watched" : "" },
        h("span", { class: "line" }, nextToken(data, place), h("span", { class: "value" }, chance(p))),
        h("span", { class: "track" }, h("i", { class: "fill", style: `width:${(100 * p).toFixed(1)}%` })))))))),
    h("p", { class: "links leave" }, links),
  ];
}

// The patches that go farthest, each a button.
function farthest(figure) {
  const { data, patches } = figure;
  if (!data.way) return null;
  return h("div", { class: "farthest leave" }, h("h3", null, "These go farthest"), h("ol", null, patches.best().map(([layer, column]) => h("li", null,
    figure.button([h("b", null, signed(patches.far(layer, column))), h("span", null, patches.name(layer, column))], () => figure.choose(layer, column), { class: "plain" })))));
}
