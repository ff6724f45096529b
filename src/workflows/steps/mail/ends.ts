/**
 * What has become of a step's mail, and by which way its run goes on. The deliveries' own rows are asked, whatever it was that woke the step: what it is told
 * twice, late or out of order makes no difference.
 */
import type { DeliveryState } from '../../../delivery/delivery.ts'
import { type DeliveryEnd, endsOfMessages } from '../../../delivery/reading/read.ts'
import { HOUR } from '../../../lib/clock.ts'
import type { MessageId } from '../../../lib/ids.ts'
import type { Json } from '../../definition/graph.ts'
import type { WAITS_FOR } from '../../definition/nodes/mail.ts'
import type { StepResult } from '../../interpret/result.ts'
import type { Arm, Values } from '../../interpret/state.ts'
import type { StepContext } from '../step.ts'
import { LAST_MAIL } from '../wait.ts'

export type WaitsFor = (typeof WAITS_FOR)[number]
export type End = 'pending' | 'sent' | 'failed' | 'suppressed' | 'expired' | 'unknown'

/** One recipient's. `class` and `sentence` say why, where it is not on its way. */
export interface Fate {
  readonly address: string
  readonly end: End
  readonly status: string
  readonly class: string | null
  readonly sentence: string
  readonly delivery: DeliveryEnd | null
}

/** Silence for so long after a server took it means that it arrived. */
const SETTLED_AFTER_MS = 48 * HOUR

const END_OF: Readonly<Record<DeliveryState, End>> = {
  queued: 'pending',
  sending: 'pending',
  held: 'pending',
  unknown: 'unknown',
  sent: 'sent',
  delivered: 'sent',
  bounced: 'failed',
  failed: 'failed',
  cancelled: 'failed',
  suppressed: 'suppressed',
  expired: 'expired',
}

/** By address in lower case. Of what was sent again the last counts. */
export async function fatesOf(
  { tx, run, now }: StepContext,
  messages: readonly MessageId[],
  waitsFor: WaitsFor,
): Promise<Map<string, Fate>> {
  const found = new Map<string, Fate>()
  const ends = await endsOfMessages(tx, run.workspaceId, messages)
  for (const message of messages)
    for (const one of ends.filter(({ messageId }) => messageId === message))
      found.set(one.recipient.toLowerCase(), fateOf(one, waitsFor, now))
  return found
}

function fateOf(delivery: DeliveryEnd, waitsFor: WaitsFor, now: Date): Fate {
  const { recipient, state, reason } = delivery
  const about = { address: recipient, status: state, delivery }
  const isQuiet = waitsFor === 'settled' && state === 'sent' && now < settledBy(delivery)
  // What delivery decides by itself is not known yet; what it asks a person is for the workflow to say.
  const isDecided = state !== 'unknown' || delivery.policy === 'ask'
  if (isQuiet || !isDecided) return { ...about, end: 'pending', class: null, sentence: '' }
  const end = END_OF[state]
  if (end === 'sent' || end === 'pending') return { ...about, end, class: null, sentence: '' }
  const sentence = [reason?.sentence, reason?.hint].filter(Boolean).join(' ')
  const said = sentence === '' && state === 'cancelled' ? 'Somebody cancelled this mail.' : sentence
  return {
    ...about,
    end,
    class: state === 'cancelled' ? 'cancelled' : (reason?.failure?.class ?? reason?.code ?? state),
    sentence: said,
  }
}

function settledBy({ settledAt }: DeliveryEnd): Date {
  return new Date((settledAt?.getTime() ?? 0) + SETTLED_AFTER_MS)
}

/** Somebody who is not to be mailed, and for whom there is no delivery. */
export function leftOut(address: string, failureClass: string, sentence: string): Fate {
  return { address, end: 'suppressed', status: 'left_out', class: failureClass, sentence, delivery: null }
}

function afterLeaving(fate: Fate): Fate {
  const sentence = `${fate.address} left the lists that it was for while it waited.`
  return { ...fate, end: 'suppressed', class: 'unsubscribed', sentence }
}

interface Sent {
  readonly messages: readonly MessageId[]
  readonly leftOut: readonly Fate[]
  /** Of mail that needs consent: whose, and by which lists. */
  readonly agreed?: Agreed | null
  /** They have just taken it back: what was cancelled for it is no failure. */
  readonly hasLeft?: boolean
}

export interface Agreed {
  readonly contact: string
  readonly lists: readonly string[]
}

export function agreedIn({ agreed }: Values): Agreed | null {
  return agreed === undefined || agreed === null ? null : (agreed as unknown as Agreed)
}

export function messagesIn(memo: Values): MessageId[] {
  return Array.isArray(memo.messages) ? (memo.messages as MessageId[]) : []
}

export function leftOutIn(memo: Values): Fate[] {
  return Array.isArray(memo.left_out) ? (memo.left_out as unknown as Fate[]).map((one) => ({ ...one, delivery: null })) : []
}

/** Leaves, or waits: by how all of it stands at this moment. */
export async function goOn(
  context: StepContext,
  waitsFor: WaitsFor,
  { messages, leftOut: others, agreed = null, hasLeft = false }: Sent,
): Promise<StepResult> {
  const known = [...(await fatesOf(context, messages, waitsFor)).values()]
  const fates = [...known.map((fate) => (hasLeft && fate.status === 'cancelled' ? afterLeaving(fate) : fate)), ...others]
  const last = messages.at(-1) ?? null
  const vars = last === null ? {} : { [LAST_MAIL]: last }
  const output = outputOf(fates, messages)
  if (waitsFor === 'queued' && messages.length > 0) return { kind: 'go', port: 'sent', vars, output }
  const pending = fates.filter(({ end }) => end === 'pending')
  if (pending.length > 0) {
    const isQuiet = pending.every(({ status }) => status === 'sent')
    const until = isQuiet ? latest(pending.flatMap(({ delivery }) => (delivery ? [settledBy(delivery)] : []))) : null
    const left = others.map(({ delivery: _, ...one }) => one as unknown as Json)
    return {
      ...{
        kind: 'wait',
        arms: [...armsOf(messages, waitsFor), ...armsOfConsent(agreed)],
        until,
        timeoutPort: until === null ? null : 'sent',
        vars,
      },
      memo: {
        messages: [...messages],
        ...(left.length > 0 && { left_out: left }),
        ...(agreed && { agreed: { contact: agreed.contact, lists: [...agreed.lists] } }),
      },
    }
  }
  return decided(fates, { vars, output })
}

/** Who did not get it decides, the worst first; whoever does not want any is no failure where others got it. */
function decided(fates: readonly Fate[], { vars, output }: { vars: Values; output: Values }): StepResult {
  const worst = (['failed', 'unknown', 'expired'] as const).find((end) => fates.some((fate) => fate.end === end))
  const port = worst ?? (fates.some(({ end }) => end === 'sent') ? 'sent' : 'suppressed')
  if (port === 'sent') return { kind: 'go', port, vars, output }
  const those = fates.filter(({ end }) => end === port)
  const [first] = those
  const more = fates.length > 1 ? `To ${those.length} of ${fates.length} recipients it did not go. ${first?.address}: ` : ''
  const sentence = `${more}${first?.sentence ?? 'Nobody is left whom it could go to.'}`
  return { kind: 'fail', class: first?.class ?? port, sentence, retryAt: null, port, output }
}

const ACCEPTED = ['sent', 'bounced', 'failed', 'suppressed', 'expired', 'unknown', 'cancelled'] as const
const PORT_OF: Readonly<Record<string, string>> = {
  bounced: 'failed',
  failed: 'failed',
  cancelled: 'failed',
  suppressed: 'suppressed',
  expired: 'expired',
  unknown: 'unknown',
}

/** What may bring a decision. Which, the rows say. */
function armsOf(messages: readonly MessageId[], waitsFor: WaitsFor): Arm[] {
  const kinds = waitsFor === 'settled' ? [...ACCEPTED, 'delivered'] : ACCEPTED
  return messages.flatMap((id) =>
    kinds.map((kind) => ({ port: PORT_OF[kind] ?? 'sent', on: `delivery.${kind}`, key: `message:${id}` })),
  )
}

/** Who leaves while their mail waits does not get it. */
function armsOfConsent(agreed: Agreed | null): Arm[] {
  return agreed === null ? [] : [{ port: 'suppressed', on: 'contact.unsubscribed', key: `contact:${agreed.contact}` }]
}

function latest(dates: readonly Date[]): Date | null {
  return dates.reduce<Date | null>((last, date) => (last === null || date > last ? date : last), null)
}

const MAX_TEXT = 500

function outputOf(fates: readonly Fate[], messages: readonly MessageId[]): Values {
  const gone = fates.filter(({ end, delivery }) => end === 'sent' && delivery?.last)
  const last = gone
    .map(({ delivery }) => delivery)
    .toSorted((a, b) => (a?.settledAt?.getTime() ?? 0) - (b?.settledAt?.getTime() ?? 0))
    .at(-1)
  const answer = last?.last ?? fates.find(({ delivery }) => delivery?.last)?.delivery?.last
  return {
    message_id: messages.at(-1) ?? null,
    ...(messages.length > 1 && { message_ids: [...messages] }),
    accepted_at: last?.settledAt?.toISOString() ?? null,
    mx_host: answer?.host ?? null,
    response: answer ? { code: answer.code, enhanced: answer.enhanced, text: answer.text.slice(0, MAX_TEXT) } : null,
    attempts: fates.reduce((sum, { delivery }) => sum + (delivery?.attempt ?? 0), 0),
    recipients: fates.map(({ address, status, class: failureClass }) => ({ address, status, class: failureClass })),
  }
}
