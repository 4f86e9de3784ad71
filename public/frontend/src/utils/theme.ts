/** Dark or light: what the person chose, kept in this browser. `theme.js` sets it before the first paint. */

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'metarr-theme';

export function chosenTheme(): Theme {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden: then the choice lasts as long as the page.
  }
}
