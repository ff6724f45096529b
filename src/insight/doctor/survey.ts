import type { Capabilities } from '../../delivery/providers/smtp/capabilities.ts'
import { parseCapabilities } from '../../delivery/providers/smtp/capabilities.ts'
import { isPrivateAddress } from '../../net/private-address.ts'
import { type Examination, USUAL_PORTS, type UsualPort } from './examination.ts'
import { labelOf } from './lint.ts'
import type { Fix, Security } from './report.ts'
import { tlsTarget } from './tls-target.ts'
import { Dialogue, type Lost, secure } from './wire.ts'

export type PortState = 'open' | 'refused' | 'silent' | 'unreachable'

export interface Survey {
  readonly ports: readonly { readonly port: number; readonly state: PortState }[]
  /** The port of the web, for comparison: it tells a host that is down from one whose mail ports are closed to us. */
  readonly comparison: { readonly port: number; readonly state: PortState }
  readonly ms: number
}

/** Which of the usual ports of an address are open. Nothing is said there. */
export async function surveyPorts(exam: Examination, address: string): Promise<Survey> {
  const startedAtMs = exam.deps.clock.monotonicMs()
  const others = (exam.deps.usualPorts ?? USUAL_PORTS).filter(({ port }) => port !== exam.input.port).map(({ port }) => port)
  const comparisonPort = exam.deps.comparisonPort ?? 443
  const states = await Promise.all([...others, comparisonPort].map((port) => stateOf(exam, address, port)))
  return {
    ports: others.map((port, index) => ({ port, state: states[index]! })),
    comparison: { port: comparisonPort, state: states.at(-1)! },
    ms: exam.deps.clock.monotonicMs() - startedAtMs,
  }
}

async function stateOf(exam: Examination, address: string, port: number): Promise<PortState> {
  const dialled = await exam.dialler.dial(address, port, exam.limits.tcp)
  if (dialled.kind === 'lost') return portState(dialled)
  dialled.socket.destroy()
  return 'open'
}

export function portState(loss: Lost): PortState {
  if (loss.code === 'ECONNREFUSED') return 'refused'
  return loss.code === 'TIMEOUT' || loss.code === 'ETIMEDOUT' ? 'silent' : 'unreachable'
}

const STATE_WORDS: Readonly<Record<PortState, string>> = {
  open: 'open',
  refused: 'refused',
  silent: 'no answer',
  unreachable: 'unreachable',
}

export function surveyEvidence({ ports, comparison }: Survey): string {
  const mail = ports.map(({ port, state }) => `${port} ${STATE_WORDS[state]}`).join(', ')
  return `${mail}${mail === '' ? '' : '; '}for comparison ${comparison.port} ${STATE_WORDS[comparison.state]}`
}

/** Ports of the survey that greet as mail servers do, each with its mode as it was found: what can be suggested with a good conscience. */
export async function alternatives(exam: Examination, address: string, survey: Survey): Promise<Fix[]> {
  const usual = exam.deps.usualPorts ?? USUAL_PORTS
  const open = usual.filter(({ port }) => survey.ports.some((surveyed) => surveyed.port === port && surveyed.state === 'open'))
  const found = await Promise.all(open.map(async (way) => ({ port: way.port, security: await modeOf(exam, address, way) })))
  return found.flatMap(({ port, security }): Fix[] => {
    if (!security || (security === 'none' && !isPrivateAddress(address))) return []
    const patch = { port, security }
    return [{ label: labelOf(patch), patch }]
  })
}

/** How a port speaks: the mode that its number promises is tried first. */
async function modeOf(exam: Examination, address: string, { port, security }: UsualPort): Promise<Security | null> {
  const inTls = async () => ((await greetsInTls(exam, address, port)) ? ('tls' as const) : null)
  const inPlain = async () => {
    const capabilities = await greetsInPlain(exam, address, port)
    return capabilities ? (capabilities.starttls ? ('starttls' as const) : ('none' as const)) : null
  }
  return security === 'tls' ? ((await inTls()) ?? (await inPlain())) : ((await inPlain()) ?? (await inTls()))
}

export async function greetsInPlain(exam: Examination, address: string, port: number): Promise<Capabilities | null> {
  const dialled = await exam.dialler.dial(address, port, exam.limits.tcp)
  if (dialled.kind === 'lost') return null
  return capabilitiesIn(exam, new Dialogue(dialled.socket))
}

export async function greetsInTls(exam: Examination, address: string, port: number): Promise<boolean> {
  const dialled = await exam.dialler.dial(address, port, exam.limits.tcp)
  if (dialled.kind === 'lost') return false
  const secured = await secure(dialled.socket, tlsTarget(exam), exam.limits.silence)
  if (secured.kind === 'lost') return false
  return (await capabilitiesIn(exam, new Dialogue(secured.socket))) !== null
}

async function capabilitiesIn(exam: Examination, dialogue: Dialogue): Promise<Capabilities | null> {
  const greeting = await dialogue.hear(exam.limits.silence)
  const hello =
    greeting.kind === 'reply' && greeting.reply.code === 220
      ? await dialogue.ask(`EHLO ${exam.heloName}`, exam.limits.silence)
      : null
  void dialogue.leave(exam.limits.quit)
  return hello?.kind === 'reply' && hello.reply.code === 250 ? parseCapabilities(hello.reply.text) : null
}
