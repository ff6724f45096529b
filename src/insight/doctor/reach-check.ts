import type { Socket } from 'node:net'
import type { HostAddress } from '../../dns/resolver.ts'
import { type Examination, type Found, failureOf, findingOf } from './examination.ts'
import type { Fix } from './report.ts'
import { alternatives, portState, type Survey, surveyPorts } from './survey.ts'
import { endpoint, listed } from './text.ts'
import { Dialogue, type Lost } from './wire.ts'

/** A connection to the configured port, and what is known about the other ports of the same address. */
export interface Reached {
  readonly address: string
  readonly socket: Socket
  /** Listening from the first moment on; null where the server waits for TLS. */
  readonly dialogue: Dialogue | null
  readonly connectedAtMs: number
}

/** What asking the other ports found, once; several checks suggest from it. */
export interface Neighbourhood {
  readonly survey: Promise<Survey>
  alternatives(): Promise<Fix[]>
}

export function exploreNeighbourhood(exam: Examination, address: string): Neighbourhood {
  const survey = surveyPorts(exam, address)
  let fixes: Promise<Fix[]> | null = null
  return { survey, alternatives: () => (fixes ??= survey.then((found) => alternatives(exam, address, found))) }
}

type Tried = { readonly address: HostAddress } & ({ readonly reached: Reached; readonly ms: number } | { readonly loss: Lost })

/** Every address at the configured port. The first that answers, in the order of sending, is used from here on. */
export async function checkReach(
  exam: Examination,
  addresses: readonly HostAddress[],
  neighbourhood: Neighbourhood,
): Promise<Found<Reached>> {
  const tried = await Promise.all(addresses.map((address) => tryAddress(exam, address)))
  const evidence = tried.map((one) => toldOf(one, exam.input.port)).join(', ')
  const [first, ...spare] = tried.flatMap((one) => ('reached' in one ? [one.reached] : []))
  for (const { socket } of spare) socket.destroy()
  const losses = tried.flatMap((one) => ('loss' in one ? [one] : []))
  if (!first) return { finding: await unreachedFinding(exam, losses, evidence, neighbourhood), value: null }

  // No way to IPv6 is the ordinary state of many networks, and costs sending nothing.
  const silent = losses.filter(({ loss }) => portState(loss) !== 'unreachable')
  if (silent.length === 0) return { finding: { status: 'ok', evidence }, value: first }
  const cause = `${listed(silent.map(({ address }) => address.address))} did not accept a connection. Mail goes by the other addresses, each time after a short wait.`
  return { finding: { status: 'warn', evidence, cause }, value: first }
}

async function tryAddress(exam: Examination, address: HostAddress): Promise<Tried> {
  const startedAtMs = performance.now()
  const dialled = await exam.dialler.dial(address.address, exam.input.port, exam.limits.tcp)
  if (dialled.kind === 'lost') return { address, loss: dialled }
  const connectedAtMs = performance.now()
  const dialogue = exam.input.security === 'tls' ? null : new Dialogue(dialled.socket)
  return {
    address,
    ms: connectedAtMs - startedAtMs,
    reached: { address: address.address, socket: dialled.socket, dialogue, connectedAtMs },
  }
}

function toldOf(tried: Tried, port: number): string {
  const place = endpoint(tried.address.address, port)
  if ('reached' in tried) return `${place} connected in ${Math.round(tried.ms)} ms`
  const words = { refused: 'refused', silent: 'no answer', unreachable: `unreachable (${tried.loss.code})`, open: '' }
  return `${place} ${words[portState(tried.loss)]}`
}

async function unreachedFinding(
  exam: Examination,
  losses: readonly { address: HostAddress; loss: Lost }[],
  evidence: string,
  neighbourhood: Neighbourhood,
) {
  // Somebody who says "no" tells more than silence, and silence more than a missing way.
  const order = ['refused', 'silent', 'unreachable', 'open']
  const [worst] = [...losses].sort((a, b) => order.indexOf(portState(a.loss)) - order.indexOf(portState(b.loss)))
  const place = { address: worst?.address.address ?? null, port: exam.input.port }
  const { code, message } = worst?.loss ?? { code: 'TIMEOUT', message: '' }
  const failure = failureOf(exam, place, { stage: 'tcp', kind: 'lost', code, message, bodySent: false })
  const finding = findingOf(failure, { evidence, fixes: await neighbourhood.alternatives() })
  const blocked = blockedByProvider(await neighbourhood.survey, worst?.loss)
  return blocked ? { ...finding, cause: `${blocked} ${finding.cause}` } : finding
}

function blockedByProvider({ ports, comparison }: Survey, loss: Lost | undefined): string | null {
  const silent = loss !== undefined && portState(loss) === 'silent' && ports.every(({ state }) => state === 'silent')
  return silent && comparison.state === 'open'
    ? `The same host answers on port ${comparison.port} but on none of the mail ports: the provider of this machine's network seems to block them.`
    : null
}
