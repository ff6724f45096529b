import type { Capabilities } from './capabilities.ts'
import type { SmtpAuth } from './options.ts'

/** One step of a log-in: what to write, and what may be written about it. */
export interface AuthStep {
  readonly write: string
  readonly logged: string
}

/** The steps of a log-in; the first contains the AUTH command, each further one answers a 334. */
export type AuthPlan =
  | {
      readonly ok: true
      readonly steps: readonly AuthStep[]
      /** What no answer may be shown with, should the server say it back. */
      readonly secrets: readonly string[]
    }
  | { readonly ok: false; readonly message: string }

/** Chooses the mechanism (RFC 4954; PLAIN before LOGIN, since LOGIN was never specified) and prepares its words. */
export async function planAuth(auth: SmtpAuth, offered: Capabilities['auth']): Promise<AuthPlan> {
  // NUL and 0x01 separate the fields of PLAIN and XOAUTH2: inside one they would forge the next.
  if (/[\x00-\x1f\x7f]/.test(auth.user)) return { ok: false, message: 'the user name of the route holds a control character' }
  if (auth.kind === 'xoauth2') {
    if (!offered.includes('XOAUTH2')) return { ok: false, message: lacking('XOAUTH2', offered) }
    const token = await auth.accessToken()
    if (/[^\x21-\x7e]/.test(token)) return { ok: false, message: 'the access token holds a character that a token cannot have' }
    return planOf([initial('XOAUTH2', `user=${auth.user}\x01auth=Bearer ${token}\x01\x01`)], token)
  }
  if (auth.password.includes('\0')) return { ok: false, message: 'the password of the route holds a NUL character' }
  if (offered.includes('PLAIN')) return planOf([initial('PLAIN', `\0${auth.user}\0${auth.password}`)], auth.password)
  if (offered.includes('LOGIN')) {
    return planOf([{ write: 'AUTH LOGIN', logged: 'AUTH LOGIN' }, hidden(auth.user), hidden(auth.password)], auth.password)
  }
  return { ok: false, message: lacking('PLAIN or LOGIN', offered) }
}

function planOf(steps: readonly AuthStep[], secret: string): AuthPlan {
  // The secret itself, as it was written, and as part of the words of PLAIN and XOAUTH2.
  const forms = [secret, base64(secret), ...steps.map(({ write }) => /^AUTH \S+ (\S+)$/.exec(write)?.[1] ?? '')]
  return { ok: true, steps, secrets: forms.filter((form) => form.length >= SHORTEST_HIDDEN) }
}
/** Hiding shorter ones would tear words of honest answers apart, and tell by the gaps what they are. */
const SHORTEST_HIDDEN = 4

function initial(mechanism: string, response: string): AuthStep {
  return { write: `AUTH ${mechanism} ${base64(response)}`, logged: `AUTH ${mechanism} <hidden>` }
}

function hidden(text: string): AuthStep {
  return { write: base64(text), logged: '<hidden>' }
}

function lacking(wanted: string, offered: readonly string[]): string {
  return offered.length === 0
    ? 'the server offers no log-in here, and the route has a user name'
    : `the server offers ${offered.join(', ')}, and the route needs ${wanted}`
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
