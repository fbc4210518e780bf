// How do the rows compare in numbers? One table; the cheapest and the dearest are named in words.

const PER_WORDS = 1000;
const dollars = (amount) => amount.toLocaleString("en-US", { style: "currency", currency: "USD", maximumSignificantDigits: 3, minimumSignificantDigits: 1 });
const digits = (value, after) => Number.isFinite(value) ? value.toLocaleString("en-US", { minimumFractionDigits: after, maximumFractionDigits: after }) : "–";
const several = (count, thing) => `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;

function countsTable(data, rows, price) {
  const learnt = rows.filter((row) => row.learnt).map((row) => row.count);
  const [fewest, most] = [Math.min(...learnt), Math.max(...learnt)], longest = Math.max(1, ...rows.map((row) => row.count));
  const rank = (row) => (!row.learnt || fewest === most ? "" : row.count === fewest ? "fewest" : row.count === most ? "most" : "");
  const head = (words, kind) => h("th", { scope: "col", class: kind }, words);
  const table = h("table", null,
    h("caption", { class: "hidden" }, "How many tokens each tokenizer makes of the text"),
    h("thead", null, h("tr", null, head("Tokenizer"), head("Tokens", "number wide"), head("Tokens per word", "number spare"), head("Bytes per token", "number"),
      head("Tokens per 1,000 words", "number"), data.priced ? head(`Cost at ${dollars(price)} per million tokens`, "number") : null)));
  const body = h("tbody");
  for (const row of rows) {
    const word = data.words ? row.count / data.words : NaN, ranked = rank(row);
    body.append(h("tr", { class: ranked || null },
      h("th", { scope: "row" }, h("bdi", null, cut(row.title, 40)), ranked ? h("small", null, ranked === "fewest" ? "fewest tokens" : "most tokens") : null),
      h("td", { class: "number wide" }, h("span", null, digits(row.count, 0)), h("i", { class: "meter", style: `width:${(100 * row.count) / longest}%` })),
      h("td", { class: "number spare" }, digits(word, 2)),
      h("td", { class: "number" }, digits(row.count ? data.bytes / row.count : NaN, 2)),
      h("td", { class: "number" }, digits(word * PER_WORDS, 0)),
      data.priced ? h("td", { class: "number" }, row.learnt ? dollars((row.count * price) / 1e6) : "–") : null));
  }
  table.append(body);
  return table;
}

// What the text has, by every way of counting.
function contents(data, letters) {
  const characters = letters.length === data.graphemes
    ? several(letters.length, "character")
    : `${several(data.graphemes, "character")} as a reader counts (${letters.length.toLocaleString("en-US")} for Unicode)`;
  return `The text has ${several(data.words, "word")}, ${characters}, and ${several(data.bytes, "byte")} in UTF-8.`;
}
