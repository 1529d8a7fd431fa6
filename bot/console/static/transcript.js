// What was said, in order: customer, bot, agents, and the private notes between them.

import { button, byId, el } from "./dom.js";
import { me } from "./page.js";
import { clock, day, time } from "./times.js";
import { DELIVERIES } from "./words.js";

const NEAR = 80;
const WHO = { customer: "Customer", bot: "Bot", agent: "Agent" };

export class Transcript {
  /** @param {{retry: (seq: number) => void, again: (id: string) => void, drop: (id: string) => void}} acts */
  constructor(acts) {
    this.acts = acts;
    this.list = byId("lines");
    this.scroll = byId("talk-scroll");
    this.newer = byId("newer");
    /** @type {Map<string, {at: string, order: number, item: HTMLElement}>} */
    this.shown = new Map();
    this.newer.addEventListener("click", () => { this.toEnd(); });
    this.ended = true;
    this.top = 0;
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(this.scroll);
  }

  /** @param {string} customer how the customer is called */
  clear(customer) {
    this.customer = customer;
    this.shown.clear();
    this.list.replaceChildren();
    this.newer.hidden = true;
  }

  /** Add what is new and put the newer in the place of the older. @param {any[]} lines @param {any[]} notes */
  add(lines, notes, { quiet = false, keep = false } = {}) {
    const near = this.#near();
    const height = this.scroll.scrollHeight;
    let fresh = 0;
    for (const line of lines) fresh += Number(this.#put(`m${line.seq}`, line.at, line.seq, this.#line(line)));
    for (const note of notes) fresh += Number(this.#put(`n${note.id}`, note.at, 0, this.#note(note)));
    if (fresh) this.#days();
    if (keep) this.scroll.scrollTop += this.scroll.scrollHeight - height;
    else if (near || quiet) this.toEnd();
    else if (fresh) this.newer.hidden = false;
    if (fresh && !quiet && !keep) byId("polite").textContent = [...lines, ...notes].map((one) => this.#spoken(one)).join(" ");
  }

  /** What is not confirmed yet stands at the end. @param {any[]} waiting */
  pending(waiting) {
    const near = this.#near();
    for (const item of this.list.querySelectorAll("[data-pending]")) item.remove();
    this.list.append(...waiting.map((one) => this.#waiting(one)));
    if (near) this.toEnd();
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.top = this.scroll.scrollTop;
    this.newer.hidden = this.ended = true;
  }

  /** Show a message that was found. @param {number} seq @returns {boolean} whether it is here */
  find(seq) {
    const found = this.shown.get(`m${seq}`);
    if (!found) return false;
    found.item.scrollIntoView({ block: "center" });
    found.item.classList.add("found");
    setTimeout(() => found.item.classList.remove("found"), 3000);
    return true;
  }

  /** Only who goes up leaves the end; a box that became smaller is away from it without anybody's doing. */
  #scrolled() {
    if (this.#near()) this.newer.hidden = this.ended = true;
    else if (this.scroll.scrollTop < this.top) this.ended = false;
    this.top = this.scroll.scrollTop;
  }

  /** What stood at the end stays there when the box for the answer opens or grows. */
  #resized() {
    if (this.ended) this.toEnd();
  }

  #near() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR;
  }

  /** @param {string} id @param {string} at @param {number} order @param {HTMLElement} item @returns {boolean} whether it is new */
  #put(id, at, order, item) {
    const before = this.shown.get(id);
    this.shown.set(id, { at, order, item });
    item.dataset.at = at;
    item.dataset.order = String(order);
    if (before) { before.item.replaceWith(item); return false; }
    let next = /** @type {HTMLElement|null} */ (null);
    for (let each = this.list.lastElementChild; each instanceof HTMLElement; each = each.previousElementSibling) {
      if (each.dataset.pending !== undefined) { next = each; continue; }
      if (each.dataset.at === undefined || earlier(each.dataset, at, order)) break;
      next = each;
    }
    this.list.insertBefore(item, next);
    return true;
  }

  /** A heading before the first of each day. */
  #days() {
    for (const old of this.list.querySelectorAll(".day")) old.remove();
    let last = "";
    for (const item of /** @type {HTMLElement[]} */ ([...this.list.children])) {
      if (!item.dataset.at) continue;
      const words = day(item.dataset.at);
      if (words !== last) item.before(el("li", { class: "day" }, el("span", {}, words)));
      last = words;
    }
  }

  /** @param {any} line */
  #line(line) {
    const mine = line.by === "agent" && line.name === me.name;
    const name = line.by === "customer" ? this.customer : line.by === "agent" ? (mine ? "You" : line.name) : WHO.bot;
    return el("li", { class: `line ${line.by}`, "data-seq": line.seq },
      el("p", { class: "line-meta" }, el("span", { class: "line-who", dir: "auto" }, name), time(line.at)),
      el("p", { class: "line-text", dir: "auto" }, line.text),
      line.choices.length > 0 && el("p", { class: "line-choices" }, el("span", { class: "sr" }, "Choices: "),
        ...line.choices.map((/** @type {string} */ choice) => el("span", { class: "chip" }, choice))),
      (line.by === "agent" || line.delivery === "failed") && el("p", { class: `line-became ${line.delivery}` },
        DELIVERIES[/** @type {keyof DELIVERIES} */ (line.delivery)] ?? "",
        line.delivery === "failed" && line.why && ` (${line.why})`,
        line.delivery === "failed" && button("Send again", () => this.acts.retry(line.seq), { class: "link" })));
  }

  /** @param {any} note */
  #note(note) {
    return el("li", { class: note.name ? "line note" : "line note desk" },
      el("p", { class: "line-meta" }, el("span", { class: "line-who" }, note.name === me.name ? "You" : note.name || "Desk"),
        el("span", { class: "note-mark" }, "Private note"), time(note.at)),
      el("p", { class: "line-text", dir: "auto" }, note.text));
  }

  /** @param {any} one */
  #waiting(one) {
    const failed = one.state === "failed";
    return el("li", { class: `line ${one.mode === "note" ? "note" : "agent"} pending`, "data-pending": one.id },
      el("p", { class: "line-meta" }, el("span", { class: "line-who" }, "You"), one.mode === "note" && el("span", { class: "note-mark" }, "Private note"), time(one.at, clock(one.at))),
      el("p", { class: "line-text", dir: "auto" }, one.text),
      el("p", { class: `line-became ${one.state}` }, failed ? `Not sent: ${one.why}` : one.why || "Sending…",
        failed && button("Try again", () => this.acts.again(one.id), { class: "link" }),
        failed && button("Discard", () => this.acts.drop(one.id), { class: "link" })));
  }

  /** @param {any} one */
  #spoken(one) {
    if (one.by === undefined) return `Private note of ${one.name || "the desk"}: ${one.text}`;
    return one.by === "agent" && one.name === me.name ? "" : `${one.by === "customer" ? this.customer : one.name || WHO.bot}: ${one.text}`;
  }
}

/** Whether an item stands before this time: messages by number, notes by time among them. @param {DOMStringMap} item @param {string} at @param {number} order */
function earlier(item, at, order) {
  const theirs = Number(item.order);
  if (theirs && order) return theirs < order;
  return Date.parse(item.at ?? "") <= Date.parse(at);
}
