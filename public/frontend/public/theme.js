// Before the first paint, so that a page that is to be dark does not flash. The choice is made in the header's menu.
try {
  const chosen = localStorage.getItem('metarr-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; then the system's preference holds.
}
