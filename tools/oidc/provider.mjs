// A certified OpenID provider (npm oidc-provider) on an address of this
// machine, with made-up people. It asks nobody anything: who logs in, and at
// which level, is what the test has said last (POST /test).
//
//   node provider.mjs REDIRECT_URI
//
// writes its issuer on a line of its own and stops when its input ends.
import http from 'node:http';
import Provider from 'oidc-provider';

let next = { account: 'bo', acr: 'loa3' };
const server = http.createServer();
await new Promise((ready) => server.listen(0, 'localhost', ready));
const issuer = `http://localhost:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: 'sluss', client_secret: 'a secret of the test', redirect_uris: [process.argv[2]], response_types: ['code'], grant_types: ['authorization_code'] }],
  acrValues: ['loa2', 'loa3', 'other'],
  claims: { openid: ['sub'], profile: ['name', 'employee'], email: ['email', 'email_verified'], acr: null, auth_time: null },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ['a key of the test'] },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600, IdToken: 600, AccessToken: 600 },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `Bo ${id}`, employee: id.includes('@') ? undefined : id, email: id.includes('@') ? id : undefined, email_verified: !id.startsWith('unchecked') }),
  }),
});

const interact = async (req, res) => {
  const { params } = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({ accountId: next.account, clientId: params.client_id });
  grant.addOIDCScope('openid profile email');
  const result = next.account
    ? { login: { accountId: next.account, acr: next.acr, remember: true }, consent: { grantId: await grant.save() } }
    : { error: 'access_denied' };
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
};

server.on('request', async (req, res) => {
  try {
    if (req.method === 'POST' && req.url === '/test') {
      let body = '';
      for await (const part of req) body += part;
      next = JSON.parse(body);
      res.end();
    } else if (req.url.startsWith('/interaction/')) {
      await interact(req, res);
    } else {
      provider.callback()(req, res);
    }
  } catch (err) {
    console.error(err);
    res.statusCode = 500;
    res.end();
  }
});

console.log(issuer);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
