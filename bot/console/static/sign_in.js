// A sign-in link carries its token behind the #, which no server's log and no other page ever sees.

import { byId } from "./dom.js";

const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  const state = byId("link-state");
  state.hidden = false;
  state.textContent = "Signing in…";
  fetch("/desk/sign-in/link", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }),
  }).then(async (response) => {
    const body = await response.json();
    if (response.ok) location.replace(body.to);
    else { state.className = "problem"; state.textContent = body.message; }
  }).catch(() => {
    state.className = "problem";
    state.textContent = "The server cannot be reached. Reload the page with the link to try again.";
  });
}
