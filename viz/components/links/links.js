// A list of plain anchors from data = {items: [[label, what it shows, address], ...], across}. Text enters by textContent only.
export default function ({ data, parentElement }) {
  const list = document.createElement("ul");
  list.classList.toggle("across", data.across);
  for (const [label, what, address] of data.items) {
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
