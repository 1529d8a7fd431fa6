// Settings of this browser, for this agent.

import { byId } from "./dom.js";
import { kept } from "./page.js";
import { beep } from "./notify.js";

export function settings() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("settings"));
  const said = byId("settings-said");
  const themes = /** @type {NodeListOf<HTMLInputElement>} */ (dialog.querySelectorAll("[name=theme]"));
  for (const one of themes) {
    one.checked = one.value === (document.documentElement.dataset.theme ?? "system");
    one.onchange = () => theme(one.value);
  }
  box("set-keys", kept.get("keys") !== "no", (on) => { kept.set("keys", on ? "yes" : "no"); });
  box("set-sound", kept.get("sound") === "yes", (on) => { kept.set("sound", on ? "yes" : "no"); if (on) beep(); });
  box("set-notify", kept.get("notify") === "yes", async (on, checkbox) => {
    said.textContent = "";
    if (on && !("Notification" in window && await Notification.requestPermission() === "granted")) {
      checkbox.checked = on = false;
      said.textContent = "This browser does not allow notifications from here.";
    }
    kept.set("notify", on ? "yes" : "no");
  });
  said.textContent = "";
  dialog.showModal();
}

/** @param {string} id @param {boolean} on @param {(on: boolean, box: HTMLInputElement) => void} change */
function box(id, on, change) {
  const found = /** @type {HTMLInputElement} */ (byId(id));
  found.checked = on;
  found.onchange = () => change(found.checked, found);
}

/** @param {string} name */
function theme(name) {
  try { localStorage.setItem("desk.theme", name); } catch { /* it lasts as long as the page */ }
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}
