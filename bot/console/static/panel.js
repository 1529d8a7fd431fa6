// The case beside the conversation: why a person is needed, what is known, and what is set.

import { Refusal, act, look } from "./api.js";
import { button, byId, el, fill, toast } from "./dom.js";
import { OrderCard } from "./order.js";
import { rights } from "./page.js";
import { stamp, time } from "./times.js";
import { PRIORITIES } from "./words.js";

export class Panel {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
    this.root = byId("case");
    this.summary = el("section", { class: "card", "aria-labelledby": "why-heading" });
    this.set = el("section", { class: "card", "aria-labelledby": "set-heading" });
    this.order = new OrderCard(chat);
    this.record = el("section", { class: "card", "aria-labelledby": "record-heading" });
    this.root.append(this.summary, this.order.root, this.set, this.record);
    this.shape = "";
    chat.addEventListener("head", (event) => this.#head(/** @type {any} */ (event).detail));
    chat.addEventListener("order", () => void this.order.read());
  }

  hide() {
    this.root.hidden = true;
  }

  /** @param {{head: any, began: boolean}} detail */
  #head({ head, began }) {
    this.root.hidden = false;
    const { row } = head;
    const shape = [row.state, row.reason, row.agent, row.order].join();
    const moved = began || shape !== this.shape;
    this.shape = shape;
    if (moved) void this.#read(row.key, began);
    else if (rights.has("see_audit") && row.stamp !== this.stamp) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.#trail(row.key), 700);
    }
    this.stamp = row.stamp;
    if (!this.set.contains(document.activeElement)) this.#settings(head);
    this.order.head(head, began);
  }

  /** @param {string} key @param {boolean} began */
  async #read(key, began) {
    if (began) {
      fill(this.summary, el("h3", { id: "why-heading" }, "Why a person is needed"), el("p", { class: "muted" }, "Reading…"));
      fill(this.record);
    }
    try {
      const summary = await look(key, "summary");
      if (key !== this.chat.key) return;
      fill(this.summary, el("h3", { id: "why-heading" }, "Why a person is needed"), el("p", { class: "headline" }, summary.headline),
        el("dl", { class: "facts" }, ...summary.facts.flatMap((/** @type {any} */ fact) => [el("dt", {}, fact.label), el("dd", {}, fact.value)])));
    } catch (error) {
      if (error instanceof Refusal) fill(this.summary, el("h3", { id: "why-heading" }, "Why a person is needed"), el("p", { class: "problem-line" }, error.message));
    }
    if (rights.has("see_audit")) await this.#trail(key);
  }

  /** @param {string} key */
  async #trail(key) {
    try {
      const entries = await look(key, "trail");
      if (key !== this.chat.key || !this.chat.head) return;
      const { reference } = this.chat.head.row;
      fill(this.record, el("h3", { id: "record-heading" }, "Record of this case"),
        el("ol", { class: "trail" }, ...entries.slice(-8).reverse().map((/** @type {any} */ one) =>
          el("li", {}, time(one.at, stamp(one.at)), " ", el("strong", {}, one.name), ` ${one.act}`))),
        el("p", {}, el("a", { href: `/desk/case/${encodeURIComponent(reference)}/record` }, "Whole record")));
    } catch { fill(this.record); }
  }

  /** @param {any} head */
  #settings(head) {
    const { row, may_act: may } = head;
    const priority = /** @type {HTMLSelectElement} */ (el("select", { id: "priority", disabled: !may },
      ...PRIORITIES.map((name, level) => el("option", { value: level, selected: level === row.priority }, name))));
    priority.addEventListener("change", () => void this.#do(row.key, "priority", { priority: Number(priority.value) }));
    const label = /** @type {HTMLInputElement} */ (el("input", { id: "label", maxlength: 32, placeholder: "Add a label", autocomplete: "off" }));
    const form = el("form", { class: "label-form" }, el("label", { class: "sr", for: "label" }, "Add a label"), label, el("button", { class: "small-button" }, "Add"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (label.value.trim()) void this.#label(row, [...row.labels, label.value.trim()]);
    });
    fill(this.set, el("h3", { id: "set-heading" }, "Priority and labels"),
      el("p", {}, el("label", { for: "priority", class: "inline-label" }, "Priority"), priority),
      el("ul", { class: "labels", "aria-label": "Labels" }, ...row.labels.map((/** @type {string} */ one) => el("li", { class: "chip label" }, one,
        may && button("×", () => void this.#label(row, row.labels.filter((/** @type {string} */ each) => each !== one)), { class: "chip-x", "aria-label": `Remove the label ${one}` })))),
      may && form);
  }

  /** @param {any} row @param {string[]} labels */
  async #label(row, labels) {
    await this.#do(row.key, "labels", { labels });
    if (document.activeElement instanceof HTMLElement && this.set.contains(document.activeElement)) document.activeElement.blur();
  }

  /** @param {string} key @param {string} name @param {object} body */
  async #do(key, name, body) {
    try {
      await act(key, name, body);
    } catch (error) {
      if (error instanceof Refusal) toast(error.message, "bad");
    }
  }
}
