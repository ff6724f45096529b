import { expect, test } from 'vitest'
import { changeContact, createContact } from '../../../src/contacts/contacts.ts'
import type { EventType } from '../../../src/events/event.ts'
import { EVENT_EXAMPLES } from '../../../src/events/examples.ts'
import { changeConversation } from '../../../src/helpdesk/triage/change.ts'
import { wakingJob } from '../../../src/helpdesk/triage/wake.ts'
import { HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { newId } from '../../../src/lib/ids.ts'
import { TRIGGERS } from '../../../src/workflows/definition/nodes/triggers.ts'
import { tellOverdue } from '../../../src/workflows/engine/overdue.ts'
import type { RunId } from '../../../src/workflows/steps/step.ts'
import { desk } from '../../helpdesk/desk.ts'
import { testClock } from '../../support/clock.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

/** One workflow for each trigger, and whatever makes each of them begin. */
async function everything() {
  const all = await world({ clock: testClock(new Date('2026-11-22T10:00:30Z')) })
  const { clock, database } = all
  const help = await desk(all)
  const other = await help.addInbox('Sales')
  const work = workflowWorld(all)
  const deps = { blobs: all.blobs, secrets: all.secrets, url: 'https://waybill.example.com', db: database.db }
  const { conversation } = await help.conversation()
  const contact = await all.inWorkspace((tx) => createContact(tx, { name: 'Before' }, help.agent, clock.now()))
  const ids = new Map<string, string>()
  for (const { type, start } of TRIGGERS) {
    const config = type === 'trigger.schedule@1' ? { cron: '0 16 * * *', zone: 'UTC' } : start
    const nodes = { begin: { type, config, next: { out: 'end' } }, end: { type: 'end@1', config: {} } }
    ids.set(type, (await work.publish(aGraph(nodes, { name: type }))).id)
  }
  await work.settle()

  const change = (what: object) =>
    all.inWorkspace((tx) => changeConversation(tx, deps, conversation.id, what, help.agent, clock.now()))
  const told = (type: EventType, more: object = {}, data: object = {}) =>
    work.happens({ type, subjectId: conversation.id, data: { ...EVENT_EXAMPLES[type], ...data }, ...more })
  const ofMail = { subjectId: null, messageId: newId<never>(), deliveryId: newId<never>() }
  const asked = (type: string, data: object) =>
    work.happens({ type: 'workflow.asked', subjectId: ids.get(type)!, data: { act: 'start', run_id: newId<RunId>(), ...data } })
  const causes: Readonly<Record<string, () => Promise<unknown>>> = {
    'trigger.conversation_started@1': () => told('conversation.started', { actor: 'user:ann' }),
    'trigger.customer_replied@1': () => told('conversation.message_received'),
    'trigger.agent_replied@1': () => told('conversation.replied', { actor: 'user:ann' }),
    'trigger.note_added@1': () => told('conversation.noted', { actor: 'user:ann' }),
    'trigger.status_changed@1': () => change({ status: 'pending' }),
    'trigger.assignee_changed@1': () => change({ assigneeId: help.agent.id }),
    'trigger.tag_added@1': () => change({ addTags: ['vip'] }),
    'trigger.tag_removed@1': () => change({ removeTags: ['vip'] }),
    'trigger.field_changed@1': () => told('conversation.changed', {}, { changes: { fields: [{}, { size: 'L' }] } }),
    'trigger.conversation_moved@1': () => change({ inboxId: other.id }),
    'trigger.snooze_over@1': async () => {
      await change({ snoozedUntil: new Date(clock.now().getTime() + MINUTE) })
      clock.advance(2 * MINUTE)
      await wakingJob(database, deps).run(clock.now())
    },
    'trigger.answer_overdue@1': async () => {
      await help.conversation()
      clock.advance(5 * HOUR)
      await tellOverdue(database, clock.now())
    },
    'trigger.mail_bounced@1': () => told('delivery.bounced', ofMail),
    'trigger.mail_failed@1': () => told('delivery.failed', ofMail),
    'trigger.mail_deferred@1': () => told('delivery.deferred', ofMail),
    'trigger.mail_complained@1': () => told('delivery.complained', ofMail),
    'trigger.mail_opened@1': () => told('message.opened', ofMail),
    'trigger.mail_clicked@1': () => told('message.clicked', ofMail),
    'trigger.contact_created@1': () => all.inWorkspace((tx) => createContact(tx, { name: 'New' }, help.agent, clock.now())),
    'trigger.contact_subscribed@1': () => told('contact.subscribed', { subjectId: contact.id }),
    'trigger.contact_unsubscribed@1': () => told('contact.unsubscribed', { subjectId: contact.id }),
    'trigger.contact_changed@1': () =>
      all.inWorkspace((tx) => changeContact(tx, contact.id, { company: 'Acme' }, help.agent, clock.now())),
    'trigger.form_sent@1': () => told('form.submitted', { subjectId: newId() }),
    'trigger.campaign_finished@1': () => told('campaign.finished', { subjectId: newId() }),
    'trigger.schedule@1': async () => clock.advance(2 * HOUR),
    'trigger.webhook@1': () =>
      asked('trigger.webhook@1', { happening: 'webhook.received', key: `workflow:${ids.get('trigger.webhook@1')}:begin` }),
    'trigger.event@1': () => work.told('order.paid'),
    'trigger.button@1': () => asked('trigger.button@1', { happening: 'button.pressed' }),
    'trigger.called@1': () => asked('trigger.called@1', {}),
  }
  const counts = async () => {
    const found = new Map<string, number>()
    for (const [type, id] of ids) found.set(type, (await work.runs(id)).length)
    return found
  }
  return { work, causes, counts }
}

/** What happens beside: what slept comes back open. */
const BESIDE: Readonly<Record<string, readonly string[]>> = { 'trigger.snooze_over@1': ['trigger.status_changed@1'] }

test('every trigger that there is begins a run by what it is for, and by that alone', async () => {
  const { work, causes, counts } = await everything()
  expect(Object.keys(causes).toSorted()).toEqual(TRIGGERS.map(({ type }) => type).toSorted())
  for (const [type, cause] of Object.entries(causes)) {
    const before = await counts()
    await cause()
    await work.settle()
    const begun = [...(await counts())].filter(([one, n]) => n !== before.get(one)).map(([one]) => one)
    expect({ by: type, begun: begun.toSorted() }).toEqual({ by: type, begun: [type, ...(BESIDE[type] ?? [])].toSorted() })
  }
}, 120_000)
