import { createSocket } from 'node:dgram'

/** Nobody's (RFC 5737, RFC 3849), and yet beyond our own network: the way to them is the way out. */
const OUTSIDE = { 4: '192.0.2.1', 6: '2001:db8::1' } as const
const LIMIT_MS = 2_000

/**
 * The address of this machine from which connections to the outside begin, as its own routing decides. Connecting a UDP socket sends nothing: only the
 * kernel is asked. Null: no way out in this family. Behind address translation this is not what the world sees.
 */
export function sourceAddress(family: 4 | 6): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
    const timer = setTimeout(() => end(null), LIMIT_MS)
    const end = (address: string | null) => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.close()
      resolve(address)
    }
    socket.once('error', () => end(null))
    socket.once('connect', () => end(socket.address().address))
    socket.connect(25, OUTSIDE[family])
  })
}
