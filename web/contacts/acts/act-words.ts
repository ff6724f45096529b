import type { ContactAct, ExpectedContactAct } from '../../../src/api/endpoints/contact-acts.ts'
import { ACT_REFUSALS } from '../../../src/contacts/acts/act.ts'
import { t } from '../../texts/texts.ts'

/** Who is not changed and why, in one line; '' where there is nothing to say. */
export function resultWords({ pending, already, refused }: Pick<ExpectedContactAct, 'pending' | 'already' | 'refused'>): string {
  const words = t.contactActs
  return words.join([
    pending > 0 ? words.pending(pending) : '',
    already > 0 ? words.already(already) : '',
    ...ACT_REFUSALS.map((reason) => ((refused[reason] ?? 0) > 0 ? words.refused[reason](refused[reason] ?? 0) : '')),
  ])
}

export function isAtWork({ finished_at }: Pick<ContactAct, 'finished_at'>): boolean {
  return finished_at === null
}

/** What it did, or does. */
export function whatWords({ act }: Pick<ContactAct, 'act'>, listName: (id: string) => string | undefined): string {
  const words = t.contactActs
  if ('tag' in act) return words.what[act.kind](act.tag)
  return words.what[act.kind](listName(act.list) ?? words.aList)
}

export function lookedAt({ changed, already, refused, gone }: ContactAct): number {
  return changed + already + gone + Object.values(refused).reduce((sum, n) => sum + n, 0)
}
