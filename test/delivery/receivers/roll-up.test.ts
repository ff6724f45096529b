import fc from 'fast-check'
import { expect, test } from 'vitest'
import { laneReceiver, limitsOfReceiver, receiverOfOwnDomain, seedOfMx } from '../../../src/delivery/receivers/receiver.ts'
import { RECEIVER_SEEDS, USUAL_LIMITS } from '../../../src/delivery/receivers/receiver-seeds.ts'
import { receiverOfMx } from '../../../src/delivery/receivers/roll-up.ts'

function mx(...lines: readonly string[]) {
  return lines.map((line) => {
    const [preference, host = ''] = line.split(' ')
    return { preference: Number(preference), host }
  })
}

test.each([
  ['google', mx('10 aspmx2.googlemail.com', '1 aspmx.l.google.com')],
  ['google', mx('1 smtp.google.com')],
  ['microsoft', mx('0 example-com.mail.protection.outlook.com')],
  ['microsoft', mx('0 example-com.j-v1.mx.microsoft')],
  ['yahoo', mx('1 mta5.am0.yahoodns.net')],
  ['apple', mx('10 mx01.mail.icloud.com')],
  ['proofpoint', mx('10 mx0a-001b2d01.pphosted.com')],
  ['ovh', mx('1 mx1.mail.ovh.net', '5 mx2.mail.ovh.net')],
  ['gmx', mx('100 mx-ha02.web.de')],
  ['orange', mx('10 smtp-in.orange.fr')],
  ['example.co.uk', mx('10 mx1.mail.example.co.uk')],
  ['example.org', mx('10 mail.example.org')],
])('%s receives behind %j', (receiver, records) => {
  expect(receiverOfMx(records)).toBe(receiver)
})

test('the servers that are sent to first decide, not those kept for emergencies', () => {
  expect(receiverOfMx(mx('10 eu-smtp-inbound-1.mimecast.com', '50 aspmx.l.google.com'))).toBe('mimecast')
})

test('a machine of a customer is not its provider', () => {
  expect(receiverOfMx(mx('10 vps123.vps.ovh.net'))).toBe('ovh.net')
  expect(seedOfMx('notgoogle.com')).toBeNull()
})

test('a domain that takes no mail has no receiver', () => {
  expect(receiverOfMx(mx('0 '))).toBeNull()
  expect(receiverOfMx([])).toBeNull()
})

test('the order in which a zone is read changes nothing', () => {
  const hosts = fc.record({ host: fc.domain(), preference: fc.nat(3) })
  fc.assert(
    fc.property(fc.array(hosts, { minLength: 1, maxLength: 5 }), (records) => {
      expect(receiverOfMx(records.toReversed())).toBe(receiverOfMx(records))
    }),
  )
})

test('lanes know the receivers of our list and call all the others one', () => {
  expect(laneReceiver('google')).toBe('google')
  expect(laneReceiver('example.org')).toBe('other')
  expect(laneReceiver('other')).toBe('other')
})

test('no name, domain or server is two receivers', () => {
  for (const all of [
    RECEIVER_SEEDS.map(({ name }) => name),
    RECEIVER_SEEDS.flatMap(({ domains }) => domains),
    RECEIVER_SEEDS.flatMap(({ mx }) => mx),
  ])
    expect(all.toSorted()).toEqual([...new Set(all)].toSorted())
  expect(RECEIVER_SEEDS.some(({ name }) => name.includes('.') || name === 'other')).toBe(false)
})

test('their own domains are known without asking, their limits are theirs, and everybody else gets the usual ones', () => {
  expect(receiverOfOwnDomain('gmail.com')).toBe('google')
  expect(receiverOfOwnDomain('example.org')).toBeNull()
  expect(limitsOfReceiver('apple')).toEqual({ maxConnections: 10, maxMessagesPerConnection: 5 })
  expect(limitsOfReceiver('example.org')).toEqual(USUAL_LIMITS)
})
