/** The mails of a form: written in Markdown with Liquid, sent as any other, each with its waybill. */
import type { BlobStore } from '../blobs/blob-store.ts'
import { MAX_MESSAGE_BYTES, type Submission as Mail } from '../delivery/message.ts'
import { STREAM_RULES } from '../delivery/stream.ts'
import { Refusal } from '../errors.ts'
import { type MessageId, newId, type WorkspaceId } from '../lib/ids.ts'
import { formatAddress, formatMailbox, isInternationalized, type Mailbox, parseAddress, parseMailbox } from '../mail/address.ts'
import { compose } from '../mail/compose.ts'
import { messageIdOf } from '../mail/message-id.ts'
import { explain, newTurn, parseLiquid } from '../templates/liquid.ts'
import { markdownToHtml } from '../templates/markdown.ts'
import { textOf } from '../templates/parts.ts'
import { FIRST_SETTINGS } from './first-settings.ts'
import type { FormId, FormMail, FormSettings } from './form.ts'

/** What a mail of a form may say. Of a person who has not confirmed, the name alone: whatever else strangers type reaches nobody through us. */
export interface MailData {
  readonly contact: Readonly<Record<string, unknown>>
  readonly form: { readonly name: string; readonly title: string }
  readonly lists: readonly string[]
  readonly confirm_url?: string
  readonly preferences_url?: string
}

export interface Written {
  readonly subject: string
  readonly html: string
  readonly text: string
}

/** Throws what Liquid says; `explain` has it in words. */
export function writeMail({ subject, body }: FormMail, data: MailData, now: Date): Written {
  const html = markdownToHtml(body)
  return {
    subject: rendered(subject, 'plain', data, now)
      .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
      .trim()
      .slice(0, 500),
    html: rendered(html, 'html', data, now),
    text: rendered(textOf(html), 'plain', data, now),
  }
}

function rendered(source: string, escaping: 'plain' | 'html', data: MailData, now: Date): string {
  const parsed = parseLiquid(source, escaping)
  if (!parsed.ok) throw new Refusal('invalid_request', { why: parsed.sentence })
  return newTurn(escaping, data, now).render(parsed.nodes)
}

/** What is wrong with it in words, by writing it for somebody and for nobody. Null: it can be sent. */
export function wrongInMail(mail: FormMail, now: Date): string | null {
  for (const source of [mail.subject, mail.body]) {
    const parsed = parseLiquid(source, 'plain')
    if (!parsed.ok) return parsed.line === null ? parsed.sentence : `Line ${parsed.line}: ${parsed.sentence}`
  }
  for (const data of [EXAMPLE_DATA, { ...EXAMPLE_DATA, contact: {}, lists: [] }])
    try {
      if (writeMail(mail, data, now).subject === '') return 'The subject is empty for somebody without a name.'
    } catch (error) {
      return error instanceof Refusal ? error.message : explain(error).sentence
    }
  return null
}

export const EXAMPLE_DATA: MailData = {
  contact: { email: 'ann@example.org', first_name: 'Ann', last_name: 'Example', name: 'Ann Example', language: 'en' },
  form: { name: 'Newsletter', title: 'Newsletter' },
  lists: ['News'],
  confirm_url: 'https://waybill.example.com/confirm/…',
  preferences_url: 'https://waybill.example.com/p/…',
}

export interface FormMailParts {
  readonly workspaceId: WorkspaceId
  readonly formId: FormId
  readonly submissionId: string | null
  readonly purpose: 'confirm' | 'welcome' | 'test'
  readonly settings: FormSettings
  readonly mail: FormMail
  readonly to: string
  readonly data: MailData
  readonly actor: string | null
}

/** A mail that can be submitted: composed, its content staged. */
export async function composeFormMail(blobs: BlobStore, parts: FormMailParts, now: Date): Promise<Mail> {
  const { workspaceId, settings, purpose } = parts
  const [from, address] = [mailboxOf(settings.sender), parseAddress(parts.to)]
  if (!from || !address) throw new Refusal('invalid_address', { text: from ? parts.to : settings.sender })
  const replyTo = settings.reply_to === null ? null : mailboxOf(settings.reply_to)
  const id = newId<MessageId>(now.getTime())
  const rfcMessageId = messageIdOf(id, from.address.domain)
  const to: Mailbox = { name: '', address }
  const written = wellWritten(parts, now)
  const composed = compose(
    {
      from,
      to: [to],
      replyTo: replyTo ? [replyTo] : [],
      ...written,
      // RFC 3834 §5: no machine is to answer this.
      headers: [
        ['Auto-Submitted', 'auto-generated'],
        ['X-Auto-Response-Suppress', 'All'],
      ],
      date: now,
      messageId: rfcMessageId,
    },
    { maxBytes: MAX_MESSAGE_BYTES },
  )
  return {
    id,
    workspaceId,
    stream: 'transactional',
    origin: { kind: 'form', form_id: parts.formId, submission_id: parts.submissionId, purpose },
    actor: parts.actor,
    envelopeSender: formatAddress(from.address),
    sender: formatMailbox(from),
    fromDomain: from.address.domain,
    to: [formatMailbox(to)],
    cc: [],
    bcc: [],
    subject: written.subject,
    tags: ['form'],
    metadata: {},
    rfcMessageId,
    content: await blobs.stage(workspaceId, Buffer.from(composed.content, 'latin1')),
    eightBit: composed.eightBit,
    internationalized: composed.internationalized || isInternationalized(address),
    recipients: [formatAddress(address)],
    scheduledAt: null,
    expiresAt: new Date(now.getTime() + STREAM_RULES.transactional.lifetimeMs),
    resendOf: null,
    viaRoute: null,
  }
}

/** A text that fails for this one person must not keep them from confirming: then they get ours. */
function wellWritten({ mail, data, purpose }: FormMailParts, now: Date): Written {
  try {
    return writeMail(mail, data, now)
  } catch (error) {
    if (purpose === 'test' || error instanceof Refusal) throw error
    explain(error)
    return writeMail(purpose === 'confirm' ? FIRST_SETTINGS.confirmation : PLAIN_WELCOME, data, now)
  }
}

const PLAIN_WELCOME: FormMail = {
  subject: 'Welcome',
  body: 'You are on {{ lists | join: ", " }} now.\n\n[Change or leave]({{ preferences_url }})\n',
}

function mailboxOf(text: string): Mailbox | null {
  return parseMailbox(text)
}
