import { getItemOriginal, listItemVersions } from '../../../src/api/endpoints/conversations.ts'
import type { ParamsOf } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import { Raw } from '../../ui/raw.tsx'
import { When } from '../../ui/time.tsx'
import { LetterText } from './letter-html.tsx'
import styles from './thread.module.css'

type At = ParamsOf<typeof getItemOriginal>

/** The headers as they came, and what is known of who sent it. */
export function OriginalDialog({ at, onClose }: { at: At; onClose: () => void }) {
  const query = useEndpoint(getItemOriginal, at)
  return (
    <Dialog title={t.conversation.originalTitle} onClose={onClose} wide>
      <Loadable query={query}>
        {({ headers, authentication, matched_by }) => (
          <div className={styles.dialog}>
            <h3>{t.conversation.authentication}</h3>
            <Authentication results={authentication} />
            {matched_by && <Facts facts={[[t.conversation.matchedBy, matched_by.replaceAll('_', ' ')]]} />}
            <Raw
              label={t.conversation.headersLabel}
              copyLabel={t.common.copy}
              text={headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}
              tall
            />
          </div>
        )}
      </Loadable>
    </Dialog>
  )
}

function Authentication({ results }: { results: unknown }) {
  if (typeof results !== 'object' || results === null) return <p>{t.conversation.noAuthentication}</p>
  const facts = Object.entries(results).map(([name, value]): [string, string] => [name.toUpperCase(), wordsOf(value)])
  return <Facts facts={facts} />
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join('; ') || '–'
  if (typeof value !== 'object' || value === null) return String(value ?? '–')
  return Object.entries(value)
    .filter(([, each]) => each !== null && each !== '')
    .map(([name, each]) => (name === 'result' ? wordsOf(each) : `${name} ${wordsOf(each)}`))
    .join(', ')
}

export function VersionsDialog({ at, onClose }: { at: At; onClose: () => void }) {
  const query = useEndpoint(listItemVersions, at)
  return (
    <Dialog title={t.conversation.versionsTitle} onClose={onClose} wide>
      <Loadable query={query}>
        {({ items }) => (
          <ol className={styles.dialog}>
            {items.map((version) => (
              <li key={version.version} className={styles.version}>
                <p className={styles.aside}>
                  {t.conversation.replaced(version.replaced_by)}, <When at={version.replaced_at} />
                </p>
                <LetterText text={version.text} />
              </li>
            ))}
          </ol>
        )}
      </Loadable>
    </Dialog>
  )
}
