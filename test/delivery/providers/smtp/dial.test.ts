import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type Connect, connectTcp, dial } from '../../../../src/delivery/providers/smtp/dial.ts'
import type { HostAddress } from '../../../../src/dns/resolver.ts'
import { refusedPort, smtpServer } from '../../../support/smtp-server.ts'

function found(...addresses: readonly string[]): HostAddress[] {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4, ttlSeconds: 60 }))
}

function to(port: number): Parameters<typeof dial>[1] {
  return { host: 'smtp.test', port, allowPrivate: true, plain: true, timeoutMs: 5_000 }
}

test('an address that never answers holds up the next one for a moment only, and is let go', async () => {
  await using server = await smtpServer()
  const dead = new Socket()
  const connect: Connect = (target) => (target.address === '192.0.2.1' ? dead : connectTcp(target))
  const dialled = await dial(found('192.0.2.1', '127.0.0.1'), to(server.port), connect)
  expect(dialled).toMatchObject({ address: '127.0.0.1' })
  expect(dead.destroyed).toBe(true)
  if ('socket' in dialled) dialled.socket.destroy()
})

test('of several failures the one of somebody who answered is told, with every address', async () => {
  const port = await refusedPort()
  const connect: Connect = (target) => {
    if (target.address !== '2001:db8::1') return connectTcp(target)
    const socket = new Socket()
    process.nextTick(() => socket.emit('error', Object.assign(new Error('no route'), { code: 'ENETUNREACH' })))
    return socket
  }
  const dialled = await dial(found('2001:db8::1', '127.0.0.1'), to(port), connect)
  expect(dialled).toMatchObject({ address: '127.0.0.1', ending: { stage: 'tcp', kind: 'lost', code: 'ECONNREFUSED' } })
  const message = 'ending' in dialled && 'message' in dialled.ending ? dialled.ending.message : ''
  expect(message).toBe(`connection refused by 127.0.0.1:${port}; also [2001:db8::1]:${port} could not be reached (ENETUNREACH)`)
})

test('when nobody answers, the time is the limit of the whole', async () => {
  const connect: Connect = () => new Socket()
  const dialled = await dial(found('192.0.2.1', '192.0.2.2'), { ...to(25), timeoutMs: 30 }, connect)
  expect(dialled).toMatchObject({ ending: { code: 'TIMEOUT', message: expect.stringContaining('192.0.2.1:25') } })
})

test('a connection that breaks in the moment it is made, before anybody takes it over, ends nothing but itself', async () => {
  const connect: Connect = () => {
    const socket = new Socket()
    setImmediate(() => {
      socket.emit('connect')
      socket.destroy(new Error('reset'))
    })
    return socket
  }
  const dialled = await dial(found('192.0.2.1'), to(25), connect)
  expect(dialled).toMatchObject({ socket: { destroyed: true } })
})

test('a source address that this machine does not have is a fault of the settings, and named', async () => {
  await using server = await smtpServer()
  const dialled = await dial(found('127.0.0.1'), { ...to(server.port), sourceAddresses: ['192.0.2.9'] })
  expect(dialled).toMatchObject({
    ending: { stage: 'config', kind: 'unable', lack: 'configuration', message: expect.stringContaining('192.0.2.9') },
  })
})

test('a connection leaves from the source address of its family', async () => {
  await using server = await smtpServer()
  const dialled = await dial(found('127.0.0.1'), { ...to(server.port), sourceAddresses: ['2001:db8::9', '127.0.0.3'] })
  if (!('socket' in dialled)) throw new Error('no connection')
  expect(dialled.socket.localAddress).toBe('127.0.0.3')
  dialled.socket.destroy()
})
