import { expect, test } from 'vitest'
import { isLoopbackAddress, isPrivateAddress } from '../../src/net/private-address.ts'

test.each([
  ...[
    '127.0.0.1',
    '127.1.2.3',
    '10.0.0.5',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
  ],
  ...['224.0.0.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '240.0.0.1'],
  ...[
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:db8::1',
    '64:ff9b:1::1',
    '2002:0a00:0001::',
  ],
  ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::7f00:1', '::127.0.0.1'],
  ...['127.1', '2130706433', '0x7f000001', '0177.0.0.1', 'localhost', '', 'not an address', '1.2.3', '1.2.3.4.5'],
])('%j is not on the public Internet', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '203.0.114.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2a00:1450::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
])('%j is', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})

test('loopback is this machine, in either family', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].every(isLoopbackAddress)).toBe(true)
  expect(['10.0.0.1', '8.8.8.8', '::', 'localhost', ''].some(isLoopbackAddress)).toBe(false)
})
