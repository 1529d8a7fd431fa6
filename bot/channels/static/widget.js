/* The Rescind chat widget: one script tag, no build, nothing from elsewhere.
   The protocol it speaks is written in docs/web-chat.md. */
(() => {
  "use strict";
  if (window.RescindChat) return;
  const script = document.currentScript;
  const home = new URL(".", script.src);

  const WORDS = {
    en: { title: "Order support", open: "Open chat", close: "Close chat", language: "Language", log: "Conversation",
          write: "Write a message…", send: "Send", choices: "Suggested answers", you: "You", bot: "Support",
          sending: "Sending…", failed: "Not sent", connecting: "Connecting…", reconnecting: "Reconnecting…",
          offline: "You are offline. Your messages will be sent when you are back.",
          refused: "The chat is not available on this page.", unread: "new messages" },
    es: { title: "Ayuda con pedidos", open: "Abrir el chat", close: "Cerrar el chat", language: "Idioma",
          log: "Conversación", write: "Escribe un mensaje…", send: "Enviar", choices: "Respuestas sugeridas", you: "Tú",
          bot: "Ayuda", sending: "Enviando…", failed: "No enviado", connecting: "Conectando…",
          reconnecting: "Reconectando…", offline: "Sin conexión. Tus mensajes se enviarán cuando vuelvas a tenerla.",
          refused: "El chat no está disponible en esta página.", unread: "mensajes nuevos" },
  };
  const NAMES = { en: "English", es: "Español" };
  const HELD_DAYS = 2;   // how long a closed chat listens on
  const LONGEST = 8000;  // characters carried; the server answers from 4,001 on that it is too long

  const STYLE = "@widget.css@";   // the server puts the file in here

  // ---- what is kept: the token for ever, what belongs to this tab for the tab
  const shelf = (storage, name) => {
    let kept = {};
    try { kept = JSON.parse(window[storage].getItem(name)) || {}; } catch { /* none, or storage is off */ }
    return new Proxy(kept, { set(target, key, value) {
      target[key] = value;
      try { window[storage].setItem(name, JSON.stringify(target)); } catch { /* lives for this page only */ }
      return true;
    } });
  };
  const own = shelf("localStorage", "rescind-chat");
  const tab = shelf("sessionStorage", "rescind-chat");
  let outbox = tab.outbox || [];
  const keepOutbox = () => { tab.outbox = outbox; };
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, "0")).join("");

  const locale = () => own.locale || script.dataset.locale || navigator.language || "en";
  const language = (two = locale().slice(0, 2).toLowerCase()) => (two in WORDS ? two : "en");
  const word = key => WORDS[language()][key];
  const title = () => script.dataset.title || word("title");

  // ---- elements
  const make = (tag, traits = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(traits)) {
      if (name in node && name !== "role") node[name] = value; else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };
  const icon = path => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const host = make("div", { id: "rescind-chat" });
  const root = host.attachShadow({ mode: "open" });
  const badge = make("span", { className: "badge", hidden: true });
  const launcher = make("button", { type: "button", className: "launcher", "aria-haspopup": "dialog" },
    icon("M4 5h16v11H9l-5 4z"), badge);
  const heading = make("h2");
  const menu = make("select", {}, ...Object.entries(NAMES).map(([value, text]) => make("option", { value, textContent: text })));
  const shut = make("button", { type: "button", className: "shut" }, icon("M6 9l6 6 6-6"));
  const status = make("div", { className: "status", role: "status", hidden: true });
  const log = make("div", { className: "log", role: "log", "aria-live": "off" });
  const pending = make("div", { className: "log" });
  const dots = make("div", { className: "dots", hidden: true, "aria-hidden": "true" }, make("i"), make("i"), make("i"));
  const choices = make("div", { className: "choices", role: "group", hidden: true });
  const view = make("div", { className: "view", tabIndex: 0, role: "region" }, log, pending, dots, choices);
  const input = make("textarea", { rows: 1, autocomplete: "off", enterKeyHint: "send", maxLength: LONGEST });
  const button = make("button", { type: "submit", className: "send" }, icon("M4 12h14M12 6l6 6-6 6"));
  const form = make("form", {}, input, button);
  const panel = make("section", { className: "panel", id: "panel", role: "dialog", hidden: true },
    make("header", {}, heading, menu, shut), status, view, form);
  root.append(launcher, panel);

  const label = () => {
    host.lang = language();
    heading.textContent = title();
    panel.setAttribute("aria-label", title());
    menu.value = language();
    menu.setAttribute("aria-label", word("language"));
    shut.setAttribute("aria-label", word("close"));
    view.setAttribute("aria-label", word("log"));
    log.setAttribute("aria-label", word("log"));
    choices.setAttribute("aria-label", word("choices"));
    input.placeholder = word("write");
    input.setAttribute("aria-label", word("write"));
    button.setAttribute("aria-label", word("send"));
    launcher.setAttribute("aria-label", word("open") + (unread ? ` (${unread} ${word("unread")})` : ""));
    for (const node of pending.querySelectorAll(".note")) node.textContent = word(node.dataset.word);
    showStatus();
  };

  // ---- messages
  let last = 0, unread = 0, caughtUp = 0, lastAuthor = "", lastTime = 0, lastChoices = [];

  const linked = text => {
    const nodes = [];
    let at = 0;
    for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"]+/g)) {
      const url = match[0].replace(/[.,;:!?)\]'…]+$/, "");
      if (!URL.canParse?.(url)) continue;
      nodes.push(text.slice(at, match.index), make("a", { href: url, textContent: url, target: "_blank", rel: "noopener noreferrer" }));
      at = match.index + url.length;
    }
    return [...nodes, text.slice(at)];
  };
  const line = text => make("div", {}, ...linked(text));
  const bubble = (author, who, text) => make("div", { className: `message ${author}` },
    make("span", { className: "sr", textContent: `${who}: ` }), make("div", { className: "bubble" }, ...text.split("\n").map(line)));
  const atEnd = () => view.scrollHeight - view.scrollTop - view.clientHeight < 80;
  const toEnd = () => { view.scrollTop = view.scrollHeight; };

  const show = message => {
    const stay = !atEnd() && message.author !== "customer";
    const who = message.author === "customer" ? word("you") : message.agent || word("bot");
    const node = bubble(message.author, who, message.text);
    const time = new Date(message.at);
    const author = message.agent || "";
    if (time - lastTime > 3e5 || author && author !== lastAuthor) {
      const clock = time.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
      node.prepend(make("div", { className: "meta", "aria-hidden": "true", textContent: message.agent ? `${message.agent} · ${clock}` : clock }));
    }
    node.title = time.toLocaleString(locale());
    [lastAuthor, lastTime] = [author, time];
    lastChoices = message.author === "customer" ? [] : message.choices || [];
    for (const waiting of [...pending.children]) {
      if (waiting.dataset.id === message.id || (waiting.dataset.accepted && message.author !== "customer")) waiting.remove();
    }
    if (message.author !== "customer") dots.hidden = true;
    log.append(node);
    offer();
    if (!stay) toEnd();
    if (panel.hidden && message.author !== "customer" && message.seq > (own.seen || 0)) unread += 1;
    seen();
  };
  const seen = () => {
    if (!panel.hidden) { own.seen = last; own.used = Date.now(); unread = 0; }
    badge.textContent = unread;
    badge.hidden = !unread;
    label();
  };
  const forget = () => {
    last = caughtUp = lastTime = own.seen = 0;
    lastAuthor = "";
    lastChoices = [];
    log.replaceChildren();
    offer();
  };
  const offer = () => {
    const inside = choices.contains(root.activeElement);
    const offered = pending.children.length ? [] : lastChoices;
    choices.replaceChildren(...offered.map(choice => make("button", { type: "button", textContent: choice.label,
      onclick: () => say({ type: "press", value: choice.value, label: choice.label }, choice.label) })));
    choices.hidden = !offered.length;
    if (inside && !choices.hidden) choices.firstChild.focus();
    else if (inside) focusInside();
  };
  const wait = frame => {
    if (frame.type !== "message" && frame.type !== "press") return;
    const node = bubble("customer", word("you"), frame.text ?? frame.label);
    node.dataset.id = frame.id;
    node.append(make("div", { className: "note", textContent: word("sending"), "data-word": "sending" }));
    pending.append(node);
    offer();
    toEnd();
  };
  const mark = (id, settle) => { for (const node of pending.children) if (node.dataset.id === id) settle(node); };

  // ---- out: one frame at a time, kept until the server has it
  let sending = null, sendTimer = 0;

  const say = frame => {
    const whole = { id: newId(), ...frame };
    outbox.push(whole);
    keepOutbox();
    wait(whole);
    connect();
    flush();
  };
  const flush = () => {
    if (!ready || sending || !outbox.length) return;
    sending = outbox[0];
    transmit(sending);
    sendTimer = setTimeout(reconnect, 15000);
  };
  const settled = id => {
    outbox = outbox.filter(frame => frame.id !== id);
    keepOutbox();
    free(id);
    flush();
  };
  const free = id => {
    if (sending && sending.id === id) { clearTimeout(sendTimer); sending = null; }
  };
  const transmit = frame => { if (socket && socket.readyState === 1) socket.send(JSON.stringify(frame)); };

  // ---- the connection: backs off, comes back, asks for what it missed
  let socket = null, ready = false, tries = 0, wanted = false, barred = false, asking = false, fetching = -1, dotsTimer = 0;
  let retryTimer = 0, aliveTimer = 0, statusTimer = 0;

  const showStatus = () => {
    clearTimeout(statusTimer);
    const text = barred ? "refused" : ready || !wanted ? "" : !navigator.onLine ? "offline" : tries > 1 || last ? "reconnecting" : "connecting";
    const put = () => { status.textContent = text && word(text); status.hidden = !text; };
    if (text === "connecting" || text === "reconnecting") statusTimer = setTimeout(put, 700); else put();
  };
  const connect = async () => {
    clearTimeout(retryTimer);
    wanted = true;
    if (socket || asking || barred) return;
    if (!own.token && !(await session())) return;
    if (socket) return;
    const ws = socket = new WebSocket(new URL("ws", home).href.replace(/^http/, "ws"));
    ws.onopen = () => transmit({ type: "hello", token: own.token, after: last, locale: locale() });
    ws.onmessage = event => { if (ws === socket) { clearTimeout(aliveTimer); aliveTimer = 0; handle(JSON.parse(event.data)); } };
    ws.onclose = () => { if (ws === socket) lost(); };
    alive(10000);
  };
  const session = async () => {
    asking = true;
    try {
      const answer = await fetch(new URL("session", home), { method: "POST", credentials: "omit" });
      const body = await answer.json();
      if (answer.ok) { own.token = body.token; return true; }
      if (answer.status === 403) { barred = true; showStatus(); } else later((body.retry_after || 1) * 1000);
    } catch { later(); } finally { asking = false; }
    return false;
  };
  const later = (least = 0) => {
    const longest = Math.min(30000, 500 * 2 ** tries++);
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, Math.max(least, longest / 2 + Math.random() * longest / 2));
    showStatus();
  };
  const lost = () => {
    socket = sending = null;
    ready = false;
    fetching = -1;
    [aliveTimer, sendTimer].forEach(clearTimeout);
    aliveTimer = 0;
    dots.hidden = true;
    if (wanted) later();
  };
  const reconnect = () => {
    const ws = socket;
    lost();
    if (ws) ws.close();
  };
  const alive = patience => { if (!aliveTimer) aliveTimer = setTimeout(reconnect, patience); };
  const probe = () => { if (ready) { transmit({ type: "ping" }); alive(10000); } };
  const again = () => { if (!wanted) return; tries = 0; if (socket) probe(); else connect(); };

  const handle = frame => {
    if (frame.type === "message") receive(frame);
    else if (frame.type === "ready") begin(frame);
    else if (frame.type === "accepted") {
      mark(frame.id, node => { node.dataset.accepted = "yes"; node.querySelector(".note")?.remove(); });
      settled(frame.id);
      if (frame.locale) { own.locale = frame.locale; label(); }
    } else if (frame.type === "typing") {
      const end = atEnd();
      dots.hidden = false;
      if (end) toEnd();
      clearTimeout(dotsTimer);
      dotsTimer = setTimeout(() => { dots.hidden = true; }, 15000);
    } else if (frame.type === "error") trouble(frame);
  };
  const begin = frame => {
    if (frame.last < last) forget();
    caughtUp = frame.last;
    ready = true;
    tries = 0;
    showStatus();
    if (!frame.last && !panel.hidden && !outbox.length) greet();
    if (last >= caughtUp) log.setAttribute("aria-live", "polite");
    flush();
  };
  const receive = message => {
    if (message.seq <= last) return;
    if (message.seq > last + 1) {
      if (fetching !== last) transmit({ type: "fetch", after: last });
      fetching = last;
      return;
    }
    last = message.seq;
    show(message);
    if (last >= caughtUp) setTimeout(() => log.setAttribute("aria-live", "polite"));
  };
  const trouble = frame => {
    if (frame.code === "bad_token") {
      own.token = "";
      forget();
      reconnect();
    } else if (frame.id && frame.retry_after) {
      clearTimeout(sendTimer);
      setTimeout(() => { free(frame.id); flush(); }, frame.retry_after * 1000);
    } else if (frame.id) {
      mark(frame.id, node => { const note = node.querySelector(".note"); note.dataset.word = "failed"; note.textContent = word("failed"); });
      settled(frame.id);
    }
  };
  const greet = () => {
    const number = script.dataset.order;
    say({ type: "open", id: number ? `open-${number}`.replace(/[^\w.:-]/g, "_").slice(0, 64) : "open", ...(number && { number }) });
  };

  // ---- opening and closing
  let origin = launcher;
  const phone = matchMedia("(max-width: 480px)");
  const focusInside = () => (matchMedia("(pointer: coarse)").matches ? view : input).focus();
  const open = (number, quietly) => {
    if (panel.hidden) {
      const active = document.activeElement;
      origin = active && active !== document.body && active !== host ? active : launcher;
      panel.hidden = false;
      launcher.hidden = true;
      tab.open = true;
      grow();
      toEnd();
    }
    seen();
    if (number) say({ type: "open", number: String(number) });
    else if (ready && !last && !outbox.length) greet();
    connect();
    if (!quietly) focusInside();
  };
  const close = () => {
    panel.hidden = true;
    launcher.hidden = false;
    tab.open = false;
    (origin.isConnected ? origin : launcher).focus();
  };
  const grow = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
  };
  const keepInside = event => {
    const stops = [...panel.querySelectorAll("select, button, textarea, a, [tabindex]")].filter(node => node.offsetParent);
    const [first, end] = [stops[0], stops[stops.length - 1]];
    if (event.shiftKey && root.activeElement === first) { event.preventDefault(); end.focus(); }
    if (!event.shiftKey && root.activeElement === end) { event.preventDefault(); first.focus(); }
  };

  launcher.onclick = () => open();
  shut.onclick = close;
  panel.onkeydown = event => {
    if (event.isComposing) return;
    if (event.key === "Escape") { event.stopPropagation(); close(); }
    if (event.key === "Tab" && phone.matches) keepInside(event);
  };
  input.onkeydown = event => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  };
  input.oninput = () => { tab.draft = input.value; grow(); };
  form.onsubmit = event => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = tab.draft = "";
    grow();
    say({ type: "message", text });
    input.focus();
  };
  menu.onchange = () => {
    own.locale = menu.value;
    label();
    say({ type: "language", locale: menu.value });
  };
  window.addEventListener("online", again);
  window.addEventListener("offline", () => { if (ready) probe(); showStatus(); });
  window.addEventListener("pageshow", event => { if (event.persisted) again(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
  setInterval(probe, 25000);

  // ---- begin
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  document.body.append(host);
  input.value = tab.draft || "";
  outbox.forEach(wait);
  label();
  if (tab.open ?? ("open" in script.dataset && !phone.matches)) open(undefined, true);
  else if (outbox.length || (own.token && Date.now() - (own.used || 0) < HELD_DAYS * 864e5)) connect();
  window.RescindChat = { open, close };
})();
