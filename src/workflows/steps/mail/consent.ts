/** Mail that advertises goes to whoever agreed to get it, and says how to leave: the same law as for campaigns. */
import type { ListId } from '../../../contacts/consent/change-consent.ts'
import { membershipsOf } from '../../../contacts/timeline.ts'
import type { Stream } from '../../../delivery/stream.ts'
import { suppressionsOf } from '../../../delivery/suppression/suppress.ts'
import type { ContactId, DeliveryId } from '../../../lib/ids.ts'
import { UNSUBSCRIBE_PLACE } from '../../../tracking/personalise.ts'
import { readField } from '../read-field.ts'
import type { StepContext } from '../step.ts'
import type { MailStepDeps } from './deps.ts'
import { type Agreed, type Fate, leftOut } from './ends.ts'
import { MailTrouble } from './trouble.ts'

/** The lists by which the run's contact agreed: those that it was started by, or all that they are on. */
export async function agreedBy(context: StepContext, address: string): Promise<Agreed & { readonly lists: readonly ListId[] }> {
  const { run } = context
  const contact = readField(await context.scope(), 'contact.id')
  const joined = typeof contact === 'string' ? await listsOf(context, contact) : []
  const named = run.cause.kind === 'contact.subscribed' && Array.isArray(run.cause.facts.lists) ? run.cause.facts.lists : null
  const lists = named === null ? joined : joined.filter((list) => named.includes(list))
  if (typeof contact === 'string' && lists.length > 0) return { contact, lists }
  const sentence = `${address} is on none of your lists now: marketing mail goes to whoever agreed to get it.`
  throw new MailTrouble('no_consent', sentence, 'suppressed')
}

async function listsOf({ tx, run }: StepContext, contact: string): Promise<ListId[]> {
  const members = await membershipsOf(tx, run.workspaceId, contact as ContactId)
  return members.filter(({ status }) => status === 'subscribed').map(({ listId }) => listId)
}

export async function isStillAgreed(context: StepContext, { contact, lists }: Agreed): Promise<boolean> {
  return (await listsOf(context, contact)).some((list) => lists.includes(list))
}

/** RFC 2369 §3.2, RFC 8058 §3.1: one click is offered where its way is safe. */
export function wayOutOf({ ownOf, url }: MailStepDeps, deliveryId: DeliveryId) {
  const own = ownOf(deliveryId)
  const link = own[UNSUBSCRIBE_PLACE] ?? ''
  const oneClick = url.startsWith('https:') ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}
  return { own: { ...own }, headers: { 'List-Unsubscribe': `<${link}>`, ...oneClick } }
}

/** Who is on the suppression list at this moment. Delivery looks again when it sends. */
export async function notSuppressed(
  { tx, run, now }: StepContext,
  addresses: readonly string[],
  stream: Stream,
): Promise<{ readonly may: string[]; readonly not: Fate[] }> {
  const lower = addresses.map((one) => one.toLowerCase())
  const found = (await suppressionsOf(tx, run.workspaceId, lower, now)).filter(
    (one) => one.stream === 'all' || one.stream === stream,
  )
  const reasons = new Map(found.map(({ address, reason }) => [address, reason]))
  const may = addresses.filter((one) => !reasons.has(one.toLowerCase()))
  const not = addresses.flatMap((one) => {
    const reason = reasons.get(one.toLowerCase())
    return reason ? [leftOut(one, reason, `${one} is on the suppression list (${reason.replaceAll('_', ' ')}).`)] : []
  })
  return { may, not }
}
