import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Actor } from '../../src/accounts/actor.ts'
import { type ConsentBy, changeConsent, type ListId } from '../../src/contacts/consent/change-consent.ts'
import { decideConsent, joinedStanding, scopeOfList } from '../../src/contacts/consent/consent.ts'
import { changeContact, createContact, findContact } from '../../src/contacts/contacts.ts'
import { saveField } from '../../src/contacts/fields.ts'
import { createList, listLists } from '../../src/contacts/lists.ts'
import { mergePeople, partPeople } from '../../src/helpdesk/people/merge-people.ts'
import { type ContactId, newId, type UserId } from '../../src/lib/ids.ts'
import { type World, world } from '../support/world.ts'

async function audience(): Promise<
  World & { actor: Actor; single: ListId; double: ListId; person: (address: string) => Promise<ContactId> }
> {
  const w = await world()
  const actor: Actor = { kind: 'user', id: newId<UserId>(), name: 'Ann', workspaceId: w.workspaceId, role: 'owner' }
  const now = w.clock.now()
  const single = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, actor, now))
  const double = await w.inWorkspace((tx) => createList(tx, { name: 'Été à Paris', optIn: 'double' }, actor, now))
  expect(double.slug).toBe('ete-a-paris')
  const person = async (address: string) =>
    (await w.inWorkspace((tx) => createContact(tx, { addresses: [address] }, actor, now))).id
  return { ...w, actor, single: single.id, double: double.id, person }
}

async function says(
  w: World,
  contactId: ContactId,
  listId: ListId,
  wants: 'subscribed' | 'unsubscribed' | 'pending',
  by: Partial<ConsentBy> = {},
) {
  w.clock.advance(1_000)
  const [outcome] = await w.inWorkspace((tx) =>
    changeConsent(tx, w.workspaceId, [{ contactId, listId, wants }], { source: 'api', actor: null, ...by }, w.clock.now()),
  )
  return outcome?.refused ?? outcome?.became
}

async function standing(w: World, contactId: ContactId, listId: ListId): Promise<string | null> {
  const { rows } = await sql<{
    status: string
  }>`select status from list_member where contact_id = ${contactId} and list_id = ${listId}`.execute(w.database.db)
  return rows[0]?.status ?? null
}

async function keptAwayFrom(w: World, listId: ListId): Promise<string[]> {
  const { rows } = await sql<{
    address: string
  }>`select address from suppression where stream = ${scopeOfList(listId)} order by address`.execute(w.database.db)
  return rows.map(({ address }) => address)
}

test('whoever left a list comes back by their own hand or by an override that says why, and every word is kept as proof', async () => {
  const w = await audience()
  const ann = await w.person('ann@example.org')
  expect(await says(w, ann, w.single, 'subscribed', { source: 'import', wording: 'Bought a ticket' })).toBe('subscribed')
  expect(await says(w, ann, w.single, 'unsubscribed', { source: 'recipient' })).toBe('unsubscribed')
  expect(await keptAwayFrom(w, w.single)).toEqual(['ann@example.org'])
  for (const source of ['import', 'api', 'person'] as const)
    expect(await says(w, ann, w.single, 'subscribed', { source })).toBe('unsubscribed')
  expect(await standing(w, ann, w.single)).toBe('unsubscribed')
  expect(await says(w, ann, w.single, 'subscribed', { source: 'person', override: true, wording: '' })).toBe('unsubscribed')
  expect(
    await says(w, ann, w.single, 'subscribed', { source: 'person', override: true, wording: 'She phoned', actor: 'user:x' }),
  ).toBe('subscribed')
  expect(await keptAwayFrom(w, w.single)).toEqual([])
  expect(await says(w, ann, w.single, 'unsubscribed', { source: 'recipient' })).toBe('unsubscribed')
  expect(await says(w, ann, w.single, 'subscribed', { source: 'recipient' })).toBe('subscribed')
  const { rows } = await sql<{ was: string; became: string; isOverride: boolean; wording: string }>`
    select was, became, is_override as "isOverride", wording from consent_event where contact_id = ${ann} order by id`.execute(
    w.database.db,
  )
  expect(rows.map(({ was, became, isOverride, wording }) => [was, became, isOverride, wording])).toEqual([
    ['none', 'subscribed', false, 'Bought a ticket'],
    ['subscribed', 'unsubscribed', false, ''],
    ['unsubscribed', 'subscribed', true, 'She phoned'],
    ['subscribed', 'unsubscribed', false, ''],
    ['unsubscribed', 'subscribed', false, ''],
  ])
})

test('a stranger who types an address into a form takes nothing from whose it is, and on lists with double opt-in nobody is in unconfirmed', async () => {
  const w = await audience()
  const ann = await w.person('ann@example.org')
  expect(await says(w, ann, w.double, 'subscribed', { source: 'form' })).toBe('pending')
  expect(await says(w, ann, w.double, 'subscribed', { source: 'api' })).toBe('unconfirmed')
  expect(await says(w, ann, w.double, 'subscribed', { source: 'recipient' })).toBe('subscribed')
  expect(await says(w, ann, w.double, 'pending', { source: 'form' })).toBe('subscribed')
  expect(await says(w, ann, w.double, 'unsubscribed')).toBe('unsubscribed')
  expect(await says(w, ann, w.double, 'pending', { source: 'form' })).toBe('pending')
})

test('consent never rises without the person or an override', () => {
  const height = { none: 3, unsubscribed: 0, pending: 1, subscribed: 2 }
  for (const was of ['pending', 'subscribed', 'unsubscribed'] as const)
    for (const wants of ['pending', 'subscribed', 'unsubscribed'] as const)
      for (const source of ['import', 'api', 'person', 'form'] as const)
        for (const optIn of ['single', 'double'] as const) {
          const answer = decideConsent({ was, wants, source, optIn, isOverride: false })
          const became = answer.kind === 'becomes' ? answer.standing : was
          // What a single list never asked to confirm counts as said; a form may ask once more.
          const mayRise = (was === 'pending' && optIn === 'single') || (source === 'form' && became === 'pending')
          if (!mayRise) expect(height[became], `${was} → ${wants} by ${source} on ${optIn}`).toBeLessThanOrEqual(height[was])
        }
  const at = (n: number) => new Date(n)
  const left = { status: 'unsubscribed', source: 'recipient', since: at(5) } as const
  expect(joinedStanding(left, { status: 'subscribed', source: 'import', since: at(9) })).toBe(left)
  expect(joinedStanding({ status: 'subscribed', source: 'recipient', since: at(9) }, left)?.status).toBe('subscribed')
  expect(joinedStanding({ status: 'subscribed', source: 'recipient', since: at(3) }, left)).toBe(left)
})

test('joining two people keeps the lower word, parting them gives no consent back, and an external id goes over and returns', async () => {
  const w = await audience()
  const [ann, anna] = [await w.person('ann@example.org'), await w.person('anna@example.org')]
  await w.inWorkspace((tx) => changeContact(tx, anna, { externalId: 'crm-7', tags: ['vip'] }, w.actor, w.clock.now()))
  await says(w, ann, w.single, 'subscribed')
  await says(w, anna, w.single, 'unsubscribed', { source: 'recipient' })
  await w.inWorkspace((tx) => mergePeople(tx, { from: anna, into: ann }, w.actor, w.clock.now()))
  expect(await standing(w, ann, w.single)).toBe('unsubscribed')
  expect(await keptAwayFrom(w, w.single)).toEqual(['ann@example.org', 'anna@example.org'])
  expect(await findContact(w.database.db, w.workspaceId, ann)).toMatchObject({ externalId: 'crm-7', tags: ['vip'] })
  await w.inWorkspace((tx) => partPeople(tx, anna, w.actor, w.clock.now()))
  expect(await standing(w, anna, w.single)).toBe('unsubscribed')
  expect(await findContact(w.database.db, w.workspaceId, anna)).toMatchObject({ externalId: 'crm-7' })
  expect(await findContact(w.database.db, w.workspaceId, ann)).toMatchObject({ externalId: null })
})

test('another address has confirmed nothing, and brings nobody back', async () => {
  const w = await audience()
  const ann = await w.person('ann@example.org')
  await says(w, ann, w.double, 'subscribed', { source: 'recipient' })
  await says(w, ann, w.single, 'unsubscribed', { source: 'recipient' })
  await w.inWorkspace((tx) => changeContact(tx, ann, { addresses: ['ann@new.example'] }, w.actor, w.clock.now()))
  expect(await standing(w, ann, w.double)).toBe('pending')
  expect(await standing(w, ann, w.single)).toBe('unsubscribed')
  expect(await keptAwayFrom(w, w.single)).toEqual(['ann@example.org', 'ann@new.example'])
  expect(
    (await listLists(w.database.db, w.workspaceId)).map(({ name, pending, unsubscribed }) => [name, pending, unsubscribed]),
  ).toEqual([
    ['News', 0, 1],
    ['Été à Paris', 1, 0],
  ])
})

test('fields of a workspace are read by their type, and a name follows its parts until somebody writes another', async () => {
  const w = await audience()
  const ann = await w.person('ann@example.org')
  const field = { key: 'plan', label: 'Plan', type: 'choice', options: ['Free', 'Pro'], isRequired: false, position: 0 } as const
  const change = (wanted: Parameters<typeof changeContact>[2]) =>
    w.inWorkspace((tx) => changeContact(tx, ann, wanted, w.actor, w.clock.now()))
  await w.inWorkspace((tx) => saveField(tx, field, w.actor, w.clock.now()))
  expect(
    await change({ data: { plan: 'pro' }, firstName: 'Ann', lastName: 'Lee', language: 'pt_br', timeZone: 'Europe/Berlin' }),
  ).toMatchObject({
    data: { plan: 'Pro' },
    name: 'Ann Lee',
    language: 'pt-BR',
  })
  await expect(change({ data: { plan: 'Gold' } })).rejects.toThrow('Plan knows no “Gold”.')
  await expect(change({ data: { shoe: 1 } })).rejects.toThrow('There is no field “shoe”.')
  await expect(change({ timeZone: 'Mars/Base' })).rejects.toThrow('no time zone')
  expect((await change({ name: 'Dr. Lee' })).name).toBe('Dr. Lee')
  expect(await change({ firstName: 'Anna', data: { plan: null } })).toMatchObject({ name: 'Dr. Lee', data: {} })
})
