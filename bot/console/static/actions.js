// What can be done with the open conversation: offered only where it is allowed, and refused by the server anyway.

import { Refusal, act, get } from "./api.js";
import { ask, field } from "./ask.js";
import { button, el, toast } from "./dom.js";
import { me } from "./page.js";

const HOUR = 3_600_000;

export class Actions {
  /** @param {() => any} head the open conversation's, or null */
  constructor(head) {
    this.head = head;
  }

  /** @param {any} head @returns {Record<string, boolean>} */
  allowed(head) {
    const { state, agent } = head.row;
    const people = ["open", "claimed", "snoozed"].includes(state);
    return {
      claim: head.may_act && !head.mine && !agent,
      putBack: head.may_act && Boolean(agent),
      pass: head.may_act && people,
      snooze: head.may_act && people && state !== "snoozed",
      wake: head.may_act && state === "snoozed",
      back: head.may_act && people,
      resolve: head.may_act && people,
    };
  }

  /** @param {any} head @returns {HTMLElement[]} */
  buttons(head) {
    const may = this.allowed(head);
    const make = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ key, kind = "") =>
      may[name] && button(label, () => void this.run(name), { class: kind, ...(key && { "aria-keyshortcuts": key, title: `${label} (${key})` }) });
    return /** @type {HTMLElement[]} */ ([
      make("claim", "Claim", "c", "primary"),
      make("resolve", "Resolve", "e"), make("back", "Back to the bot", "b"),
      make("snooze", "Snooze", "s"), make("wake", "Wake", ""),
      make("pass", "Pass on", "p"), make("putBack", "Put back", ""),
    ].filter(Boolean));
  }

  /** @param {string} name */
  async run(name) {
    const head = this.head();
    if (!head) return;
    if (!this.allowed(head)[name]) {
      if (name === "claim" && head.row.agent) toast(head.mine ? "You have this chat." : `${head.row.agent} has this chat.`, "bad");
      return;
    }
    const { key } = head.row;
    switch (name) {
      case "claim": await this.#do(key, "claim", {}, "The chat is yours."); break;
      case "putBack": await this.#do(key, "put-back", {}, "Back in the queue, for anybody."); break;
      case "wake": await this.#do(key, "wake", {}, "Awake again."); break;
      case "resolve": this.#resolve(head); break;
      case "back": this.#back(head); break;
      case "snooze": this.#snooze(head); break;
      case "pass": await this.#pass(head); break;
      default: break;
    }
  }

  /** @param {string} key @param {string} name @param {object} body @param {string} said */
  async #do(key, name, body, said) {
    try {
      await act(key, name, body);
      toast(said);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      toast(error.message, "bad");
    }
  }

  /** @param {any} head */
  #resolve(head) {
    ask({
      heading: "Resolve this conversation?",
      body: [el("p", {}, `${head.row.customer || "The customer"} is told that the case is settled. A new message of theirs reopens it.`)],
      yes: "Resolve",
      submit: async () => { await act(head.row.key, "resolve"); toast("Resolved."); },
    });
  }

  /** @param {any} head */
  #back(head) {
    ask({
      heading: "Give it back to the bot?",
      body: [
        el("label", { class: "check" }, el("input", { type: "radio", name: "resume", value: "yes", checked: true }), " The bot takes up the open request where it was"),
        el("label", { class: "check" }, el("input", { type: "radio", name: "resume", value: "no" }), " The bot waits for what the customer says next"),
      ],
      yes: "Give back",
      submit: async (form) => { await act(head.row.key, "give-back", { resume: field(form, "resume") === "yes" }); toast("The bot has it again."); },
    });
  }

  /** @param {any} head */
  #snooze(head) {
    const choices = [["In an hour", 1], ["In four hours", 4], ["Tomorrow, at this time", 24], ["In three days", 72], ["In a week", 168]];
    ask({
      heading: "Snooze until when?",
      body: [
        el("p", { class: "muted" }, "It comes back at that time, or as soon as the customer writes."),
        el("label", {}, "Until ", el("select", { name: "hours" }, ...choices.map(([words, hours]) => el("option", { value: hours }, String(words))))),
      ],
      yes: "Snooze",
      submit: async (form) => {
        const until = new Date(Date.now() + Number(field(form, "hours")) * HOUR).toISOString();
        await act(head.row.key, "snooze", { until });
        toast("Snoozed.");
      },
    });
  }

  /** @param {any} head */
  async #pass(head) {
    let agents = [];
    try { agents = await get("agents"); } catch (error) {
      if (error instanceof Refusal) toast(error.message, "bad");
      return;
    }
    const others = agents.filter((/** @type {any} */ one) => one.name !== head.row.agent);
    if (!others.length) { toast("There is nobody else at the desk.", "bad"); return; }
    ask({
      heading: head.row.agent ? "Pass it on to whom?" : "Assign it to whom?",
      body: [el("label", {}, "Agent ", el("select", { name: "to" }, ...others.map((/** @type {any} */ one) =>
        el("option", { value: one.id }, one.name === me.name ? `${one.name} (you)` : one.name))))],
      yes: head.row.agent ? "Pass on" : "Assign",
      submit: async (form) => { await act(head.row.key, "pass-on", { to: field(form, "to") }); toast("Passed on."); },
    });
  }
}
