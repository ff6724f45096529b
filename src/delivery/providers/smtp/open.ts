import type { Resolver } from '../../../dns/resolver.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { SmtpStage } from '../../../mail/smtp-answer.ts'
import { isLoopbackAddress } from '../../../net/private-address.ts'
import type { Trace } from '../../outcome.ts'
import { planAuth } from './auth.ts'
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from './capabilities.ts'
import type { Deadlines } from './deadlines.ts'
import { addressesOf, type Connect, dial } from './dial.ts'
import type { Ending } from './ending.ts'
import { rounded } from './flight/result.ts'
import { Halt, Handshake } from './handshake.ts'
import type { SmtpOptions } from './options.ts'
import { secure, type TlsMemory } from './secure.ts'
import type { Wire } from './wire.ts'

/** A connection on which MAIL may be said. */
export interface Link {
  readonly ok: true
  readonly wire: Wire
  readonly capabilities: Capabilities
  readonly address: string
  readonly tls: Trace['tls']
  readonly stagesMs: Readonly<Record<string, number>>
  readonly transcript: string
}

export interface NoLink {
  readonly ok: false
  readonly ending: Ending
  readonly address: string | null
  readonly tls: Trace['tls']
  readonly stagesMs: Readonly<Record<string, number>>
  readonly transcript: string
}

export interface OpenDeps {
  readonly resolver: Resolver
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly memory: TlsMemory
  readonly connect?: Connect | undefined
}

/** From a name to a connection that is greeted, encrypted and logged in as the route demands, or the stage at which that ended. */
export async function open(options: SmtpOptions, deps: OpenDeps): Promise<Link | NoLink> {
  const first = await attempt(options, deps)
  // Optional encryption that fails must not stop mail that would have gone in clear anyway; a log-in never goes in clear.
  const isOptional = options.security === 'opportunistic' && options.auth === null
  const retry = !first.ok && isOptional && (first.ending.stage === 'tls' || first.ending.stage === 'starttls')
  return retry ? attempt({ ...options, security: 'none' }, deps) : first
}

async function attempt(options: SmtpOptions, deps: OpenDeps): Promise<Link | NoLink> {
  const stopwatch = new Stopwatch(deps.clock)
  const addresses = await addressesOf(deps.resolver, options, options.timeouts.dns)
  stopwatch.lap('dns')
  const nothing = { ok: false as const, tls: null, stagesMs: stopwatch.stagesMs, transcript: '' }
  if ('stage' in addresses) return { ...nothing, ending: addresses, address: null }

  const target = { ...options, plain: options.security === 'none', timeoutMs: options.timeouts.tcp }
  const dialled = await dial(addresses, target, deps.connect)
  stopwatch.lap('tcp')
  if ('ending' in dialled) return { ...nothing, ...dialled }

  const handshake = new Handshake(dialled, options.timeouts, deps)
  try {
    const capabilities = await greet(handshake, dialled.address, options, deps, stopwatch)
    const { wire, tls, transcript } = handshake
    return { ok: true, wire, capabilities, address: dialled.address, tls, stagesMs: stopwatch.stagesMs, transcript }
  } catch (error) {
    if (!(error instanceof Halt)) throw error
    stopwatch.lap(error.ending.stage)
    handshake.abandon()
    const { tls, transcript } = handshake
    return { ok: false, ending: error.ending, address: dialled.address, tls, stagesMs: stopwatch.stagesMs, transcript }
  }
}

async function greet(
  handshake: Handshake,
  address: string,
  options: SmtpOptions,
  deps: OpenDeps,
  stopwatch: Stopwatch,
): Promise<Capabilities> {
  if (options.security === 'tls') await encrypt(handshake, options, deps, stopwatch)
  await handshake.expect('banner', 220)
  stopwatch.lap('banner')
  let capabilities = await hello(handshake, options)
  stopwatch.lap('ehlo')

  if (options.security === 'starttls' || (options.security === 'opportunistic' && capabilities.starttls)) {
    if (!capabilities.starttls)
      throw unable('starttls', 'starttls', 'the server does not offer STARTTLS, and the route requires encryption')
    await handshake.say('STARTTLS', 'starttls', 220)
    // What was sent in clear after the 220 would be read as if it had come encrypted (CVE-2011-0411).
    if (handshake.wire.reader.pending)
      throw handshake.desync('starttls', 'the server sent data between STARTTLS and the handshake')
    stopwatch.lap('starttls')
    await encrypt(handshake, options, deps, stopwatch)
    // RFC 3207 §4.2: all that was known before is forgotten.
    capabilities = await hello(handshake, options)
    stopwatch.lap('ehlo')
  }
  if (options.auth !== null) {
    await logIn(handshake, address, options, capabilities)
    stopwatch.lap('auth')
  }
  return capabilities
}

async function encrypt(handshake: Handshake, options: SmtpOptions, deps: OpenDeps, stopwatch: Stopwatch): Promise<void> {
  const secured = await secure(handshake.wire.socket, options, deps.memory)
  if (!('tls' in secured)) throw new Halt(secured)
  handshake.upgrade(secured.socket, secured.tls)
  stopwatch.lap('tls')
}

async function hello(handshake: Handshake, options: SmtpOptions): Promise<Capabilities> {
  const reply = await handshake.ask(`EHLO ${options.heloName}`, 'ehlo')
  if (reply.code === 250) return parseCapabilities(reply.text)
  // RFC 5321 §3.2: a server that does not know EHLO still knows HELO. 421 and other temporary answers are about more than the word.
  if (reply.code < 500 || reply.code > 504) throw handshake.refused('ehlo', reply)
  await handshake.say(`HELO ${options.heloName}`, 'ehlo', 250)
  return NO_CAPABILITIES
}

async function logIn(
  handshake: Handshake,
  address: string,
  options: SmtpOptions,
  { auth: offered }: Capabilities,
): Promise<void> {
  const { auth, security } = options
  if (auth === null) return
  // With `none` the administrator has chosen to send the password in clear; with `opportunistic` nobody has.
  if (handshake.tls === null && security !== 'none' && !isLoopbackAddress(address)) {
    throw unable('auth', 'starttls', 'the server offers no encryption, and a password is not sent in clear')
  }
  const plan = await handshake.inTime(planAuth(auth, offered), 'auth', 'EOAUTH2')
  if (!plan.ok) throw unable('auth', 'auth', plan.message)
  handshake.hide(plan.secrets)
  for (const [index, step] of plan.steps.entries()) {
    let reply = await handshake.ask(step.write, 'auth', step.logged)
    const last = index === plan.steps.length - 1
    // After a refused token the server explains itself in a 334, which an empty line ends; only then it says 535.
    if (last && reply.code === 334) reply = await handshake.ask('', 'auth')
    if (last ? reply.code !== 235 : reply.code !== 334) throw handshake.refused('auth', reply)
  }
}

function unable(stage: SmtpStage, lack: 'starttls' | 'auth', message: string): Halt {
  return new Halt({ stage, kind: 'unable', lack, message })
}

class Stopwatch {
  readonly stagesMs: Record<string, number> = {}
  readonly #clock: Clock
  #startedAtMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAtMs = clock.monotonicMs()
  }

  lap(stage: string): void {
    const nowMs = this.#clock.monotonicMs()
    this.stagesMs[stage] = rounded((this.stagesMs[stage] ?? 0) + nowMs - this.#startedAtMs)
    this.#startedAtMs = nowMs
  }
}
