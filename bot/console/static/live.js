// The live connection: comes back by itself, later and later and never all at once, and says how it stands.

import { signIn } from "./api.js";
import { csrf } from "./page.js";

const SIGNED_OUT = 4401;
const FIRST = 400;
const LONGEST = 15_000;
const ALIVE_EVERY = 15_000;
const ANSWER_WITHIN = 10_000;

/** Fires an event for every frame, by its type, and `up` and `down`. */
export class Live extends EventTarget {
  constructor() {
    super();
    this.up = false;
    this.tries = 0;
    /** @type {() => object} what to say of oneself with each sign of life */
    this.sign = () => ({});
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#hurry(); });
    setInterval(() => this.alive(), ALIVE_EVERY);
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = this.socket = new WebSocket(`${scheme}://${location.host}/desk/ws`);
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello", csrf })));
    socket.addEventListener("message", (message) => { if (socket === this.socket) this.#take(message.data); });
    socket.addEventListener("close", (closed) => { if (socket === this.socket) this.#lost(closed.code); });
  }

  /** @param {object} frame @returns {boolean} whether it was sent; what was not is asked again after `up` */
  send(frame) {
    if (!this.up || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Say that the page is there; no answer means that the connection is not. */
  alive() {
    if (!this.send({ type: "alive", ...this.sign() })) return;
    clearTimeout(this.waiting);
    const socket = this.socket;
    this.waiting = setTimeout(() => {
      if (socket !== this.socket) return;
      this.socket = undefined;
      socket?.close();
      this.#lost(0);
    }, ANSWER_WITHIN);
  }

  /** @param {string} data */
  #take(data) {
    clearTimeout(this.waiting);
    const frame = JSON.parse(data);
    if (frame.type === "ready") {
      this.up = true;
      this.tries = 0;
      this.dispatchEvent(new CustomEvent("up", { detail: frame }));
    }
    this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  /** @param {number} code */
  #lost(code) {
    clearTimeout(this.waiting);
    if (code === SIGNED_OUT) { signIn(); return; }
    this.up = false;
    const wait = Math.min(LONGEST, FIRST * 2 ** this.tries) * (0.5 + Math.random() / 2);
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), wait);
    this.dispatchEvent(new CustomEvent("down", { detail: { wait } }));
  }

  #hurry() {
    if (this.up || this.socket?.readyState === WebSocket.CONNECTING) return;
    this.tries = 0;
    this.connect();
  }
}
