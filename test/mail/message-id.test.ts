import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isMessageId,
  messageIdOf,
  parseMessageId,
  parseMessageIds,
  parseReceivedIds,
  referencesOf,
} from '../../src/mail/message-id.ts'

test('the id of a message is its Message-ID', () => {
  const id = messageIdOf('0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a', 'example.com')
  expect(id).toBe('<0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a@example.com>')
  expect(isMessageId(id)).toBe(true)
  expect(parseMessageId(id)).toBe(id)
})

test.each<[string, string[]]>([
  ['<a@b>', ['<a@b>']],
  ['<a@b>\r\n <c@d>\t<e@f>', ['<a@b>', '<c@d>', '<e@f>']],
  ['<a@b><c@d>,<a@b>', ['<a@b>', '<c@d>']],
  ['Your message of Tuesday <a@b> (was: <c d@e>)', ['<a@b>']],
  ['<no-at>', ['<no-at>']],
  ['a@b', []],
  ['<<a@b>>', ['<a@b>']],
  ['', []],
])('in %j the ids are %j', (value, expected) => {
  expect(parseMessageIds(value)).toEqual(expected)
})

test.each<[string, string[]]>([
  ['<a@b> c@d', ['<a@b>']],
  ['a@b', ['<a@b>']],
  ['a@b, c@d\te@f a@b', ['<a@b>', '<c@d>', '<e@f>']],
  ['Your message of Tuesday', []],
  ['a@b@c', []],
])('in %j that came in the ids are %j', (value, expected) => {
  expect(parseReceivedIds(value)).toEqual(expected)
})

test('of an endless list the beginning of the conversation and its end are kept', () => {
  const ids = Array.from({ length: 5000 }, (_, n) => `<${n}@x>`)
  const read = parseMessageIds(ids.join(' '))
  expect(read).toHaveLength(100)
  expect([read[0], read[1], read.at(-1)]).toEqual(['<0@x>', '<4901@x>', '<4999@x>'])
})

test('an answer refers to what it answers, and to what that referred to', () => {
  expect(referencesOf({ references: ['<a@x>', '<b@x>'], messageId: '<c@x>' })).toEqual(['<a@x>', '<b@x>', '<c@x>'])
  expect(referencesOf({ references: ['<a@x>', '<c@x>'], messageId: '<c@x>' })).toEqual(['<a@x>', '<c@x>'])
  expect(referencesOf({ references: ['<1@x>', '<2@x>', '<3@x>', '<4@x>'], messageId: '<5@x>' }, 3)).toEqual([
    '<1@x>',
    '<4@x>',
    '<5@x>',
  ])
})

test('whatever is read has no space, control or further bracket in it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', '@', 'a', ' ', '\r\n', '\0', '\u2028', '.'), maxLength: 40 }),
      (text) => {
        for (const id of parseMessageIds(text)) expect(id).toMatch(/^<[@a.]+>$/)
      },
    ),
  )
})

test.each(['', 'a@b', '<a@b', '<a b@c>', '<a@b>\r\nBcc: x', '<ü@b>', `<${'a'.repeat(1000)}@b>`])(
  '%j may not be written as an id',
  (text) => {
    expect(isMessageId(text)).toBe(false)
  },
)
