import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ADDRESS_ROLES, collisionsOf, effectsOf, isKnown } from '../../../src/helpdesk/collisions/collision.ts'

const use = (address: string, role: (typeof ADDRESS_ROLES)[number]) => ({ address, role, id: role, name: role })

test('an address that is one thing, an inbox’s own account, or an agent who gets copies is as it should be', () => {
  for (const role of ADDRESS_ROLES) expect(effectsOf([role])).toEqual([])
  expect(effectsOf(['inbox', 'mailbox'])).toEqual([])
  expect(effectsOf(['agent', 'blind_copy'])).toEqual([])
})

test('what follows is said for every pair that an address is', () => {
  const codes = effectsOf(['agent', 'customer', 'alias']).map(({ code }) => code)
  expect(codes).toEqual(['agent_customer', 'agent_inbox', 'inbox_customer'])
})

test('to become one thing more is news; whatever somebody knows of stays known when it becomes less', () => {
  const [collision] = collisionsOf([use('a@x', 'agent'), use('a@x', 'customer')])
  if (!collision) throw new Error('is one')
  expect(isKnown(collision, ['agent', 'customer', 'inbox'])).toBe(true)
  expect(isKnown(collision, ['agent'])).toBe(false)
  expect(isKnown(collision, undefined)).toBe(false)
})

test('each address is listed once, whatever it is and in whatever order it is found', () => {
  const uses = fc.array(fc.record({ address: fc.constantFrom('a@x', 'b@x', 'c@x'), role: fc.constantFrom(...ADDRESS_ROLES) }))
  fc.assert(
    fc.property(uses, (found) => {
      const collisions = collisionsOf(found.map(({ address, role }) => use(address, role)))
      const addresses = collisions.map(({ address }) => address)
      expect(addresses).toEqual([...new Set(addresses)].sort())
      for (const { effects } of collisions) expect(effects).not.toEqual([])
    }),
  )
})
