import MailComposer from 'nodemailer/lib/mail-composer'
import { parseMailbox } from '../src/mail/address.ts'
import { compose } from '../src/mail/compose.ts'

/**
 * Messages composed a second on one core, beside nodemailer's composer on the same words: node bench/compose.ts [--json]
 */
interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly peer: string
  readonly peer_value: number
  readonly ratio: number
  readonly goal: number
}

const PARAGRAPH =
  'Bonjour Zoë, votre commande nº 4711 est partie ce matin ; elle arrivera demain. Merci de votre confiance — à bientôt. '
const PLAIN =
  'Hello Ann, your order 4711 left our house this morning and will be with you tomorrow. Thank you for your trust, see you soon. '

export async function measureCompose(seconds: number): Promise<Measure[]> {
  const measures: Measure[] = []
  for (const [name, paragraph, bytes, goal] of [
    ['compose-4k', PARAGRAPH, 4_096, 10_000],
    ['compose-11k', PARAGRAPH, 11_264, 10_000],
    ['compose-11k-ascii', PLAIN, 11_264, 10_000],
  ] as const) {
    const text = paragraph.repeat(Math.ceil((bytes * 0.4) / paragraph.length)).replace(/(.{60,75}) /g, '$1\n')
    const html = `<!doctype html><html><body><p>${paragraph.repeat(Math.ceil((bytes * 0.6) / paragraph.length)).replaceAll('. ', '.</p>\n<p>')}</p></body></html>`
    const ours = await rate(seconds, () => composeOne(text, html))
    const theirs = await rate(seconds, () => theirOne(text, html))
    measures.push({
      name,
      value: Math.round(ours),
      unit: 'messages/s',
      peer: 'nodemailer mail-composer',
      peer_value: Math.round(theirs),
      ratio: round(ours / theirs),
      goal,
    })
  }
  return measures
}

const from = parseMailbox('Boutique Zoë <shop@example.com>')!
const to = parseMailbox('Ann Müller <ann@example.org>')!
let n = 0

function composeOne(text: string, html: string): void {
  n += 1
  compose({
    from,
    to: [to],
    subject: `Votre commande nº ${n} est partie`,
    text,
    html,
    date: new Date(),
    messageId: `<0193e0a1-5b0c-7c10-8a41-${n}@example.com>`,
  })
}

async function theirOne(text: string, html: string): Promise<void> {
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

async function rate(seconds: number, once: () => void | Promise<void>): Promise<number> {
  for (let i = 0; i < 50; i += 1) await once()
  const begin = process.hrtime.bigint()
  const end = begin + BigInt(Math.round(seconds * 1e9))
  let count = 0
  let at = begin
  while (at < end) {
    for (let i = 0; i < 20; i += 1) {
      const pending = once()
      if (pending) await pending
    }
    count += 20
    at = process.hrtime.bigint()
  }
  return count / (Number(at - begin) / 1e9)
}

function round(ratio: number): number {
  return Math.round(ratio * 100) / 100
}

if (import.meta.main) {
  const json = process.argv.includes('--json')
  for (const measure of await measureCompose(3)) {
    const { name, value, unit, peer, peer_value, ratio, goal } = measure
    console.log(
      json ? JSON.stringify(measure) : `${name}: ${value} ${unit} (goal ${goal}); ${peer} ${peer_value}; ratio ${ratio}`,
    )
  }
}
