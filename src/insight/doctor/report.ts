import type { SmtpSettings } from '../../delivery/routes/route.ts'
import { endpoint, listed, sentence } from './text.ts'

/**
 * What the doctor found out about a way of sending mail: one check after the other, each with what was seen (`evidence`), what that means
 * (`cause`, when something is wrong or odd) and what would put it right (`fixes`: each `patch` is a change of the settings that *Apply* can make).
 */
/** The settings under examination: a route's, or as a person typed them. */
export type ConnectionInput = Pick<SmtpSettings, 'host' | 'port' | 'security'> &
  Maybe<Pick<SmtpSettings, 'user' | 'helo_name' | 'allow_private' | 'certificate_fingerprint'>> & {
    readonly password?: string | null | undefined
    /** Envelope sender and recipient of the trial, which ends before any mail is given. Without `to`, the mail would go to `from` itself. */
    readonly from?: string | null | undefined
    readonly to?: string | null | undefined
  }
type Maybe<T> = { readonly [Key in keyof T]?: T[Key] | undefined }

/** A change of settings, ready to be applied. */
export type ConnectionPatch = Partial<
  Pick<ConnectionInput, 'host' | 'port' | 'security' | 'helo_name' | 'allow_private' | 'certificate_fingerprint'>
>

export interface Fix {
  readonly label: string
  readonly patch: ConnectionPatch
}

export type Security = SmtpSettings['security']

/** Findings about the settings share `settings` as the first part of their ids. */
const CHECK_TITLES = {
  settings: 'Settings',
  name: 'Name',
  connection: 'Connection',
  ports: 'Usual ports',
  greeting: 'Greeting',
  capabilities: 'Capabilities',
  encryption: 'Encryption',
  certificate: 'Certificate',
  capabilities_encrypted: 'Capabilities after encryption',
  login: 'Log-in',
  sender: 'Sender',
  recipient: 'Recipient',
} as const
export type CheckName = keyof typeof CHECK_TITLES

/** The checks of an examination, in their order: it follows from when encryption begins. */
export function checksOf(security: Security): readonly CheckName[] {
  const arrival = ['settings', 'name', 'connection', 'ports'] as const
  const trial = ['login', 'sender', 'recipient'] as const
  switch (security) {
    case 'starttls':
      return [...arrival, 'greeting', 'capabilities', 'encryption', 'certificate', 'capabilities_encrypted', ...trial]
    case 'tls':
      return [...arrival, 'encryption', 'certificate', 'greeting', 'capabilities', ...trial]
    case 'none':
      return [...arrival, 'greeting', 'capabilities', 'encryption', ...trial]
  }
}

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skip'

export interface Check {
  readonly id: string
  readonly title: string
  readonly status: CheckStatus
  readonly ms: number
  readonly evidence: string
  readonly cause: string | null
  readonly fixes: readonly Fix[]
}

/** A check before it has been timed and titled. */
export type Finding = Pick<Check, 'status' | 'evidence'> & Partial<Pick<Check, 'cause' | 'fixes'>>

export interface DoctorReport {
  readonly ok: boolean
  readonly summary: string
  readonly checks: readonly Check[]
}

export function toCheck(id: string, finding: Finding, ms: number): Check {
  return {
    id,
    title: CHECK_TITLES[nameOf(id)],
    status: finding.status,
    ms: Math.round(ms),
    evidence: finding.evidence,
    cause: finding.cause ?? null,
    fixes: finding.fixes ?? [],
  }
}

function nameOf(id: string): CheckName {
  return id.split('.', 1)[0] as CheckName
}

/** The verdict in one sentence. What was found first explains what follows. */
export function toReport(input: ConnectionInput, made: readonly Check[]): DoctorReport {
  const order = checksOf(input.security)
  const checks = [...made].sort((a, b) => order.indexOf(nameOf(a.id)) - order.indexOf(nameOf(b.id)))
  const failed = checks.find((check) => check.status === 'fail')
  if (failed) return { ok: false, summary: failureSentence(failed), checks }
  const warnings = checks.filter((check) => check.status === 'warn').length
  return { ok: true, summary: `${successSentence(input, checks)}${warningSentence(warnings)}`, checks }
}

/** The same of what is no single mail server: an account, or the way straight to receivers. The first failure explains the others. */
export function reportOn(routeName: string, checks: readonly Check[]): DoctorReport {
  const failed = checks.find(({ status }) => status === 'fail')
  if (failed) return { ok: false, summary: failureSentence(failed), checks }
  const warnings = checks.filter(({ status }) => status === 'warn').length
  return { ok: true, summary: `Nothing speaks against ${routeName}.${warningSentence(warnings)}`, checks }
}

function failureSentence(failed: Check): string {
  const cause = sentence(failed.cause ?? failed.evidence)
  const fix = failed.fixes[0]
  return fix ? `${cause} Suggested: ${fix.label}.` : cause
}

function successSentence(input: ConnectionInput, checks: readonly Check[]): string {
  const passed = new Set(checks.filter((check) => check.status === 'ok' || check.status === 'warn').map((check) => check.id))
  const steps = [
    passed.has('greeting') ? 'answers' : null,
    input.security !== 'none' && passed.has('encryption') ? 'encrypts' : null,
    passed.has('login') ? 'accepts the log-in' : null,
    passed.has('recipient') ? 'takes the sender and the recipient' : passed.has('sender') ? 'takes the sender' : null,
  ].filter((step) => step !== null)
  const place = endpoint(input.host.trim(), input.port)
  return steps.length === 0 ? `Nothing speaks against ${place}.` : `${place} ${listed(steps)}.`
}

function warningSentence(warnings: number): string {
  if (warnings === 0) return ''
  return warnings === 1 ? ' One thing is worth a look.' : ` ${warnings} things are worth a look.`
}
