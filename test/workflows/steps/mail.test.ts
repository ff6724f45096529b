import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { findGotten, leaveBy } from '../../../src/campaigns/leaving/leaving.ts'
import { createContact } from '../../../src/contacts/contacts.ts'
import { createList } from '../../../src/contacts/lists.ts'
import { ENGINE } from '../../../src/db/database.ts'
import { recordFeedback } from '../../../src/delivery/record-feedback.ts'
import { suppress } from '../../../src/delivery/suppression/suppress.ts'
import { keepUpload, stageUpload } from '../../../src/helpdesk/drafts/uploads.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { createFailpoints } from '../../../src/lib/failpoint.ts'
import { createTemplate } from '../../../src/templates/library/templates.ts'
import { createMjmlReader } from '../../../src/templates/mjml/mjml.ts'
import { saveCalendar } from '../../../src/workflows/calendars/calendars.ts'
import { cancelRun, retryStep } from '../../../src/workflows/engine/acts.ts'
import type { RunId } from '../../../src/workflows/steps/step.ts'
import { desk } from '../../helpdesk/desk.ts'
import { mailingWorkflows } from '../../support/mail-steps.ts'
import { aGraph } from '../../support/workflow.ts'
import { type WorldOptions, world } from '../../support/world.ts'

const PORTS = ['sent', 'failed', 'suppressed', 'expired', 'unknown', 'refused']

/** One mail step whose ports lead to ends that say which it was. */
function oneStep(type: string, config: object, { subject = 'none', ports = PORTS, trigger = {} } = {}) {
  const ends = Object.fromEntries(
    ports.map((port) => [port, { type: 'end@1', config: { outputs: { port: `"${port}"`, mail: 'vars.mail' } } }]),
  )
  return aGraph(
    {
      begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'mail' }, ...trigger },
      mail: { type, config, next: Object.fromEntries(ports.map((port) => [port, port])), set: { mail: 'result' } },
      ...ends,
    },
    { subject, name: 'Letters', vars: [{ key: 'mail', type: 'object' }] },
  )
}

async function letters(options: WorldOptions = {}, of: Parameters<typeof mailingWorkflows>[1] = {}) {
  const w = await world(options)
  const d = await desk(w)
  const flows = mailingWorkflows(w, of)
  const go = async (data: object = {}) => {
    await flows.happens({ type: 'event.received', data: { name: 'go', payload: {}, ...data } })
    await flows.settle()
  }
  const send = async () => {
    await w.dispatch()
    await flows.settle()
  }
  const held = async () =>
    (
      await sql<{ id: string; trouble: { class: string; port?: string } }>`
      select id, trouble from workflow_token where state = 'held'`.execute(w.database.db)
    ).rows
  const read = (nth = -1) => new PostalMime().parse(w.smtp.messages.at(nth)!.content)
  return { w, d, flows, go, send, held, read }
}

const text = (subject: string, words = 'Hello.') => ({ by: 'text', subject, text: words })
const to = (...addresses: string[]) => ({ who: 'addresses', addresses })

test('each end of a mail is a way of its own, and says what was answered', async () => {
  const { w, flows, go, send } = await letters()
  await flows.publish(oneStep('email.send@1', { to: to('{{ event.key }}'), content: text('To {{ event.key }}'), ttl: '1h' }))
  w.smtp.answer('bad@example.org', '550 5.1.1 no such user').always()
  w.smtp.answer('slow@example.org', '451 4.7.1 later').always()
  await w.inWorkspace((tx) =>
    suppress(
      tx,
      w.workspaceId,
      [{ address: 'no@example.org', stream: 'all', reason: 'manual', deliveryId: null, note: '' }],
      null,
      w.clock.now(),
    ),
  )
  const of = new Map<string, string>()
  for (const who of ['good', 'bad', 'no', 'slow']) await go({ key: `${who}@example.org` })
  await send()
  for (let nth = 0; nth < 12; nth++) {
    w.clock.advance(HOUR / 4)
    await w.jobs()
    await send()
  }
  const runs = await flows.runs()
  for (const { outputs } of runs)
    of.set((outputs.mail as { recipients: { address: string }[] }).recipients[0]!.address, String(outputs.port))
  expect(Object.fromEntries(of)).toEqual({
    'good@example.org': 'sent',
    'bad@example.org': 'failed',
    'no@example.org': 'suppressed',
    'slow@example.org': 'expired',
  })
  const mailOf = (port: string) => runs.find(({ outputs }) => outputs.port === port)?.outputs.mail
  expect(mailOf('sent')).toMatchObject({
    message_id: expect.any(String),
    accepted_at: expect.any(String),
    response: { code: 250 },
    attempts: 1,
  })
  expect(mailOf('failed')).toMatchObject({
    recipients: [{ status: 'bounced', class: 'recipient_unknown' }],
    response: { code: 550 },
  })
})

test('a step with several recipients that is tried again writes to those alone who did not get it, and the head stays as it was', async () => {
  const { w, flows, go, send, held, read } = await letters()
  const config = { to: to('ann@example.org', 'bob@example.org'), cc: ['cid@example.org'], content: text('All') }
  await flows.publish(oneStep('email.send@1', config, { ports: ['sent'] }))
  w.smtp.answer('bob@example.org', '550 5.7.1 not today').thenAccept()
  await go()
  await send()
  expect(w.smtp.received().toSorted()).toEqual(['ann@example.org', 'cid@example.org'])
  const [token] = await held()
  expect(token?.trouble).toMatchObject({ port: 'failed', sentence: expect.stringContaining('1 of 3') })
  const [run] = await flows.runs()
  const of = { workspaceId: w.workspaceId, runId: run!.id as RunId, tokenId: token!.id }
  await w.database.transaction(ENGINE, (tx) => retryStep(tx, { tools: flows.tools, random: () => 0 }, of, null, w.clock.now()))
  await flows.settle()
  await send()
  expect(w.smtp.received().toSorted()).toEqual(['ann@example.org', 'bob@example.org', 'cid@example.org'])
  const again = await read()
  expect(again.to?.map(({ address }) => address)).toEqual(['ann@example.org', 'bob@example.org'])
  expect(again.cc?.map(({ address }) => address)).toEqual(['cid@example.org'])
  const [after] = await flows.runs()
  expect(after).toMatchObject({ status: 'completed', outputs: { port: 'sent' } })
  expect((after!.outputs.mail as { message_ids: string[] }).message_ids).toHaveLength(2)
})

test('what was sent and not committed was never sent; what was committed is sent once', async () => {
  let ends = 0
  const failpoints = createFailpoints('workflow_before_commit', () => {
    if (++ends === 1) throw new Error('the process ended')
  })
  const { w, flows, go, send } = await letters({}, { failpoints })
  await flows.publish(oneStep('email.send@1', { to: to('ann@example.org'), content: text('Once') }))
  await go()
  expect(await w.states()).toEqual({})
  w.clock.elapse(MINUTE)
  await flows.later(MINUTE)
  await send()
  expect(ends).toBeGreaterThan(1)
  expect(w.smtp.received()).toEqual(['ann@example.org'])
  expect(await flows.runs()).toMatchObject([{ status: 'completed' }])
})

test('a token that is called off takes back what has not left', async () => {
  const { w, flows, go } = await letters()
  await flows.publish(oneStep('email.send@1', { to: to('ann@example.org'), content: text('Never mind') }))
  await go()
  expect(await w.states()).toEqual({ 'ann@example.org': 'queued' })
  const [run] = await flows.runs()
  await w.database.transaction(ENGINE, (tx) =>
    cancelRun(
      tx,
      { tools: flows.tools, random: () => 0 },
      { workspaceId: w.workspaceId, runId: run!.id as RunId },
      null,
      w.clock.now(),
    ),
  )
  await flows.settle()
  expect(await w.states()).toEqual({ 'ann@example.org': 'cancelled' })
})

test('waiting until it is settled: what comes back after it was taken is no success, and silence for two days is one', async () => {
  const { w, flows, go, send } = await letters()
  await flows.publish(oneStep('email.send@1', { to: to('{{ event.key }}'), content: text('Settled'), wait_for: 'settled' }))
  await go({ key: 'quiet@example.org' })
  await go({ key: 'back@example.org' })
  await send()
  expect((await flows.runs()).map(({ status }) => status)).toEqual(['running', 'running'])
  const back = await w.deliveryOf('back@example.org')
  const failure = { code: 'recipient_unknown', sentence: 'Nobody has this address.', hint: '', failure: null, at: w.clock.now() }
  const heard = { source: 'sandbox', key: 'one', happenedAt: null, status: '5.1.1', diagnostic: null, feedbackId: null } as const
  await w.database.transaction(ENGINE, (tx) =>
    recordFeedback(tx, w.workspaceId, back.id, { kind: 'bounced', heard, reason: failure }, w.clock.now()),
  )
  await flows.settle()
  await flows.later(2 * DAY)
  const ends = (await flows.runs()).map(({ outputs }) => [
    outputs.port,
    (outputs.mail as { accepted_at: string | null }).accepted_at !== null,
  ])
  expect(ends).toEqual([
    ['sent', true],
    ['failed', false],
  ])
})

test('a template is filled with values, never with markup; a file of ours goes along; once for somebody is once, in whatever run', async () => {
  const { w, d, flows, go, send, read } = await letters()
  const now = w.clock.now()
  const body = '<h1>{% slot title line %}Title{% endslot %}</h1><p>Hello {{ contact.first_name }}, order {{ data.order }}.</p>'
  const said = { name: 'Receipt', description: '', format: 'html' as const, body, blocks: null }
  const fields = [{ path: 'contact.first_name', fallback: 'there', required: false }]
  const template = await w.inWorkspace((tx) => createTemplate(tx, { ...said, fields }, d.agent, now))
  const staged = await stageUpload(w.blobs, w.workspaceId, Buffer.from('one,two'))
  const file = await w.inWorkspace((tx) =>
    keepUpload(tx, w.blobs, staged, { filename: 'rows.csv', contentType: 'text/csv', userId: null }, now),
  )
  const data = { title: 'event.payload.title', order: 'event.payload.order' }
  const content = { by: 'template', template: template.id, subject: 'Receipt {{ data.order }}', data }
  await flows.publish(
    oneStep('email.send@1', {
      ...{
        to: to('ann@example.org'),
        content,
        attachments: ['event.payload.file'],
        once_for: 'event.payload.order',
        priority: 'high',
      },
      headers: { 'X-Order': '{{ event.payload.order }}' },
    }),
  )
  const payload = { title: '<b>Thanks</b> {{ 7 | times: 6 }}', order: 'A-1', file: file.id }
  await go({ payload })
  await send()
  await go({ payload })
  await send()
  expect(w.smtp.received()).toEqual(['ann@example.org'])
  expect((await flows.runs()).map(({ outputs }) => outputs.port)).toEqual(['sent', 'sent'])
  const mail = await read()
  expect(mail.subject).toBe('Receipt A-1')
  expect(mail.html).toContain('<h1>&lt;b&gt;Thanks&lt;/b&gt; {{ 7 | times: 6 }}</h1><p>Hello there, order A-1.</p>')
  expect(mail.attachments).toMatchObject([{ filename: 'rows.csv', mimeType: 'text/csv' }])
  const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))
  expect(headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'x-order': 'A-1', 'x-priority': '1' })
  const { rows } = await sql<{ origin: object; actor: string }>`
    select m.origin, e.actor from message m join event e on e.message_id = m.id and e.type = 'message.submitted'`.execute(
    w.database.db,
  )
  expect(rows).toMatchObject([
    { origin: { node: 'mail', workflow: 'Letters', run_id: expect.any(String) }, actor: expect.stringMatching(/^workflow:/) },
  ])
})

test('marketing mail goes to whoever is on a list, has its way to leave, and leaving by it counts', async () => {
  const { w, d, flows, go, send, read } = await letters()
  const now = w.clock.now()
  const list = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, d.agent, now))
  const add = (name: string) =>
    w.inWorkspace((tx) => createContact(tx, { name, addresses: [`${name}@example.org`] }, d.agent, now))
  const [ann, bob] = [await add('ann'), await add('bob')]
  await sql`insert into list_member (workspace_id, list_id, contact_id, status, source, since)
            values (${w.workspaceId}, ${list.id}, ${ann.id}, 'subscribed', 'import', ${now})`.execute(w.database.db)
  await flows.publish(oneStep('email.send@1', { kind: 'marketing', content: text('News') }, { subject: 'contact' }))
  await go({ contact_id: ann.id })
  await go({ contact_id: bob.id })
  await send()
  expect((await flows.runs()).map(({ outputs }) => outputs.port)).toEqual(['sent', 'suppressed'])
  expect(w.smtp.received()).toEqual(['ann@example.org'])
  const { headers, text: words } = await read()
  const link = headers.find(({ key }) => key === 'list-unsubscribe')?.value
  const mailto = ', <mailto:support@example.com?subject=unsubscribe>'
  expect(link).toMatch(/^<https:\/\/waybill\.example\.com\/u\/[\w.-]+>, <mailto:support@example\.com\?subject=unsubscribe>$/)
  expect(headers).toContainEqual(expect.objectContaining({ key: 'list-unsubscribe-post', value: 'List-Unsubscribe=One-Click' }))
  expect(words).toContain(link?.slice(1, -1 - mailto.length))
  // What waits when somebody leaves does not go.
  await go({ contact_id: ann.id })
  const { id } = await w.deliveryOf('ann@example.org')
  const gotten = await findGotten(w.database.db, id)
  await w.inWorkspace((tx) => leaveBy(tx, gotten!, { by: 'mail_program', everything: false, why: null }, w.clock.now()))
  await flows.settle()
  expect(await w.states()).toEqual({ 'ann@example.org': 'cancelled' })
  await go({ contact_id: ann.id })
  await send()
  expect((await flows.runs()).map(({ outputs }) => outputs.port)).toEqual(['sent', 'suppressed', 'suppressed', 'suppressed'])
  expect(w.smtp.received()).toHaveLength(1)
})

test('MJML is read, links are told of where they should be, and nothing leaves outside of its hours', async () => {
  const { w, d, flows, go, send, read } = await letters({}, { mjml: createMjmlReader() })
  const now = w.clock.now()
  const body =
    '<mjml><mj-body><mj-section><mj-column><mj-text>Order {{ data.order }}, <a href="https://shop.example/a">see it</a></mj-text></mj-column></mj-section></mj-body></mjml>'
  const said = { name: 'Order', description: '', format: 'mjml' as const, body, blocks: null, fields: [] }
  const template = await w.inWorkspace((tx) => createTemplate(tx, said, d.agent, now))
  const open = [{ from: '08:00', to: '16:00' }]
  const tomorrow = now.getUTCDay()
  const week = Array.from({ length: 7 }, (_, day) => (day === tomorrow ? open : []))
  const hours = await w.inWorkspace((tx) =>
    saveCalendar(tx, null, { name: 'Hours', zone: 'UTC', week, closed: [], isDefault: false }, d.agent, now),
  )
  const content = { by: 'template', template: template.id, data: { order: 'event.key' } }
  await flows.publish(oneStep('email.send@1', { to: to('ann@example.org'), content, window: hours.id, clicks: true }))
  await go({ key: 'A-1' })
  await send()
  expect(w.smtp.received()).toEqual([])
  expect((await flows.runs())[0]).toMatchObject({ status: 'running' })
  const opens = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 8)
  w.clock.advance(opens - now.getTime() - MINUTE)
  await w.jobs()
  await send()
  expect(w.smtp.received()).toEqual([])
  w.clock.advance(2 * MINUTE)
  await w.jobs()
  await send()
  expect(w.smtp.received()).toEqual(['ann@example.org'])
  const { html = '' } = await read()
  expect(html).toContain('Order A-1')
  expect(html).not.toContain('<mj-')
  expect(html).toMatch(/href="https:\/\/waybill\.example\.com\/[^"]+"/)
  expect(html).not.toContain('href="https://shop.example/a"')
})

test('an address, or a path, is no file that is kept here', async () => {
  const { flows, go, held } = await letters()
  const attached = (expression: string) => ({ to: to('ann@example.org'), content: text('File'), attachments: [expression] })
  await flows.publish(oneStep('email.send@1', attached('event.payload.file'), { ports: ['sent'] }))
  for (const file of ['http://127.0.0.1:8080/x', 'file:///etc/passwd', 'https://example.com/a.pdf', '/etc/passwd', '../x'])
    await go({ payload: { file } })
  expect((await held()).map(({ trouble }) => [trouble.port, trouble.class])).toEqual([
    ...Array.from({ length: 3 }, () => ['failed', 'invalid']),
    ...Array.from({ length: 2 }, () => ['failed', 'not_kept']),
  ])
})

test('an answer is a message of the conversation, in its thread; a machine is not answered, nor one address without end', async () => {
  const { w, d, flows, send, read } = await letters()
  const { conversation, first } = await d.conversation()
  const writes = { type: 'trigger.customer_replied@1', config: {} }
  const graph = oneStep(
    'conversation.reply@1',
    { text: 'We have it, {{ conversation.requester }}.' },
    { subject: 'conversation', trigger: writes },
  )
  await flows.publish({ ...graph, reentry: 'allow' })
  const arrives = async () => {
    const data = { number: conversation.number, inbox_id: d.inbox.id, item_id: first.id }
    await flows.happens({ type: 'conversation.message_received', subjectId: conversation.id, data })
    await flows.settle()
  }
  await arrives()
  await send()
  expect(w.smtp.received()).toEqual(['bob@customer.example'])
  const mail = await read()
  expect(mail).toMatchObject({ subject: 'Re: Where is my parcel?', inReplyTo: first.rfcMessageId })
  expect(mail.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }))
  expect(mail.text).toContain('We have it, bob@customer.example.')
  // Nobody of ours has answered: the customer waits as before.
  expect(await d.find(conversation.id)).toMatchObject({ items: 2, waitingSince: conversation.waitingSince, status: 'open' })

  for (let nth = 0; nth < 11; nth++) await arrives()
  await send()
  const ports = Object.groupBy(await flows.runs(), ({ outputs }) => String(outputs.port))
  expect([ports.sent?.length, ports.refused?.length]).toEqual([10, 2])
  await sql`update conversation_item set is_automatic = true where id = ${first.id}`.execute(w.database.db)
  w.clock.advance(2 * DAY)
  await arrives()
  expect((await flows.runs()).at(-1)?.outputs.port).toBe('refused')
})

test('what is passed on goes to others with the last message in it, and the conversation stays with whom it was', async () => {
  const { w, d, flows, send, read } = await letters()
  const { conversation, first } = await d.conversation()
  const writes = { type: 'trigger.customer_replied@1', config: {} }
  const config = { to: ['stock@partner.example'], text: 'Please look at {{ conversation.number }}.' }
  await flows.publish(oneStep('conversation.forward@1', config, { subject: 'conversation', trigger: writes }))
  const data = { number: conversation.number, inbox_id: d.inbox.id, item_id: first.id }
  await flows.happens({ type: 'conversation.message_received', subjectId: conversation.id, data })
  await flows.settle()
  await send()
  expect(w.smtp.received()).toEqual(['stock@partner.example'])
  const mail = await read()
  expect(mail).toMatchObject({ subject: 'Fwd: Where is my parcel?' })
  expect(mail.text).toMatch(/Please look at \d+\.[\s\S]*Where is it\?/)
  expect(await flows.runs()).toMatchObject([{ status: 'completed', outputs: { port: 'sent' } }])
})

test('an answer that was not heard is the workflow’s to decide; tried again by hand it goes as itself', async () => {
  const { w, flows, go, send, held } = await letters()
  await flows.publish(
    oneStep('email.send@1', { kind: 'conversation', to: to('ann@example.org'), content: text('Heard?') }, { ports: ['sent'] }),
  )
  w.smtp.next('DOT', { afterwards: 'reset' })
  await go()
  await send()
  const [token] = await held()
  expect(token?.trouble).toMatchObject({ port: 'unknown' })
  const [run] = await flows.runs()
  const of = { workspaceId: w.workspaceId, runId: run!.id as RunId, tokenId: token!.id }
  await w.database.transaction(ENGINE, (tx) => retryStep(tx, { tools: flows.tools, random: () => 0 }, of, null, w.clock.now()))
  await flows.settle()
  await send()
  expect(await flows.runs()).toMatchObject([{ status: 'completed', outputs: { port: 'sent' } }])
  const { rows } = await sql`select from message`.execute(w.database.db)
  expect(rows).toHaveLength(1)
})

test('mail that is a part of the conversation stands in it, and goes to whom the step names', async () => {
  const { w, d, flows, send, read } = await letters()
  const { conversation, first } = await d.conversation()
  const writes = { type: 'trigger.customer_replied@1', config: {} }
  const config = {
    in_thread: true,
    to: to('eve@customer.example'),
    cc: ['{{ conversation.requester }}'],
    content: text('About {{ conversation.number }}'),
  }
  await flows.publish(oneStep('email.send@1', config, { subject: 'conversation', trigger: writes }))
  const data = { number: conversation.number, inbox_id: d.inbox.id, item_id: first.id }
  await flows.happens({ type: 'conversation.message_received', subjectId: conversation.id, data })
  await flows.settle()
  await send()
  expect(w.smtp.received().toSorted()).toEqual(['bob@customer.example', 'eve@customer.example'])
  expect(await read()).toMatchObject({ subject: `About ${conversation.number}`, inReplyTo: first.rfcMessageId })
  expect(await d.find(conversation.id)).toMatchObject({ items: 2 })
})
