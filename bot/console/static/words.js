// Codes in words.

export const PRIORITIES = ["Low", "Normal", "High", "Urgent"];
export const STATES = { open: "Open", claimed: "Claimed", snoozed: "Snoozed", resolved: "Resolved", bot: "With the bot" };
export const CHANNELS = { web: "Web chat", telegram: "Telegram", terminal: "Terminal" };
export const DELIVERIES = { sent: "Sent", sending: "Sending…", delivered: "Delivered", failed: "Not delivered" };

const VERDICTS = {
  allow: "may be cancelled", attempt: "may be tried; the live record decides", nothing_to_refund: "may be cancelled, nothing to refund",
  refuse: "not to be cancelled", already_cancelled: "cancelled already", person: "a person decides",
};

/** A ruling of the policy in words. @param {string} code */
export const verdict = (code) => VERDICTS[/** @type {keyof VERDICTS} */ (code)] ?? plain(code);

/** Why, as a sentence about the order. @param {{number: string, reason: string}} panel */
export const because = ({ number, reason }) => (reason ? `Order ${number} ${reason}.` : "");

/** @param {string} code */
export const plain = (code) => code.replaceAll("_", " ");
/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
/** @param {string} name */
export const channel = (name) => CHANNELS[/** @type {keyof CHANNELS} */ (name)] ?? capital(name);
/** @param {{customer: string, reference: string}} row */
export const who = (row) => row.customer || row.reference;

/** Money as it was read. @param {string} amount @param {string} currency */
export function money(amount, currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).format(Number(amount));
  } catch {
    return `${amount} ${currency}`;
  }
}
