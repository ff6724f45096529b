import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { changeConsent } from '../../../src/contacts/consent/change-consent.ts'
import { createContact, findContact } from '../../../src/contacts/contacts.ts'
import { saveField } from '../../../src/contacts/fields.ts'
import { createList } from '../../../src/contacts/lists.ts'
import { membershipsOf } from '../../../src/contacts/timeline.ts'
import { subjectFacts } from '../../../src/workflows/facts/subject.ts'
import { CONTACT_STEPS } from '../../../src/workflows/steps/contact.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

async function people() {
  const w = await world()
  const flows = workflowWorld(w, { steps: CONTACT_STEPS, readSubject: (tx, run) => subjectFacts(tx, run, async () => ({})) })
  const actor = { kind: 'workflow', id: w.workspaceId, name: 'Test', workspaceId: w.workspaceId } as const
  const add = (name: string) =>
    w.inWorkspace((tx) => createContact(tx, { name, addresses: [`${name}@example.org`], tags: ['Old'] }, actor, w.clock.now()))
  const list = (name: string, optIn: 'single' | 'double') =>
    w.inWorkspace((tx) => createList(tx, { name, optIn }, actor, w.clock.now()))
  /** One step after another for one person; the story of its run. */
  const run = async (steps: readonly (readonly [type: string, config: object])[], contactId: string | null) => {
    const nodes = Object.fromEntries(
      steps.map(([type, config], i) => [`s${i}`, { type, config, next: { out: `s${i + 1}`, left: 'end', refused: 'end' } }]),
    )
    const begin = { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 's0' } }
    const end = { type: 'end@1', config: {} }
    for (const node of Object.values(nodes)) if (node.next.out === `s${steps.length}`) node.next.out = 'end'
    const { id } = await flows.publish(
      aGraph({ begin, ...nodes, end }, { subject: contactId === null ? 'none' : 'contact', name: 'Welcome' }),
    )
    await flows.happens({ type: 'event.received', data: { name: 'go', ...(contactId !== null && { contact_id: contactId }) } })
    await flows.settle()
    const [seen] = await flows.runs(id)
    await sql`update workflow set is_enabled = false where id = ${id}`.execute(w.database.db)
    await sql`delete from workflow_trigger where workflow_id = ${id}`.execute(w.database.db)
    return { seen: seen!, story: await flows.story(seen!.id) }
  }
  const standing = async (contactId: string) =>
    Object.fromEntries(
      (await membershipsOf(w.database.db, w.workspaceId, contactId as never)).map((one) => [one.listId, one.status]),
    )
  return { w, add, list, run, standing, actor }
}

test('who left a list is not put on it again; a first word counts, with where it was given', async () => {
  const { w, add, list, run, standing, actor } = await people()
  const [news, club] = [await list('News', 'single'), await list('Club', 'double')]
  const [ann, bob] = [await add('ann'), await add('bob')]
  await w.inWorkspace((tx) =>
    changeConsent(
      tx,
      w.workspaceId,
      [{ contactId: bob.id, listId: news.id, wants: 'unsubscribed' }],
      { source: 'recipient', actor: null },
      w.clock.now(),
    ),
  )
  const onto = (listId: string) => ['contact.list_add@1', { list: listId, source: 'Order form of {{ contact.name }}' }] as const

  // Who is on a list agreed before: once is enough.
  for (let nth = 0; nth < 2; nth++) await run([onto(club.id)], ann.id)
  expect(await standing(ann.id)).toEqual({ [club.id]: 'subscribed' })
  const { rows } = await sql<{ wording: string; actor: string }>`
    select wording, actor from consent_event where contact_id = ${ann.id} and list_id = ${club.id}`.execute(w.database.db)
  expect(rows).toEqual([{ wording: 'Order form of ann', actor: expect.stringMatching(/^workflow:/) }])

  expect((await run([onto(news.id)], bob.id)).story).toContain('s0 done left')
  expect(await standing(bob.id)).toEqual({ [news.id]: 'unsubscribed' })
  await run([['contact.list_remove@1', { list: club.id }]], ann.id)
  expect(await standing(ann.id)).toMatchObject({ [club.id]: 'unsubscribed' })
  expect(actor.kind).toBe('workflow')
})

test('tags, fields and the list of those who get nothing; what is no value leaves another way, and nobody is nobody', async () => {
  const { w, add, run, actor } = await people()
  const ann = await add('ann')
  await w.inWorkspace((tx) =>
    saveField(
      tx,
      { key: 'orders', label: 'Orders', type: 'number', options: [], isRequired: false, position: 0 },
      actor,
      w.clock.now(),
    ),
  )
  await run(
    [
      ['contact.tag@1', { tags: ['vip', 'OLD'] }],
      ['contact.untag@1', { tags: ['old'] }],
      ['contact.field@1', { field: 'company', value: '"Shop of " + contact.name' }],
      ['contact.field@1', { field: 'orders', value: '"12"' }],
      ['contact.suppress@1', { reason: 'Asked for it' }],
    ],
    ann.id,
  )
  expect(await findContact(w.database.db, w.workspaceId, ann.id)).toMatchObject({
    ...{ tags: ['vip'], company: 'Shop of ann', data: { orders: 12 } },
  })
  const { rows } = await sql`select address, stream, reason, note from suppression`.execute(w.database.db)
  expect(rows).toEqual([
    { address: 'ann@example.org', stream: 'all', reason: 'manual', note: 'Asked for it (workflow “Welcome”)' },
  ])
  const wrong = await run([['contact.field@1', { field: 'orders', value: '"many"' }]], ann.id)
  expect(wrong.story).toContain('s0 done refused')
  const nobody = await run([['contact.tag@1', { tags: ['vip'] }]], null)
  expect(nobody.seen).toMatchObject({ status: 'running', held: 1 })
})
