import { getDomain } from 'tldts'
import { explainAddress, parseAddress } from '../../mail/address.ts'
import type { LintFinding } from './lint.ts'
import { isOwnName } from './lint-host.ts'
import type { ConnectionInput } from './report.ts'
import { isAddress, sentence, shown } from './text.ts'

/** Who we say we are: the account, the HELO name, the sender. */
export function lintIdentity(input: ConnectionInput): LintFinding[] {
  return [
    ...lintCredentials(input),
    ...lintSpaces(input),
    ...lintClearPassword(input),
    ...lintDomains(input),
    ...lintHeloName(input),
    ...lintEnvelope(input),
  ]
}

function lintCredentials({ user, password }: ConnectionInput): LintFinding[] {
  if (user && !password)
    return [warn('password', `user name "${shown(user, 100)}", no password`, 'A log-in needs a password too.')]
  if (!user && password) return [warn('user', 'a password, no user name', 'Without a user name the password is not used.')]
  return []
}

function lintSpaces({ user, password }: ConnectionInput): LintFinding[] {
  const fields = [
    { about: 'user_spaces', name: 'user name', text: user },
    { about: 'password_spaces', name: 'password', text: password },
  ]
  return fields
    .filter(({ text }) => text && text !== text.trim())
    .map(({ about, name }) =>
      warn(about, `the ${name} as it was typed`, 'There is a space before or after it, which often comes from copying.'),
    )
}

function lintClearPassword({ host, user, security }: ConnectionInput): LintFinding[] {
  if (!user || security !== 'none' || isOwnName(host)) return []
  const cause = 'Anyone on the way could read the password and every mail.'
  const fixes = [{ label: 'Use STARTTLS', patch: { security: 'starttls' } }] as const
  return [{ ...warn('security', `log-in as ${shown(user, 100)}, no encryption`, cause), fixes }]
}

function lintDomains({ user, from }: ConnectionInput): LintFinding[] {
  const [account, sender] = [domainOf(user), domainOf(from)]
  if (!account || !sender || getDomain(account) === getDomain(sender)) return []
  const cause =
    'Many servers let an account send only with addresses of its own domain. The check of the sender below shows whether this one does.'
  return [warn('from', `the account is of ${shown(account, 100)}, the sender of ${shown(sender, 100)}`, cause)]
}

function domainOf(text: string | null | undefined): string | null {
  return (text ? parseAddress(text)?.domain : null) ?? null
}

function lintHeloName({ helo_name }: ConnectionInput): LintFinding[] {
  const cause = helo_name ? heloProblem(helo_name) : null
  if (!helo_name || !cause) return []
  const finding = warn('helo_name', `HELO name "${shown(helo_name, 100)}"`, cause)
  return [isSayable(helo_name) ? finding : { ...finding, status: 'fail' }]
}

/** Some names are merely odd; others cannot be part of a command at all. */
function isSayable(name: string): boolean {
  return name.length <= 253 && name.isWellFormed() && !/[\s\p{Cc}]/u.test(name)
}

/** RFC 5321 §4.1.4 wants a name that can be looked up, or an address in brackets; many servers refuse anything less. */
export function heloProblem(name: string): string | null {
  if (/^\[(?:IPv6:)?[0-9a-f.:]+\]$/i.test(name)) return null
  if (isAddress(name)) return `An address stands in square brackets here: [${name.includes(':') ? 'IPv6:' : ''}${name}].`
  if (/^localhost(\.|$)/i.test(name)) return 'Servers refuse "localhost": announce the public name of this machine.'
  const isName =
    name.length <= 253 &&
    name
      .replace(/\.$/, '')
      .split('.')
      .every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i.test(label))
  if (!isName) return 'A host name has letters, digits and hyphens between dots, and nothing else.'
  return name.includes('.') ? null : 'It is not a full name such as mail.example.com, and some servers refuse it.'
}

function lintEnvelope({ from, to }: ConnectionInput): LintFinding[] {
  return [...lintAddress('from_form', 'sender', from), ...lintAddress('to_form', 'recipient', to)]
}

function lintAddress(about: string, name: string, text: string | null | undefined): LintFinding[] {
  const why = text ? explainAddress(text) : null
  return why === null
    ? []
    : [
        {
          about,
          status: 'fail',
          evidence: `${name} "${shown(text ?? '', 100)}"`,
          cause: `This is not an email address: ${sentence(why)}`,
        },
      ]
}

function warn(about: string, evidence: string, cause: string): LintFinding {
  return { about, status: 'warn', evidence, cause }
}
