/** What an act makes of some of its people, and how that is taken back. Each is one statement or a few for all of them. */
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { ContactId } from '../../lib/ids.ts'
import { type ConsentBy, changeConsent, write } from '../consent/change-consent.ts'
import { type ListId, lockMembers } from '../consent/queries.ts'
import { MAX_TAGS } from '../contact.ts'
import { deleteMembers, deleteTags, insertTags } from '../imports/queries.ts'
import { type ManyAct, sameTag } from './act.ts'
import {
  type ActRow,
  type ContactAct,
  deleteTagsGivenAt,
  lockTagged,
  type selectChanged,
  type Tagged,
  touchContacts,
} from './queries.ts'

export interface Applied {
  readonly rows: readonly Omit<ActRow, 'undone' | 'at'>[]
  readonly already: number
  readonly gone: number
}
type Tagging = Extract<ManyAct, { readonly tag: string }>
type Listing = Extract<ManyAct, { readonly list: ListId }>
type Changed = Awaited<ReturnType<typeof selectChanged>>[number]

export async function applyTo(tx: Tx, contactAct: ContactAct, ids: readonly ContactId[], now: Date): Promise<Applied> {
  const { act, workspaceId } = contactAct
  const people = await lockTagged(tx, workspaceId, ids)
  const gone = ids.length - people.length
  if ('tag' in act) return { ...(await tagThem(tx, contactAct, act, people, now)), gone }
  return { ...(await listThem(tx, contactAct, act, people, now)), gone }
}

async function tagThem(tx: Tx, contactAct: ContactAct, act: Tagging, people: readonly Tagged[], now: Date) {
  const { workspaceId } = contactAct
  const known = people.map((person) => ({ ...person, same: sameTag(person.tags, act.tag) }))
  const wanted = known.filter(({ same }) => (act.kind === 'tag') === (same === null))
  const [full, free] = [wanted.filter(isFull), wanted.filter((one) => !isFull(one))]
  const changed = act.kind === 'tag' ? free : wanted
  if (act.kind === 'tag')
    await insertTags(
      tx,
      workspaceId,
      changed.map(({ id: contactId }) => ({ contactId, tag: act.tag })),
      now,
    )
  else
    await deleteTags(
      tx,
      workspaceId,
      changed.map(({ id: contactId, same }) => ({ contactId, tag: same ?? act.tag })),
    )
  await told(tx, contactAct, changed, now)
  const refused = act.kind === 'tag' ? full : []
  const rows = [
    ...changed.map(({ id, same }) => ({
      ...{ contactId: id, done: 'changed' as const, reason: '' as const, was: same ?? '' },
      became: act.kind === 'tag' ? act.tag : '',
    })),
    ...refused.map(({ id }) => ({
      contactId: id,
      done: 'refused' as const,
      reason: 'too_many_tags' as const,
      was: '',
      became: '',
    })),
  ]
  return { rows, already: people.length - wanted.length }
}

function isFull({ tags }: Tagged): boolean {
  return tags.length >= MAX_TAGS
}

/** As when somebody changes one contact. */
async function told(
  tx: Tx,
  { workspaceId, id, actor }: ContactAct,
  people: readonly { readonly id: ContactId; readonly name: string }[],
  now: Date,
): Promise<void> {
  if (people.length === 0) return
  await touchContacts(
    tx,
    workspaceId,
    people.map((one) => one.id),
    now,
  )
  await append(
    tx,
    people.map(({ id: subjectId, name }) => ({
      ...{ type: 'contact.changed' as const, workspaceId, subjectId, actor },
      data: { name, changes: ['tags'], act: id },
    })),
    now,
  )
}

async function listThem(tx: Tx, contactAct: ContactAct, act: Listing, people: readonly Tagged[], now: Date) {
  const { workspaceId } = contactAct
  const ids = people.map(({ id }) => id)
  const onIt = act.kind === 'unsubscribe' ? await onList(tx, contactAct, act.list, ids) : ids
  const wants = act.kind === 'subscribe' ? ('subscribed' as const) : ('unsubscribed' as const)
  const wishes = onIt.map((contactId) => ({ contactId, listId: act.list, wants }))
  const outcomes = await changeConsent(tx, workspaceId, wishes, byOf(contactAct, act), now)
  const rows = outcomes.flatMap(({ contactId, was, became, refused }): Applied['rows'] => {
    if (refused !== null) return [{ contactId, done: 'refused' as const, reason: refused, was, became }]
    return was === became ? [] : [{ contactId, done: 'changed' as const, reason: '' as const, was, became }]
  })
  return { rows, already: people.length - rows.length }
}

async function onList(tx: Tx, { workspaceId }: ContactAct, list: ListId, ids: readonly ContactId[]): Promise<ContactId[]> {
  const members = await lockMembers(tx, workspaceId, ids, [list])
  return members.filter(({ status }) => status !== 'unsubscribed').map(({ contactId }) => contactId)
}

function byOf({ id, actor }: ContactAct, act: Listing): ConsentBy {
  const override = act.kind === 'subscribe' && act.override
  return { source: sourceOf(actor), sourceId: id, actor, wording: act.reason, override }
}

function sourceOf(actor: string): 'api' | 'person' {
  return actor.startsWith('key:') ? 'api' : 'person'
}

/** Who is as before again. Whatever somebody changed since stays. */
export async function takeBackFrom(tx: Tx, contactAct: ContactAct, rows: readonly Changed[], now: Date): Promise<Set<ContactId>> {
  const { act } = contactAct
  const here = rows.filter(({ isGone }) => !isGone)
  if (!('tag' in act)) return await takeBackStandings(tx, contactAct, act.list, here, now)
  const back = act.kind === 'tag' ? await takeTags(tx, contactAct, act.tag, here) : await giveTags(tx, contactAct, here, now)
  const people = here.map(({ contactId: id, name }) => ({ id, name })).filter(({ id }) => back.has(id))
  await told(tx, contactAct, people, now)
  return back
}

function takeTags(tx: Tx, { workspaceId }: ContactAct, tag: string, rows: readonly Changed[]): Promise<Set<ContactId>> {
  const given = rows.map(({ contactId: id, at }) => ({ id, at }))
  return deleteTagsGivenAt(tx, workspaceId, given, tag)
}

async function giveTags(tx: Tx, { workspaceId }: ContactAct, rows: readonly Changed[], now: Date): Promise<Set<ContactId>> {
  const people = await lockTagged(
    tx,
    workspaceId,
    rows.map(({ contactId }) => contactId),
  )
  const tags = new Map(people.map((one) => [one.id, one.tags]))
  const may = rows.filter(({ contactId, was }) => {
    const now = tags.get(contactId)
    return now !== undefined && now.length < MAX_TAGS && sameTag(now, was) === null
  })
  const given = await insertTags(
    tx,
    workspaceId,
    may.map(({ contactId, was }) => ({ contactId, tag: was })),
    now,
  )
  return new Set(given.map(({ contactId }) => contactId))
}

/** Only where the act's own word is the last one. */
async function takeBackStandings(
  tx: Tx,
  { workspaceId, id, actor }: ContactAct,
  listId: ListId,
  rows: readonly Changed[],
  now: Date,
): Promise<Set<ContactId>> {
  const ids = rows.map(({ contactId }) => contactId)
  const members = new Map((await lockMembers(tx, workspaceId, ids, [listId])).map((member) => [member.contactId, member]))
  const own = rows.filter(({ contactId, became, at }) => {
    const member = members.get(contactId)
    return member?.status === became && member.since.getTime() === at.getTime() && member.source === sourceOf(actor)
  })
  const changes = own.map(({ contactId, was, became }) => ({
    wish: { contactId, listId },
    was: became as 'pending' | 'subscribed' | 'unsubscribed',
    became: was as 'none' | 'pending' | 'subscribed' | 'unsubscribed',
    isOverride: false,
  }))
  if (changes.length > 0) await write(tx, workspaceId, changes, { source: 'undo', sourceId: id, actor }, now)
  const strangers = own.filter(({ was }) => was === 'none').map(({ contactId }) => ({ contactId, listId }))
  if (strangers.length > 0) await deleteMembers(tx, workspaceId, strangers)
  return new Set(own.map(({ contactId }) => contactId))
}
