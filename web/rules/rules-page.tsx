import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listRules, type Rule } from '../../src/api/endpoints/routing.ts'
import { useMe, whyNot } from '../me.ts'
import { NoRoute } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { RuleForm } from './rule-form.tsx'
import { RuleList } from './rule-list.tsx'
import styles from './rules.module.css'
import { WhichWay } from './which-way.tsx'

/** The rules in their order, and beside them the answer to what they come to. */
export function RulesPage() {
  const me = useMe()
  const query = useEndpoint(listRules, {})
  const [open, setOpen] = useState<Rule | 'new' | null>(null)
  const because = whyNot(me, 'routes.manage')
  return (
    <Page
      title={t.rules.title}
      lead={t.rules.lead}
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setOpen('new')}>
          {t.rules.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) => (
          <div className={styles.beside}>
            {items.length === 0 ? (
              <EmptyState
                picture={<NoRoute />}
                title={t.rules.emptyTitle}
                sentence={t.rules.empty}
                act={because === null && <Button onClick={() => setOpen('new')}>{t.rules.add}</Button>}
              />
            ) : (
              <RuleList rules={items} because={because} onEdit={setOpen} />
            )}
            <WhichWay />
          </div>
        )}
      </Loadable>
      {open !== null && <RuleForm rule={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </Page>
  )
}
