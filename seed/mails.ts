/** Mail for the quarantine: it goes the road that all mail goes, so that each has bytes, a reason and a way out. */
import { createResolver } from '../src/dns/resolver.ts'
import { createNumbers } from '../src/helpdesk/numbers.ts'
import { createInbound } from '../src/inbound/inbound.ts'
import { receive } from '../src/inbound/receive.ts'
import type { Log } from '../src/log.ts'
import type { Store } from '../src/store.ts'
import { DOMAIN, type Furnished } from './furnish.ts'
import type { Random } from './random.ts'
import { aside, factsFor, filled } from './texts.ts'
import { TOPICS } from './topics.ts'
import { CITIES, FIRST_NAMES, LAST_NAMES } from './words.ts'

export async function seedQuarantine(
  store: Store,
  log: Log,
  url: string,
  furnished: Furnished,
  random: Random,
  count: number,
): Promise<void> {
  const inbox = furnished.inboxes.at(-1)
  if (!inbox) return
  const { database, clock } = store
  const now = clock.now()
  const arrival = { workspaceId: furnished.workspaceId, channel: 'http' as const, place: null, inboxId: inbox.id }
  const unknown = { envelopeSender: null, envelopeRecipients: [inbox.address], remoteIp: null, helo: null, isCut: false }
  const mails = Array.from({ length: count }, (_, i) => ({
    arrivals: [{ ...arrival, ...unknown, receivedAt: now }],
    content: Buffer.from(strayMail(random, i, now)),
  }))
  await receive({ ...store, wake: () => {} }, mails, now)
  const worker = createInbound({
    ...store,
    log,
    url,
    dns: createResolver(),
    mayClaim: () => true,
    atOnce: 1,
    numbers: createNumbers(database, clock),
  })
  try {
    await worker.drain()
  } finally {
    await worker.stop()
  }
}

/** A new question to an inbox that takes answers only. */
function strayMail(random: Random, i: number, now: Date): string {
  const [first, last] = [random.one(FIRST_NAMES), random.one(LAST_NAMES)]
  const address = `stray${i}@letters.example.org`
  const facts = factsFor(random, { first, last, address, company: '' })
  const topic = TOPICS[random.below(8)]!
  const encoded = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
  const text = `${filled(random.one(topic.opens), facts)}\n\n${aside(random, facts)}\n\n${first}, ${random.one(CITIES)}\n`
  return [
    `From: ${encoded(`${first} ${last}`)} <${address}>`,
    `To: Order updates <updates@${DOMAIN}>`,
    `Subject: ${encoded(filled(random.one(topic.subjects), facts))}`,
    `Date: ${new Date(now.getTime() - i * 3_600_000).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <stray.${i}.${random.below(1e9)}@letters.example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n'),
  ].join('\r\n')
}
