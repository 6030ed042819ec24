// An OpenID provider of a hospital for the tests: it asks nobody anything, and lets in whom /control named last.
import Provider from 'oidc-provider'

const [port, portal, notices] = process.argv.slice(2)
let person = { sub: 'niemand' }

const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: 'portaal',
    client_secret: 'geheim-van-het-portaal',
    redirect_uris: [`${portal}/inloggen/via/huis/terug`],
    post_logout_redirect_uris: [`${portal}/inloggen`],
    backchannel_logout_uri: notices,
    backchannel_logout_session_required: true,
  }],
  claims: { openid: ['sub', 'acr', 'amr', 'auth_time', 'sid'], email: ['email', 'email_verified', 'organisation'] },
  cookies: { keys: ['alleen voor de proef'] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  findAccount: async (ctx, sub) => ({ accountId: sub, claims: async () => ({ ...person, sub }) }),
  interactions: { url: async (ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  // Its own fetch calls no machine as near as this one.
  fetch: (url, { dispatcher, ...rest }) => globalThis.fetch(url, rest),
})

provider.use(async (ctx, next) => {
  if (ctx.path === '/control') {
    let body = ''
    for await (const part of ctx.req) body += part
    person = JSON.parse(body)
    ctx.body = 'ok'
  } else if (ctx.path.startsWith('/interaction/')) {
    const { params, session } = await provider.interactionDetails(ctx.req, ctx.res)
    const accountId = session?.accountId ?? person.sub
    const grant = new provider.Grant({ accountId, clientId: params.client_id })
    grant.addOIDCScope('openid email')
    const { acr, amr } = person
    await provider.interactionFinished(ctx.req, ctx.res, {
      login: { accountId: person.sub, acr, amr }, consent: { grantId: await grant.save() },
    })
  } else {
    await next()
  }
})

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
