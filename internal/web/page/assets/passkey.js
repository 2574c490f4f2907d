// Passkeys need script: the browser asks its holder, and the answer goes back.
// A page marks the place with data-passkey="get" or "create"; without script
// the place stays hidden and the page says what else there is.
(() => {
  'use strict';
  const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const post = async (url, body) => {
    const r = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    const said = await r.json().catch(() => ({}));
    if (!r.ok) throw Object.assign(new Error(), { said: said.error || r.statusText });
    return said;
  };
  const ask = async (kind, { publicKey: o }) => {
    o.challenge = bytes(o.challenge);
    for (const c of [...(o.excludeCredentials || []), ...(o.allowCredentials || [])]) c.id = bytes(c.id);
    if (o.user) o.user.id = bytes(o.user.id);
    const c = await navigator.credentials[kind]({ publicKey: o });
    const response = {};
    for (const k of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (c.response[k]) response[k] = text(c.response[k]);
    }
    if (c.response.getTransports) response.transports = c.response.getTransports();
    return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: c.getClientExtensionResults() });
  };
  for (const place of document.querySelectorAll('[data-passkey]')) {
    if (!window.PublicKeyCredential) continue;
    place.hidden = false;
    const button = place.querySelector('button');
    const problem = place.querySelector('[role=alert]');
    const name = place.querySelector('input');
    button.addEventListener('click', async () => {
      button.disabled = true;
      problem.textContent = '';
      try {
        const answer = await ask(place.dataset.passkey, await post(place.dataset.begin));
        const to = place.dataset.finish + (name ? '&name=' + encodeURIComponent(name.value) : '');
        location.assign((await post(to, answer)).next);
      } catch (e) {
        problem.textContent = e.said || problem.dataset.cancelled;
        button.disabled = false;
      }
    });
  }
})();
