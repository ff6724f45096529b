import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Resolver } from '../../../dns/resolver.ts'
import type { Trace } from '../../outcome.ts'
import { addressesOf, dial } from '../smtp/dial.ts'
import type { Ending } from '../smtp/ending.ts'
import type { ApiOptions } from './options.ts'

/** What is known of a connection: kept as evidence of every call that it carries. */
export interface ConnectionFacts {
  readonly address: string
  readonly tls: Trace['tls']
  /** How long it took to come about; counted for the first call only. */
  readonly stagesMs: Readonly<Record<string, number>>
}

export interface Connected {
  readonly socket: Socket
  readonly facts: ConnectionFacts
}

/** Why there is no connection, and which address it was about. */
export interface NotConnected {
  readonly ending: Ending
  readonly address: string | null
}

interface Place {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

export function placeOf(baseUrl: string): Place {
  const url = new URL(baseUrl)
  const secure = url.protocol === 'https:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, secure }
}

/**
 * A connection to the place of an API. The name is looked up once, its addresses are vetted, and exactly those are dialled: a name that
 * changes its address between the look and the call (DNS rebinding) leads nowhere.
 */
export async function connectTo(
  { baseUrl, allowPrivate, timeouts, ca }: ApiOptions,
  resolver: Resolver,
  monotonicMs: () => number,
): Promise<Connected | NotConnected> {
  const { host, port, secure } = placeOf(baseUrl)
  const startedAt = monotonicMs()
  const addresses = await addressesOf(resolver, { host, allowPrivate }, timeouts.dns)
  if (!Array.isArray(addresses)) return { ending: addresses as Ending, address: null }
  const lookedUpAt = monotonicMs()
  const dialled = await dial(addresses, { host, port, allowPrivate, plain: false, timeoutMs: timeouts.tcp })
  if ('ending' in dialled) return dialled
  const { address } = dialled
  const dialledAt = monotonicMs()
  const stagesMs = { dns: lookedUpAt - startedAt, tcp: dialledAt - lookedUpAt }
  if (!secure) return { socket: dialled.socket, facts: { address, tls: null, stagesMs } }
  const secured = await startTls(dialled.socket, host, ca, timeouts.tls)
  if (!('socket' in secured)) return { ending: secured, address }
  const { socket } = secured
  const tls = { version: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName, verified: true }
  return { socket, facts: { address, tls, stagesMs: { ...stagesMs, tls: monotonicMs() - dialledAt } } }
}

function startTls(bare: Socket, host: string, ca: string | null, timeoutMs: number): Promise<{ socket: TLSSocket } | Ending> {
  return new Promise((resolve) => {
    const lost = (code: string, message: string): void => {
      clearTimeout(timer)
      socket.destroy()
      bare.destroy()
      resolve({ stage: 'tls', kind: 'lost', code, message, bodySent: false })
    }
    const socket = connectTls({
      socket: bare,
      ...(isIP(host) === 0 && { servername: host }),
      host,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      ...(ca !== null && { ca }),
    })
    const timer = setTimeout(() => lost('TIMEOUT', `no encrypted connection in ${timeoutMs / 1000} s`), timeoutMs)
    socket.on('error', (error: NodeJS.ErrnoException) => lost(error.code ?? 'ERROR', error.message))
    socket.once('close', () => lost('CLOSED', 'the server closed the connection while encryption was agreed on'))
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      // Whoever takes it over listens a moment later; until then an error without a listener would end the process.
      socket
        .removeAllListeners('close')
        .removeAllListeners('error')
        .on('error', () => {})
      resolve({ socket })
    })
  })
}
