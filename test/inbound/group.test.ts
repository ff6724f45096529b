import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Groupable, nextGroup } from '../../src/inbound/group.ts'
import type { InboundMailId, WorkspaceId } from '../../src/lib/ids.ts'

const NOTHING = { writing: new Set<string>(), oldestUnread: null }

function mail(id: string, over: { of?: string; says?: string; answers?: string[] } = {}): Groupable {
  const { of = 'shop', says = `<${id}@x>`, answers = [] } = over
  return { id: id as InboundMailId, workspaceId: of as WorkspaceId, messageId: says, references: answers }
}

const idsOf = (mails: readonly Groupable[]) => mails.map(({ id }) => id).join('')

test('mails of one workspace go together, in the order in which they came, and no more than there is room for', () => {
  const ready = [mail('c'), mail('a'), mail('b', { of: 'other' }), mail('d')]
  expect(idsOf(nextGroup(ready, NOTHING, 32))).toBe('acd')
  expect(idsOf(nextGroup(ready, NOTHING, 2))).toBe('ac')
})

test('what answers or repeats a mail of the group, or one that is being written, waits; so does what waits for it', () => {
  const ready = [
    mail('a'),
    mail('b', { answers: ['<a@x>'] }),
    mail('c', { says: '<a@x>' }),
    mail('d', { answers: ['<b@x>'] }),
    mail('e'),
  ]
  expect(idsOf(nextGroup(ready, NOTHING, 32))).toBe('ae')
  expect(idsOf(nextGroup(ready.slice(1), { ...NOTHING, writing: new Set(['<a@x>']) }, 32))).toBe('e')
})

test('an answer waits while older mails are being read, and nothing else does', () => {
  const ready = [mail('b', { answers: ['<gone@x>'] }), mail('c')]
  const until = (oldestUnread: string | null) => ({ ...NOTHING, oldestUnread: oldestUnread as InboundMailId | null })
  expect(idsOf(nextGroup(ready, until('a'), 32))).toBe('c')
  expect(idsOf(nextGroup(ready, until('bb'), 32))).toBe('bc')
  expect(idsOf(nextGroup(ready, until(null), 32))).toBe('bc')
})

test('whatever refers to whatever, everything goes in the end, and nothing with what it refers to', () => {
  const name = fc.constantFrom('<1@x>', '<2@x>', '<3@x>', '<4@x>', '<5@x>')
  const mails = fc.array(
    fc.record({ says: fc.option(name), answers: fc.array(name, { maxLength: 3 }), of: fc.constantFrom('a', 'b') }),
    {
      maxLength: 20,
    },
  )
  fc.assert(
    fc.property(mails, fc.integer({ min: 1, max: 8 }), (given, limit) => {
      let ready = given.map(({ says, answers, of }, i): Groupable => {
        const id = String(i).padStart(3, '0') as InboundMailId
        return { id, workspaceId: of as WorkspaceId, messageId: says, references: answers }
      })
      while (ready.length > 0) {
        const group = nextGroup(ready, NOTHING, limit)
        expect(group.length).toBeGreaterThan(0)
        expect(group.length).toBeLessThanOrEqual(limit)
        const said = group.flatMap(({ messageId }) => messageId ?? [])
        expect(new Set(said).size).toBe(said.length)
        for (const [i, one] of group.entries())
          for (const other of group.slice(0, i)) expect(one.references).not.toContain(other.messageId)
        expect(new Set(group.map(({ workspaceId }) => workspaceId)).size).toBe(1)
        ready = ready.filter((one) => !group.includes(one))
      }
    }),
  )
})
