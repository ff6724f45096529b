/** What a notification says, in one line: the same in the program, in its email and in a browser. Isomorphic. */
import type { CauseEvent } from './cause.ts'
import type { Reason } from './matrix.ts'

export interface Said {
  readonly event: CauseEvent
  readonly reason: Reason
  /** Who did it: an agent, or the customer. Null: Waybill itself. */
  readonly who: string | null
  readonly number: number
  /** How many conversations it tells of; the one with the number is the first. */
  readonly count?: number
  /** Of the inbox. */
  readonly inbox: string
}

export function headlineOf({ event, reason, who, number, inbox, count = 1 }: Said): string {
  const conversation = count > 1 ? `${count} conversations` : `conversation #${number}`
  const name = who ?? 'Waybill'
  if (reason === 'mentioned') return `${name} mentioned you in ${conversation}`
  if (reason === 'assigned_me' && event === 'assigned') return `${name} assigned ${conversation} to you`
  switch (event) {
    case 'conversation_started':
      return reason === 'assigned_me' ? `${name} wrote to ${inbox}: a conversation for you` : `${name} wrote to ${inbox}`
    case 'customer_replied':
      return `${name} answered in ${conversation}`
    case 'agent_replied':
      return `${name} answered the customer in ${conversation}`
    case 'note_added':
      return `${name} added a note to ${conversation}`
    case 'forwarded':
      return `${name} forwarded ${conversation}`
    case 'assigned':
      return reason === 'assigned_team' ? `${name} gave ${conversation} to your team` : `${name} assigned ${conversation}`
    case 'mentioned':
      return `${name} mentioned you in ${conversation}`
    case 'moved':
      return `${name} moved ${conversation} to ${inbox}`
    case 'snooze_over':
      return count > 1 ? `${conversation} are back: they slept until now` : `${capital(conversation)} is back: it slept until now`
    case 'send_failed':
      return `Your answer in ${conversation} did not arrive`
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
