// Elements are made from values by DOM methods alone: text stays text, whoever wrote it.

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
};

/**
 * An element with attributes (functions become listeners, true a bare attribute, false none) and children.
 * @param {string} tag
 * @param {Record<string, unknown>} [traits]
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(tag, traits = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") made.addEventListener(name, /** @type {EventListener} */ (value));
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child || child === "").map((child) => /** @type {Node} */ (child)));
  return made;
}

/** Put these children in the place of all others. @param {Element} parent @param {...(Node|string|null|false)} children */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child).map((child) => /** @type {Node} */ (child)));
}

/** Said to whoever listens to a screen reader. @param {string} words */
export function announce(words, { urgent = false } = {}) {
  byId(urgent ? "urgent" : "polite").textContent = words;
}

/** A short word at the edge of the screen, for everybody. @param {string} words @param {"good"|"bad"} kind */
export function toast(words, kind = "good") {
  const shown = el("p", { class: `toast ${kind}` }, words,
    el("button", { type: "button", class: "quiet", "aria-label": "Dismiss", click: () => shown.remove() }, "×"));
  const all = byId("toasts");
  while (all.childElementCount > 2) all.firstElementChild?.remove();
  all.append(shown);
  announce(words, { urgent: kind === "bad" });
  setTimeout(() => shown.remove(), kind === "bad" ? 12000 : 5000);
}

/** A button. @param {string} label @param {() => void} click @param {Record<string, unknown>} [traits] */
export const button = (label, click, traits = {}) => el("button", { type: "button", click, ...traits }, label);
