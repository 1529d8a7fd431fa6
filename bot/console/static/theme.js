// Before the first paint, so that nobody's dark page flashes white.
"use strict";
try {
  const theme = localStorage.getItem("desk.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* a browser that keeps nothing shows the system's colours */ }
