// Who wrote and was not read yet: the number in the title, and a sound and a notification for who wants them.

import { kept } from "./page.js";

const TITLE = document.title;

/** Conversations of one's own with an unread message of the customer's. */
export class Unread extends EventTarget {
  /** @param {import("./live.js").Live} live */
  constructor(live) {
    super();
    /** @type {Set<string>} */
    this.keys = new Set();
    this.looking = "";
    live.addEventListener("up", (event) => {
      this.keys = new Set(/** @type {any} */ (event).detail.unread);
      this.read(this.looking);
    });
    live.addEventListener("news", (event) => this.#news(/** @type {any} */ (event).detail));
    document.addEventListener("visibilitychange", () => this.read(this.looking));
  }

  /** @param {string} key */
  has(key) { return this.keys.has(key); }

  /** The agent looks at this conversation. @param {string} key */
  read(key) {
    this.looking = key;
    if (key && !document.hidden) this.keys.delete(key);
    this.#changed();
  }

  /** @param {any} news */
  #news(news) {
    const seen = news.key === this.looking && !document.hidden;
    if (news.mine && news.awaits && !seen) this.keys.add(news.key);
    else if (!news.awaits || !news.mine) this.keys.delete(news.key);
    if (news.fresh && !seen) tell(news);
    this.#changed();
  }

  #changed() {
    document.title = this.keys.size ? `(${this.keys.size}) ${TITLE}` : TITLE;
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {any} news */
function tell(news) {
  if (kept.get("sound") === "yes") beep();
  if (kept.get("notify") !== "yes" || !("Notification" in window) || Notification.permission !== "granted") return;
  const who = news.customer || "A customer";
  const told = new Notification(news.mine ? `${who} wrote` : `${who} waits for an agent`, { tag: news.key, body: news.reference });
  told.addEventListener("click", () => { window.focus(); location.assign(`/desk/case/${encodeURIComponent(news.reference)}`); });
}

/** @type {AudioContext|undefined} */
let audio;

/** Two short notes, made here: no file to fetch. */
export function beep() {
  audio ??= new AudioContext();
  const at = audio.currentTime;
  for (const [pitch, wait] of [[660, 0], [880, 0.12]]) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at + wait);
    gain.gain.exponentialRampToValueAtTime(0.12, at + wait + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + wait + 0.25);
    tone.connect(gain).connect(audio.destination);
    tone.start(at + wait);
    tone.stop(at + wait + 0.3);
  }
}
