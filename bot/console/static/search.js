// The search box: what it finds stands in the list's place until it is left.

import { Refusal, get } from "./api.js";
import { byId, el, fill } from "./dom.js";
import { ago, time } from "./times.js";
import { who } from "./words.js";

const PAUSE = 250;
const WHERE = { reference: "reference", order: "order", customer: "name", email: "e-mail", message: "message", note: "private note" };

/** @param {import("./queue.js").Queue} queue */
export function search(queue) {
  const box = /** @type {HTMLInputElement} */ (byId("search"));
  const results = el("ul", { class: "rows found", id: "found", "aria-label": "Search results", hidden: true });
  const state = el("p", { class: "empty", role: "status", hidden: true });
  queue.list.before(state, results);
  let turn = 0;
  let timer = 0;

  const leave = () => {
    turn += 1;
    box.value = "";
    results.hidden = state.hidden = true;
    queue.list.hidden = false;
    queue.state.hidden = !queue.state.textContent;
  };
  const say = (/** @type {string} */ words) => { state.hidden = !words; state.textContent = words; };
  const ask = async () => {
    const words = box.value.trim();
    if (!words) { leave(); return; }
    const mine = turn += 1;
    queue.list.hidden = queue.state.hidden = true;
    try {
      const found = await get("search", { q: words });
      if (mine !== turn) return;
      fill(results, ...found.map(result));
      results.hidden = !found.length;
      say(found.length ? "" : `Nothing was found for “${words}”.`);
    } catch (error) {
      if (mine === turn) say(error instanceof Refusal ? error.message : "The search failed.");
    }
  };

  box.addEventListener("input", () => { clearTimeout(timer); timer = window.setTimeout(ask, PAUSE); });
  byId("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void ask().then(() => /** @type {HTMLElement|null} */ (results.querySelector("a"))?.focus());
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box.value) { event.stopPropagation(); leave(); }
  });
  results.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    queue.dispatchEvent(new CustomEvent("open", { detail: { key: link.dataset.key, seq: Number(link.dataset.seq) } }));
  });
  return { leave, focus: () => box.select() };
}

/** @param {any} found */
function result(found) {
  const where = WHERE[/** @type {keyof WHERE} */ (found.where)] ?? found.where;
  return el("li", {}, el("a", {
    class: "row", href: `/desk/case/${encodeURIComponent(found.reference)}`, "data-key": found.key, "data-seq": found.seq ?? 0,
  },
  el("span", { class: "row-top" }, el("span", { class: "row-who", dir: "auto" }, who(found)),
    el("span", { class: "row-age" }, time(found.at, ago(found.at)))),
  el("span", { class: "row-last", dir: "auto" }, found.snippet),
  el("span", { class: "row-marks" }, el("span", { class: "row-why" }, `found in the ${where}`), el("span", { class: "chip" }, found.reference))));
}
