// A list of plain anchors from data = [[label, what it shows, address], ...]. Text enters by textContent only.
export default function ({ data, parentElement }) {
  const list = document.createElement("ul");
  for (const [label, what, address] of data) {
    const anchor = document.createElement("a");
    anchor.textContent = label;
    anchor.href = address;
    const words = document.createElement("span");
    words.textContent = ` ${what}`;
    const item = document.createElement("li");
    item.append(anchor, words);
    list.append(item);
  }
  parentElement.querySelector("ul")?.remove();
  parentElement.append(list);
}
