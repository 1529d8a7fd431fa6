// The open conversation: what it shows, what it tells the server, and how it comes back after a pause.

import { Refusal, act, look } from "./api.js";
import { Actions } from "./actions.js";
import { announce, byId, fill, toast } from "./dom.js";
import { me } from "./page.js";
import { Transcript } from "./transcript.js";
import { stamp } from "./times.js";
import { STATES, channel, who } from "./words.js";

const UNSETTLED_EVERY = 2000;

/** Fires `head` with what may be done now, `order` where the order moved, `shut` where the chat may be seen no longer. */
export class Chat extends EventTarget {
  /**
   * @param {import("./live.js").Live} live
   * @param {import("./composer.js").Composer} composer
   * @param {import("./outbox.js").Outbox} outbox
   */
  constructor(live, composer, outbox) {
    super();
    this.live = live;
    this.composer = composer;
    this.outbox = outbox;
    this.key = "";
    /** @type {any} */
    this.head = null;
    this.last = 0;
    this.first = 0;
    this.seek = 0;
    /** @type {Map<number, string>} messages on their way */
    this.unsettled = new Map();
    this.transcript = new Transcript({
      retry: (seq) => void this.#retry(seq), again: (id) => outbox.again(id), drop: (id) => outbox.drop(id),
    });
    this.actions = new Actions(() => this.head);
    live.sign = () => ({ looking: Boolean(this.key) && !document.hidden, typing: composer.typing });
    live.addEventListener("up", () => { if (this.key) this.#ask(this.head ? this.last : null); outbox.hurry(); });
    live.addEventListener("chat", (event) => this.#take(/** @type {any} */ (event).detail));
    live.addEventListener("watching", (event) => this.#watching(/** @type {any} */ (event).detail));
    live.addEventListener("order", (event) => { if (/** @type {any} */ (event).detail.key === this.key) this.dispatchEvent(new Event("order")); });
    live.addEventListener("refused", (event) => this.#refused(/** @type {any} */ (event).detail));
    outbox.addEventListener("change", (event) => { if (/** @type {any} */ (event).detail === this.key) this.transcript.pending(outbox.of(this.key)); });
    outbox.addEventListener("noted", (event) => {
      const { key, note } = /** @type {any} */ (event).detail;
      if (key === this.key) this.transcript.add([], [note]);
    });
    outbox.addEventListener("sent", (event) => {
      const { key, seq } = /** @type {any} */ (event).detail;
      if (key === this.key && seq <= this.last) outbox.arrived(key, [seq]);
    });
    composer.addEventListener("typing", () => live.alive());
    composer.addEventListener("send", (event) => {
      const { key, mode, text } = /** @type {any} */ (event).detail;
      outbox.add(key, mode, text);
      this.transcript.toEnd();
    });
    byId("older").addEventListener("click", () => void this.#older());
    setInterval(() => this.#settle(), UNSETTLED_EVERY);
  }

  /** @param {string} key @param {number} [seq] a message to show */
  open(key, seq = 0) {
    if (key === this.key && this.head) { if (seq) this.transcript.find(seq); return; }
    this.key = key;
    this.head = null;
    this.seek = seq;
    this.last = 0;
    this.unsettled.clear();
    byId("talk-none").hidden = true;
    byId("talk-open").hidden = false;
    byId("talk-heading").textContent = "Loading…";
    byId("talk-state").textContent = "";
    fill(byId("talk-acts"));
    this.#watching({ key, watchers: [], bot: false });
    this.transcript.clear("Customer");
    this.composer.open(key);
    this.composer.allow("Loading…", "");
    this.#ask(null);
  }

  close() {
    if (!this.key) return;
    this.live.send({ type: "close" });
    this.key = "";
    this.head = null;
    byId("talk-open").hidden = true;
    byId("talk-none").hidden = false;
  }

  /** @param {number|null} after */
  #ask(after) {
    this.live.send({ type: "open", key: this.key, after });
  }

  /** @param {any} frame */
  #take(frame) {
    if (frame.key !== this.key) return;
    const fresh = frame.whole;
    const began = this.head === null;
    this.head = frame.head;
    if (fresh) {
      this.transcript.clear(frame.head.row.customer || "Customer");
      this.first = frame.lines[0]?.seq ?? 1;
      this.last = 0;
    }
    for (const line of frame.lines) {
      this.last = Math.max(this.last, line.seq);
      if (line.delivery === "failed" && this.unsettled.has(line.seq)) announce(`Not delivered: ${line.text}`, { urgent: true });
      if (line.delivery === "sending") this.unsettled.set(line.seq, line.delivery);
      else this.unsettled.delete(line.seq);
    }
    this.transcript.add(frame.lines, frame.notes, { quiet: fresh });
    this.outbox.arrived(this.key, frame.lines.map((/** @type {any} */ line) => line.seq));
    if (fresh) this.transcript.pending(this.outbox.of(this.key));
    if (this.seek && began) { if (!this.transcript.find(this.seek)) void this.#older(); this.seek = 0; }
    this.#header();
    this.#watching({ key: this.key, watchers: frame.head.watchers, bot: false });
    this.dispatchEvent(new CustomEvent("head", { detail: { head: frame.head, began, fresh } }));
  }

  #header() {
    const { row, mine } = this.head;
    byId("older").hidden = this.first <= 1;
    byId("talk-heading").textContent = who(row);
    const holder = row.agent ? (mine ? "you have it" : `${row.agent} has it`) : "";
    const until = row.state === "snoozed" && row.snoozed_until ? `until ${stamp(row.snoozed_until)}` : "";
    byId("talk-state").textContent = [row.customer && row.reference, channel(row.channel), STATES[/** @type {keyof STATES} */ (row.state)], until, holder].filter(Boolean).join(" · ");
    const focus = document.activeElement?.closest("#talk-acts") ? document.activeElement.textContent : null;
    fill(byId("talk-acts"), ...this.actions.buttons(this.head));
    if (focus !== null) {
      const same = [...byId("talk-acts").children].find((one) => one.textContent === focus);
      /** @type {HTMLElement} */ (same ?? byId("talk-heading")).focus();
    }
    const barred = row.agent && !mine ? `${row.agent} has this chat.` : "";
    const hint = row.agent ? "" : row.state === "bot" || row.state === "resolved" ? "Your reply takes the chat over from the bot." : "Your reply claims the chat.";
    this.composer.allow(barred, hint);
  }

  /** @param {any} frame */
  #watching({ key, watchers, bot }) {
    if (key !== this.key) return;
    const others = watchers.filter((/** @type {any} */ one) => one.agent !== me.name);
    const words = others.map((/** @type {any} */ one) => (one.typing ? `${one.agent} is writing…` : `${one.agent} is looking at this too`));
    if (bot) words.push("The bot is working on an answer…");
    const shown = byId("watchers");
    shown.textContent = words.join(" · ");
    shown.hidden = !words.length;
    shown.classList.toggle("typing", others.some((/** @type {any} */ one) => one.typing));
  }

  /** @param {any} frame */
  #refused(frame) {
    if (frame.about !== "open" || frame.key !== this.key) return;
    toast(frame.problem.message, "bad");
    this.close();
    this.dispatchEvent(new Event("shut"));
  }

  async #older() {
    const { key } = this;
    try {
      const lines = await look(key, "older", { before: String(this.first) });
      if (key !== this.key || !lines.length) return;
      this.first = lines[0].seq;
      this.transcript.add(lines, [], { keep: true });
      byId("older").hidden = this.first <= 1;
    } catch (error) {
      if (error instanceof Refusal) toast(error.message, "bad");
    }
  }

  /** @param {number} seq */
  async #retry(seq) {
    try {
      await act(this.key, "retry", { seq });
      this.unsettled.set(seq, "sending");
      this.#settle();
    } catch (error) {
      if (error instanceof Refusal) toast(error.message, "bad");
    }
  }

  /** What is on its way is looked at again until it has arrived, or was given up. */
  #settle() {
    if (!this.key || !this.head || !this.unsettled.size || document.hidden) return;
    this.#ask(Math.min(...this.unsettled.keys()) - 1);
  }
}
