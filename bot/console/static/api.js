// Calls to the server. Whatever is not done is a `Refusal` whose message can be shown as it is.

import { csrf } from "./page.js";

const PATIENCE = 20_000;

export class Refusal extends Error {
  /** @param {string} code @param {string} message @param {string} name who has the chat, where somebody else does */
  constructor(code, message, name = "") {
    super(message);
    this.code = code;
    this.name = name;
  }

  /** Whether the same may work a little later. */
  get passing() { return this.code === "offline" || this.code === "busy"; }
}

/** @param {string} path @param {RequestInit} options */
async function call(path, options) {
  let response;
  try {
    response = await fetch(`/desk/api/${path}`, {
      ...options, credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new Refusal("offline", "The server cannot be reached.");
  }
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === 401 && body?.code === "signed_out") signIn();
  if (response.status >= 500 && body?.code !== "shop") {
    throw new Refusal("busy", body?.message ?? "The server is busy. Try again in a moment.");
  }
  throw new Refusal(body?.code ?? "refused", body?.message ?? "This was not done.", body?.name);
}

/** @param {string} path @param {Record<string, string>} [query] */
export const get = (path, query) => call(query ? `${path}?${new URLSearchParams(query)}` : path, {});

/** @param {string} path @param {object} [body] */
export const post = (path, body = {}) => call(path, {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
  body: JSON.stringify(body),
});

/** @param {string} key @param {string} act @param {object} [body] */
export const act = (key, act_, body) => post(`chats/${encodeURIComponent(key)}/${act_}`, body);

/** @param {string} key @param {string} what @param {Record<string, string>} [query] */
export const look = (key, what, query) => get(`chats/${encodeURIComponent(key)}/${what}`, query);

/** The session is over: drafts stay in this browser. */
export function signIn() {
  location.assign(`/desk/sign-in?next=${encodeURIComponent(location.pathname)}`);
}
