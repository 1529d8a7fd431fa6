// Codes in words.

export const PRIORITIES = ["Low", "Normal", "High", "Urgent"];
export const STATES = { open: "Open", claimed: "Claimed", snoozed: "Snoozed", resolved: "Resolved", bot: "With the bot" };
export const CHANNELS = { web: "Web chat", telegram: "Telegram", terminal: "Terminal" };
export const DELIVERIES = { sent: "Sent", sending: "Sending…", delivered: "Delivered", failed: "Not delivered" };

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
