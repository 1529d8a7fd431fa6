// Shortcuts of one key: listed, silent while somebody writes, and to be switched off.

import { byId, el, fill } from "./dom.js";
import { kept } from "./page.js";

/** @type {[string, string, string][]} key, what it does, its name */
const KEYS = [
  ["j", "next", "Next conversation"], ["k", "previous", "Previous conversation"], ["Enter", "", "Open the conversation"],
  ["c", "claim", "Claim"], ["r", "reply", "Reply"], ["n", "note", "Private note"],
  ["e", "resolve", "Resolve"], ["b", "back", "Give back to the bot"], ["s", "snooze", "Snooze"], ["p", "pass", "Pass on to another agent"],
  ["/", "search", "Search; in a reply: an answer kept for use again"], ["?", "help", "These shortcuts"],
  ["Esc", "leave", "Leave the field, the dialog, the conversation"],
];

export const keysOn = () => kept.get("keys") !== "no";

/** @param {Record<string, () => void>} acts */
export function keys(acts) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape") {
      if (!target.matches("input, textarea, select")) { acts.leave?.(); return; }
      const near = target.closest("#talk") && document.getElementById("talk-heading");
      if (near) near.focus(); // out of the field, not out of the conversation
      else target.blur();
      return;
    }
    if (target.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") || !keysOn()) return;
    const found = KEYS.find(([key]) => key === event.key);
    if (!found || !found[1] || event.repeat && !["next", "previous"].includes(found[1])) return;
    event.preventDefault();
    acts[found[1]]?.();
  });
}

export function help() {
  fill(byId("help-keys"), ...KEYS.flatMap(([key, , name]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, name)]));
  byId("help-state").textContent = keysOn() ? "They do nothing while you write. Settings switch them off." : "Single-key shortcuts are switched off; Settings switch them on.";
  /** @type {HTMLDialogElement} */ (byId("help")).showModal();
}
