import type { Connect } from '../../delivery/providers/smtp/dial.ts'
import type { Ending } from '../../delivery/providers/smtp/ending.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { type Clock, SECOND } from '../../lib/clock.ts'
import { classify, type Failure } from '../../mail/failure.ts'
import { type Check, type CheckName, type CheckStatus, type ConnectionInput, type Finding, type Fix, toCheck } from './report.ts'
import { sentence, shown } from './text.ts'
import { Dialler } from './wire.ts'

export interface DoctorDeps {
  readonly resolver: Resolver
  readonly clock: Clock
  /** What routes announce that set no HELO name of their own. */
  readonly heloName: string
  readonly inContainer: boolean
  /** Private addresses are allowed for every route (WAYBILL_ALLOW_PRIVATE_NETWORKS). */
  readonly allowPrivate?: boolean
  /** Authorities to trust beside the public ones, PEM. */
  readonly certificateAuthorities?: readonly string[]
  readonly usualPorts?: readonly UsualPort[]
  /** A port that is open on most hosts and has nothing to do with mail. */
  readonly comparisonPort?: number
  readonly limits?: Partial<DoctorLimits>
  readonly connect?: Connect
  /** Ends the examination early: what was not reached is skipped. */
  readonly signal?: AbortSignal
}

export interface UsualPort {
  readonly port: number
  readonly security: 'starttls' | 'tls'
}

/** In the order in which they are suggested. */
export const USUAL_PORTS: readonly UsualPort[] = [
  { port: 587, security: 'starttls' },
  { port: 465, security: 'tls' },
  { port: 2525, security: 'starttls' },
  { port: 25, security: 'starttls' },
]

/** Milliseconds. A person waits in front of the page, so these are shorter than those of sending. */
export interface DoctorLimits {
  readonly total: number
  readonly dns: number
  readonly tcp: number
  readonly greeting: number
  /** After so much silence it is found out whether the port wants TLS instead. */
  readonly silence: number
  readonly reply: number
  readonly tls: number
  readonly login: number
  readonly quit: number
}

const LIMITS: DoctorLimits = {
  total: 60 * SECOND,
  dns: 10 * SECOND,
  tcp: 5 * SECOND,
  greeting: 20 * SECOND,
  silence: 3 * SECOND,
  reply: 15 * SECOND,
  tls: 10 * SECOND,
  login: 20 * SECOND,
  quit: 2 * SECOND,
}

export type Progress =
  | { readonly kind: 'started'; readonly id: CheckName; readonly title: string }
  | { readonly kind: 'finished'; readonly check: Check }

/** A finding and what the next checks go on with; `null` when they cannot. */
export interface Found<T> {
  readonly finding: Finding
  readonly value: T | null
}

/** One examination: its settings, its limits, and the checks so far. */
export class Examination {
  readonly checks: Check[] = []
  readonly input: ConnectionInput
  readonly deps: DoctorDeps
  readonly limits: DoctorLimits
  readonly dialler: Dialler
  readonly #signal: AbortSignal
  readonly #onProgress: (progress: Progress) => void

  constructor(input: ConnectionInput, deps: DoctorDeps, onProgress: (progress: Progress) => void) {
    this.input = input
    this.deps = deps
    this.limits = { ...LIMITS, ...deps.limits }
    const timeout = AbortSignal.timeout(this.limits.total)
    this.#signal = deps.signal ? AbortSignal.any([deps.signal, timeout]) : timeout
    this.dialler = new Dialler(this.#signal, deps.connect)
    this.#onProgress = onProgress
  }

  get allowPrivate(): boolean {
    return this.input.allow_private === true || this.deps.allowPrivate === true
  }

  get heloName(): string {
    return this.input.helo_name || this.deps.heloName
  }

  /** Does one check and records it. What was interrupted by the end of the examination is skipped, not failed. */
  async check<T>(name: CheckName, title: string, work: () => Promise<Found<T>>): Promise<T | null> {
    this.#onProgress({ kind: 'started', id: name, title })
    const startedAtMs = this.deps.clock.monotonicMs()
    const { finding, value } = this.#signal.aborted ? { finding: this.#interrupted(), value: null } : await work().catch(ownFault)
    const failed = finding.status === 'fail' && this.#signal.aborted
    this.record(toCheck(name, failed ? this.#interrupted() : finding, this.deps.clock.monotonicMs() - startedAtMs))
    return failed ? null : value
  }

  record(check: Check): void {
    this.checks.push(check)
    this.#onProgress({ kind: 'finished', check })
  }

  /** Says of a check why it was not made. */
  skip(name: CheckName, why: string): void {
    const finding: Finding = this.#signal.aborted ? this.#interrupted() : { status: 'skip', evidence: why }
    this.record(toCheck(name, finding, 0))
  }

  end(): void {
    this.dialler.closeAll()
  }

  #interrupted(): Finding {
    const stopped = this.deps.signal?.aborted === true
    return {
      status: 'skip',
      evidence: stopped
        ? 'The examination was stopped.'
        : `The time for the examination (${this.limits.total / SECOND} s) was used up.`,
    }
  }
}

/** A check that breaks says nothing about the server, and must not take the others with it. */
function ownFault(error: Error): Found<never> {
  const cause = 'This is a fault of Waybill, not of your settings. Please report it.'
  return { finding: { status: 'fail', evidence: `The check itself failed: ${shown(error.message)}`, cause }, value: null }
}

/** Where a dialogue takes place; it appears in what people read. */
export interface Place {
  readonly address: string | null
  readonly port: number
}

/** The same words for the same failure as a waybill would show. */
export function failureOf(exam: Examination, place: Place, ending: Ending, recipient: string | null = null): Failure {
  return classify({ mode: 'relay', host: exam.input.host, address: place.address, port: place.port, recipient, ...ending })
}

export function causeOf(failure: Failure): string {
  return `${sentence(failure.sentence)} ${failure.hint}`
}

export interface Told {
  readonly status?: CheckStatus
  readonly evidence: string
  readonly fixes?: readonly Fix[]
}

/** A finding from a failure. */
export function findingOf(failure: Failure, { status = 'fail', evidence, fixes = [] }: Told): Finding {
  return { status, evidence, cause: causeOf(failure), fixes }
}
