import MailComposer from 'nodemailer/lib/mail-composer'
import { parseMailbox } from '../src/mail/address.ts'
import { compile } from '../src/mail/compile.ts'
import { compose } from '../src/mail/compose.ts'
import type { BenchOptions, Measure } from './measure.ts'

const PEER = 'nodemailer mail-composer'
const SECONDS = 3

const ACCENTED =
  'Bonjour Zoë, votre commande nº 4711 est partie ce matin ; elle arrivera demain. Merci de votre confiance — à bientôt. '
const ASCII =
  'Hello Ann, your order 4711 left our house this morning and will be with you tomorrow. Thank you for your trust, see you soon. '

const CASES = [
  { name: 'compose-4k', paragraph: ASCII, bytes: 4_096 },
  { name: 'compose-11k', paragraph: ASCII, bytes: 11_264 },
  { name: 'compose-4k-accented', paragraph: ACCENTED, bytes: 4_096 },
  { name: 'compose-11k-accented', paragraph: ACCENTED, bytes: 11_264 },
] as const

/** Messages of text and HTML composed in a second of processor time, beside nodemailer's composer on the same words. */
export async function* benchCompose({ only }: BenchOptions): AsyncGenerator<Measure> {
  if (only === null || only === 'compose-bulk') yield await bulk()
  for (const { name, paragraph, bytes } of CASES) {
    if (only !== null && only !== name) continue
    const text = flat(paragraph.repeat(Math.ceil((bytes * 0.4) / paragraph.length)).replace(/(.{60,75}) /g, '$1\n'))
    const paragraphs = paragraph.repeat(Math.ceil((bytes * 0.6) / paragraph.length)).replaceAll('. ', '.</p>\n<p>')
    const html = flat(`<!doctype html><html><body><p>${paragraphs}</p></body></html>`)
    const value = await rate(() => ours(text, html))
    const peerValue = await rate(() => theirs(text, html))
    yield {
      name,
      value: Math.round(value),
      unit: 'messages/cpu-second',
      peer: PEER,
      peer_value: Math.round(peerValue),
      ratio: Number((value / peerValue).toFixed(2)),
      goal: 'at least 10,000',
    }
  }
}

const GREETING = 'Hello {{ name }}, your order {{ order }} is on its way. '

/** A newsletter: composed once, with a greeting, an order and a link of each recipient's own; beside one that is composed anew each time. */
async function bulk(): Promise<Measure> {
  const text = flat(GREETING + ASCII.repeat(16).replace(/(.{60,75}) /g, '$1\n'))
  const html = flat(
    `<!doctype html><html><body><p>${GREETING}</p><p>${ASCII.repeat(28)}</p><a href="https://example.com/{{ order }}">See it</a></body></html>`,
  )
  const compiled = compile({ from, subject: 'Order {{ order }} for {{ name }}', text, html })
  const date = new Date()
  const value = await rate(() => {
    n += 1
    const values = { name: 'Ann Müller', order: String(n) }
    compiled.write({ to, date, messageId: `<0193e0a1-5b0c-7c10-8a41-${n}@example.com>`, values })
  })
  const peerValue = await rate(() => {
    n += 1
    const filled = (words: string) => words.replaceAll('{{ name }}', 'Ann Müller').replaceAll('{{ order }}', String(n))
    return theirs(filled(text), filled(html))
  })
  return {
    name: 'compose-bulk',
    value: Math.round(value),
    unit: 'messages/cpu-second',
    peer: 'nodemailer composer',
    peer_value: Math.round(peerValue),
    ratio: Number((value / peerValue).toFixed(2)),
    goal: 'at least 5 times',
  }
}

/** One piece of memory, as a string that came out of JSON is. */
function flat(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}

const from = parseMailbox('Boutique Zoë <shop@example.com>')!
const to = parseMailbox('Ann Müller <ann@example.org>')!
let n = 0

function ours(text: string, html: string): void {
  n += 1
  const messageId = `<0193e0a1-5b0c-7c10-8a41-${n}@example.com>`
  compose({ from, to: [to], subject: `Votre commande nº ${n} est partie`, text, html, date: new Date(), messageId })
}

async function theirs(text: string, html: string): Promise<void> {
  n += 1
  const mail = {
    from: 'Boutique Zoë <shop@example.com>',
    to: 'Ann Müller <ann@example.org>',
    subject: `Votre commande nº ${n} est partie`,
    text,
    html,
  }
  await new Promise<void>((resolve, reject) =>
    new MailComposer(mail).compile().build((error) => (error ? reject(error) : resolve())),
  )
}

/** Calls in a second of processor time, all threads of the process counted: a busy machine slows neither side's figure much. */
async function rate(once: () => void | Promise<void>): Promise<number> {
  for (let i = 0; i < 300; i += 1) await once()
  const begin = process.cpuUsage()
  let count = 0
  let spent = 0
  while (spent < SECONDS) {
    for (let i = 0; i < 20; i += 1) {
      const pending = once()
      if (pending) await pending
    }
    count += 20
    const { user, system } = process.cpuUsage(begin)
    spent = (user + system) / 1e6
  }
  return count / spent
}
