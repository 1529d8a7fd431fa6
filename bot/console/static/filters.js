// Which part of the queue is shown, with how many there are of each.

import { byId, el } from "./dom.js";
import { PRIORITIES, capital, channel, plain } from "./words.js";

/** @param {import("./queue.js").Queue} queue @param {import("./live.js").Live} live @param {() => void} left a view was chosen */
export function filters(queue, live, left) {
  const views = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-view]"));
  const sieves = /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("[data-sieve]"));

  const mark = () => {
    for (const view of views) view.setAttribute("aria-pressed", String(view.dataset.view === queue.view));
    const chosen = [...sieves].filter((one) => one.value).length;
    byId("sieve-state").textContent = chosen ? ` (${chosen})` : "";
  };
  const sieve = () => Object.fromEntries([...sieves].filter((one) => one.value)
    .map((one) => [one.dataset.sieve, one.dataset.sieve === "priority" ? Number(one.value) : one.value]));
  for (const view of views) {
    view.addEventListener("click", () => { left(); queue.show(view.dataset.view ?? "all"); mark(); });
  }
  for (const one of sieves) one.addEventListener("change", () => { left(); queue.show(queue.view, sieve()); mark(); });
  live.addEventListener("counts", (event) => {
    const { counts } = /** @type {any} */ (event).detail;
    const { states } = counts;
    const all = states.open + states.claimed + states.snoozed;
    const numbers = { all, mine: counts.mine, unassigned: counts.unassigned, ...states };
    for (const [name, number] of Object.entries(numbers)) {
      const shown = document.querySelector(`[data-count="${name}"]`);
      if (shown) shown.textContent = name === "resolved" && number > 999 ? "999+" : String(number);
    }
    options("reason", counts.reasons, (code) => capital(plain(code || "unknown")));
    options("channel", counts.channels, channel);
    options("label", counts.labels, (label) => label);
    options("priority", counts.priorities, (level) => PRIORITIES[Number(level)]);
  });
  mark();
}

/** What there is to choose from now; what is chosen stays. @param {string} name @param {Record<string, number>} counts @param {(value: string) => string} words */
function options(name, counts, words) {
  const select = /** @type {HTMLSelectElement} */ (document.querySelector(`[data-sieve="${name}"]`));
  if (select.matches(":focus")) return; // not under somebody's hand
  const chosen = select.value;
  const values = new Set([...Object.keys(counts), ...(chosen ? [chosen] : [])]);
  select.replaceChildren(el("option", { value: "" }, "any"), ...[...values].sort().filter((value) => value)
    .map((value) => el("option", { value }, `${words(value)} (${counts[value] ?? 0})`)));
  select.value = chosen;
}
