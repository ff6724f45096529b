/** Mail that advertises goes to whoever agreed to get it, and says how to leave: the same law as for campaigns. */
import { unsubscribeHeaders } from '../../../campaigns/leaving/way-out.ts'
import type { ListId } from '../../../contacts/consent/change-consent.ts'
import { membershipsOf } from '../../../contacts/timeline.ts'
import type { Stream } from '../../../delivery/stream.ts'
import { suppressionsOf } from '../../../delivery/suppression/suppress.ts'
import { listInboxes } from '../../../helpdesk/inboxes.ts'
import type { ContactId, DeliveryId } from '../../../lib/ids.ts'
import { formatAddress, type Mailbox } from '../../../mail/address.ts'
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

/** The same headers as of campaigns. `mailboxes`: where answers go; the first of them that comes to us takes mail that asks to leave. */
export async function wayOutOf(
  { tx, run }: StepContext,
  { ownOf, url }: MailStepDeps,
  deliveryId: DeliveryId,
  mailboxes: readonly Mailbox[],
): Promise<{ readonly own: Readonly<Record<string, string>>; readonly headers: Readonly<Record<string, string>> }> {
  const own: Readonly<Record<string, string>> = { ...ownOf(deliveryId) }
  const inboxes = (await listInboxes(tx, run.workspaceId)).filter(({ closedAt }) => closedAt === null)
  const ours = new Set(inboxes.flatMap(({ addresses }) => addresses.map((one) => one.address)))
  const mailbox = mailboxes.map(({ address }) => formatAddress(address)).find((one) => ours.has(one.toLowerCase())) ?? null
  const headers = unsubscribeHeaders(url, mailbox).map(([name, { literals, places }]) => [
    name,
    literals.map((literal, at) => `${literal}${own[String(places[at])] ?? ''}`).join(''),
  ])
  return { own, headers: Object.fromEntries(headers) as Record<string, string> }
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
