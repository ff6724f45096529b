import { classify } from '../../mail/failure.ts'
import type { LintFinding, LintSurroundings } from './lint.ts'
import { presetOfDomain } from './presets.ts'
import type { ConnectionInput, ConnectionPatch, Fix } from './report.ts'
import { isAddress, shown } from './text.ts'

/** The field for the server's name, and everything else that people put into it. Only the first finding counts: the others follow from it. */
export function lintHost(input: ConnectionInput, surroundings: LintSurroundings): LintFinding[] {
  const { host } = input
  const finding =
    emptyHost(input) ??
    urlInHost(host) ??
    emailInHost(host) ??
    spacesInHost(host) ??
    portInHost(host) ??
    bracketsInHost(host) ??
    charactersInHost(host) ??
    mailboxServer(host) ??
    ownNameInContainer(host, surroundings)
  return finding ? [finding] : []
}

function emptyHost({ host, user, from }: ConnectionInput): LintFinding | null {
  if (host.trim() !== '') return null
  const nowhere = { mode: 'relay', stage: 'config', host: '', address: null, port: null, recipient: null } as const
  const failure = classify({ ...nowhere, kind: 'unable', lack: 'configuration', message: '' })
  return fail('', 'no mail server is set', failure.hint, [...presetFixes(user), ...presetFixes(from)].slice(0, 1))
}

/** "me@gmail.com" says which service is meant. */
function presetFixes(address: string | null | undefined): Fix[] {
  const domain =
    address
      ?.slice(address.lastIndexOf('@') + 1)
      .trim()
      .toLowerCase() ?? ''
  const preset = presetOfDomain(domain)
  const way = preset?.ports[0]
  return preset && way
    ? [{ label: `Use ${preset.name}: ${preset.host}, port ${way.port}`, patch: { host: preset.host, ...way } }]
    : []
}

function urlInHost(host: string): LintFinding | null {
  const url = /^\s*([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d{1,5}))?/i.exec(host)
  if (!url && !host.includes('/')) return null
  const name = (url?.[2] ?? host.slice(0, host.indexOf('/'))).replace(/^\[|\]$/g, '').trim()
  const patch: ConnectionPatch = {
    host: name,
    ...(url?.[3] ? { port: Number(url[3]) } : {}),
    ...(/^smtps$/i.test(url?.[1] ?? '') ? { security: 'tls' } : {}),
  }
  const fixes = name === '' ? [] : [{ label: `Use the name alone: ${shown(name, 80)}`, patch }]
  // What stands before an @ is a password as often as not: it is not shown again.
  return fail('', 'a URL', 'The field takes the name of the server alone, without "smtp://" before it or a path after it.', fixes)
}

function emailInHost(host: string): LintFinding | null {
  if (!host.includes('@')) return null
  return fail(
    host,
    'an email address',
    'The field takes the name of a mail server, such as smtp.example.com, not an email address.',
    presetFixes(host),
  )
}

/** Also the characters that cannot be seen: zero-width spaces and joiners, marks of direction, the byte order mark. */
const INVISIBLE = /[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+/g

function spacesInHost(host: string): LintFinding | null {
  const bare = host.replace(INVISIBLE, '')
  if (bare === host) return null
  const fixes = bare === '' ? [] : [{ label: `Use ${shown(bare, 80)}`, patch: { host: bare } }]
  return fail(
    host,
    'spaces or invisible characters',
    'The name holds a space or a character that cannot be seen; both come from copying.',
    fixes,
  )
}

function portInHost(host: string): LintFinding | null {
  const match = /^(\[[^\]]*\]|[^:]+):(\d{1,5})$/.exec(host)
  const name = match?.[1]?.replace(/^\[|\]$/g, '')
  if (!match || !name) return null
  const fix = { label: `Use ${shown(name, 80)} and port ${match[2]}`, patch: { host: name, port: Number(match[2]) } }
  return fail(host, 'a port in the name', 'The port has a field of its own.', [fix])
}

function bracketsInHost(host: string): LintFinding | null {
  const address = /^\[(.+)\]$/.exec(host)?.[1]
  if (!address) return null
  const fixes = isAddress(address) ? [{ label: `Use ${address}`, patch: { host: address } }] : []
  return fail(host, 'brackets', 'An address stands here without brackets.', fixes)
}

function charactersInHost(host: string): LintFinding | null {
  if (isAddress(host)) return null
  const name = host.replace(/\.$/, '')
  if (/^[\d.]+$/.test(name))
    return fail(host, 'digits and dots', 'This looks like an IP address but is none: four numbers from 0 to 255 are needed.', [])
  // Names beyond ASCII are looked up in their A-label form (RFC 5890): letters of any script are fine here.
  const isName = name.length <= 253 && name.split('.').every((label) => /^(?!-)[\p{L}\p{M}\p{N}_-]{1,63}(?<!-)$/u.test(label))
  if (isName) return null
  return fail(
    host,
    'characters',
    'A server name consists of letters, digits and hyphens between dots, at most 63 in a part and 253 in all.',
    [],
  )
}

/** The servers that people read mail from stand beside the field in every mail program. */
function mailboxServer(host: string): LintFinding | null {
  const match = /^(?:imap|pop3?)\d?\.(.+)$/i.exec(host)
  if (!match) return null
  const name = `smtp.${match[1]}`
  const cause = 'By its name this server is for reading mail, not for sending it.'
  return {
    about: 'host',
    status: 'warn',
    evidence: shown(host, 100),
    cause,
    fixes: [{ label: `Try ${shown(name, 80)}`, patch: { host: name } }],
  }
}

function ownNameInContainer(host: string, { inContainer }: LintSurroundings): LintFinding | null {
  if (!inContainer || !isOwnName(host)) return null
  const outside = {
    label: 'Use the machine that the container runs on',
    patch: { host: 'host.docker.internal', allow_private: true },
  }
  const cause = `Waybill runs in a container: "${shown(host, 40)}" is the container itself, not your machine. Use the name of the machine or of the other container.`
  return { about: 'host', status: 'warn', evidence: shown(host, 100), cause, fixes: [outside] }
}

/** This machine, by the names and addresses it has everywhere. */
export function isOwnName(host: string): boolean {
  return /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|::1)\.?$/i.test(host.trim())
}

function fail(host: string, what: string, cause: string, fixes: readonly Fix[]): LintFinding {
  const evidence = host === '' ? what : `${what}: "${shown(host, 100)}"`
  return { about: 'host', status: 'fail', evidence, cause, fixes }
}
