/** What people want of an inbox, made into what an inbox is: each value looked at, or refused with the field it is in. */
import type { Actor } from '../../accounts/actor.ts'
import { listMembers } from '../../accounts/members.ts'
import type { Tx } from '../../db/database.ts'
import { findRoute } from '../../delivery/routes/manage.ts'
import { Refusal } from '../../errors.ts'
import { findMailbox } from '../../mailboxes/mailboxes.ts'
import { cleanHtml, cleanStandingText } from '../clean-text.ts'
import type { Inbox } from '../inbox.ts'
import { findTeam } from '../teams/teams.ts'
import { AUTOMATIC_VARIABLES } from '../variables.ts'
import { inboxesOfAddresses } from './inbox-queries.ts'
import { addressKey, type InboxAddress, withOwnAddress } from './own-addresses.ts'

/** What is left out stays as it is. */
export type InboxChange = Partial<
  Pick<
    Inbox,
    | 'name'
    | 'address'
    | 'fromName'
    | 'routeId'
    | 'signature'
    | 'statusAfterReply'
    | 'assignOnReply'
    | 'defaultAssignee'
    | 'defaultTeam'
    | 'autoBcc'
    | 'autoReply'
    | 'undoSeconds'
    | 'subjectTag'
    | 'plusAddress'
    | 'noMatch'
    | 'noMatchAnswer'
    | 'noMatchAlert'
    | 'sentCopy'
  >
> & {
  /** Every address that mail comes to; its own need not be among them. */
  readonly addresses?: readonly InboxAddress[]
}

export async function changed(tx: Tx, inbox: Inbox, change: InboxChange, actor: Actor, now: Date): Promise<Inbox> {
  const { addresses, ...given } = change
  const address = change.address === undefined ? inbox.address : addressKey(change.address, '/address')
  const others = addresses ?? inbox.addresses
  const listed = others.map((entry, i) => ({ ...entry, address: addressKey(entry.address, `/addresses/${i}/address`) }))
  const next: Inbox = {
    ...inbox,
    ...given,
    name: (change.name ?? inbox.name).trim(),
    address,
    addresses: withOwnAddress(address, listed),
    ...(change.signature !== undefined && { signature: cleanHtml(change.signature, '/signature') }),
    ...(change.autoReply && { autoReply: cleanStandingText(change.autoReply, '/auto_reply', AUTOMATIC_VARIABLES) }),
    ...(change.noMatchAnswer && {
      noMatchAnswer: cleanStandingText(change.noMatchAnswer, '/no_match_answer', AUTOMATIC_VARIABLES),
    }),
    ...(change.autoBcc && { autoBcc: [...new Set(change.autoBcc.map((text, i) => addressKey(text, `/auto_bcc/${i}`)))] }),
    updatedAt: now,
  }
  await refuseForeignAddresses(tx, next)
  if (change.autoBcc) await refuseCopiesToOurselves(tx, next)
  await refuseStrangers(tx, next, change, actor)
  return next
}

async function refuseForeignAddresses(tx: Tx, inbox: Inbox): Promise<void> {
  const owners = await inboxesOfAddresses(
    tx,
    inbox.workspaceId,
    inbox.addresses.map(({ address }) => address),
  )
  const other = owners.find(({ inboxId }) => inboxId !== inbox.id)
  if (!other) return
  const why = `mail to it goes to the inbox ${other.inbox}; remove it there first`
  throw new Refusal('address_in_use', {
    address: other.address,
    why,
    pointer: other.address === inbox.address ? '/address' : '/addresses',
  })
}

/** A blind copy to an inbox of ours would come in as mail again. */
async function refuseCopiesToOurselves(tx: Tx, inbox: Inbox): Promise<void> {
  const own = inbox.addresses.map(({ address }) => address).find((address) => inbox.autoBcc.includes(address))
  const [other] = own === undefined ? await inboxesOfAddresses(tx, inbox.workspaceId, inbox.autoBcc) : []
  const address = own ?? other?.address
  if (address !== undefined)
    throw new Refusal('address_in_use', {
      address,
      why: 'it belongs to an inbox, and every copy would come in again',
      pointer: '/auto_bcc',
    })
}

/** Whatever the inbox names must be there. Only what was given now is looked at: what has gone since is a problem that the page shows. */
async function refuseStrangers(tx: Tx, inbox: Inbox, change: InboxChange, actor: Actor): Promise<void> {
  const { workspaceId } = inbox
  if (change.routeId && !(await findRoute(tx, workspaceId, change.routeId))) throw missing('route', '/route_id')
  if (change.defaultTeam && !(await findTeam(tx, workspaceId, change.defaultTeam))) throw missing('team', '/default_team')
  if (change.sentCopy && !(await findMailbox(tx, workspaceId, change.sentCopy.mailboxId))) throw missing('mailbox', '/sent_copy')
  if (!change.defaultAssignee) return
  const members = await listMembers(tx, actor)
  if (!members.some(({ id }) => id === change.defaultAssignee)) throw missing('member', '/default_assignee')
}

function missing(what: string, pointer: string): Refusal {
  return new Refusal('invalid_request', { why: `There is no such ${what} in this workspace.`, pointer })
}
