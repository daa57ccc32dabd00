import { desktopBridgeName } from '../../shared/contract/desktop-bridge';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => escapes[char] ?? char);

/** Shown when the engine has been given up: what is wrong, and one button. A URL of its own, without any server. */
export function crashPageUrl(reason: string): string {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Stream Manager Studio</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #0e1116; color: #e6e9ef; font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 36rem; padding: 2rem; }
  h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
  p { margin: 0 0 1.5rem; color: #aab2c0; overflow-wrap: anywhere; }
  button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .5rem; background: #6d5efc; color: #fff; cursor: pointer; }
  button:focus-visible { outline: 3px solid #b8b0ff; outline-offset: 2px; }
</style>
<main role="alert">
  <h1>The studio’s engine is not running</h1>
  <p>${escapeHtml(reason)}</p>
  <button autofocus onclick="window.${desktopBridgeName}.retryEngine()">Start it again</button>
</main>
</html>`;
  return `data:text/html;charset=utf-8,${encodeURIComponent(html)}`;
}
