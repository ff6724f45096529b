import { type Reply, reply } from './protocol/reply.ts'
import { type Given, readLogin, readPlain } from './sasl.ts'

export type AuthStep =
  | { readonly kind: 'ask'; readonly challenge: string }
  | { readonly kind: 'given'; readonly given: Given }
  | { readonly kind: 'refused'; readonly reply: Reply }

/** "Username:" and "Password:" in base64, as every client of LOGIN expects them. */
const [ASK_USERNAME, ASK_PASSWORD] = ['VXNlcm5hbWU6', 'UGFzc3dvcmQ6']

/** The lines of one AUTH (RFC 4954 §4), up to what they say together. */
export class AuthExchange {
  #next: ((line: string) => AuthStep) | null = null

  /** True when the next line is an answer and no command. */
  get isAsking(): boolean {
    return this.#next !== null
  }

  /** `PLAIN`, `PLAIN <initial response>`, `LOGIN`, `LOGIN <username>`. */
  begin(rest: string): AuthStep {
    const [mechanism = '', initial] = rest.split(/ +/, 2)
    switch (mechanism.toUpperCase()) {
      case 'PLAIN':
        return initial === undefined ? this.#ask('', (line) => proof(readPlain(line))) : proof(readPlain(initial))
      case 'LOGIN':
        return initial === undefined
          ? this.#ask(ASK_USERNAME, (username) => this.#askPassword(username))
          : this.#askPassword(initial)
      default:
        return { kind: 'refused', reply: reply(504, '5.5.4', 'Sign in with PLAIN or LOGIN.') }
    }
  }

  answer(line: string): AuthStep {
    const next = this.#next
    this.#next = null
    if (line === '*' || !next) return { kind: 'refused', reply: reply(501, '5.7.0', 'Signing in was given up.') }
    return next(line)
  }

  forget(): void {
    this.#next = null
  }

  #askPassword(username: string): AuthStep {
    return this.#ask(ASK_PASSWORD, (password) => proof(readLogin(username, password)))
  }

  #ask(challenge: string, next: (line: string) => AuthStep): AuthStep {
    this.#next = next
    return { kind: 'ask', challenge }
  }
}

function proof(given: Given | null): AuthStep {
  return given
    ? { kind: 'given', given }
    : { kind: 'refused', reply: reply(501, '5.5.2', 'That is not what this kind of AUTH sends, in base64.') }
}
