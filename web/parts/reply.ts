import type { Attempt } from '../../src/api/endpoints/deliveries.ts'

/** What a server answered after its three digits: with the enhanced code, which some servers repeat in the text and some do not. */
export function replyTextOf({ enhanced, text }: Pick<Attempt, 'enhanced' | 'text'>): string {
  return [enhanced && !text.startsWith(enhanced) ? enhanced : null, text].filter(Boolean).join(' ')
}
