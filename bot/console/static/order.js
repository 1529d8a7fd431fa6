// The order as the shop shows it now, what follows from it, and what an agent can decide.

import { Refusal, act, look } from "./api.js";
import { ask, field } from "./ask.js";
import { cancel } from "./cancel.js";
import { button, el, fill, toast } from "./dom.js";
import { rights } from "./page.js";
import { stamp, time } from "./times.js";
import { because, capital, money, plain, verdict } from "./words.js";

const ALLOWED = new Set(["allow", "attempt", "nothing_to_refund"]);
const HOUR = 3_600_000;

export class OrderCard {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
    this.root = el("section", { class: "card order-card", "aria-labelledby": "order-heading" });
    this.number = "";
    this.asked = 0;
    /** @type {any} */
    this.panel = null;
  }

  /** @param {any} head @param {boolean} began */
  head(head, began) {
    const moved = head.row.order !== this.of;
    this.of = head.row.order;
    if (began) { this.number = ""; this.panel = null; }
    if (began || moved) void this.read();
    else if (this.panel) this.#show();
  }

  /** Read it again, from the shop. */
  async read() {
    const { key } = this.chat;
    const mine = this.asked += 1;
    if (!this.panel) fill(this.root, el("h3", { id: "order-heading" }, "Order"), el("p", { class: "muted" }, "Reading…"));
    else this.root.setAttribute("aria-busy", "true");
    try {
      const panel = await look(key, "order", { number: this.number });
      if (key !== this.chat.key || mine !== this.asked) return;
      this.panel = panel;
      this.#show();
    } catch (error) {
      if (!(error instanceof Refusal) || mine !== this.asked) return;
      fill(this.root, el("h3", { id: "order-heading" }, "Order"), el("p", { class: "problem-line" }, error.message), this.#again());
    } finally {
      if (mine === this.asked) this.root.removeAttribute("aria-busy");
    }
  }

  #again() { return button("Read again", () => void this.read(), { class: "small-button" }); }

  #show() {
    const { panel } = this;
    const head = el("div", { class: "card-head" }, el("h3", { id: "order-heading" }, panel.number ? `Order ${panel.number}` : "Order"), this.#again());
    if (panel.problem) {
      fill(this.root, head, el("p", { class: panel.problem === "no_number" ? "muted" : "problem-line" }, panel.problem_text), this.#other());
      return;
    }
    const cash = (/** @type {string} */ amount) => money(amount, panel.currency);
    fill(this.root, head,
      el("p", { class: "stage-line" }, el("span", { class: `stage ${panel.stage}` }, capital(plain(panel.stage))),
        panel.partly && el("span", { class: "chip warn" }, "partly fulfilled"),
        el("span", { class: "muted small" }, "read ", time(panel.read_at, stamp(panel.read_at)))),
      !panel.matched && el("p", { class: "warn-line" }, "The customer has not given this order's number and e-mail address: do not tell them about it."),
      el("table", { class: "lines-table" }, el("caption", { class: "sr" }, "What was ordered"),
        el("tbody", {}, ...panel.lines.map((/** @type {any} */ line) => el("tr", {}, el("td", { class: "num" }, `${line.quantity} ×`),
          el("td", {}, line.title, !line.cancellable && el("span", { class: "chip" }, "marked not cancellable")), el("td", { class: "num" }, cash(line.price))))),
        el("tfoot", {}, el("tr", {}, el("td", {}), el("th", { scope: "row" }, "Total"), el("td", { class: "num" }, cash(panel.total))))),
      el("h4", {}, "Payments"),
      el("ul", { class: "plain" }, ...panel.payments.map((/** @type {any} */ one) => el("li", {}, `${capital(plain(one.method))}: ${cash(one.amount)}, ${plain(one.status)}`,
        one.refunds.length > 0 && el("span", { class: "muted" }, ` (refunds: ${one.refunds.join(", ")})`)))),
      panel.refund_lines.length > 0 && el("div", {}, el("h4", {}, panel.verdict === "already_cancelled" ? "The money" : "If it is cancelled"), el("ul", { class: "plain small" }, ...panel.refund_lines.map((/** @type {string} */ line) => el("li", {}, line)))),
      this.#verdict(), this.#acts(), this.#intercept(), this.#decisions(), this.#other());
  }

  #verdict() {
    const { panel } = this;
    return el("div", { class: `verdict ${ALLOWED.has(panel.verdict) || panel.verdict === "already_cancelled" ? "yes" : "no"}` },
      el("h4", {}, `Policy: ${verdict(panel.verdict)}`), el("p", {}, because(panel)),
      el("details", {}, el("summary", {}, `Rule ${panel.rule || "none"}${panel.clause ? `, clause ${panel.clause}` : ""}`), el("p", { class: "clause" }, panel.clause_text || "No clause decides this.")));
  }

  #acts() {
    const { head } = this.chat;
    const held = head.row.agent && !head.mine;
    const { panel } = this;
    if (!head.may_act || panel.stage === "cancelled") return null;
    const override = !panel.may_cancel;
    return el("p", { class: "card-acts" },
      panel.may_try && !held && button(override ? "Override: cancel order…" : "Cancel order…", () => cancel(head.row.key, panel, this.number), { class: override ? "danger" : "" }),
      !panel.may_try && rights.has("cancel") && el("span", { class: "muted small" }, "A cancellation here is a supervisor's."),
      !head.intercept && button("Ask the warehouse…", () => this.#ask(head.row.key)));
  }

  /** @param {string} key */
  #ask(key) {
    const choices = [["1 hour", 1], ["2 hours", 2], ["4 hours", 4], ["1 day", 24], ["2 days", 48]];
    ask({
      heading: `The warehouse was asked to stop order ${this.panel.number}`,
      body: [
        el("p", { class: "muted" }, "This notes that you asked. If nobody notes an answer in time, the desk reminds."),
        el("label", {}, "An answer is due within ", el("select", { name: "hours" }, ...choices.map(([words, hours]) => el("option", { value: hours }, String(words))))),
        el("label", {}, "Note ", el("input", { name: "note", maxlength: 500, placeholder: "Whom you asked, and how" })),
      ],
      yes: "Note it",
      submit: async (form) => {
        const by = new Date(Date.now() + Number(field(form, "hours")) * HOUR).toISOString();
        await act(key, "intercept", { number: this.panel.number, by, note: field(form, "note") });
        toast("Noted. The desk reminds if no answer is noted in time.");
      },
    });
  }

  #intercept() {
    const { intercept, may_act: may, row } = this.chat.head;
    if (!intercept) return null;
    const over = Date.parse(intercept.by) < Date.now();
    const answered = (/** @type {boolean} */ stopped) => void act(row.key, "intercept-over", { stopped })
      .then(() => toast(stopped ? "Noted: stopped." : "Noted: not stopped."), (error) => toast(error.message, "bad"));
    return el("div", { class: over ? "intercept over" : "intercept" },
      el("p", {}, el("strong", {}, `Warehouse asked to stop order ${intercept.order}`), over ? ", an answer is overdue since " : ", an answer is due by ", time(intercept.by, stamp(intercept.by))),
      intercept.note && el("p", { class: "muted" }, intercept.note),
      may && el("p", { class: "card-acts" }, button("It was stopped", () => answered(true)), button("It was not", () => answered(false))));
  }

  #decisions() {
    const { decisions } = this.panel;
    if (!decisions.length) return null;
    return el("details", {}, el("summary", {}, `Decisions on record (${decisions.length})`),
      el("ol", { class: "trail" }, ...decisions.map((/** @type {any} */ one) => el("li", {}, time(one.at, stamp(one.at)), ` ${verdict(one.verdict)}: ${plain(one.reason)} (rule ${one.rule}, clause ${one.clause}; the order was ${plain(one.stage)})`))));
  }

  /** Another order than the chat's: put on record by the server. */
  #other() {
    const number = /** @type {HTMLInputElement} */ (el("input", { id: "other-order", maxlength: 64, placeholder: "Another order number", autocomplete: "off" }));
    const form = el("form", { class: "label-form" }, el("label", { class: "sr", for: "other-order" }, "Look up another order"), number, el("button", { class: "small-button" }, "Look up"));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.number = number.value.trim(); void this.read(); });
    return form;
  }
}
