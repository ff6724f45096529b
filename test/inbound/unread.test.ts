import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headFactsOf } from '../../src/inbound/unread.ts'

test('of a mail that cannot be read, its head still says who seems to have sent it and of what', () => {
  const head =
    'From: "Bob, Builder" <bob@customer.example>\r\nTo: a@example.com, b@example.com\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nMessage-ID: <1@x.example>\r\n'
  expect(headFactsOf(Buffer.from(`${head}X: ${'y'.repeat(400_000)}\r\n\r\nno`))).toEqual({
    from: { name: 'Bob, Builder', address: 'bob@customer.example' },
    to: [
      { name: '', address: 'a@example.com' },
      { name: '', address: 'b@example.com' },
    ],
    subject: 'café',
    messageId: '<1@x.example>',
  })
  expect(headFactsOf(Buffer.alloc(0))).toMatchObject({ from: null, subject: '' })
})

test('whatever the bytes are, looking at their head ends without a fault and keeps within its limits', () => {
  const word = fc.constantFrom(
    'From: ',
    'Subject: ',
    '=?utf-8?b?',
    '?=',
    '<',
    '>',
    '"',
    '(',
    '\r\n',
    '\n',
    ' ',
    '\0',
    'ÿ',
    'a@b',
    ',',
    ':',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 200 }), (words) => {
      const facts = headFactsOf(Buffer.from(words.join(''), 'latin1'))
      expect(facts === null || facts.subject.length <= 1_000).toBe(true)
      expect(facts?.subject ?? '').not.toMatch(/[\0\r\n]/)
    }),
    { numRuns: 300 },
  )
})
