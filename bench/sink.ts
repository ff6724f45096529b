import { fork } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { makeCertificate } from '../src/smtp/certificate/self-made.ts'

/** What a sink has taken since it started, or since it was last asked to forget. */
export interface SinkCount {
  readonly messages: number
  readonly bytes: number
  readonly connections: number
  /** Processor time of the sink's own process. */
  readonly cpuMs: number
}

export interface Sink {
  readonly port: number
  /** Of its certificate, when it speaks TLS from the first byte. */
  readonly fingerprint: string | null
  count(): Promise<SinkCount>
  stop(): void
}

export interface SinkOptions {
  /** Offer CHUNKING (RFC 3030). */
  readonly chunking?: boolean
  /** TLS from the first byte, with a certificate of its own making. */
  readonly tls?: boolean
}

/** Starts a sink in a process of its own, so that what it costs is not counted as ours. */
export async function startSink({ chunking = false, tls = false }: SinkOptions = {}): Promise<Sink> {
  const child = fork(fileURLToPath(import.meta.url), [chunking ? 'chunking' : 'plain', '0', tls ? 'tls' : 'clear'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', () => reject(new Error('the sink ended')))
  })
  ended.catch(() => {})
  const answer = (): Promise<unknown> => Promise.race([new Promise((resolve) => child.once('message', resolve)), ended])
  const { port, fingerprint } = (await answer()) as { port: number; fingerprint: string | null }
  return {
    port,
    fingerprint,
    count: () => {
      const counted = answer()
      child.send('count')
      return counted as Promise<SinkCount>
    },
    stop: () => void child.kill(),
  }
}

const total = { messages: 0, bytes: 0, connections: 0 }

/**
 * An SMTP server that throws everything away, as cheaply as a process can: every command that a read brings is answered in one write, and
 * nothing is kept of a body but its length. It checks nothing and is no example of a server.
 */
export function serveSink(socket: Socket, chunking: boolean): void {
  let state: 'command' | 'data' | 'chunk' = 'command'
  let rest = ''
  let chunkLeft = 0
  total.connections += 1
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.write('220 sink ESMTP\r\n')
  socket.on('data', (bytes: Buffer) => {
    const input = rest + bytes.toString('latin1')
    let out = ''
    let at = 0
    rest = ''
    while (at < input.length) {
      if (state === 'data') {
        const end = input.indexOf('\r\n.\r\n', at)
        if (end === -1) {
          // The end may be cut in two: its first part stays for the next read.
          const kept = Math.max(at, input.length - 4)
          total.bytes += kept - at
          rest = input.slice(kept)
          break
        }
        total.bytes += end + 2 - at
        total.messages += 1
        out += '250 2.0.0 taken\r\n'
        state = 'command'
        at = end + 5
        continue
      }
      if (state === 'chunk') {
        const taken = Math.min(chunkLeft, input.length - at)
        total.bytes += taken
        chunkLeft -= taken
        at += taken
        if (chunkLeft > 0) break
        total.messages += 1
        out += '250 2.0.0 taken\r\n'
        state = 'command'
        continue
      }
      const end = input.indexOf('\n', at)
      if (end === -1) {
        rest = input.slice(at)
        break
      }
      switch (input.charCodeAt(at) & 0xdf) {
        case 77: // MAIL
          out += '250 2.1.0 ok\r\n'
          break
        case 82: // RCPT, RSET
          out += '250 2.1.5 ok\r\n'
          break
        case 68: // DATA
          out += '354 go\r\n'
          state = 'data'
          break
        case 66: // BDAT
          chunkLeft = Number(input.slice(at + 5, input.indexOf(' ', at + 5)))
          state = 'chunk'
          break
        case 69: // EHLO
          out += `250-sink\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n${chunking ? '250-CHUNKING\r\n' : ''}250 ENHANCEDSTATUSCODES\r\n`
          break
        case 81: // QUIT
          socket.end(`${out}221 2.0.0 bye\r\n`)
          return
        default:
          out += '250 2.0.0 ok\r\n'
      }
      at = end + 1
    }
    if (out !== '') socket.write(out, 'latin1')
  })
}

if (import.meta.main) {
  const chunking = process.argv[2] === 'chunking'
  const pair = process.argv[4] === 'tls' ? makeCertificate(['localhost'], randomBytes(16), new Date()) : null
  const server = pair
    ? createTlsServer(pair, (socket) => serveSink(socket, chunking))
    : createServer((socket) => serveSink(socket, chunking))
  server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the sink has no port')
    process.send?.({ port: address.port, fingerprint: pair && new X509Certificate(pair.cert).fingerprint256 })
    if (!process.send) process.stdout.write(`sink on 127.0.0.1:${address.port}\n`)
  })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ ...total, cpuMs: (user + system) / 1_000 })
  })
  process.on('disconnect', () => process.exit(0))
}
