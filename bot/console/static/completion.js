// `/` and the first letters of a shortcut: answers kept for use again, filled from the case before they are taken.

import { Refusal, get, look } from "./api.js";
import { byId, el, fill } from "./dom.js";

const PAUSE = 120;

/** @param {import("./composer.js").Composer} composer */
export function completion(composer) {
  const { box } = composer;
  const pop = byId("answers-pop");
  const list = byId("answers");
  const preview = byId("answer-preview");
  /** @type {any[]|null} */
  let every = null;
  /** @type {any[]} */
  let found = [];
  let at = 0;
  let start = -1;
  let turn = 0;
  let timer = 0;

  const close = () => {
    turn += 1;
    pop.hidden = true;
    start = -1;
    box.removeAttribute("aria-activedescendant");
  };
  const look_ = async () => {
    const mine = turn += 1;
    const shortcut = found[at]?.shortcut;
    if (!shortcut) return;
    try {
      const filled = await look(composer.key, "canned", { shortcut });
      if (mine !== turn) return;
      fill(preview, el("p", {}, filled.text),
        filled.missing.length && el("p", { class: "problem-line" }, `Not known in this case: ${filled.missing.join(", ")}`));
    } catch (error) {
      if (mine === turn && error instanceof Refusal) fill(preview, el("p", { class: "problem-line" }, error.message));
    }
  };
  const mark = () => {
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    const item = list.children[at];
    if (item) { box.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
    preview.replaceChildren(el("p", {}, found[at]?.text ?? ""));
    clearTimeout(timer);
    timer = window.setTimeout(look_, PAUSE);
  };
  const show = async () => {
    const before = box.value.slice(0, box.selectionStart);
    const typed = /(?:^|\s)\/([a-z0-9_-]*)$/i.exec(before);
    if (!typed || composer.mode !== "reply") { close(); return; }
    start = before.length - typed[1].length - 1;
    if (every === null) {
      try { every = await get("canned"); } catch { close(); return; }
      setTimeout(() => { every = null; }, 60_000); // another agent may change them
    }
    const words = typed[1].toLowerCase();
    found = (every ?? []).filter((one) => one.shortcut.startsWith(words) || one.title.toLowerCase().includes(words)).slice(0, 30);
    if (!found.length) { close(); return; }
    at = 0;
    fill(list, ...found.map((one, n) => el("li", { role: "option", id: `answer-${n}`, mousedown: (/** @type {Event} */ event) => { event.preventDefault(); at = n; void take(); } },
      el("code", {}, `/${one.shortcut}`), " ", one.title)));
    pop.hidden = false;
    mark();
  };
  const take = async () => {
    const chosen = found[at];
    const from = start;
    if (!chosen || from < 0) return;
    try {
      const filled = await look(composer.key, "canned", { shortcut: chosen.shortcut });
      composer.insert(filled.text, from);
      composer.problem.textContent = filled.missing.length ? `Not known in this case, fill in by hand: ${filled.missing.join(", ")}` : "";
    } catch (error) {
      composer.problem.textContent = error instanceof Refusal ? error.message : "The answer could not be filled.";
    }
    close();
  };

  box.addEventListener("input", () => void show());
  box.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== box) close(); }, 150));
  composer.addEventListener("mode", close);
  box.addEventListener("keydown", (event) => {
    if (pop.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at = (at + step + found.length) % found.length;
    else if (event.key === "Escape") { event.stopPropagation(); close(); event.preventDefault(); return; }
    else if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); event.stopImmediatePropagation(); void take(); return; }
    else return;
    event.preventDefault();
    mark();
  }, { capture: true });
}
