/** News from Scaleway Transactional Email: the events of its topic, and the same told by its list of mails. */
import { z } from 'zod'
import type { Failure } from '../../mail/failure.ts'
import { classifyReport } from '../../mail/failure-report.ts'
import { cleanText } from '../../mail/raw-head.ts'
import type { News } from './news.ts'

const words = z.string().max(16_384)
const when = z.iso.datetime({ offset: true }).nullish()

const Event = z.object({
  id: words.nullish(),
  type: words,
  created_at: when,
  email_id: words.nullish(),
  email_to: z.union([words, z.array(words).max(50)]).nullish(),
  email_try_count: z.number().nullish(),
  email_response_code: z.union([z.number(), words]).nullish(),
  email_response_message: words.nullish(),
  email_error: words.nullish(),
})

/** Null when it is not an event of theirs; an empty list when it tells nothing that concerns a delivery. */
export function newsFromScaleway(json: unknown): readonly News[] | null {
  const parsed = Event.safeParse(json)
  if (!parsed.success) return null
  const event = parsed.data
  const kind = KINDS[event.type]
  if (!kind || !event.email_id) return /^(?:email|blocklist)_|^unknown_type$/.test(event.type) ? [] : null
  const diagnostic = diagnosticOf(event.email_response_code, event.email_response_message || event.email_error)
  const [recipient = null] = [event.email_to ?? []].flat()
  return [
    {
      refs: [{ by: 'provider', providerId: event.email_id }],
      kind,
      names: recipient === null ? [] : [recipient],
      failure: kind === 'bounced' ? failureOf(recipient, diagnostic, event.type) : null,
      status: null,
      diagnostic,
      happenedAt: event.created_at ? new Date(event.created_at) : null,
      key: keyOf(event.email_id, kind, event.email_try_count ?? 0),
    },
  ]
}

function failureOf(recipient: string | null, diagnostic: string | null, word: string | null): Failure {
  return classifyReport({ action: 'failed', diagnostic, recipient, word, remoteMta: diagnostic === null ? 'Scaleway' : null })
}

const KINDS: Readonly<Record<string, 'delivered' | 'delayed' | 'bounced' | undefined>> = {
  email_delivered: 'delivered',
  email_deferred: 'delayed',
  email_dropped: 'bounced',
  email_spam: 'bounced',
  email_mailbox_not_found: 'bounced',
  email_blocklisted: 'bounced',
}

const Mail = z.object({
  id: words,
  mail_rcpt: words.nullish(),
  status: words,
  status_details: words.nullish(),
  created_at: when,
  updated_at: when,
  try_count: z.number().nullish(),
  last_tries: z
    .array(z.object({ tried_at: when, code: z.number().nullish(), message: words.nullish() }))
    .max(100)
    .nullish(),
  flags: z.array(words).max(50).nullish(),
})
export const ScalewayPage = z.object({ total_count: z.number(), emails: z.array(Mail).max(1_000) })

/** A page of the list of mails. Null when it is not one. */
export function newsFromScalewayPage(json: unknown): readonly News[] | null {
  const parsed = ScalewayPage.safeParse(json)
  return parsed.success ? parsed.data.emails.flatMap(newsOfMail) : null
}

function newsOfMail(mail: z.output<typeof Mail>): News[] {
  const kind = STATUSES[mail.status] ?? (mail.status === 'sending' && (mail.try_count ?? 0) > 0 ? 'delayed' : undefined)
  if (!kind) return []
  const last = mail.last_tries?.at(-1)
  const diagnostic = diagnosticOf(last?.code, last?.message) ?? diagnosticOf(null, mail.status_details)
  const happened = last?.tried_at ?? mail.updated_at
  return [
    {
      refs: [{ by: 'provider', providerId: mail.id }],
      kind,
      names: mail.mail_rcpt ? [mail.mail_rcpt] : [],
      failure: kind === 'bounced' ? failureOf(mail.mail_rcpt ?? null, diagnostic, wordOf(mail.flags ?? [])) : null,
      status: null,
      diagnostic,
      happenedAt: happened ? new Date(happened) : null,
      key: keyOf(mail.id, kind, mail.try_count ?? 0),
    },
  ]
}

const STATUSES: Readonly<Record<string, 'delivered' | 'bounced' | undefined>> = {
  sent: 'delivered',
  failed: 'bounced',
  canceled: 'bounced',
}

/** The marks on a mail that say why it did not arrive, the most telling first, as the words their events have for them. */
const FLAGS = [
  ['mailbox_not_found', 'email_mailbox_not_found'],
  ['mailbox_full', 'mailbox_full'],
  ['blocklisted', 'email_blocklisted'],
  ['spam', 'email_spam'],
] as const

function wordOf(flags: readonly string[]): string | null {
  return FLAGS.find(([flag]) => flags.includes(flag))?.[1] ?? null
}

/** Topic and list tell the same things: one key for both. Only of delays there are many. */
function keyOf(emailId: string, kind: string, tries: number): string {
  return kind === 'delayed' ? `${emailId} delayed ${tries}` : `${emailId} ${kind}`
}

function diagnosticOf(code: number | string | null | undefined, message: string | null | undefined): string | null {
  if (!message) return code ? String(code) : null
  const text = cleanText(message)
  return code && !text.startsWith(String(code)) ? `${code} ${text}` : text
}
