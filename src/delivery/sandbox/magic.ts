/** What the sandbox makes of a recipient. The word before `@` or `+` decides, so that any domain of one's own can be used. */
export type Simulation =
  | { readonly kind: 'accept'; readonly later: 'delivered' | 'bounced' | 'complained' | null; readonly slowly: boolean }
  | { readonly kind: 'refuse'; readonly code: number; readonly enhanced: string; readonly text: string }

export const MAGIC_RECIPIENTS = [
  { name: 'bounce', does: 'The address does not exist: refused at once with 550 5.1.1.' },
  { name: 'bounce-later', does: 'Taken first; a bounce comes back a few seconds later.' },
  { name: 'full', does: 'The mailbox is full: 452 4.2.2, tried again later.' },
  { name: 'defer', does: 'Greylisted on the first try (451 4.7.1), taken on the next.' },
  { name: 'slow', does: 'Taken after five seconds.' },
  { name: 'complaint', does: 'Taken; a few seconds later the recipient reports it as spam.' },
  { name: 'delivered', does: 'Taken; the mailbox confirms a few seconds later.' },
] as const

export function simulate(recipient: string, attempt: number): Simulation {
  const [word = ''] = recipient.toLowerCase().split(/[+@]/, 1)
  switch (word) {
    case 'bounce':
      return {
        kind: 'refuse',
        code: 550,
        enhanced: '5.1.1',
        text: '5.1.1 The email account that you tried to reach does not exist (simulated)',
      }
    case 'full':
      return { kind: 'refuse', code: 452, enhanced: '4.2.2', text: '4.2.2 The mailbox is full (simulated)' }
    case 'defer':
      return attempt > 1
        ? ACCEPTED
        : { kind: 'refuse', code: 451, enhanced: '4.7.1', text: '4.7.1 Greylisted, please try again in 20 seconds (simulated)' }
    case 'slow':
      return { kind: 'accept', later: null, slowly: true }
    case 'bounce-later':
      return { kind: 'accept', later: 'bounced', slowly: false }
    case 'complaint':
      return { kind: 'accept', later: 'complained', slowly: false }
    case 'delivered':
      return { kind: 'accept', later: 'delivered', slowly: false }
    default:
      return ACCEPTED
  }
}

const ACCEPTED: Simulation = { kind: 'accept', later: null, slowly: false }
