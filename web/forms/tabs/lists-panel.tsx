import { Select } from '@mantine/core'
import { listLists } from '../../../src/api/endpoints/lists.ts'
import { useEndpoint } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Panel } from '../../ui/panel.tsx'
import styles from '../forms.module.css'
import type { PartProps } from '../use-form-draft.ts'

type Use = 'always' | 'offered' | 'not'

/** Which lists people ask for with it. */
export function ListsPanel({ settings, set }: PartProps) {
  const query = useEndpoint(listLists, {})
  const howUsed = (id: string): Use => {
    const found = settings.lists.find((one) => one.id === id)
    return !found ? 'not' : found.offered ? 'offered' : 'always'
  }
  const change = (id: string, use: Use) => {
    const others = settings.lists.filter((one) => one.id !== id)
    set({ lists: use === 'not' ? others : [...others, { id, offered: use === 'offered' }] })
  }
  return (
    <Panel title={t.forms.lists}>
      <p className={styles.quiet}>{t.forms.listsHint}</p>
      <Loadable query={query}>
        {({ items }) => {
          const open = items.filter((list) => !list.is_archived || howUsed(list.id) !== 'not')
          if (open.length === 0)
            return (
              <p>
                {t.forms.noLists} <AppLink href="/lists">{t.forms.toLists}</AppLink>
              </p>
            )
          return (
            <div className={styles.rows}>
              {open.map((list) => (
                <div key={list.id} className={styles.list}>
                  <span>
                    {list.name} {list.opt_in === 'double' && <span className={styles.quiet}>{t.forms.doubleOptIn}</span>}
                  </span>
                  <Select
                    aria-label={t.forms.listUse(list.name)}
                    w={210}
                    allowDeselect={false}
                    data={[
                      { value: 'not', label: t.forms.listNot },
                      { value: 'always', label: t.forms.listAlways },
                      { value: 'offered', label: t.forms.listOffered },
                    ]}
                    value={howUsed(list.id)}
                    onChange={(value) => value && change(list.id, value as Use)}
                  />
                </div>
              ))}
            </div>
          )
        }}
      </Loadable>
    </Panel>
  )
}
