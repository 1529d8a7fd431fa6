/* The support page's buttons open the chat, some of them with an order's number. */
"use strict";
document.addEventListener("click", event => {
  const button = event.target.closest("button[data-number]");
  if (button && window.RescindChat) window.RescindChat.open(button.dataset.number);
});
