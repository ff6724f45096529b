import type { SmtpAnswer } from '../../../mail/smtp-answer.ts'

/** How a transaction, or the way to one, ended: an answer before we say where and for whom. */
export type Ending = Pick<SmtpAnswer, 'stage'> &
  (
    | Pick<Extract<SmtpAnswer, { kind: 'reply' }>, 'kind' | 'reply'>
    | Pick<Extract<SmtpAnswer, { kind: 'lost' }>, 'kind' | 'code' | 'message' | 'bodySent'>
    | Pick<Extract<SmtpAnswer, { kind: 'unable' }>, 'kind' | 'lack' | 'message'>
  )

/** Where a connection leads: the part of every answer that does not change while it lives. */
export interface Place {
  readonly mode: 'relay' | 'mx'
  readonly host: string
  readonly address: string | null
  readonly port: number | null
}

export function answerOf(place: Place, recipient: string | null, ending: Ending): SmtpAnswer {
  return { mode: place.mode, host: place.host, address: place.address, port: place.port, recipient, ...ending }
}
