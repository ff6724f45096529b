/** The one way in which anybody's standing with a list changes, with its proof, and with what keeps mail away from whoever left. */
import type { Tx } from '../../db/database.ts'
import { type NewSuppression, suppress, unsuppress } from '../../delivery/suppression/suppress.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type ContactId, type Id, newId, type WorkspaceId } from '../../lib/ids.ts'
import { type ConsentSource, decideConsent, type OptIn, type Standing, scopeOfList } from './consent.ts'
import {
  insertConsentEvents,
  type ListId,
  lockMembers,
  type Member,
  selectAllAddresses,
  selectOptIns,
  upsertMembers,
} from './queries.ts'

export type { ListId } from './queries.ts'

export interface ConsentWish {
  readonly contactId: ContactId
  readonly listId: ListId
  readonly wants: Exclude<Standing, 'none'>
}

/** Who says so, how, and in what words the person was asked. With `override` the wording is the reason, and it is not empty. */
export interface ConsentBy {
  readonly source: ConsentSource
  readonly sourceId?: string
  readonly actor: string | null
  readonly wording?: string
  readonly ip?: string | null
  readonly override?: boolean
  /** They confirmed the address elsewhere: a first word counts on lists with double opt-in, too. The wording says where. */
  readonly confirmed?: boolean
  /** What the log says beside it, such as which campaign it came from. */
  readonly told?: Readonly<Record<string, unknown>>
}

export interface ConsentOutcome {
  readonly contactId: ContactId
  readonly listId: ListId
  readonly was: Standing
  readonly became: Standing
  readonly refused: 'unsubscribed' | 'unconfirmed' | null
}

export const MAX_WISHES = 1_000

export async function changeConsent(
  tx: Tx,
  workspaceId: WorkspaceId,
  wishes: readonly ConsentWish[],
  by: ConsentBy,
  now: Date,
): Promise<ConsentOutcome[]> {
  if (wishes.length === 0) return []
  if (wishes.length > MAX_WISHES) throw new RangeError(`at most ${MAX_WISHES} wishes at a time`)
  const listIds = [...new Set(wishes.map(({ listId }) => listId))]
  const contactIds = [...new Set(wishes.map(({ contactId }) => contactId))]
  const optIns = await selectOptIns(tx, workspaceId, listIds)
  if (optIns.size < listIds.length) throw new Refusal('not_found', { what: 'list' })
  const members = new Map((await lockMembers(tx, workspaceId, contactIds, listIds)).map((member) => [keyOf(member), member]))
  const decided = wishes.map((wish) => ({ wish, ...decide(wish, members.get(keyOf(wish)) ?? null, optIns, by) }))
  const changed = decided.filter(({ was, became }) => was !== became)
  if (changed.length > 0) await write(tx, workspaceId, changed, by, now)
  return decided.map(({ wish: { contactId, listId }, was, became, refused }) => ({ contactId, listId, was, became, refused }))
}

const keyOf = ({ contactId, listId }: Pick<Member, 'contactId' | 'listId'>) => `${contactId} ${listId}`

function decide({ wants, listId }: ConsentWish, member: Member | null, optIns: ReadonlyMap<ListId, OptIn>, by: ConsentBy) {
  const was: Standing = member?.status ?? 'none'
  const isOverride = (by.override === true || (by.confirmed === true && was === 'none')) && (by.wording ?? '') !== ''
  const answer = decideConsent({ was, wants, source: by.source, optIn: optIns.get(listId) ?? 'double', isOverride })
  const refused = answer.kind === 'refused' ? answer.why : null
  return answer.kind === 'becomes'
    ? { was, became: answer.standing, refused, isOverride: answer.isOverride }
    : { was, became: was, refused, isOverride: false }
}

interface Change {
  readonly wish: { readonly contactId: ContactId; readonly listId: ListId }
  readonly was: Standing
  readonly became: Standing
  readonly isOverride: boolean
}

/** Also for what is no wish: joining people, and addresses that changed. */
export async function write(
  tx: Tx,
  workspaceId: WorkspaceId,
  changes: readonly Change[],
  by: ConsentBy,
  now: Date,
): Promise<void> {
  const addresses = await selectAllAddresses(tx, workspaceId, [...new Set(changes.map(({ wish }) => wish.contactId))])
  const { source, sourceId = null, actor, wording = '', ip = null } = by
  await upsertMembers(
    tx,
    workspaceId,
    changes.flatMap(({ wish, became }) => (became === 'none' ? [] : { ...wish, status: became, source, since: now })),
  )
  await insertConsentEvents(
    tx,
    workspaceId,
    changes.map(({ wish, was, became, isOverride }) => ({
      ...wish,
      id: newId<Id<'consent_event'>>(now.getTime()),
      address: addresses.get(wish.contactId)?.[0] ?? '',
      was,
      became,
      at: now,
      source,
      sourceId,
      actor,
      isOverride,
      wording: wording.slice(0, 2_000),
      ip,
    })),
  )
  await keepMailAway(tx, workspaceId, changes, addresses, by, now)
  await append(
    tx,
    changes.map(({ wish: { contactId, listId }, was, became }) => ({
      type: 'contact.consent_changed' as const,
      workspaceId,
      subjectId: contactId,
      actor,
      data: { list_id: listId, was, became, source, ...by.told },
    })),
    now,
  )
}

async function keepMailAway(
  tx: Tx,
  workspaceId: WorkspaceId,
  changes: readonly Change[],
  addresses: ReadonlyMap<ContactId, readonly string[]>,
  { actor, source }: ConsentBy,
  now: Date,
): Promise<void> {
  const left = changes.filter(({ became }) => became === 'unsubscribed')
  await suppress(
    tx,
    workspaceId,
    left.flatMap(({ wish: { contactId, listId } }) =>
      (addresses.get(contactId) ?? []).map(
        (address): NewSuppression => ({
          address,
          stream: scopeOfList(listId),
          reason: 'unsubscribed',
          source: source === 'recipient' || source === 'form' ? 'recipient' : 'person',
          deliveryId: null,
          note: '',
        }),
      ),
    ),
    actor,
    now,
  )
  for (const { was, became, wish } of changes) {
    if (was !== 'unsubscribed' || became === 'unsubscribed') continue
    for (const address of addresses.get(wish.contactId) ?? [])
      await unsuppress(tx, workspaceId, address, scopeOfList(wish.listId), actor, now).catch(unlessNoneWas)
  }
}

function unlessNoneWas(error: unknown): void {
  if (!(error instanceof Refusal) || error.code !== 'not_found') throw error
}
