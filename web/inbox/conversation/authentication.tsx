import { CircleAlert, CircleCheck, CircleDashed, CircleHelp, type LucideIcon } from 'lucide-react'
import type { Authentication as Results } from '../../../src/api/endpoints/conversations.ts'
import { t } from '../../texts/texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Note } from '../../ui/note.tsx'
import type { Tone } from '../../ui/tone.ts'
import styles from './thread.module.css'

const METHODS = ['spf', 'dkim', 'dmarc', 'arc'] as const

/** Whether a mail comes from whom it says: one line a check, with whose domain it was and why it ended so. */
export function Authentication({ results }: { results: Results | null }) {
  const says = t.conversation.authenticated
  if (results === null || results.source === 'none') return <p className={styles.aside}>{t.conversation.noAuthentication}</p>
  return (
    <div className={styles.dialog}>
      <Note tone={results.aligned ? 'good' : 'care'} hint={says.source[results.source]}>
        {results.aligned ? says.aligned : says.notAligned}
      </Note>
      <table className={styles.checks}>
        <thead>
          <tr>
            <th scope="col">{says.check}</th>
            <th scope="col">{says.result}</th>
            <th scope="col">{says.domainAndReason}</th>
          </tr>
        </thead>
        <tbody>
          {METHODS.flatMap((method) => {
            const found = results[method]
            const shown = found.length > 0 ? found : [{ result: 'none', domain: null, detail: null }]
            return shown.map(({ result, domain, detail }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: what was stored is never put in another order
              <tr key={`${method} ${index}`}>
                <th scope="row" title={says.methods[method]}>
                  {method.toUpperCase()}
                </th>
                <td>
                  <Badge {...lookOf(result)} label={says.results[result] ?? result} />
                </td>
                <td>
                  {domain}
                  <p className={styles.reason}>{detail ?? (found.length === 0 && says.noReason[method])}</p>
                </td>
              </tr>
            ))
          })}
        </tbody>
      </table>
    </div>
  )
}

function lookOf(result: string): { readonly tone: Tone; readonly icon: LucideIcon } {
  if (result === 'pass') return { tone: 'good', icon: CircleCheck }
  if (result === 'fail' || result === 'permerror') return { tone: 'bad', icon: CircleAlert }
  if (result === 'none' || result === 'neutral') return { tone: 'calm', icon: CircleDashed }
  return { tone: 'care', icon: CircleHelp }
}
