import type { InstanceState, InstanceStatus } from '../instances/state.js';

const REFRESH_SECONDS = 3;

const explanations: Record<InstanceState, string> = {
  connecting: 'Connecting to WhatsApp…',
  qr: 'On the phone: WhatsApp → Linked devices → Link a device, then scan.',
  open: 'paired',
  paused: 'Nobody scanned in time. Connect again with POST /instances/{id}.',
  logged_out: 'Logged out by the phone. Connect again with POST /instances/{id} to pair anew.',
  replaced: 'Another client uses this session. Connect again with POST /instances/{id}.',
  banned: 'WhatsApp banned this number.',
  failed: 'WhatsApp or the store refuses this number.',
};

/** Renders a page without scripts that reloads itself until the phone has scanned the code. */
export function qrPage(id: string, status: InstanceStatus, svg: string | undefined): string {
  const done = status.state === 'open';
  const reason = status.reason === null ? '' : `<p><small>${escapeHtml(status.reason)}</small></p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${done ? '' : `<meta http-equiv="refresh" content="${REFRESH_SECONDS}">`}
<title>${escapeHtml(id)}: ${status.state}</title>
<style>
body { font: 1.1rem system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; text-align: center }
svg { width: min(80vw, 24rem) } .done { font-size: 2.5rem; color: #128c4a }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(id)}</h1>
${svg ?? ''}
<p${done ? ' class="done"' : ''}>${escapeHtml(explanations[status.state])}</p>
${reason}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
