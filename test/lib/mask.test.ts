import { expect, test } from 'vitest'
import { maskAddresses, maskLine } from '../../src/lib/mask.ts'

test.each([
  ['to ann@example.org', 'to a***@example.org'],
  ['<ann.b+tag@mail.example.org>,bob@localhost', '<a***@mail.example.org>,b***@localhost'],
  ['ünal@müller.example', 'ü***@müller.example'],
  ['550 "no such user ann@example.org"', '550 "no such user a***@example.org"'],
  ['at file:///x/node_modules/pg@8.23.1/lib/@scope/index.js:4', 'at file:///x/node_modules/pg@8.23.1/lib/@scope/index.js:4'],
  ['nobody here', 'nobody here'],
])('%s is written %s', (text, masked) => {
  expect(maskAddresses(text)).toBe(masked)
})

test('keys, log-in headers and passwords in addresses are taken out at every level', () => {
  expect(maskLine('Authorization: Bearer abcdefgh.12345', false)).toBe('Authorization: Bearer ***')
  expect(maskLine('key wb_0123456789abcdef for ann@example.org', false)).toBe('key wb_*** for ann@example.org')
  expect(maskLine('to smtp://user:hunter2@relay:25', false)).toBe('to smtp://user:***@relay:25')
})

test('a very long line without an address is no burden', () => {
  const line = 'x'.repeat(1_000_000)
  expect(maskLine(line, true)).toBe(line)
  expect(maskLine(`${'x@'.repeat(100_000)}`, true)).toHaveLength(200_000)
})
