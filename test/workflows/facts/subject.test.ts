import { expect, test } from 'vitest'
import { createContact } from '../../../src/contacts/contacts.ts'
import { newId } from '../../../src/lib/ids.ts'
import { NAMES_OF } from '../../../src/workflows/definition/fields.ts'
import { subjectFacts } from '../../../src/workflows/facts/subject.ts'
import { desk } from '../../helpdesk/desk.ts'
import { world } from '../../support/world.ts'

test('what the checks know by name is what is there when it runs, and nothing else', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation } = await d.conversation()
  const { id } = await w.inWorkspace((tx) =>
    createContact(tx, { name: 'Ann', addresses: ['ann@example.org'] }, d.agent, w.clock.now()),
  )
  const about = (kind: 'conversation' | 'contact', subject: string) => {
    const cause = { kind: 'customer.replied' as const, keys: [], conversationId: null, contactId: null, facts: {} }
    const run = { workspaceId: w.workspaceId, subject: { kind, id: subject }, cause, id: newId() }
    return w.inWorkspace((tx) => subjectFacts(tx, run, async () => ({})))
  }
  const inConversation = await about('conversation', conversation.id)
  const found = { ...inConversation, contact: (await about('contact', id)).contact }
  for (const root of ['conversation', 'message', 'contact'] as const)
    expect(NAMES_OF.get(root)?.toSorted(), root).toEqual(Object.keys((found as Record<string, object>)[root] ?? {}).toSorted())
})
