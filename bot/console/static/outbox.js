// What the agent sent and the server has not confirmed: kept in this browser, sent in order until it is.
// The server knows each by its id, so that the same twice is said once.

import { Refusal, act } from "./api.js";
import { kept, newId } from "./page.js";

const PAUSE = [1000, 2000, 4000, 8000, 15000];

/** Fires `change` with the conversation's key. Each: {id, key, mode, text, at, state, why, seq}. */
export class Outbox extends EventTarget {
  constructor() {
    super();
    /** @type {any[]} */
    this.all = [];
    try { this.all = JSON.parse(kept.get("outbox") ?? "[]"); } catch { /* what cannot be read is not there */ }
    for (const one of this.all) if (one.state !== "failed") one.state = "waiting";
    /** @type {Map<string, number>} tries in a row, by conversation */
    this.tries = new Map();
    /** @type {Set<string>} */
    this.busy = new Set();
  }

  /** @param {string} key */
  of(key) { return this.all.filter((one) => one.key === key); }

  /** @param {string} key @param {"reply"|"note"} mode @param {string} text */
  add(key, mode, text) {
    this.all.push({ id: newId(), key, mode, text, at: new Date().toISOString(), state: "waiting", why: "" });
    this.#changed(key);
    void this.#send(key);
  }

  /** Try all that waits, at once. */
  hurry() {
    this.tries.clear();
    for (const key of new Set(this.all.map((one) => one.key))) void this.#send(key);
  }

  /** @param {string} id */
  again(id) {
    const one = this.all.find((each) => each.id === id);
    if (!one) return;
    one.state = "waiting";
    one.why = "";
    this.#changed(one.key);
    void this.#send(one.key);
  }

  /** @param {string} id */
  drop(id) {
    const one = this.all.find((each) => each.id === id);
    this.all = this.all.filter((each) => each.id !== id);
    if (one) this.#changed(one.key);
  }

  /** The transcript has these messages now. @param {string} key @param {number[]} seqs */
  arrived(key, seqs) {
    const there = new Set(seqs);
    const before = this.all.length;
    this.all = this.all.filter((one) => one.key !== key || !one.seq || !there.has(one.seq));
    if (this.all.length !== before) this.#changed(key);
  }

  /** One conversation's in order: nothing overtakes what failed to leave. @param {string} key */
  async #send(key) {
    if (this.busy.has(key)) return;
    this.busy.add(key);
    try {
      for (let one = this.#next(key); one; one = this.#next(key)) if (!await this.#one(one)) break;
    } finally {
      this.busy.delete(key);
    }
  }

  /** @param {string} key */
  #next(key) { return this.of(key).find((one) => one.state === "waiting"); }

  /** @param {any} one @returns {Promise<boolean>} whether to go on with the next */
  async #one(one) {
    try {
      const done = await act(one.key, one.mode, { text: one.text, id: one.id });
      this.tries.delete(one.key);
      if (one.mode === "note") { this.drop(one.id); this.dispatchEvent(new CustomEvent("noted", { detail: { key: one.key, note: done } })); return true; }
      one.seq = done.seq;
      one.state = "sent";
      one.why = "Sent";
      this.#changed(one.key);
      this.dispatchEvent(new CustomEvent("sent", { detail: { key: one.key, seq: done.seq } }));
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.passing) this.#later(one, error.message);
      else { one.state = "failed"; one.why = error.message; this.#changed(one.key); }
      return !error.passing;
    }
  }

  /** @param {any} one @param {string} why */
  #later(one, why) {
    const tries = this.tries.get(one.key) ?? 0;
    this.tries.set(one.key, tries + 1);
    one.why = `Waiting: ${why} It is sent as soon as that works.`;
    this.#changed(one.key);
    setTimeout(() => void this.#send(one.key), PAUSE[Math.min(tries, PAUSE.length - 1)] * (0.5 + Math.random() / 2));
  }

  /** @param {string} key */
  #changed(key) {
    kept.set("outbox", JSON.stringify(this.all.filter((one) => one.state !== "sent")));
    this.dispatchEvent(new CustomEvent("change", { detail: key }));
  }
}
