// The inbox: its parts, put together.

import { Refusal, get } from "./api.js";
import { Chat } from "./chat.js";
import { completion } from "./completion.js";
import { Composer } from "./composer.js";
import { byId, toast } from "./dom.js";
import { filters } from "./filters.js";
import { help, keys } from "./keys.js";
import { Live } from "./live.js";
import { Unread } from "./notify.js";
import { Outbox } from "./outbox.js";
import { reference } from "./page.js";
import { Panel } from "./panel.js";
import { Queue } from "./queue.js";
import { search } from "./search.js";
import { settings } from "./settings.js";

const live = new Live();
const unread = new Unread(live);
const queue = new Queue(live, unread);
const composer = new Composer();
const chat = new Chat(live, composer, new Outbox());
const panel = new Panel(chat);
const searching = search(queue);
filters(queue, live, () => searching.leave());
completion(composer);

/** @param {string} key */
function open(key, { seq = 0, focus = true } = {}) {
  document.body.classList.add("talking");
  queue.mark(key);
  unread.read(key);
  chat.open(key, seq);
  if (focus) byId("talk-heading").focus();
}

function close() {
  const { key } = chat;
  if (!key) return;
  document.body.classList.remove("talking");
  chat.close();
  panel.hide();
  unread.read("");
  queue.items.get(key)?.querySelector("a")?.focus();
  queue.mark("");
  history.pushState({}, "", "/desk/");
}

/** @param {string} ref */
async function openCase(ref) {
  try {
    open((await get(`cases/${encodeURIComponent(ref)}`)).key);
  } catch (error) {
    if (error instanceof Refusal) toast(error.message, "bad");
  }
}

queue.addEventListener("open", (event) => {
  const { key, seq } = /** @type {any} */ (event).detail;
  open(key, { seq });
});
chat.addEventListener("head", (event) => {
  const { head, began } = /** @type {any} */ (event).detail;
  const path = `/desk/case/${encodeURIComponent(head.row.reference)}`;
  if (began && location.pathname !== path) history.pushState({ key: head.row.key }, "", path);
  else if (began) history.replaceState({ key: head.row.key }, "");
});
chat.addEventListener("shut", () => { document.body.classList.remove("talking"); panel.hide(); queue.mark(""); });
addEventListener("popstate", (event) => {
  if (event.state?.key) open(event.state.key, { focus: false });
  else { document.body.classList.remove("talking"); chat.close(); panel.hide(); queue.mark(""); unread.read(""); }
});
byId("back").addEventListener("click", close);
for (const [name, show] of Object.entries({ help, settings })) {
  for (const one of document.querySelectorAll(`[data-do=${name}]`)) one.addEventListener("click", show);
}

const act = (/** @type {string} */ name) => () => void chat.actions.run(name);
const write = (/** @type {"reply"|"note"} */ mode) => () => { if (chat.key) composer.write(mode); };
keys({
  next: () => queue.move(1), previous: () => queue.move(-1),
  claim: act("claim"), resolve: act("resolve"), back: act("back"), snooze: act("snooze"), pass: act("pass"),
  reply: write("reply"), note: write("note"), search: () => searching.focus(), help,
  leave: () => { if (!document.activeElement || document.activeElement === document.body || document.activeElement.closest("#talk")) close(); },
});

const toggle = byId("case-toggle"); // on a phone the case stands where the messages are
const showCase = (/** @type {boolean} */ shown) => {
  document.body.classList.toggle("case-open", shown);
  toggle.setAttribute("aria-expanded", String(shown));
  toggle.textContent = shown ? "Messages" : "Case";
};
toggle.addEventListener("click", () => showCase(!document.body.classList.contains("case-open")));
byId("back").addEventListener("click", () => showCase(false));

const offline = byId("offline");
live.addEventListener("up", () => { offline.hidden = true; });
let down = 0;
live.addEventListener("down", () => {
  clearTimeout(down);
  down = window.setTimeout(() => {
    if (live.up) return;
    offline.hidden = false;
    offline.textContent = "No connection to the desk. What you write is kept here and sent as soon as it is back.";
  }, 700);
});

live.connect();
if (reference) void openCase(reference);
