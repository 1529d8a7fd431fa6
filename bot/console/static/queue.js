// The list: one view of the queue, filled page by page, kept up to date by rows that changed.

import { byId, el } from "./dom.js";
import { parts, sorter } from "./row.js";
import { ago } from "./times.js";

const PAGE = 60;
const AHEAD = 800;
export const VIEWS = {
  all: {}, mine: { mine: true }, unassigned: { unassigned: true },
  open: { state: "open" }, snoozed: { state: "snoozed" }, resolved: { state: "resolved" },
};
const EMPTY = {
  all: "Nobody waits. Well done.", mine: "You have no conversation.", unassigned: "Nobody waits for an agent.",
  open: "Nobody waits for an agent.", snoozed: "Nothing is snoozed.", resolved: "Nothing was resolved yet.",
};

export class Queue extends EventTarget {
  /** @param {import("./live.js").Live} live @param {import("./notify.js").Unread} unread */
  constructor(live, unread) {
    super();
    this.live = live;
    this.unread = unread;
    this.view = "all";
    /** @type {Record<string, string|number>} */
    this.sieve = {};
    this.number = 0;
    this.opened = "";
    /** @type {any[]} */
    this.rows = [];
    /** @type {Map<string, HTMLElement>} */
    this.items = new Map();
    /** @type {Map<string, number>} of each conversation the newest stamp seen, also of those that left */
    this.stamps = new Map();
    this.cursor = null;
    this.list = byId("rows");
    this.state = byId("rows-state");
    this.scroll = byId("list");
    this.scroll.addEventListener("scroll", () => this.#more(), { passive: true });
    this.list.addEventListener("click", (event) => this.#clicked(/** @type {MouseEvent} */ (event)));
    live.addEventListener("up", () => this.load());
    live.addEventListener("page", (event) => this.#page(/** @type {any} */ (event).detail));
    live.addEventListener("rows", (event) => this.#changed(/** @type {any} */ (event).detail));
    unread.addEventListener("change", () => this.#marks());
    setInterval(() => this.#ages(), 30_000);
  }

  /** @param {string} view @param {Record<string, string|number>} sieve */
  show(view, sieve = this.sieve) {
    this.view = view;
    this.sieve = sieve;
    this.list.replaceChildren();
    this.rows = [];
    this.items.clear();
    this.load();
  }

  /** Begin at the top: what stands there stays until the answer is in. */
  load() {
    this.number += 1;
    this.stamps.clear();
    this.cursor = null;
    if (!this.rows.length) this.#say("Loading…");
    this.#ask(null);
  }

  /** The row that is open, or has the focus. @returns {any} */
  get current() {
    const focused = document.activeElement?.closest?.("#rows a");
    const key = focused instanceof HTMLElement ? focused.dataset.key : this.opened;
    return this.rows.find((row) => row.key === key);
  }

  /** Move the focus in the list. @param {1|-1} by */
  move(by) {
    const at = this.rows.indexOf(this.current);
    const next = at < 0 ? 0 : Math.min(this.rows.length - 1, Math.max(0, at + by));
    const row = this.rows[next];
    if (row) this.items.get(row.key)?.querySelector("a")?.focus();
  }

  /** @param {string} key the conversation that is on the screen */
  mark(key) {
    const before = this.opened;
    this.opened = key;
    for (const each of [before, key]) {
      const link = this.items.get(each)?.querySelector("a");
      if (link) each === key ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    }
  }

  /** @param {string|null} cursor */
  #ask(cursor) {
    const limit = cursor ? PAGE : Math.min(200, Math.max(PAGE, this.rows.length)); // who comes back sees as much
    const sieve = { ...VIEWS[/** @type {keyof VIEWS} */ (this.view)], ...this.sieve };
    this.asking = this.live.send({ type: "list", view: this.number, sieve, cursor, limit });
  }

  /** @param {any} page */
  #page(page) {
    if (page.view !== this.number) return;
    this.asking = false;
    if (page.first) {
      const stay = new Set(page.rows.map((/** @type {any} */ row) => row.key));
      for (const row of [...this.rows]) if (!stay.has(row.key)) this.#drop(row.key);
    }
    this.cursor = page.cursor;
    for (const row of page.rows) this.#put(row, true);
    this.#settled();
    requestAnimationFrame(() => this.#more()); // whoever scrolls fast stands at the end again already
  }

  /** @param {any} frame */
  #changed(frame) {
    if (frame.view !== this.number) return;
    for (const row of frame.rows) this.#put(row);
    for (const gone of frame.gone) {
      if (gone.stamp < (this.stamps.get(gone.key) ?? 0)) continue;
      this.stamps.set(gone.key, gone.stamp);
      this.#drop(gone.key);
    }
    this.#settled();
  }

  /** @param {any} row @param {boolean} [paged] it came with the page that was asked for */
  #put(row, paged = false) {
    if (row.stamp < (this.stamps.get(row.key) ?? 0)) return;
    this.stamps.set(row.key, row.stamp);
    const before = this.items.get(row.key);
    const focused = before?.contains(document.activeElement);
    if (before) this.rows.splice(this.rows.findIndex((each) => each.key === row.key), 1);
    const at = this.#place(row);
    if (!paged && this.cursor !== null && at === this.rows.length) {
      if (before) { this.items.delete(row.key); before.remove(); }
      this.stamps.delete(row.key);
      return; // below what is loaded: it comes with its page
    }
    this.rows.splice(at, 0, row);
    const item = before ?? this.#item(row.key);
    this.#fill(item, row);
    const after = this.rows[at + 1];
    const next = after ? this.items.get(after.key) ?? null : null;
    if (!before || item.nextElementSibling !== next) {
      this.list.insertBefore(item, next);
      if (focused) item.querySelector("a")?.focus({ preventScroll: true });
    }
  }

  /** @param {any} row @returns {number} */
  #place(row) {
    const compare = sorter(this.view === "resolved");
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.rows[middle], row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {string} key */
  #item(key) {
    const item = el("li", {}, el("a", { class: "row", "data-key": key }));
    this.items.set(key, item);
    return item;
  }

  /** @param {HTMLElement} item @param {any} row */
  #fill(item, row) {
    const link = /** @type {HTMLAnchorElement} */ (item.firstElementChild);
    link.href = `/desk/case/${encodeURIComponent(row.reference)}`;
    link.classList.toggle("mine", row.awaits && row.state === "claimed");
    if (row.key === this.opened) link.setAttribute("aria-current", "true");
    link.replaceChildren(...parts(row, this.unread.has(row.key)));
  }

  /** @param {string} key */
  #drop(key) {
    const item = this.items.get(key);
    if (!item) return;
    const focused = item.contains(document.activeElement);
    const at = this.rows.findIndex((row) => row.key === key);
    this.rows.splice(at, 1);
    this.items.delete(key);
    item.remove();
    const next = this.rows[Math.min(at, this.rows.length - 1)];
    if (focused && next) this.items.get(next.key)?.querySelector("a")?.focus({ preventScroll: true });
  }

  #settled() {
    const filtered = Object.keys(this.sieve).length > 0;
    this.#say(this.rows.length ? "" : filtered ? "No conversation fits these filters."
      : EMPTY[/** @type {keyof EMPTY} */ (this.view)]);
    this.dispatchEvent(new Event("rows"));
  }

  /** @param {string} words */
  #say(words) {
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.hidden = !words;
  }

  #marks() {
    for (const row of this.rows) {
      const item = this.items.get(row.key);
      if (item && Boolean(item.querySelector(".dot")) !== this.unread.has(row.key)) this.#fill(item, row);
    }
  }

  #ages() {
    for (const row of this.rows) {
      const age = this.items.get(row.key)?.querySelector(".row-age time");
      const words = ago(row.since);
      if (age && age.textContent !== words) age.textContent = words;
    }
  }

  /** Ask for the next page while its place is on the screen, or nearly. */
  #more() {
    const box = this.scroll;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (left < AHEAD && this.cursor !== null && !this.asking && !this.list.hidden) this.#ask(this.cursor);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const { key, seq } = link.dataset;
    this.dispatchEvent(new CustomEvent("open", { detail: { key, seq: Number(seq) || 0 } }));
  }
}
