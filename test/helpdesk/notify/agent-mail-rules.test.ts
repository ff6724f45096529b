import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meantBy, readCommands, readForward, writtenAbove } from '../../../src/helpdesk/notify/agent-mail-rules.ts'
import { ANSWER_ABOVE } from '../../../src/helpdesk/notify/notification-mail.ts'
import { proofOf } from '../../../src/helpdesk/notify/proof.ts'

const TOKEN = 'a'.repeat(42)

test.each([
  ['Yes.', 'Yes.', false, true],
  [`Yes.\n\n> - ${ANSWER_ABOVE} -\n> secret`, 'Yes.', true, true],
  [`Yes.\n\nAm Sa., 21. Nov. 2026 schrieb Bob (Support):\n> - ${ANSWER_ABOVE} -\n> secret`, 'Yes.', true, true],
  [`Yes.\n\n- ${ANSWER_ABOVE.replaceAll(' ', '\n> ')} -\nsecret`, 'Yes.', true, true],
  [`- ${ANSWER_ABOVE} -\nsecret\n\nYes, below.`, '', true, true],
  [`See this:\nsecret\n[ref:${TOKEN}]`, `See this:\nsecret\n[ref:${TOKEN}]`, false, false],
  [`secret [REF:${TOKEN.toUpperCase()}]\n> - ${ANSWER_ABOVE} -`, `secret [REF:${TOKEN.toUpperCase()}]`, true, false],
])('of %j only what stands above the notification was written', (whole, text, wasCut, isClean) => {
  expect(writtenAbove(whole, [TOKEN])).toEqual({ text, wasCut, isClean })
})

test.each([
  ['@note\nx', { isNote: true, text: 'x' }],
  ['\n@NOTE \n@close\nx', { isNote: true, status: 'closed', text: 'x' }],
  ['@pending\n\nx\n@close', { status: 'pending', text: 'x\n@close' }],
  ['@assign Ben Miller\nx', { assign: 'Ben Miller', text: 'x' }],
  ['@close it please', { status: null, hasCommands: false, text: '@close it please' }],
  ['@constructor\nx', { hasCommands: false, text: '@constructor\nx' }],
  ['ann@shop.example\n@note', { isNote: false, hasCommands: false }],
])('the first lines of %j ask for what they say', (text, asked) => {
  expect(readCommands(text)).toMatchObject(asked)
})

test('whatever is written, nothing of it is lost but commands', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { text: rest, hasCommands } = readCommands(text)
      expect(hasCommands ? text.includes(rest) : rest === text.trim()).toBe(true)
    }),
  )
})

const PEOPLE = [
  { name: 'Ben Miller', email: 'ben@shop.example' },
  { name: 'Ben Smith', email: 'smith@shop.example' },
  { name: 'Cleo', email: 'cleo@shop.example' },
]

test.each([
  ['ben miller', 'Ben Miller'],
  ['smith@shop.example', 'Ben Smith'],
  ['Cleo', 'Cleo'],
  ['Ben', null],
  ['', null],
])('%j means %j', (name, meant) => {
  expect(meantBy(PEOPLE, name)?.name ?? null).toBe(meant)
})

const forward = (head: string) => readForward(`@fwd\nPlease.\n\n${head}\n\nIt is broken.`, 'WG: Fwd: Broken')

test.each([
  'From: Carla <carla@customer.example>\nDate: now\nSubject: Broken',
  '---------- Forwarded message ---------\nFrom: Carla <carla@customer.example>\nDate: now\nSubject: Broken\nTo: Ann <ann@shop.example>',
  'Von: Carla [mailto:carla@customer.example]\nGesendet: heute\nAn: Ann\nBetreff: Broken',
  '> From: "Carla" <carla@customer.example>\n> Date: now',
  '*De :* Carla <carla@customer.example>\n*Envoyé :* hier',
])('of %j it is known who wrote first', (head) => {
  expect(forward(head)).toMatchObject({ address: 'carla@customer.example', name: 'Carla', remark: 'Please.', subject: 'Broken' })
  expect(forward(head)?.text).toContain('It is broken.')
})

test.each([
  'From: Carla\nDate: now',
  'From: carla@customer.example, dora@customer.example\nDate: now',
  'From: carla@customer.example',
  'She wrote from: home',
  'From: @font-face { font-family: x@y.example }\nDate: now',
  'From: [cid:logo@01D2.ABCD]\nDate: now',
  'From: mailto:\nDate: now',
])('of %j it is not', (head) => {
  expect(forward(head)).toBeNull()
})

test('a proof is an aligned pass that somebody found, and nothing else', () => {
  expect(proofOf({ aligned: true, source: 'checked' })).not.toBeNull()
  expect(proofOf({ aligned: true, source: 'told' })).not.toBeNull()
  expect(proofOf({ aligned: true, source: 'none' })).toBeNull()
  expect(proofOf({ aligned: false, source: 'checked' })).toBeNull()
})
