import type { Clock } from '../../../lib/clock.ts'
import type { SmtpAnswer } from '../../../mail/smtp-answer.ts'
import { outcomeOf, type SendOutcome, type Trace } from '../../outcome.ts'
import type { RouteKind } from '../../routes/route.ts'
import type { Handoff, HandoffResult, Provider } from '../provider.ts'
import { Transcript } from '../smtp/transcript.ts'
import type { ApiAnswer, ApiCall, CallEnd } from './call.ts'
import type { ApiClient } from './client.ts'
import type { Verdict } from './verdict.ts'

/** What leaves in one call, and for which recipients of the handoff; or why nothing leaves for them. */
export type Parcel = { readonly recipients: readonly number[] } & (
  | { readonly kind: 'call'; readonly call: Pick<ApiCall, 'path' | 'headers' | 'body'> }
  | { readonly kind: 'unable'; readonly lack: Extract<SmtpAnswer, { kind: 'unable' }>['lack']; readonly message: string }
)

/** What one provider's API differs in from another's. */
export interface ApiDialect {
  readonly kind: RouteKind
  pack(handoff: Handoff): Promise<readonly Parcel[]>
  read(answer: ApiAnswer, recipient: string, now: Date): Verdict
}

interface Options {
  readonly dialect: ApiDialect
  readonly client: ApiClient
  readonly clock: Clock
  readonly maxConnections: number
}

type Made = { readonly parcel: Parcel; readonly end: CallEnd | null }

/** A route to a provider's API. Handoffs are packed, each parcel is a call, and every recipient gets the outcome of its own. */
export function createApiProvider({ dialect, client, clock, maxConnections }: Options): Provider {
  let closing = false

  async function send(handoff: Handoff): Promise<HandoffResult> {
    const parcels = closing ? [] : await dialect.pack(handoff)
    // What was packed while the route closed may have been refused for that reason alone.
    if (closing) return givenBack(handoff)
    const made = await Promise.all(
      parcels.map(
        async (parcel): Promise<Made> => ({ parcel, end: parcel.kind === 'call' ? await post(parcel.call, handoff) : null }),
      ),
    )
    const outcomes = handoff.recipients.map((recipient, index) => {
      const one = made.find(({ parcel }) => parcel.recipients.includes(index))
      return one ? outcomeFor(one, recipient) : ({ kind: 'unsent', why: 'too many messages wait for this route' } as const)
    })
    return { outcomes, trace: traceOf(made, outcomes) }
  }

  function post(call: Extract<Parcel, { kind: 'call' }>['call'], handoff: Handoff): Promise<CallEnd> {
    return client.call({ ...call, method: 'POST', mayLeave: () => handoff.mayLeave(), bodyLeft: () => handoff.bodyLeft() })
  }

  function outcomeFor({ parcel, end }: Made, recipient: string): SendOutcome {
    const place = { mode: 'relay', host: client.host, port: client.port, recipient } as const
    if (parcel.kind === 'unable' || end === null) {
      const { lack, message } = parcel as Extract<Parcel, { kind: 'unable' }>
      return outcomeOf({ ...place, address: null, stage: 'mail', kind: 'unable', lack, message })
    }
    if (end.kind === 'unsent') return { kind: 'unsent', why: end.why }
    if (end.kind === 'ended') return outcomeOf({ ...place, address: end.address, ...end.ending })
    const address = end.facts?.address ?? null
    const verdict = dialect.read(end.answer, recipient, clock.now())
    switch (verdict.kind) {
      case 'taken':
        return { kind: 'accepted', reply: verdict.reply, mark: verdict.mark }
      case 'refused':
        return outcomeOf({
          ...place,
          address,
          stage: verdict.class.startsWith('auth_') ? 'auth' : 'dot',
          ...verdict,
          kind: 'told',
        })
      case 'unclear':
        return outcomeOf({
          ...place,
          address,
          stage: 'dot',
          kind: 'lost',
          code: 'PROTOCOL',
          message: verdict.why,
          bodySent: true,
        })
    }
  }

  function traceOf(made: readonly Made[], outcomes: readonly SendOutcome[]): Trace {
    const ends = made.flatMap(({ end }) => end ?? [])
    const facts = ends.find((end) => end.facts)?.facts
    const tried = ends.find((end) => end.kind === 'ended' && end.address !== null)
    return {
      host: client.host,
      port: client.port,
      address: facts?.address ?? (tried?.kind === 'ended' ? tried.address : null),
      tls: facts?.tls ?? null,
      stagesMs: slowest(ends),
      transcript: outcomes.every(({ kind }) => kind === 'accepted' || kind === 'unsent') ? null : transcriptOf(made),
    }
  }

  function givenBack({ recipients }: Handoff): HandoffResult {
    return { outcomes: recipients.map(() => ({ kind: 'unsent', why: 'the route is being closed' })), trace: traceOf([], []) }
  }

  return {
    kind: dialect.kind,
    capacity: 2 * maxConnections,
    send,
    close(graceMs) {
      closing = true
      return client.close(graceMs)
    },
  }
}

function slowest(ends: readonly CallEnd[]): Record<string, number> {
  const stagesMs: Record<string, number> = {}
  for (const end of ends) {
    for (const [stage, ms] of Object.entries(end.stagesMs)) stagesMs[stage] = Math.max(stagesMs[stage] ?? 0, Math.round(ms))
  }
  return stagesMs
}

/** What was asked and answered, without the content and without any secret. */
function transcriptOf(made: readonly Made[]): string {
  const transcript = new Transcript()
  for (const { parcel, end } of made) {
    if (parcel.kind === 'unable') transcript.note(`not sent: ${parcel.message}`)
    else transcript.client(`POST ${parcel.call.path} (${parcel.call.body?.length ?? 0} bytes)`)
    if (end?.kind === 'answered') transcript.server(end.answer.status, end.answer.text)
    else if (end?.kind === 'ended') transcript.note(end.ending.kind === 'reply' ? end.ending.reply.text : end.ending.message)
    else if (end) transcript.note(end.why)
  }
  return transcript.toString()
}
