/** What a run does next: its tokens by the time they are due, then by id. Held tokens are never due, nor is what waits without a time. */
import type { RunState, Token } from './state.ts'

/** The node to do now, if there is one. */
export function nextReady(state: RunState, now: Date): Token | null {
  return earliest(state.tokens.filter((token) => token.state === 'ready' && isDue(token, now)))
}

/** The token that is to move now, if there is one: a `ready` one by its node, a `waiting` one because its time has come. */
export function nextDue(state: RunState, now: Date): Token | null {
  return earliest(state.tokens.filter((token) => isDue(token, now)))
}

/** When there will be something to do by the clock alone; null: only what happens moves it. */
export function dueAt(state: RunState): Date | null {
  return earliest(state.tokens.filter((token) => token.dueAt !== null))?.dueAt ?? null
}

function isDue(token: Token, now: Date): boolean {
  return token.dueAt !== null && token.dueAt <= now
}

function earliest(tokens: readonly Token[]): Token | null {
  return tokens.reduce<Token | null>((first, token) => (first === null || isBefore(token, first) ? token : first), null)
}

function isBefore(one: Token, other: Token): boolean {
  const apart = (one.dueAt?.getTime() ?? 0) - (other.dueAt?.getTime() ?? 0)
  return apart < 0 || (apart === 0 && one.id < other.id)
}
