import { connect, isIP, type Socket } from 'node:net'
import type { HostAddress, Resolver } from '../../../dns/resolver.ts'
import { inTime } from '../../../lib/wait.ts'
import { isPrivateAddress } from '../../../net/private-address.ts'
import type { Ending } from './ending.ts'

/** Addresses tried for one connection, and how long one may keep the next from starting (RFC 8305 §5 recommends 250 ms). */
const MAX_ADDRESSES = 8
const STAGGER_MS = 250
const READ_BUFFER = 16 * 1024

export type Connect = (target: {
  readonly address: string
  readonly port: number
  readonly inlet: Inlet | null
  /** An address of this machine, of the same family. */
  readonly localAddress?: string | undefined
}) => Socket

/**
 * Where a plain connection's bytes arrive: one buffer for the connection's life instead of one for every read. Bytes that come before
 * anybody listens are kept.
 */
export class Inlet {
  readonly buffer = Buffer.allocUnsafe(READ_BUFFER)
  #early = ''
  #listener: ((bytes: string) => void) | null = null

  take(length: number): void {
    const bytes = this.buffer.toString('latin1', 0, length)
    if (this.#listener) this.#listener(bytes)
    else this.#early += bytes
  }

  connect(listener: (bytes: string) => void): void {
    this.#listener = listener
    if (this.#early !== '') listener(this.#early)
    this.#early = ''
  }
}

export const connectTcp: Connect = ({ address, port, inlet, localAddress }) =>
  connect({
    host: address,
    port,
    ...(localAddress !== undefined && { localAddress }),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
    ...(inlet && {
      onread: {
        buffer: inlet.buffer,
        callback: (length: number) => {
          inlet.take(length)
          return true
        },
      },
    }),
  })

export interface Dialled {
  readonly socket: Socket
  readonly inlet: Inlet | null
  readonly address: string
}

export interface Target {
  readonly host: string
  readonly port: number
  readonly allowPrivate: boolean
  /** Whether bytes are read as they are; under TLS they are not. */
  readonly plain: boolean
  readonly timeoutMs: number
  readonly sourceAddresses?: readonly string[] | undefined
}

/** The addresses that may be dialled, or why there are none. */
export async function addressesOf(
  resolver: Resolver,
  target: Pick<Target, 'host' | 'allowPrivate' | 'sourceAddresses'>,
  timeoutMs: number,
): Promise<readonly HostAddress[] | Ending> {
  const answer = await inTime(resolver.addresses(target.host), timeoutMs)
  if (answer === null)
    return lost('dns', 'TIMEOUT', `no answer from the name servers for ${target.host} in ${timeoutMs / 1000} s`)
  if (!answer.ok) return lost('dns', DNS_CODES[answer.kind], answer.message)
  const allowed = target.allowPrivate ? answer.found : answer.found.filter(({ address }) => !isPrivateAddress(address))
  const families = new Set(target.sourceAddresses?.map(isIP))
  // An address that is kept for sending must not be circumvented by way of the other family.
  const reachable = families.size === 0 ? allowed : allowed.filter(({ family }) => families.has(family))
  if (reachable.length > 0) return interleaved(reachable).slice(0, MAX_ADDRESSES)
  if (allowed.length > 0) {
    const family = families.has(4) ? 'IPv6' : 'IPv4'
    return lost('tcp', 'ENETUNREACH', `${target.host} has ${family} addresses only, and this route sends from the other family`)
  }
  const addresses = answer.found.map(({ address }) => address).join(', ')
  return {
    stage: 'dns',
    kind: 'unable',
    lack: 'private_address',
    message: `${target.host} leads to ${addresses}, which is not a public address`,
  }
}

const DNS_CODES = { nxdomain: 'NXDOMAIN', nodata: 'ENODATA', servfail: 'SERVFAIL', timeout: 'TIMEOUT' } as const

/** IPv6 and IPv4 in turn (RFC 8305 §4), so that a broken family costs one stagger. */
function interleaved(addresses: readonly HostAddress[]): HostAddress[] {
  const six = addresses.filter(({ family }) => family === 6)
  const four = addresses.filter(({ family }) => family === 4)
  const longer = Math.max(six.length, four.length)
  return Array.from({ length: longer }, (_, index) => [six[index], four[index]])
    .flat()
    .filter((found) => found !== undefined)
}

interface Failed {
  readonly address: string
  readonly code: string
}

/**
 * Connects to the first address that answers: the next one is tried when one fails or has not answered after a moment, and the first to
 * succeed ends the others. What failed is told with every address, since "refused" alone does not say by whom.
 */
export function dial(
  addresses: readonly HostAddress[],
  target: Target,
  connectTo: Connect = connectTcp,
): Promise<Dialled | { readonly ending: Ending; readonly address: string }> {
  return new Promise((resolve) => {
    const racing = new Map<Socket, string>()
    const failed: Failed[] = []
    let next = 0
    let stagger: NodeJS.Timeout | undefined
    const limit = setTimeout(() => {
      for (const address of racing.values()) failed.push({ address, code: 'TIMEOUT' })
      end(failureOf(failed, target))
    }, target.timeoutMs)

    const end = (result: Dialled | { ending: Ending; address: string }): void => {
      clearTimeout(limit)
      clearTimeout(stagger)
      for (const socket of racing.keys()) socket.destroy()
      racing.clear()
      resolve(result)
    }
    const start = (): void => {
      clearTimeout(stagger)
      const address = addresses[next]?.address
      if (address === undefined) {
        if (racing.size === 0) end(failureOf(failed, target))
        return
      }
      next += 1
      const inlet = target.plain ? new Inlet() : null
      const localAddress = target.sourceAddresses?.find((source) => isIP(source) === isIP(address))
      const socket = connectTo({ address, port: target.port, inlet, localAddress })
      racing.set(socket, address)
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (!racing.delete(socket)) return
        failed.push({ address, code: error.code ?? 'ERROR' })
        start()
      })
      socket.once('connect', () => {
        if (!racing.delete(socket)) return
        // Whoever takes it over listens a moment later; until then an error without a listener would end the process.
        socket.removeAllListeners('error').on('error', () => {})
        end({ socket, inlet, address })
      })
      if (next < addresses.length) stagger = setTimeout(start, STAGGER_MS)
    }
    start()
  })
}

/** Of several failures the one that says most: somebody who answered "no" knows more than a network that has no way there. */
function failureOf(failed: readonly Failed[], target: Target): { ending: Ending; address: string } {
  const telling = ['ECONNREFUSED', 'ECONNRESET', 'TIMEOUT', 'ETIMEDOUT']
  const rank = ({ code }: Failed): number => (telling.includes(code) ? telling.indexOf(code) : telling.length)
  const [worst, ...others] = [...failed].sort((a, b) => rank(a) - rank(b))
  const { address, code } = worst ?? { address: target.host, code: 'TIMEOUT' }
  if (code === 'EADDRNOTAVAIL' && target.sourceAddresses && target.sourceAddresses.length > 0) {
    const message = `this machine does not have the address ${target.sourceAddresses.join(' or ')} that the route sends from`
    return { address, ending: { stage: 'config', kind: 'unable', lack: 'configuration', message } }
  }
  const also = others.length === 0 ? '' : `; also ${others.map((other) => saying(other, target.port)).join(', ')}`
  return { address, ending: lost('tcp', code, `${saying({ address, code }, target.port)}${also}`) }
}

function saying({ address, code }: Failed, port: number): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused by ${place}`
    case 'TIMEOUT':
    case 'ETIMEDOUT':
      return `no answer from ${place}`
    default:
      return `${place} could not be reached (${code})`
  }
}

function lost(stage: 'dns' | 'tcp', code: string, message: string): Ending {
  return { stage, kind: 'lost', code, message, bodySent: false }
}
