// One dialog for every question: focus goes in and comes back, Esc leaves, a refusal is told inside.

import { Refusal } from "./api.js";
import { byId, fill } from "./dom.js";

/**
 * @param {{heading: string, body?: (Node|string|false|null)[], yes: string, danger?: boolean,
 *   submit: (form: HTMLFormElement) => Promise<void|"stay">}} question
 */
export function ask({ heading, body = [], yes, danger = false, submit }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  const form = /** @type {HTMLFormElement} */ (byId("ask-form"));
  const confirm = /** @type {HTMLButtonElement} */ (byId("ask-yes"));
  const problem = byId("ask-problem");
  byId("ask-heading").textContent = heading;
  fill(byId("ask-body"), .../** @type {Node[]} */ (body));
  confirm.textContent = yes;
  confirm.className = danger ? "primary danger" : "primary";
  confirm.disabled = false;
  problem.textContent = "";
  byId("ask-no").onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    problem.textContent = "";
    try {
      if (await submit(form) !== "stay") dialog.close();
    } catch (error) {
      problem.textContent = error instanceof Refusal ? error.message : "This was not done.";
      if (!(error instanceof Refusal)) throw error;
    } finally {
      confirm.disabled = false;
    }
  };
  if (!dialog.open) dialog.showModal();
  const first = form.querySelector("#ask-body input, #ask-body select, #ask-body textarea");
  (first instanceof HTMLElement ? first : danger ? byId("ask-no") : confirm).focus();
}

/** A field's text. @param {HTMLFormElement} form @param {string} name */
export const field = (form, name) => String(new FormData(form).get(name) ?? "").trim();
