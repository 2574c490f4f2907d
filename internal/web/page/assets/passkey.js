// Passkeys need script: the browser asks its holder, and the answer goes back.
// A page marks the place with data-passkey="get" or "create" to log in with one,
// data-sign to sign the document whose hash it holds, data-enrol to make one to
// sign with; without script the place stays hidden and the page says what else
// there is.
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
    return told(await navigator.credentials[kind]({ publicKey: o }));
  };
  const told = (c) => {
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
  for (const place of document.querySelectorAll('[data-sign]')) {
    if (!window.PublicKeyCredential) continue;
    place.hidden = false;
    const button = place.querySelector('button');
    const problem = place.querySelector('[role=alert]');
    const answer = place.querySelector('input[name=assertion]');
    button.addEventListener('click', async () => {
      button.disabled = true;
      problem.textContent = '';
      try {
        const allowCredentials = place.dataset.credentials.split(' ').map((id) => ({ type: 'public-key', id: bytes(id) }));
        answer.value = told(await navigator.credentials.get({ publicKey: { challenge: bytes(place.dataset.sign), allowCredentials, userVerification: 'required' } }));
        button.form.requestSubmit();
      } catch {
        problem.textContent = problem.dataset.cancelled;
        answer.value = '';
      }
      button.disabled = false;
    });
  }
  // What is enrolled: the public half, with the address that it was made for.
  // Nothing is sent; people carry it, and compare the fingerprint.
  const fingerprint = async (lines) => {
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines.join('\n'))));
    const hex = Array.from(sum.slice(0, 16), (b) => b.toString(16).padStart(2, '0')).join('');
    return hex.match(/.{4}/g).join('-');
  };
  for (const place of document.querySelectorAll('[data-enrol]')) {
    if (!window.PublicKeyCredential) continue;
    place.hidden = false;
    const button = place.querySelector('button');
    const problem = place.querySelector('[role=alert]');
    button.addEventListener('click', async () => {
      button.disabled = true;
      problem.textContent = '';
      try {
        const user = { id: crypto.getRandomValues(new Uint8Array(32)), name: place.dataset.enrol, displayName: place.dataset.enrol };
        const c = await navigator.credentials.create({ publicKey: {
          challenge: crypto.getRandomValues(new Uint8Array(32)), rp: { id: location.hostname, name: place.dataset.rp }, user, attestation: 'none',
          pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
          authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
        } });
        const made = { id: text(c.rawId), key: text(c.response.getPublicKey()), rp: location.hostname, origin: location.origin };
        place.querySelector('textarea').value = JSON.stringify(made);
        place.querySelector('code').textContent = await fingerprint([made.id, made.key, made.rp, made.origin]);
        place.querySelector('[data-made]').hidden = false;
      } catch {
        problem.textContent = problem.dataset.cancelled;
        button.disabled = false;
      }
    });
  }
})();
