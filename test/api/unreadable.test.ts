import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { anApi } from './support.ts'

const { server } = await anApi()
const port = await server.listen({ host: '127.0.0.1', port: 0 })

test.each([
  ['is not HTTP', 'HELO mail.example.com\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
  ['has too large a header', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 'HTTP/1.1 431'],
])('a client whose request %s is told so, and does not keep its connection by never closing it', async (_, request, status) => {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const open = () => new Promise<number>((resolve) => server.fastify.server.getConnections((_error, count) => resolve(count)))
  socket.write(request)
  expect(await text(socket)).toContain(status)
  await expect.poll(open, { timeout: 30_000 }).toBe(0)
})
