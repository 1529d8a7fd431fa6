// Where an agent writes: a reply or a private note, each with a draft of its own in this browser.

import { byId } from "./dom.js";
import { kept } from "./page.js";

const TYPING_EVERY = 2500;
const LABELS = { reply: "Reply to the customer", note: "Private note, which the customer never sees" };
const SENDS = { reply: "Send", note: "Keep note" };

export class Composer extends EventTarget {
  constructor() {
    super();
    this.form = /** @type {HTMLFormElement} */ (byId("composer"));
    this.box = /** @type {HTMLTextAreaElement} */ (byId("words"));
    this.problem = byId("composer-problem");
    this.hint = byId("composer-hint");
    this.button = /** @type {HTMLButtonElement} */ (byId("send"));
    this.key = "";
    /** @type {"reply"|"note"} */
    this.mode = "reply";
    this.barred = "";
    this.typed = 0;
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.name === "mode") this.write(/** @type {any} */ (event.target.value));
    });
    this.box.addEventListener("input", () => this.#typing());
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
      event.preventDefault();
      this.#submit();
    });
    addEventListener("storage", (event) => { // another tab wrote in the same draft
      if (event.key?.endsWith(this.#draft()) && document.activeElement !== this.box) this.#restore();
    });
  }

  /** @param {string} key */
  open(key) {
    this.key = key;
    this.#choose(kept.get(`draft.note.${key}`) && !kept.get(`draft.reply.${key}`) ? "note" : "reply");
  }

  /** Whether replies are possible; `why` not. @param {string} barred @param {string} hint */
  allow(barred, hint) {
    this.barred = barred;
    this.free = hint;
    this.#state();
  }

  /** Write in this mode, with the focus in the field. @param {"reply"|"note"} mode */
  write(mode) {
    this.#choose(mode);
    this.box.focus();
  }

  /** Put text in the place of what stands from `start` to the cursor. @param {string} text @param {number} start */
  insert(text, start) {
    this.box.setRangeText(text, start, this.box.selectionEnd, "end");
    this.#typing();
  }

  get typing() { return this.mode === "reply" && Date.now() - this.typed < 5000; }

  /** @param {"reply"|"note"} mode */
  #choose(mode) {
    this.mode = mode;
    const radio = /** @type {HTMLInputElement} */ (this.form.querySelector(`[name=mode][value=${mode}]`));
    radio.checked = true;
    this.form.dataset.mode = mode;
    byId("words-label").textContent = LABELS[mode];
    this.button.textContent = SENDS[mode];
    this.#restore();
    this.#state();
    this.dispatchEvent(new Event("mode"));
  }

  #state() {
    const barred = this.mode === "reply" ? this.barred : "";
    this.box.disabled = this.button.disabled = Boolean(barred);
    this.box.placeholder = barred || (this.mode === "note" ? "Only people at the desk see this." : "Write to the customer…");
    this.hint.textContent = barred || (this.mode === "reply" ? this.free ?? "" : "");
  }

  #draft() { return `draft.${this.mode}.${this.key}`; }

  #restore() {
    this.box.value = kept.get(this.#draft()) ?? "";
    this.problem.textContent = "";
    this.#grow();
  }

  #keep() {
    if (this.box.value.trim()) {
      if (!kept.set(this.#draft(), this.box.value)) this.problem.textContent = "This browser keeps no drafts: a reload loses the text.";
    } else kept.drop(this.#draft());
  }

  #typing() {
    this.problem.textContent = "";
    this.#keep();
    this.#grow();
    if (this.mode !== "reply" || !this.box.value || Date.now() - this.typed < TYPING_EVERY) return;
    this.typed = Date.now();
    this.dispatchEvent(new Event("typing"));
  }

  #grow() {
    this.box.rows = Math.min(10, Math.max(3, this.box.value.split("\n").length));
  }

  #submit() {
    const text = this.box.value.trim();
    if (this.box.disabled || !this.key) return;
    if (!text) { this.problem.textContent = "Write something first."; return; }
    if (this.mode === "reply" && /^\/[a-z0-9_-]*$/i.test(text)) { // a shortcut that was not taken up is no message
      this.problem.textContent = "Choose an answer from the list, or write more than its shortcut.";
      return;
    }
    const left = this.mode === "reply" && /\{(customer|order_number|order_stage|agent|reference|shop)\}/.exec(text);
    if (left) { this.problem.textContent = `${left[0]} is not known in this case: fill it in by hand.`; return; }
    this.box.value = "";
    this.typed = 0;
    this.#keep();
    this.#grow();
    this.dispatchEvent(new CustomEvent("send", { detail: { key: this.key, mode: this.mode, text } }));
  }
}
