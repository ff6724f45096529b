import { createServer } from 'node:http'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { suppress } from '../../src/delivery/suppression/suppress.ts'
import { FIRST_SETTINGS } from '../../src/forms/first-settings.ts'
import { formJobs } from '../../src/forms/jobs.ts'
import { changeForm, publishForm } from '../../src/forms/manage.ts'
import { DAY, HOUR } from '../../src/lib/clock.ts'
import { formsOf, solved } from '../support/form.ts'
import { type World, world } from '../support/world.ts'

const consent = { key: 'news', text: 'I want it, after the [policy](https://shop.example/p).', required: true }

async function aForm(options: Parameters<typeof formsOf>[1] = {}) {
  const w = await world({ route: 'sandbox' })
  const f = await formsOf(w, options)
  return { w, f, news: await f.newList('News', 'double'), offers: await f.newList('Offers', 'single') }
}

/** Everything that is kept of people and their word. */
async function known(w: World): Promise<unknown> {
  const { rows } = await sql`
    select (select jsonb_agg(c order by c.id) from contact c) as contacts, (select jsonb_agg(m order by m.list_id, m.contact_id) from list_member m) as members,
           (select count(*) from consent_event) as said, (select jsonb_agg(s order by s.address, s.stream) from suppression s) as suppressed`.execute(
    w.database.db,
  )
  return rows[0]
}

test('a stranger asks, gets a mail, looks, presses the button and is on the list: with proof, and a welcome', async () => {
  const { w, f, news } = await aForm()
  const welcome = { subject: 'Welcome {{ contact.first_name }}', body: 'On {{ lists | join }}. [Change]({{ preferences_url }})' }
  const form = await f.newForm([news], { consents: [consent], welcome, keep_ip: true })
  const page = await f.ask('GET', `/f/${form.slug}?email=ann%22%3E@example.org`)
  expect([page.statusCode, page.headers['set-cookie']]).toEqual([200, undefined])
  expect(page.payload).toContain('value="ann&#34;&#62;@example.org"')
  const sent = await f.ask(
    'POST',
    `/f/${form.slug}`,
    { email: 'Ann@Example.org', first_name: 'Ann', 'consent.news': '1' },
    { referer: 'https://shop.example/a?b=c' },
  )
  expect([sent.statusCode, sent.headers.location]).toEqual([303, `/f/${form.id}?sent=asked`])
  expect((await f.ask('GET', String(sent.headers.location))).payload).toContain('We sent you a mail')
  expect(await f.person('ann@example.org')).toBeNull()

  const link = await f.confirmLink('ann@example.org')
  const [mail] = await f.mails('ann@example.org')
  expect([mail?.subject, mail?.from?.address]).toEqual(['Please confirm: Newsletter', 'news@example.com'])
  expect(mail?.text).toContain(`Yes, that was me [https://waybill.example.com${link}]`)
  const before = await known(w)
  for (const method of ['GET', 'HEAD', 'GET'] as const) expect((await f.ask(method, link)).statusCode).toBe(200)
  expect((await f.ask('POST', link, 'List-Unsubscribe=One-Click')).statusCode).toBe(400)
  expect(await known(w)).toEqual(before)

  w.clock.advance(HOUR)
  expect((await f.ask('POST', link, { act: 'confirm' })).headers.location).toBe(link)
  expect(await f.standings('ann@example.org')).toEqual({ News: 'subscribed' })
  expect(await f.person('ann@example.org')).toMatchObject({ name: 'Ann', first_name: 'Ann' })
  const after = await known(w)
  expect((await f.ask('POST', link, { act: 'confirm' })).statusCode).toBe(303)
  expect(await known(w)).toEqual(after)
  const { rows: proof } = await sql<{
    source: string
    wording: string
    ip: string
  }>`select source, wording, host(ip) as ip from consent_event`.execute(w.database.db)
  expect(proof).toEqual([{ source: 'recipient', ip: '192.0.2.1', wording: expect.stringContaining('confirmed by mail') }])
  expect(proof[0]?.wording).toMatch(/Form “Newsletter”, version 1.*ticked: “I want it.*news, version 1, SHA-256 [0-9a-f]{64}/)
  expect((await f.mails('ann@example.org'))[1]).toMatchObject({ subject: 'Welcome Ann', text: expect.stringContaining('/p/') })
  expect(await f.submissions()).toMatchObject([
    { state: 'confirmed', version: 1, ip: '192.0.2.1', page: 'https://shop.example/a' },
  ])
  expect(await w.events('contact.subscribed')).toMatchObject([{ data: { form_id: form.id, lists: [news], confirmed: true } }])
})

test('whoever is known stays as they are until they confirm, and visitors are told the same of everybody', async () => {
  const { w, f, offers } = await aForm()
  const form = await f.newForm([offers], { double_opt_in: false })
  const first = await f.ask('POST', `/f/${form.slug}`, { email: 'bob@example.org', first_name: 'Bob' })
  expect(await f.standings('bob@example.org')).toEqual({ Offers: 'subscribed' })
  const before = await known(w)
  const again = await f.ask('POST', `/f/${form.slug}`, { email: 'BOB@example.org', first_name: 'Mallory' })
  expect([again.statusCode, again.headers.location, again.payload]).toEqual([
    first.statusCode,
    first.headers.location,
    first.payload,
  ])
  expect(again.headers.location).toContain('sent=done')
  expect(await known(w)).toEqual(before)
  const link = await f.confirmLink('bob@example.org')
  await f.ask('POST', link, { act: 'deny' })
  expect(await known(w)).toEqual(before)
  expect((await f.ask('GET', link)).payload).toContain('Noted')
  expect((await f.ask('POST', link, { act: 'confirm' })).statusCode).toBe(303)
  expect(await known(w)).toEqual(before)

  // From now on no form writes to them, and nobody is told.
  const third = await f.ask('POST', `/f/${form.slug}`, { email: 'bob@example.org' })
  expect([third.statusCode, third.headers.location]).toEqual([first.statusCode, first.headers.location])
  expect((await f.submissions()).map(({ state, reason }) => reason || state)).toEqual(['accepted', 'denied', 'denied_before'])
  expect(await f.mails('bob@example.org')).toHaveLength(1)
})

test('who left comes back by their own button only; who complained is not written to', async () => {
  const { w, f, news, offers } = await aForm()
  const form = await f.newForm([offers], { double_opt_in: false })
  const put = (
    address: string,
    stream: 'bulk' | 'all' | `list:${string}`,
    reason: 'unsubscribed' | 'complaint' | 'unknown_address',
  ) =>
    f.engine((tx) => suppress(tx, w.workspaceId, [{ address, stream, reason, deliveryId: null, note: '' }], null, w.clock.now()))
  await put('eve@example.org', 'bulk', 'unsubscribed')
  await put('eve@example.org', `list:${offers}`, 'unsubscribed')
  await put('carl@example.org', 'bulk', 'complaint')
  await put('gone@example.org', 'all', 'unknown_address')
  await put('dora@example.org', `list:${offers}`, 'unsubscribed')
  for (const who of ['eve', 'carl', 'gone', 'dora']) {
    const sent = await f.ask('POST', `/f/${form.slug}`, { email: `${who}@example.org` })
    expect(sent.headers.location, who).toContain('sent=done')
  }
  expect((await f.submissions()).map(({ state, reason }) => reason || state)).toEqual([
    'waiting',
    'complaint',
    'unknown_address',
    'waiting',
  ])
  expect(await f.person('eve@example.org')).toBeNull()
  expect(await f.mails('carl@example.org')).toEqual([])
  await f.ask('POST', await f.confirmLink('eve@example.org'), { act: 'confirm' })
  expect(await f.standings('eve@example.org')).toEqual({ Offers: 'subscribed' })
  const { rows } = await sql`select stream from suppression where address = 'eve@example.org'`.execute(w.database.db)
  expect(rows).toEqual([])
  expect(news).not.toBe(offers)
})

test('a link is over after its time, and what came to nothing is forgotten', async () => {
  const { w, f, news } = await aForm()
  const form = await f.newForm([news], { confirm_hours: 24 })
  await f.ask('POST', `/f/${form.slug}`, { email: 'ann@example.org' })
  const link = await f.confirmLink('ann@example.org')
  w.clock.advance(DAY)
  expect((await f.ask('GET', link)).payload).toContain('This link is over')
  await f.ask('POST', link, { act: 'confirm' })
  expect(await f.person('ann@example.org')).toBeNull()
  for (const job of formJobs(w.database)) await job.run(w.clock.now())
  expect(await f.submissions()).toMatchObject([{ state: 'expired' }])
  for (const job of formJobs(w.database)) await job.run(new Date(w.clock.now().getTime() + 101 * DAY))
  expect(await f.submissions()).toEqual([])
  expect((await f.ask('GET', link)).statusCode).toBe(404)
  expect((await f.ask('GET', `${link.slice(0, -1)}${link.endsWith('a') ? 'b' : 'a'}`)).statusCode).toBe(404)
})

test('programs are found out, and limits are counted in rows: by address, by network address, by form', async () => {
  const { w, f, news } = await aForm()
  const limits = { per_ip_hour: 6, per_form_hour: 8, mails_per_address_day: 2 }
  const form = await f.newForm([news], { limits })
  const send = (email: string, ip = '192.0.2.1', more = {}) =>
    f.ask('POST', `/f/${form.slug}`, { email, ...more }, { 'x-forwarded-for': ip })
  const trapped = await send('ann@example.org', '192.0.2.1', { website_url: 'https://spam.example' })
  expect(trapped.headers.location).toContain('sent=asked')
  for (let n = 0; n < 3; n++) expect((await send('ann@example.org')).statusCode).toBe(303)
  expect((await f.submissions()).map(({ state, reason }) => reason || state)).toEqual([
    'honeypot',
    'waiting',
    'waiting',
    'mail_limit',
  ])
  expect(await f.mails('ann@example.org')).toHaveLength(2)
  const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => send(`p${n}@example.org`)))
  expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(4)
  expect(answers.find(({ statusCode }) => statusCode === 429)).toMatchObject({ headers: { 'retry-after': expect.any(String) } })
  // An IPv6 network is one subscriber; what one address does never uses up what is there for all.
  const others = []
  for (let n = 0; n < 4; n++) others.push((await send(`q${n}@example.org`, `2001:db8::${n}`)).statusCode)
  expect(others).toEqual([303, 303, 429, 429])
  w.clock.advance(HOUR)
  expect((await send('q9@example.org')).statusCode).toBe(303)
})

test('a page that was sent faster than people type is given back as it was', async () => {
  const { w, f, news } = await aForm()
  const form = await f.newForm([news])
  const started = /name="started" value="([^"]+)"/.exec((await f.ask('GET', `/f/${form.slug}`)).payload)?.[1] ?? ''
  const fast = await f.ask('POST', `/f/${form.slug}`, { email: 'ann@example.org', started })
  expect([fast.statusCode, await f.submissions()]).toEqual([409, []])
  expect(fast.payload).toContain('value="ann@example.org"')
  // They began when they saw it first: pressing once more is soon no longer too fast.
  expect(fast.payload).toContain(`value="${started}"`)
  w.clock.advance(2_000)
  expect((await f.ask('POST', `/f/${form.slug}`, { email: 'ann@example.org', started })).statusCode).toBe(303)
})

test('altcha: a proof is good once and for one form; without one a few an hour are asked by mail, or none', async () => {
  const { f, offers } = await aForm()
  const captcha = { kind: 'altcha' as const, site_key: '', effort: 1_000, unproven: 'confirm' as const }
  const form = await f.newForm([offers], { double_opt_in: false, captcha })
  const strict = await f.newForm([offers], { double_opt_in: false, captcha: { ...captcha, unproven: 'refuse' } })
  const altcha = solved(JSON.parse((await f.ask('GET', `/f/${form.id}/challenge`)).payload))
  expect((await f.ask('POST', `/f/${strict.slug}`, { email: 'a@example.org', altcha })).statusCode).toBe(409)
  expect((await f.ask('POST', `/f/${form.slug}`, { email: 'a@example.org', altcha })).headers.location).toContain('sent=done')
  const used = await f.ask('POST', `/f/${form.slug}`, { email: 'b@example.org', altcha })
  expect([used.statusCode, used.payload.includes('was used already')]).toEqual([409, true])
  expect(await f.standings('a@example.org')).toEqual({ Offers: 'subscribed' })

  for (const n of [1, 2])
    expect((await f.ask('POST', `/f/${form.slug}`, { email: `n${n}@example.org` })).headers.location).toContain('sent=asked')
  expect(await f.person('n1@example.org')).toBeNull()
  expect((await f.ask('POST', `/f/${form.slug}`, { email: 'n3@example.org' })).statusCode).toBe(303)
  expect((await f.ask('POST', `/f/${form.slug}`, { email: 'n4@example.org' })).statusCode).toBe(429)
  expect((await f.ask('POST', `/f/${strict.slug}`, { email: 'n5@example.org' })).statusCode).toBe(409)
})

test('hCaptcha and Turnstile are asked by POST; when they cannot be, people confirm by mail, or are told', async () => {
  const asked: Record<string, string>[] = []
  let answer: { status: number; body: unknown } | null = { status: 200, body: { success: true } }
  const far = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    asked.push(Object.fromEntries(new URLSearchParams(text)))
    if (answer) response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
    else request.socket.destroy()
  })
  await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve))
  try {
    const there = { url: `http://127.0.0.1:${(far.address() as { port: number }).port}/siteverify`, allowPrivate: true }
    const { f, offers } = await aForm({ captchas: { hcaptcha: there, turnstile: there } })
    const captcha = { kind: 'turnstile' as const, site_key: '1x00', effort: 1_000, unproven: 'confirm' as const }
    const form = await f.newForm([offers], { double_opt_in: false, captcha }, 'sealed secret')
    const strict = await f.newForm(
      [offers],
      { double_opt_in: false, captcha: { ...captcha, kind: 'hcaptcha', unproven: 'refuse' } },
      'other',
    )
    const page = await f.ask('GET', `/f/${form.slug}`)
    expect(page.headers['content-security-policy']).toContain("script-src 'self' https://challenges.cloudflare.com")
    expect(page.payload).toContain('class="cf-turnstile" data-sitekey="1x00"')
    const send = (slug: string, email: string, token = 'told by the browser') =>
      f.ask('POST', `/f/${slug}`, { email, 'cf-turnstile-response': token, 'h-captcha-response': token })

    expect((await send(form.slug, 'a@example.org')).headers.location).toContain('sent=done')
    expect(asked).toEqual([{ secret: 'sealed secret', response: 'told by the browser' }])
    answer = { status: 200, body: { success: false, 'error-codes': ['invalid-input-response'] } }
    expect((await send(form.slug, 'b@example.org')).statusCode).toBe(409)
    for (const down of [
      null,
      { status: 503, body: {} },
      { status: 200, body: { success: false, 'error-codes': ['invalid-input-secret'] } },
    ]) {
      answer = down
      expect((await send(strict.slug, 'c@example.org')).statusCode, JSON.stringify(down)).toBe(503)
    }
    answer = null
    expect((await send(form.slug, 'd@example.org')).headers.location).toContain('sent=asked')
    expect([await f.person('d@example.org'), (await f.submissions()).map(({ state }) => state)]).toEqual([
      null,
      ['accepted', 'waiting'],
    ])
  } finally {
    far.close()
  }
})

test('other sites: only those that are named may frame it, send it, or ask by script', async () => {
  const { f, news } = await aForm()
  const form = await f.newForm([news], {
    origins: ['https://shop.example'],
    asked: { text: 'Look', redirect_url: 'https://shop.example/thanks' },
  })
  const policy = async (path: string) => String((await f.ask('GET', path)).headers['content-security-policy'])
  expect(await policy(`/f/${form.slug}`)).toMatch(/form-action 'self' https:\/\/shop\.example;.*frame-ancestors 'none'/)
  expect(await policy(`/f/${form.slug}/frame`)).toContain("frame-ancestors 'self' https://shop.example")
  const send = (origin: string, headers = {}, path = `/f/${form.slug}`) =>
    f.ask('POST', path, { email: 'ann@example.org' }, { origin, ...headers })
  expect((await send('https://evil.example')).statusCode).toBe(403)
  expect((await send('https://shop.example')).headers.location).toBe('https://shop.example/thanks')
  expect((await send('https://waybill.example.com', {}, `/f/${form.slug}?frame=1`)).headers.location).toBe(
    `/f/${form.id}/frame?sent=asked`,
  )
  const json = (origin: string, body: unknown) =>
    f.ask('POST', `/f/${form.slug}`, JSON.stringify(body), { origin, 'content-type': 'application/json' })
  const good = await json('https://shop.example', { email: 'bob@example.org' })
  expect(good.headers['access-control-allow-origin']).toBe('https://shop.example')
  expect(good.json()).toEqual({ status: 'asked', message: 'Look', redirect_url: 'https://shop.example/thanks' })
  expect((await json('https://shop.example', { email: 'bob' })).json()).toMatchObject({
    status: 'wrong',
    errors: { email: expect.any(String) },
  })
  const evil = await json('https://evil.example', { email: 'eve@example.org' })
  expect([evil.statusCode, evil.headers['access-control-allow-origin']]).toEqual([403, undefined])
  expect((await f.ask('OPTIONS', `/f/${form.slug}`, undefined, { origin: 'https://shop.example' })).headers).toMatchObject({
    'access-control-allow-methods': 'GET, POST, OPTIONS',
  })
  expect((await f.ask('GET', '/f/nowhere')).statusCode).toBe(404)
})

test('visitors see what was published; a box whose words changed has a new version, and the old one can still be agreed to', async () => {
  const { w, f, news } = await aForm()
  const form = await f.newForm([news], { consents: [consent] })
  const changed = { ...form.settings, title: 'Changed', consents: [{ ...consent, text: 'Other words' }] }
  await f.engine((tx) => changeForm(tx, w.secrets, form.id, { settings: changed }, null, f.actor, w.clock.now()))
  expect((await f.ask('GET', `/f/${form.slug}`)).payload).not.toContain('Changed')
  await f.engine((tx) => publishForm(tx, form.id, f.actor, w.clock.now()))
  expect((await f.ask('GET', `/f/${form.slug}`)).payload).toContain('Other words')
  await f.ask('POST', `/f/${form.slug}`, { email: 'ann@example.org', 'consent.news': '1' })
  await f.ask('POST', `/f/${form.slug}`, { email: 'bob@example.org', 'consent.news': '2' })
  const told = await f.submissions()
  expect(told.map(({ version, consents }) => [version, (consents as { version: number }[])[0]?.version])).toEqual([
    [2, 1],
    [2, 2],
  ])
  const { rows } = await sql<{ text: string }>`select text from form_consent order by version`.execute(w.database.db)
  expect(rows.map(({ text }) => text)).toEqual([consent.text, 'Other words'])
})

test('the page of preferences behind a welcome: joins and leaves lists, changes a name, sends data by mail, asks to be erased', async () => {
  const { w, f, news, offers } = await aForm()
  const welcome = { subject: 'Welcome', body: '[Change]({{ preferences_url }})' }
  const form = await f.newForm([offers], { double_opt_in: false, welcome })
  await f.ask('POST', `/f/${form.slug}`, { email: 'ann@example.org', first_name: 'Ann' })
  const [mail] = await f.mails('ann@example.org')
  const path = /\/p\/[a-z2-7]+/.exec(mail?.html ?? '')?.[0] ?? ''
  const before = await known(w)
  const page = await f.ask('GET', path)
  expect(page.payload).toMatch(/value="[^"]+" checked> <span>Offers/)
  expect([page.headers['set-cookie'], await known(w)]).toEqual([undefined, before])
  expect((await f.ask('POST', path, { act: 'nothing' })).statusCode).toBe(400)

  // News has double opt-in: the link proves the address.
  const saved = await f.ask('POST', path, {
    act: 'save',
    list: [news, 'x'],
    first_name: 'Anna',
    last_name: 'Bell',
    language: 'de',
    why: 'too_many',
  })
  expect(saved.headers.location).toBe(`${path}?said=saved`)
  expect(await f.standings('ann@example.org')).toEqual({ News: 'subscribed', Offers: 'unsubscribed' })
  expect(await f.person('ann@example.org')).toMatchObject({ name: 'Anna Bell', language: 'de' })
  expect(await w.events('contact.unsubscribed')).toMatchObject([
    { data: { lists: [offers], by: 'preferences', why: 'too_many' } },
  ])

  for (const said of ['data', 'data_before'])
    expect((await f.ask('POST', path, { act: 'data' })).headers.location).toBe(`${path}?said=${said}`)
  const data = (await f.mails('ann@example.org')).at(-1)?.attachments[0]
  const told = JSON.parse(Buffer.from(data?.content as ArrayBuffer).toString('utf8'))
  expect(told).toMatchObject({ contact: { name: 'Anna Bell' }, forms: [{ address: 'ann@example.org' }] })
  for (const said of ['erase', 'erase_before'])
    expect((await f.ask('POST', path, { act: 'erase' })).headers.location).toBe(`${path}?said=${said}`)
  const { rows } = await sql`select kind, title from incident`.execute(w.database.db)
  expect(rows).toEqual([{ kind: 'contact.asks_erasure', title: 'Somebody asks to be erased' }])

  await f.ask('POST', path, { act: 'everything' })
  expect(await f.standings('ann@example.org')).toEqual({ News: 'unsubscribed', Offers: 'unsubscribed' })
  expect((await f.ask('GET', path)).payload).toContain('you get nothing that is sent to many')
  await f.ask('POST', path, { act: 'save', list: [news] })
  expect(await f.standings('ann@example.org')).toEqual({ News: 'subscribed', Offers: 'unsubscribed' })
  const { rows: left } = await sql`select stream from suppression where stream in ('bulk', ${`list:${news}`})`.execute(
    w.database.db,
  )
  expect(left).toEqual([])
})

test('a link of preferences is good only where the address was proven, and none for anything else', async () => {
  const { f, news } = await aForm()
  const form = await f.newForm([news])
  await f.ask('POST', `/f/${form.slug}`, { email: 'ann@example.org' })
  const link = await f.confirmLink('ann@example.org')
  expect((await f.ask('GET', link.replace('/confirm/', '/p/'))).statusCode).toBe(404)
  expect((await f.ask('GET', '/p/this-is-a-test')).statusCode).toBe(404)
  expect(FIRST_SETTINGS.confirmation.body).toContain('confirm_url')
})
