import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  complaintAddressOf,
  isReturnPath,
  readComplaintAddress,
  readReturnPath,
  returnPathKey,
  returnPathOf,
} from '../../../src/delivery/feedback/return-path.ts'
import { type DeliveryId, newId, type WorkspaceId } from '../../../src/lib/ids.ts'
import { createSecrets } from '../../../src/lib/secrets.ts'

const key = returnPathKey(createSecrets('a secret for tests, long enough'))
const otherKey = returnPathKey(createSecrets('another secret for tests, also long'))
const HOST = 'bounce.example.com'
const aDelivery = () => newId<DeliveryId>()

const uuid = fc.uuid().map((text) => text as DeliveryId)

test('the delivery is read from its own return path, in whatever case it comes back', () => {
  fc.assert(
    fc.property(uuid, fc.boolean(), (id, shout) => {
      const address = returnPathOf(id, HOST, key)
      expect(address.split('@')[0]!.length).toBeLessThanOrEqual(64)
      expect(readReturnPath(shout ? address.toUpperCase() : address, [key])).toBe(id)
      expect(readReturnPath(`<${address}>`, [key])).toBe(id)
    }),
  )
})

test('a token that was changed anywhere belongs to nobody', () => {
  fc.assert(
    fc.property(uuid, fc.nat(), fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), (id, where, character) => {
      const [local = ''] = returnPathOf(id, HOST, key).split('@')
      const at = 2 + (where % (local.length - 2))
      fc.pre(local[at] !== character)
      expect(readReturnPath(`${local.slice(0, at)}${character}${local.slice(at + 1)}@${HOST}`, [key])).toBeNull()
    }),
    { numRuns: 500 },
  )
})

test('text of any kind is not a return path, and does no harm', () => {
  const isNone = (text: string) => !isReturnPath(text, [key])
  fc.assert(fc.property(fc.string({ unit: 'binary' }), isNone))
  fc.assert(fc.property(fc.stringMatching(/^[bf]\+[a-z2-7]{42}@example\.com$/), isNone))
})

test('another secret makes other tokens; an older key is still read while it is among the keys', () => {
  const address = returnPathOf(aDelivery(), HOST, otherKey)
  expect(readReturnPath(address, [key])).toBeNull()
  expect(readReturnPath(address, [key, otherKey])).not.toBeNull()
})

test('a complaint address cannot be turned into a return path, nor the other way round', () => {
  const workspace = newId<WorkspaceId>()
  const complaints = complaintAddressOf(workspace, HOST, key)
  expect(readComplaintAddress(complaints, [key])).toBe(workspace)
  expect(readReturnPath(complaints, [key])).toBeNull()
  expect(readReturnPath(`b${complaints.slice(1)}`, [key])).toBeNull()
  expect(readComplaintAddress(`f${returnPathOf(aDelivery(), HOST, key).slice(1)}`, [key])).toBeNull()
  expect(isReturnPath(complaints, [key])).toBe(true)
})
