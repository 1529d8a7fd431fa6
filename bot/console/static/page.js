// What the page was given by the server, and what this browser keeps.

const data = document.body.dataset;

export const me = { name: data.me ?? "", id: data.meId ?? "" };
export const csrf = data.csrf ?? "";
export const zone = data.zone || "UTC";
export const reference = data.reference ?? "";
export const rights = new Set((data.rights ?? "").split(" "));

/** Values kept in this browser, for this agent; a browser that keeps nothing forgets. */
export const kept = {
  /** @param {string} name */
  get(name) {
    try { return localStorage.getItem(`desk.${me.id}.${name}`); } catch { return null; }
  },
  /** @param {string} name @param {string} value */
  set(name, value) {
    try { localStorage.setItem(`desk.${me.id}.${name}`, value); return true; } catch { return false; }
  },
  /** @param {string} name */
  drop(name) {
    try { localStorage.removeItem(`desk.${me.id}.${name}`); } catch { /* nothing was kept */ }
  },
};

/** An id that no other page makes. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
