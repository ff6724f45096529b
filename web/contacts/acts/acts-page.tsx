import { SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { type ContactAct, listChangedContacts, listContactActs } from '../../../src/api/endpoints/contact-acts.ts'
import { listLists } from '../../../src/api/endpoints/lists.ts'
import { useEndpoint, usePages } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Failed, Loadable, Skeleton } from '../../ui/loadable.tsx'
import { Meter } from '../../ui/meter.tsx'
import { Page } from '../../ui/page.tsx'
import { Rows } from '../../ui/rows.tsx'
import { Ago } from '../../ui/time.tsx'
import { isAtWork, lookedAt, resultWords, whatWords } from './act-words.ts'
import styles from './acts.module.css'
import { StopAct } from './stop-act.tsx'
import { UndoAct } from './undo-act.tsx'

const AGAIN_MS = 1_000

/** Everything that was done to many contacts at once, who it was, and the way back. */
export function ActsPage() {
  const acts = useEndpoint(listContactActs, {})
  useEndpoint(listContactActs, {}, { everyMs: AGAIN_MS, enabled: acts.data?.items.some(isAtWork) ?? false })
  const words = t.contactActs
  return (
    <Page title={words.title} lead={words.lead} acts={<Link to="/contacts">{words.back}</Link>}>
      <Loadable query={acts}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={words.emptyTitle} sentence={words.empty} />
          ) : (
            <ul className={styles.lines}>
              {items.map((act) => (
                <Line key={act.id} act={act} />
              ))}
            </ul>
          )
        }
      </Loadable>
    </Page>
  )
}

function Line({ act }: { readonly act: ContactAct }) {
  const [isOpen, setOpen] = useState(false)
  const lists = useEndpoint(listLists, {}).data?.items ?? []
  const words = t.contactActs
  const what = whatWords(act, (list) => lists.find(({ id }) => id === list)?.name)
  const told = words.join([words.changed(act.changed), resultWords(act), words.gone(act.gone), words.left(act.left)])
  return (
    <li>
      <span className={styles.what}>
        <span className={styles.wrap}>
          <b>{what}</b>
        </span>
        <span className={styles.quiet}>
          {words.states[act.state]} · <Ago at={act.created_at} />
        </span>
        {act.state === 'running' ? (
          <Meter label={words.progress(lookedAt(act), act.people)} value={lookedAt(act)} max={act.people} />
        ) : (
          <span className={styles.quiet}>{act.problem || told}</span>
        )}
        {act.undone + act.stayed > 0 && <span className={styles.quiet}>{words.takenBack(act.undone, act.stayed)}</span>}
      </span>
      <span className={styles.acts}>
        {act.people > 0 && (
          <ActButton variant="default" size="compact-sm" label={words.whoOf(what)} onClick={() => setOpen(true)}>
            {words.who}
          </ActButton>
        )}
        <StopAct act={act} />
        <UndoAct act={act} />
      </span>
      {isOpen && <Who act={act} title={what} onClose={() => setOpen(false)} />}
    </li>
  )
}

type Shown = 'changed' | 'refused' | 'stayed'

function Who({ act, title, onClose }: { readonly act: ContactAct; readonly title: string; readonly onClose: () => void }) {
  const refused = Object.values(act.refused).some((n) => n > 0)
  const [shown, setShown] = useState<Shown>(refused ? 'refused' : 'changed')
  const words = t.contactActs
  const choices = (['changed', 'refused', 'stayed'] as const).filter((one) => one !== 'stayed' || act.stayed > 0)
  return (
    <Dialog title={title} onClose={onClose} wide>
      <div className={styles.stack}>
        <SegmentedControl
          aria-label={words.show}
          data={choices.map((value) => ({ value, label: words.whoTitles[value] }))}
          value={shown}
          onChange={(value) => setShown(value as Shown)}
        />
        <People id={act.id} shown={shown} />
      </div>
    </Dialog>
  )
}

function People({ id, shown }: { readonly id: ContactAct['id']; readonly shown: Shown }) {
  const pages = usePages(listChangedContacts, { id, ...(shown === 'stayed' ? { undone: 'stayed' } : { done: shown }) }, 50)
  const words = t.contactActs
  if (pages.error && pages.items.length === 0) return <Failed error={pages.error} retry={pages.retry} />
  if (pages.isPending) return <Skeleton lines={4} />
  if (pages.items.length === 0) return <p className={styles.quiet}>{words.nobody}</p>
  return (
    <>
      <Rows
        label={words.whoTitles[shown]}
        rows={pages.items}
        keyOf={(row) => row.contact_id}
        columns={[
          {
            key: 'name',
            header: words.columns.name,
            cell: ({ contact_id, name, address }) => (
              <Link to="/contacts/$id" params={{ id: contact_id }} className={styles.wrap}>
                {[name, address].filter(Boolean).join(' · ') || t.contacts.unnamed}
              </Link>
            ),
          },
          {
            key: 'why',
            header: shown === 'changed' ? words.columns.change : words.columns.why,
            cell: ({ reason, was, became }) =>
              shown === 'stayed' ? words.stayed : reason === '' ? words.became(was, became) : words.reasons[reason],
          },
        ]}
      />
      {pages.hasMore && (
        <span>
          <ActButton variant="default" size="compact-sm" loading={pages.isFetchingMore} onClick={pages.more}>
            {words.more}
          </ActButton>
        </span>
      )}
    </>
  )
}
