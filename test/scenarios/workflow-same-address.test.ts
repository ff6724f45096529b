/**
 * What once happened to somebody else: a workflow decided to tell somebody by mail, and the mail stood there with no attempt at all until another workflow ran in
 * the same conversation; it happened when customer and agent had the same address. Here: whoever shares an address with whom, however many workflows act at
 * once, each mail that a workflow decides on is a message with its own waybill, due at once, waiting for nobody.
 */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { subjectFacts } from '../../src/workflows/facts/subject.ts'
import { deskSteps } from '../../src/workflows/steps/desk.ts'
import { desk } from '../helpdesk/desk.ts'
import { inlet } from '../inbound/support.ts'
import { workflowWorld } from '../support/workflow.ts'
import { world } from '../support/world.ts'

const ROLES = ['customer', 'agent', 'inbox'] as const

/** Every way to share addresses among three. */
const SHARED = [
  [0, 1, 2],
  [0, 0, 1],
  [0, 1, 0],
  [0, 1, 1],
  [0, 0, 0],
] as const

interface Mail {
  readonly subject: string
  readonly recipient: string
  readonly state: string
}

const tells = (name: string, subject: string, more: object = {}) => ({
  schema: 'workflow/1',
  name,
  subject: 'conversation',
  nodes: {
    begin: { type: 'trigger.customer_replied@1', config: {}, next: { out: 'tell' } },
    tell: {
      type: 'conversation.notify@1',
      config: { to: [{ who: 'assignee' }], subject, text: '{{ message.from }} wrote: {{ message.text }}' },
      next: { out: 'tag' },
    },
    tag: { type: 'conversation.tag@1', config: { tags: [name] } },
  },
  ...more,
})

test('whoever shares an address with whom, and however many workflows act: each mail is its own message, due at once, and arrives', async () => {
  const w = await world()
  const d = await desk(w)
  const way = inlet(w)
  const steps = deskSteps({ ...way.deps, db: w.database.db })
  const flows = workflowWorld(w, { steps, readSubject: (tx, run) => subjectFacts(tx, run, async () => ({})) })
  await flows.publish(tells('One', 'First of {{ conversation.number }}'))
  await flows.publish(tells('Two', 'Second of {{ conversation.number }}', { reentry: 'allow' }))
  await flows.publish(tells('Three', 'Third of {{ conversation.number }}', { reentry: 'restart' }))
  const told: { subject: string; recipient: string }[] = []

  for (const [nth, blocks] of SHARED.entries()) {
    const domain = `case${nth}.example`
    const [customer, agentAddress, inboxAddress] = ROLES.map((_, i) => `p${blocks[i]}@${domain}`) as [string, string, string]
    const agent = await d.hire(`Agent ${nth}`)
    await sql`update user_account set email = ${agentAddress} where id = ${agent.id}`.execute(w.database.db)
    const inbox = await d.addInbox(`Case${nth}`, { default_assignee: agent.id })
    await sql`update inbox set address = ${inboxAddress} where id = ${inbox.id}`.execute(w.database.db)
    await sql`delete from inbox_address where inbox_id = ${inbox.id}`.execute(w.database.db)
    for (const address of new Set([inboxAddress, `in@${domain}`]))
      await sql`insert into inbox_address values (${w.workspaceId}, ${address}, ${inbox.id}, true, ${w.clock.now()})`.execute(
        w.database.db,
      )

    const first = `<first.${nth}@${domain}>`
    const begun = await way.take(`From: ${customer}\nTo: in@${domain}\nSubject: Hello\nMessage-ID: ${first}\n\nWhere is it?\n`, {
      recipients: [`in@${domain}`],
    })
    expect(begun, blocks.join()).toMatchObject({ outcome: 'conversation_started' })
    await way.take(
      `From: ${customer}\nTo: in@${domain}\nIn-Reply-To: ${first}\nMessage-ID: <more.${nth}@${domain}>\n\nHello?\n`,
      {
        recipients: [`in@${domain}`],
      },
    )
    await flows.settle()
    const { number } = await d.find(begun.conversationId as never)
    for (const name of ['First', 'Second', 'Third'])
      for (let i = 0; i < 2; i++) told.push({ subject: `${name} of ${number}`, recipient: agentAddress })
  }

  const decided = () =>
    sql<Mail>`
    select m.subject, d.recipient, d.state from message m join delivery d on d.message_id = m.id
     where exists (select from event e where e.message_id = m.id and e.type = 'message.submitted' and e.actor like 'workflow:%') order by m.id`.execute(
      w.database.db,
    )
  const { rows: waiting } = await decided()
  expect(waiting.every(({ state }) => state === 'queued')).toBe(true)
  const plain = ({ subject, recipient }: { subject: string; recipient: string }) => `${subject} to ${recipient}`
  expect(waiting.map(plain).toSorted()).toEqual(told.map(plain).toSorted())

  const sender = w.dispatcher()
  sender.start()
  await w.quiet()
  expect((await decided()).rows.map(({ state }) => state)).toEqual(told.map(() => 'sent'))
  const runs = await flows.runs()
  expect(runs).toHaveLength(told.length)
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['completed']))
  // What a workflow did is done in its name, in the conversation as in the log.
  const { rows: lines } = await sql<{ by: string }>`
    select distinct activity ->> 'by' as by from conversation_item where kind = 'activity' and activity ->> 'what' = 'tags'`.execute(
    w.database.db,
  )
  expect(lines.map(({ by }) => by).toSorted()).toEqual(['One', 'Three', 'Two'])
})
