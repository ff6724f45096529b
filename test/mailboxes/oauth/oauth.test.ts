import { expect, onTestFinished, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import { createMailbox, findMailbox, readMailbox } from '../../../src/mailboxes/mailboxes.ts'
import { accessToken, distrustToken } from '../../../src/mailboxes/oauth/access-token.ts'
import { findApp, findToken, setApp } from '../../../src/mailboxes/oauth/apps.ts'
import { authoriseUrl, grant, readErrand } from '../../../src/mailboxes/oauth/authorise.ts'
import { fixedResolver } from '../../support/dns.ts'
import { imapServer } from '../../support/imap-server.ts'
import { oauthServer } from '../../support/oauth-server.ts'
import { world } from '../../support/world.ts'

const REDIRECT = 'https://waybill.example.com/v1/oauth/callback'
const SESSION = 'session of Ann'

async function connected() {
  const w = await world()
  const oauth = await oauthServer()
  const imap = await imapServer({ accessToken: oauth.access, user: 'ann@example.com' })
  onTestFinished(async () => {
    await imap.close()
    await oauth[Symbol.asyncDispose]()
  })
  const { database, secrets, clock, workspaceId } = w
  const deps = { database, secrets, clock, oauth: oauth.world, resolver: fixedResolver(), allowPrivateNetworks: true }
  const app = await w.inWorkspace((tx) =>
    setApp(
      tx,
      secrets,
      workspaceId,
      { provider: 'microsoft', clientId: 'client', clientSecret: 'secret', tenant: undefined },
      clock.now(),
    ),
  )
  const mailbox = await w.inWorkspace((tx) =>
    createMailbox(
      tx,
      secrets,
      workspaceId,
      {
        name: 'Support',
        address: 'ann@example.com',
        settings: {
          protocol: 'imap',
          auth: { kind: 'oauth', provider: 'microsoft' },
          host: '127.0.0.1',
          port: imap.port,
          security: 'none',
          username: 'ann@example.com',
          allowPrivate: true,
        },
        password: null,
      },
      clock.now(),
    ),
  )
  const connect = async () => {
    const url = authoriseUrl(app, mailbox, deps, { sessionId: SESSION, redirectUri: REDIRECT }, clock.now())
    const { code, state } = oauth.agree(url)
    const { verifier } = readErrand(secrets, state, SESSION, clock.now())
    await grant(deps, w.inWorkspace, { mailbox, provider: 'microsoft' }, { code, verifier, redirectUri: REDIRECT })
    return { url: new URL(url), state, code, verifier }
  }
  const token = () => findToken(database.db, workspaceId, mailbox.id)
  const look = () => readMailbox(mailbox, deps, async (open) => (await open.folders()).length)
  return { ...w, oauth, deps, mailbox, connect, token, look, get: () => accessToken(mailbox, 'microsoft', deps) }
}

test('a person agrees once, and the mailbox is read with what was granted', async () => {
  const w = await connected()
  expect(await w.look()).toMatchObject({ ok: false, problem: { cause: 'reconnect' } })
  const { url, state, code, verifier } = await w.connect()
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    client_id: 'client',
    response_type: 'code',
    redirect_uri: REDIRECT,
    code_challenge_method: 'S256',
    login_hint: 'ann@example.com',
    scope: expect.stringContaining('IMAP.AccessAsUser.All'),
  })
  expect(url.href).not.toContain(verifier)
  expect(await w.look()).toEqual({ ok: true, value: 2 })
  expect(await w.token()).toMatchObject({ problem: null, expiresAt: new Date(w.clock.now().getTime() + HOUR) })
  // A code is good once, an errand for one session and a quarter of an hour.
  await expect(
    grant(w.deps, w.inWorkspace, { mailbox: w.mailbox, provider: 'microsoft' }, { code, verifier, redirectUri: REDIRECT }),
  ).rejects.toMatchObject({ code: 'oauth_refused' })
  expect(() => readErrand(w.secrets, state, 'session of Bob', w.clock.now())).toThrow(/does not|not begun by this session/)
  expect(() => readErrand(w.secrets, `${state.slice(0, -4)}AAAA`, SESSION, w.clock.now())).toThrow(/not begun/)
  expect(() => readErrand(w.secrets, state, SESSION, new Date(w.clock.now().getTime() + 16 * MINUTE))).toThrow(/longer than 15/)
})

test('however many want it, one asks for the next token, and no transaction waits for the provider', async () => {
  const w = await connected()
  await w.connect()
  w.clock.advance(HOUR)
  const release = w.oauth.hold()
  const wanted = Array.from({ length: 6 }, () => w.get())
  expect(await waitUntil(() => w.oauth.asked.length === 2, { limitMs: 30_000 })).toBe(true)
  // While the provider is slow, the row can be read and written by others.
  expect(await w.token()).toMatchObject({ refreshing: expect.any(String) })
  expect(await w.inWorkspace((tx) => findMailbox(tx, w.workspaceId, w.mailbox.id))).not.toBeNull()
  release()
  expect(new Set(await Promise.all(wanted))).toEqual(new Set([w.oauth.access()]))
  expect(w.oauth.asked).toHaveLength(2)
  expect(await w.token()).toMatchObject({ refreshing: null, failingSince: null })
})

test('what passes costs nothing while the old token lives; a refusal for good says what the provider said, and asks no more', async () => {
  const w = await connected()
  await w.connect()
  const first = w.oauth.access()
  w.clock.advance(57 * MINUTE)
  w.oauth.fault = { status: 503, body: { error: 'temporarily_unavailable' } }
  expect(await w.get()).toBe(first)
  expect(await w.token()).toMatchObject({ problem: null, failingSince: expect.any(Date) })
  w.clock.advance(5 * MINUTE)
  await expect(w.get()).rejects.toMatchObject({ trouble: 'connection' })
  w.oauth.fault = {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'AADSTS700082: The refresh token has expired.' },
  }
  expect(await w.look()).toMatchObject({
    ok: false,
    problem: { cause: 'reconnect', sentence: expect.stringContaining('AADSTS700082') },
  })
  const asked = w.oauth.asked.length
  await expect(w.get()).rejects.toMatchObject({ trouble: 'reconnect' })
  expect(w.oauth.asked).toHaveLength(asked)
  // Connecting anew mends it.
  w.oauth.fault = null
  await w.connect()
  expect(await w.look()).toEqual({ ok: true, value: 2 })
})

test('a token that the mail server refuses is not shown again: the next try asks for another', async () => {
  const w = await connected()
  await w.connect()
  const first = w.oauth.access()
  await distrustToken(w.mailbox, w.deps)
  expect(await w.get()).not.toBe(first)
  expect(await w.look()).toEqual({ ok: true, value: 2 })
})

test('the end of what was granted is kept where the provider told it, and each new token has its own', async () => {
  const w = await connected()
  const ends = async () => (await w.token())?.refreshEndsAt
  w.oauth.refreshLives = 7 * 86_400
  await w.connect()
  expect(await ends()).toEqual(new Date(w.clock.now().getTime() + 7 * DAY))
  w.oauth.refreshLives = null
  w.clock.advance(HOUR)
  await w.get()
  expect(await ends()).toBeNull()
})

test('a new client secret does not have the end of the old one; what else is changed leaves it', async () => {
  const w = await connected()
  const set = (change: object) =>
    w.inWorkspace((tx) =>
      setApp(
        tx,
        w.secrets,
        w.workspaceId,
        { provider: 'microsoft', clientId: 'client', clientSecret: undefined, tenant: undefined, ...change },
        w.clock.now(),
      ),
    )
  const ends = async () => (await findApp(w.database.db, w.workspaceId, 'microsoft'))?.secretEndsOn
  await set({ secretEndsOn: '2027-05-22' })
  expect(await ends()).toBe('2027-05-22')
  await set({ tenant: 'our.example' })
  expect(await ends()).toBe('2027-05-22')
  await set({ clientSecret: 'renewed' })
  expect(await ends()).toBeNull()
})

test('a renewed client secret mends what was refused with the old one, and is stored sealed', async () => {
  const w = await connected()
  await w.connect()
  w.clock.advance(HOUR)
  w.oauth.fault = {
    status: 401,
    body: { error: 'invalid_client', error_description: 'AADSTS7000222: The client secret has expired.' },
  }
  await expect(w.get()).rejects.toMatchObject({ trouble: 'reconnect' })
  w.oauth.fault = null
  await w.inWorkspace((tx) =>
    setApp(
      tx,
      w.secrets,
      w.workspaceId,
      { provider: 'microsoft', clientId: 'client', clientSecret: 'renewed', tenant: undefined },
      w.clock.now(),
    ),
  )
  expect(await w.get()).toBe(w.oauth.access())
  expect(w.oauth.asked.at(-1)).toMatchObject({ client_secret: 'renewed' })
  expect((await findApp(w.database.db, w.workspaceId, 'microsoft'))?.sealedSecret.includes('renewed')).toBe(false)
})
