import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listSources } from '../../src/api/endpoints/sources.ts'
import { useMe, whyNot } from '../me.ts'
import { NoMailYet } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { OAuthApps } from './oauth-apps.tsx'
import { SourceForm } from './source-form.tsx'
import { SourcePanel } from './source-panel.tsx'
import styles from './sources.module.css'

/** When a source was last heard of is no event: the page looks again by itself. */
const LOOK_AGAIN_MS = 10_000

/** Where mail comes from, and whether it does. */
export function SourcesPage() {
  const [adding, setAdding] = useState(false)
  const because = whyNot(useMe(), 'inboxes.manage')
  const query = useEndpoint(listSources, {}, { everyMs: LOOK_AGAIN_MS })
  return (
    <Page
      title={t.sources.title}
      lead={t.sources.lead}
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
          {t.sources.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) => (
          <div className={styles.stack}>
            {items.length === 0 && (
              <EmptyState
                picture={<NoMailYet />}
                title={t.sources.emptyTitle}
                sentence={t.sources.empty}
                act={because === null && <Button onClick={() => setAdding(true)}>{t.sources.add}</Button>}
              />
            )}
            {items.map((source) => (
              <SourcePanel key={source.id} source={source} />
            ))}
            <OAuthApps />
          </div>
        )}
      </Loadable>
      {adding && <SourceForm source={null} onClose={() => setAdding(false)} />}
    </Page>
  )
}
