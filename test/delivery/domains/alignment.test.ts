import { expect, test } from 'vitest'
import { alignment } from '../../../src/delivery/domains/alignment.ts'
import { DOMAIN_STATES } from '../../../src/delivery/domains/domain.ts'
import { ROUTE_KINDS } from '../../../src/delivery/routes/route.ts'

const states = [null, ...DOMAIN_STATES]

test.each([
  ['mx', [false, false, true, true, false]],
  ['smtp', [true, true, true, true, false]],
  ['sandbox', [true, true, true, true, true]],
  ['ses', [true, true, true, true, true]],
  ['scaleway', [true, true, true, true, true]],
] as const)(
  'by %s, mail of a domain nobody looks after, pending, verified, warned of and lapsed leaves: %j',
  (kind, expected) => {
    expect(states.map((state) => alignment({ name: 'example.org', state, spfCovers: false }, kind).aligned)).toEqual(expected)
  },
)

test('a lapsed domain leaves by a relay that its SPF record names', () => {
  expect(alignment({ name: 'example.org', state: 'lapsed', spfCovers: true }, 'smtp').aligned).toBe(true)
  expect(alignment({ name: 'example.org', state: 'lapsed', spfCovers: true }, 'mx').aligned).toBe(false)
})

test('what a provider has not verified does not leave by it, signed or not', () => {
  for (const kind of ['ses', 'scaleway'] as const) {
    for (const state of states) {
      expect(alignment({ name: 'example.org', state, spfCovers: true }, kind, 'unverified').aligned).toBe(false)
      expect(alignment({ name: 'example.org', state, spfCovers: true }, kind, 'verified').aligned).toBe(true)
    }
  }
})

test('every answer names the domain or the sandbox', () => {
  for (const kind of ROUTE_KINDS) {
    for (const state of states)
      expect(alignment({ name: 'example.org', state, spfCovers: false }, kind).reason).toMatch(/example\.org|sandbox/)
  }
})
