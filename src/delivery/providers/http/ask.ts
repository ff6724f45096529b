import { classify, type Failure } from '../../../mail/failure.ts'
import type { ApiAnswer, CallEnd } from './call.ts'
import type { ApiClient } from './client.ts'
import type { ConnectionFacts } from './connect.ts'
import { type ErrorRule, objectIn, type ToldError, verdictOnError } from './verdict.ts'

/** A question to an API: its document, or why there is none. */
export type Asked = { readonly ms: number; readonly facts: ConnectionFacts | null } & (
  | { readonly ok: true; readonly document: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly failure: Failure }
)

export interface Asker {
  readonly client: ApiClient
  headersFor(path: string): Readonly<Record<string, string>>
  readonly rules: readonly ErrorRule[]
  errorIn(answer: ApiAnswer): ToldError | null
  readonly monotonicMs: () => number
  readonly now: Date
}

/** Reads one document. It changes nothing there, so no body leaves and nothing can be in doubt afterwards. */
export async function ask(asker: Asker, path: string): Promise<Asked> {
  const startedAt = asker.monotonicMs()
  const end = await asker.client.call({ method: 'GET', path, headers: () => asker.headersFor(path), body: null })
  const ms = asker.monotonicMs() - startedAt
  const { facts } = end
  const document = end.kind === 'answered' && end.answer.whole && end.answer.status < 300 ? objectIn(end.answer.text) : null
  const failed = (failure: Failure): Asked => ({ ok: false, failure, ms, facts })
  if (document === null) return failed(failureOf(asker, end))
  return end.kind === 'answered' && asker.errorIn(end.answer) !== null
    ? failed(failureOf(asker, end))
    : { ok: true, document, ms, facts }
}

function failureOf({ client, rules, errorIn, now }: Asker, end: CallEnd): Failure {
  const place = {
    mode: 'relay',
    host: client.host,
    port: client.port,
    recipient: null,
    address: end.facts?.address ?? null,
  } as const
  const lost = { stage: 'body', kind: 'lost', code: 'PROTOCOL', bodySent: false } as const
  switch (end.kind) {
    case 'unsent':
      return classify({ ...place, ...lost, message: end.why })
    case 'ended':
      return classify({ ...place, address: end.address, ...withoutDoubt(end.ending) })
    case 'answered': {
      const verdict = verdictOnError(end.answer, errorIn(end.answer), rules, now)
      if (verdict.kind !== 'refused') return classify({ ...place, ...lost, message: `it answered ${end.answer.status}` })
      return classify({ ...place, stage: verdict.class.startsWith('auth_') ? 'auth' : 'dot', ...verdict, kind: 'told' })
    }
  }
}

type Ending = Extract<CallEnd, { kind: 'ended' }>['ending']

/** A question that was not answered may be asked again. */
function withoutDoubt(ending: Ending): Ending {
  return ending.kind === 'lost' ? { ...ending, bodySent: false } : ending
}
