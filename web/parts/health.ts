import type { QueueOverview } from '../../src/api/endpoints/overview.ts'
import type { Tone } from '../ui/tone.ts'

/** How it looks, wherever it is told: good only where nothing needs a person, also while all mail flows. */
export function healthTone({ ok, items }: Pick<QueueOverview['health'], 'ok' | 'items'>): Tone {
  if (items.length > 0) return ok ? 'care' : 'bad'
  return ok ? 'good' : 'care'
}
