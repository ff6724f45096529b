import { expect, test } from 'vitest'
import { createContact } from '../../../src/contacts/contacts.ts'
import { mergePeople, partPeople } from '../../../src/helpdesk/people/merge-people.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import { desk } from '../../helpdesk/desk.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

const waits = (reentry = 'ignore') =>
  aGraph(
    {
      begin: { type: 'trigger.event@1', config: { name: 'join' }, next: { out: 'wait' } },
      wait: {
        type: 'wait.any@1',
        config: { arms: [{ port: 'left', event: 'contact.unsubscribed', of: 'contact' }], after: { for: '9d' } },
        next: { left: 'end', timeout: 'end' },
      },
      end: { type: 'end@1', config: {} },
    },
    { subject: 'contact', reentry },
  )

async function people(reentry?: string) {
  const all = await world()
  const help = await desk(all)
  const work = workflowWorld(all)
  await work.publish(waits(reentry))
  let made = 0
  const person = async () => {
    made += 1
    return (await all.inWorkspace((tx) => createContact(tx, { name: `P${made}` }, help.agent, all.clock.now()))).id
  }
  const told = (name: string, id: string) => work.happens({ type: 'event.received', data: { name, contact_id: id, payload: {} } })
  const left = async (subjectId: string) => {
    all.clock.advance(MINUTE)
    await work.happens({ type: 'contact.unsubscribed', subjectId, data: { lists: [] } })
  }
  const merge = (from: never, into: never) =>
    all.inWorkspace((tx) => mergePeople(tx, { from, into }, help.agent, all.clock.now()))
  const part = (id: never) => all.inWorkspace((tx) => partPeople(tx, id, help.agent, all.clock.now()))
  const statusOf = async (id: string) =>
    (await work.runs()).filter(({ subjectId }) => subjectId === id).map(({ status }) => status)
  return { all, work, person, told, left, merge, part, statusOf }
}

test('what waits for a contact goes with them into the one that they turn out to be, however many times, and out again', async () => {
  const { work, person, told, left, merge, part, statusOf } = await people()
  const [ann, anna, annabel] = [await person(), await person(), await person()]
  await told('join', ann)
  await work.settle()
  await left(anna)
  await work.settle()
  expect(await statusOf(ann)).toEqual(['running'])
  await merge(ann as never, anna as never)
  await merge(anna as never, annabel as never)
  await left(annabel)
  await work.settle()
  expect(await statusOf(ann)).toEqual(['completed'])

  // Before anybody has looked back for the wait.
  const [bo, bob] = [await person(), await person()]
  await told('join', bo)
  await merge(bo as never, bob as never)
  await left(bob)
  await work.settle()
  expect([...(await statusOf(bo)), ...(await statusOf(bob))]).toEqual(['completed'])

  const [cy, cyd] = [await person(), await person()]
  await told('join', cy)
  await work.settle()
  await merge(cy as never, cyd as never)
  await part(cy as never)
  await left(cyd)
  await work.settle()
  expect(await statusOf(cy)).toEqual(['running'])
  await left(cy)
  await work.settle()
  expect(await statusOf(cy)).toEqual(['completed'])
})

test('one run at a time for a contact counts those of whoever they were joined with; what begins late is about the one that stays', async () => {
  for (const [reentry, wanted] of [
    ['ignore', ['running']],
    ['restart', ['restarted', 'running']],
    ['queue', ['running']],
  ] as const) {
    const { work, person, told, left, merge } = await people(reentry)
    const [ann, anna] = [await person(), await person()]
    await told('join', ann)
    await work.settle()
    // It happened before they were joined, and is read after.
    await told('join', ann)
    await merge(ann as never, anna as never)
    await work.settle()
    const seen = async () => (await work.runs()).map(({ status, endReason, subjectId }) => [endReason ?? status, subjectId])
    expect((await seen()).map(([what]) => what)).toEqual(wanted)
    if (reentry === 'restart') expect((await seen()).at(-1)?.[1]).toBe(anna)
    if (reentry === 'ignore') expect(await work.verdicts()).toEqual(['already_running'])
    await left(anna)
    await work.settle()
    // Whoever waited for their turn has had it: what they wait for happened after what began them.
    const ends = { ignore: ['end'], restart: ['restarted', 'end'], queue: ['end', 'end'] }[reentry]
    expect((await seen()).map(([what]) => what)).toEqual(ends)
  }
})
