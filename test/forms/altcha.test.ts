import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type Challenge, checkProof, newChallenge } from '../../src/forms/altcha.ts'
import { solved } from '../support/form.ts'

const KEY = Buffer.from('a key of one form')
const NOW = new Date('2026-11-21T12:00:00Z')
const LATER = new Date(NOW.getTime() + 60_000)
const challenge = newChallenge({ key: KEY, random: '00112233445566778899aabb', number: 421, effort: 1_000, expiresAt: LATER })
const PROOF = solved(challenge)
const changed = (change: Record<string, unknown>) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(PROOF, 'base64').toString()), ...change })).toString('base64')

test('a challenge is as the protocol has it: SHA-256 of salt and number, signed by HMAC, with its end in the salt', () => {
  expect(challenge).toMatchObject({ algorithm: 'SHA-256', maxnumber: 1_000 })
  expect(challenge.challenge).toBe(createHash('sha256').update(`${challenge.salt}421`).digest('hex'))
  expect(new URLSearchParams(challenge.salt.split('?')[1]).get('expires')).toBe(String(LATER.getTime() / 1_000))
})

test('who found the number has the proof; it is known by the same name when it comes again', () => {
  const [first, again] = [checkProof(PROOF, KEY, NOW), checkProof(PROOF, KEY, NOW)]
  expect(first).toMatchObject({ ok: true, expiresAt: LATER })
  expect(first.ok && again.ok && first.used.equals(again.used)).toBe(true)
})

test.each([
  ['none', '', 'missing'],
  ['no base64 of JSON', 'x!', 'malformed'],
  ['too much of it', 'A'.repeat(5_000), 'malformed'],
  ['another number', changed({ number: 420 }), 'wrong'],
  ['no number', changed({ number: '421' }), 'malformed'],
  ['another algorithm', changed({ algorithm: 'SHA-1' }), 'malformed'],
  ['another signature', changed({ signature: '0'.repeat(64) }), 'wrong'],
  ['a later end', changed({ salt: challenge.salt.replace(/expires=\d+&/, 'expires=99999999999&') }), 'wrong'],
  // Digits of the number moved into the salt leave the hash as it is (CVE-2025-68113).
  ['a part of the number in the salt', changed({ salt: `${challenge.salt}4`, number: 21 }), 'malformed'],
  ['a salt without its end', changed({ salt: challenge.salt.slice(0, -1) }), 'malformed'],
])('%s is no proof', (_, payload, why) => {
  expect(checkProof(payload, KEY, NOW)).toEqual({ ok: false, why })
})

test('a proof is over at its end, and is none for another form', () => {
  expect(checkProof(PROOF, KEY, LATER)).toEqual({ ok: false, why: 'expired' })
  expect(checkProof(PROOF, Buffer.from('a key of another form'), NOW)).toEqual({ ok: false, why: 'wrong' })
})

test('the script that browsers get finds the same numbers as any other SHA-256', async () => {
  const source = await readFile(new URL('../../src/api/forms/form.js', import.meta.url), 'utf8')
  const found: number[] = []
  const self: { postMessage(n: number): void; onmessage?: (event: { data: Challenge }) => void } = {
    postMessage: (n) => void found.push(n),
  }
  runInNewContext(source, { self })
  for (const [number, random] of [
    [0, 'aa'.repeat(4)],
    [7, 'bb'.repeat(12)],
    [1_000, 'cc'.repeat(32)],
  ] as const)
    self.onmessage?.({ data: newChallenge({ key: KEY, random, number, effort: 1_000, expiresAt: LATER }) })
  self.onmessage?.({ data: { ...challenge, maxnumber: 400 } })
  expect(found).toEqual([0, 7, 1_000, -1])
})
