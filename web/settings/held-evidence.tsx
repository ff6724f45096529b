import {
  decideHeldEvidence,
  type HeldEvidence as Held,
  listHeldEvidence,
  listSuppressions,
} from '../../src/api/endpoints/suppressions.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './suppressions-page.module.css'

/** Domains that suddenly knew nobody any more. Nothing while there are none. */
export function HeldEvidence() {
  const { data } = useEndpoint(listHeldEvidence, {})
  if (!data || data.items.length === 0) return null
  return (
    <section className={styles.held} aria-label={t.suppressions.heldTitle}>
      {data.items.map((held) => (
        <Note key={held.domain} tone="care" hint={held.reply} act={<Decide held={held} />}>
          {t.suppressions.held(held.domain, held.addresses, held.unknown, held.verdicts)}
        </Note>
      ))}
    </section>
  )
}

function Decide({ held: { domain } }: { held: Held }) {
  const because = whyNot(useMe(), 'suppressions.manage')
  const decide = useAction(decideHeldEvidence, {
    changes: [listHeldEvidence, listSuppressions],
    onDone: ({ addresses, taken_off }) => toast('good', t.suppressions.decided(addresses, taken_off)),
  })
  const run = (decision: 'suppress' | 'discard') => decide.mutate({ params: { domain }, body: { decision } })
  return (
    <div className={styles.heldActs}>
      <ActButton
        size="compact-sm"
        because={because}
        label={`${t.suppressions.discard}: ${domain}`}
        onClick={() => run('discard')}
      >
        {t.suppressions.discard}
      </ActButton>
      <ActButton
        size="compact-sm"
        variant="default"
        because={because}
        label={`${t.suppressions.suppressAll}: ${domain}`}
        onClick={() => run('suppress')}
      >
        {t.suppressions.suppressAll}
      </ActButton>
    </div>
  )
}
