import { lintHost } from './lint-host.ts'
import { lintIdentity } from './lint-identity.ts'
import { presetOfHost } from './presets.ts'
import type { Check, ConnectionInput, ConnectionPatch, Finding, Security } from './report.ts'
import { toCheck } from './report.ts'
import { endpoint, shown } from './text.ts'

export interface LintSurroundings {
  /** Waybill runs in a container, where `localhost` is the container. */
  readonly inContainer: boolean
}

/** `about` becomes the second part of the check's id. */
export interface LintFinding extends Finding {
  readonly about: string
}

/**
 * What is visibly wrong or odd in the settings, before anything is dialled: a check for each finding, or one that says that there is none.
 * Pure and total: any text that a person can type gets an answer.
 */
export function lint(input: ConnectionInput, surroundings: LintSurroundings): Check[] {
  const findings = [
    ...lintHost(input, surroundings),
    ...(lintPreset(input) ?? lintPort(input)),
    ...lintUser(input),
    ...lintIdentity(input),
  ]
  if (findings.length === 0) return [toCheck('settings', { status: 'ok', evidence: describe(input) }, 0)]
  return findings.map((finding) => toCheck(`settings.${finding.about}`, finding, 0))
}

export const SECURITY_NAMES: Readonly<Record<Security, string>> = {
  starttls: 'STARTTLS',
  tls: 'TLS from the first byte',
  none: 'no encryption',
}

function describe(input: ConnectionInput): string {
  const user = input.user ? `log-in as ${shown(input.user, 100)}` : 'no log-in'
  return `${endpoint(shown(input.host, 100), input.port)}, ${SECURITY_NAMES[input.security]}, ${user}`
}

/** Ports that people dial by mistake, and what lives there. */
const OTHER_SERVICES: Readonly<Record<number, string>> = {
  80: 'the web',
  443: 'the web',
  110: 'fetching mail (POP3)',
  143: 'reading mail (IMAP)',
  993: 'reading mail (IMAP)',
  995: 'fetching mail (POP3)',
}

function lintPort({ port, security }: ConnectionInput): LintFinding[] {
  const submission = { port: 587, security: 'starttls' } as const
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return [{ ...portFinding(port, security, 'A port is a whole number from 1 to 65535.', submission), status: 'fail' }]
  }
  const service = OTHER_SERVICES[port]
  if (service) return [portFinding(port, security, `Port ${port} is for ${service}, not for sending mail.`, submission)]
  if (port === 465 && security !== 'tls')
    return [portFinding(port, security, 'Port 465 expects TLS at once (RFC 8314).', { security: 'tls' })]
  if ([25, 587, 2525].includes(port) && security === 'tls') {
    return [
      portFinding(port, security, `Port ${port} begins in plain text and changes to TLS with STARTTLS.`, {
        security: 'starttls',
      }),
    ]
  }
  return []
}

function portFinding(port: number, security: Security, cause: string, patch: ConnectionPatch): LintFinding {
  const evidence = `port ${port} with ${SECURITY_NAMES[security]}`
  return { about: 'port', status: 'warn', evidence, cause, fixes: [{ label: labelOf(patch), patch }] }
}

/** A change of port, mode or host in words. */
export function labelOf(patch: ConnectionPatch): string {
  const parts = [
    patch.host === undefined ? null : shown(patch.host, 80),
    patch.port === undefined ? null : `port ${patch.port}`,
    patch.security === undefined ? null : SECURITY_NAMES[patch.security],
  ].filter((part) => part !== null)
  return `Use ${parts.join(' with ')}`
}

/** What the service itself documents, where the host is a well-known one; null when it is not. */
function lintPreset({ host, port, security }: ConnectionInput): LintFinding[] | null {
  const preset = presetOfHost(host.trim().toLowerCase())
  if (!preset || port === 25) return null
  const documented = preset.ports.find((way) => way.port === port)
  if (documented?.security === security) {
    return preset.note ? [{ about: 'provider', status: 'ok', evidence: `${preset.name}. ${preset.note}` }] : []
  }
  const patch = documented ?? preset.ports[0]!
  const evidence = `${preset.name}: ${preset.ports.map((way) => `${way.port} with ${SECURITY_NAMES[way.security]}`).join(', ')}`
  const cause = `${preset.name} documents other settings than port ${port} with ${SECURITY_NAMES[security]}.`
  return [{ about: 'provider', status: 'warn', evidence, cause, fixes: [{ label: labelOf(patch), patch }] }]
}

function lintUser({ host, user }: ConnectionInput): LintFinding[] {
  const preset = presetOfHost(host.trim().toLowerCase())
  if (!user || !preset?.user || preset.user.form.test(user)) return []
  const cause = `${preset.name} expects ${preset.user.expected} as user name.`
  return [{ about: 'user_form', status: 'warn', evidence: `user name "${shown(user, 100)}"`, cause }]
}
