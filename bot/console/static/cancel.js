// Cancelling in two steps: what is at stake as the server reads it, then the second yes, bound to exactly that.

import { Refusal, act } from "./api.js";
import { ask, field } from "./ask.js";
import { el, toast } from "./dom.js";
import { because, capital, money, plain, verdict } from "./words.js";

/** @param {string} key @param {any} panel @param {string} number */
export function cancel(key, panel, number) {
  const override = !panel.may_cancel;
  ask({
    heading: override ? `Override: cancel order ${panel.number}` : `Cancel order ${panel.number}`,
    body: [
      override && el("p", { class: "override" }, el("strong", {}, "Against the policy. "),
        panel.matched ? `The policy says: ${verdict(panel.verdict)}. ${because(panel)}` : "The customer has not given this order's number and e-mail address."),
      el("label", {}, override ? "Reason, kept on record " : "Reason ",
        el("textarea", { name: "reason", rows: 2, minlength: 3, maxlength: 500, required: true })),
    ],
    yes: "Go on",
    submit: async (form) => {
      const reason = field(form, "reason");
      const asked = await act(key, "cancel", { number, reason });
      setTimeout(() => confirm(key, asked, number, reason)); // after this step's dialog has closed
    },
  });
}

/** @param {string} key @param {any} asked @param {string} number @param {string} reason */
function confirm(key, asked, number, reason) {
  const { panel, override } = asked;
  ask({
    heading: override ? `Really cancel order ${panel.number} against the policy?` : `Really cancel order ${panel.number}?`,
    body: [
      el("dl", { class: "facts" },
        el("dt", {}, "Stage now"), el("dd", {}, capital(plain(panel.stage))),
        el("dt", {}, "Money back"), el("dd", {}, money(panel.stake, panel.currency)),
        el("dt", {}, "Policy"), el("dd", {}, `${verdict(panel.verdict)}${override ? " (override)" : ""}`),
        el("dt", {}, "Reason"), el("dd", {}, reason)),
      panel.refund_lines.length > 0 && el("ul", { class: "plain small" }, ...panel.refund_lines.map((/** @type {string} */ line) => el("li", {}, line))),
    ],
    yes: override ? "Cancel against the policy" : "Cancel the order",
    danger: true,
    submit: async () => {
      try {
        await act(key, "cancel", { number, reason, token: asked.token });
        toast("The cancellation is under way; its outcome comes as a note.");
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== "changed") throw error;
        toast(error.message, "bad");
      }
    },
  });
}
