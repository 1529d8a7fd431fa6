// One conversation in the list.

import { el } from "./dom.js";
import { me } from "./page.js";
import { ago, time, when } from "./times.js";
import { PRIORITIES, channel, who } from "./words.js";

const SAID = { customer: "", bot: "Bot: ", agent: "" };

/** @param {any} row @param {boolean} unread @returns {Node[]} what stands in a row's link */
export function parts(row, unread) {
  const said = row.last_by === "agent" ? `${row.agent === me.name ? "You" : row.agent || "Agent"}: ` : SAID[row.last_by] ?? "";
  return [
    el("span", { class: "row-top" },
      unread && el("span", { class: "dot" }, el("span", { class: "sr" }, "Unread. ")),
      el("span", { class: "row-who", dir: "auto" }, who(row)),
      row.priority > 1 && el("span", { class: `chip p${row.priority}` }, PRIORITIES[row.priority]),
      el("span", { class: "row-age" }, time(row.since, ago(row.since)))),
    el("span", { class: "row-last", dir: "auto" }, said + (row.last || "No message yet")),
    el("span", { class: "row-marks" },
      el("span", { class: "row-why" }, row.why || "with the bot"),
      row.order && el("span", { class: "chip" }, `#${row.order}`),
      row.intercept_by && el("span", { class: "chip warn" }, `warehouse by ${when(row.intercept_by)}`),
      row.snoozed_until && row.state === "snoozed" && el("span", { class: "chip" }, `until ${when(row.snoozed_until)}`),
      ...row.labels.map((/** @type {string} */ label) => el("span", { class: "chip label" }, label)),
      el("span", { class: "row-end" }, row.channel !== "web" && el("span", { class: "muted" }, channel(row.channel)),
        row.agent ? el("span", { class: row.agent === me.name ? "face mine" : "face", title: row.agent },
          initials(row.agent), el("span", { class: "sr" }, ` ${row.agent} has it`)) : null)),
  ];
}

/** @param {string} name */
export const initials = (name) => name.split(/\s+/).map((word) => Array.from(word)[0] ?? "").slice(0, 2).join("").toUpperCase();

/** Which of two rows stands higher, as the server sorts. @param {boolean} settled */
export const sorter = (settled) => (/** @type {any} */ a, /** @type {any} */ b) => {
  const byKey = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  if (settled) return b.since === a.since ? byKey : b.since < a.since ? -1 : 1;
  return b.priority - a.priority || (a.since === b.since ? byKey : a.since < b.since ? -1 : 1);
};
