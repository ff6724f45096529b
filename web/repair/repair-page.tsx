import { Checkbox, SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import {
  type ContactRepair,
  countMalformedAddresses,
  listContactRepairs,
  listMalformedAddresses,
  type MalformedAddress,
  startContactRepair,
  undoContactRepair,
} from '../../src/api/endpoints/contact-repairs.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Loadable, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './repair.module.css'

const CHANGES = [countMalformedAddresses, listMalformedAddresses, listContactRepairs]
const AGAIN_MS = 1_000

/** Rows of tables that stand where addresses should be: what each would become, all or chosen ones, and the way back. */
export function RepairPage() {
  const repairs = useEndpoint(listContactRepairs, {})
  const isAtWork = (repairs.data?.items ?? []).some(({ finished_at }) => finished_at === null)
  // No event tells of each step: while one is going on, it is asked for.
  useEndpoint(listContactRepairs, {}, { everyMs: AGAIN_MS, enabled: isAtWork })
  useEndpoint(countMalformedAddresses, {}, { everyMs: AGAIN_MS, enabled: isAtWork })
  return (
    <Page title={t.repair.title} lead={t.repair.lead}>
      <div className={styles.stack}>
        <Found key={String(isAtWork)} isAtWork={isAtWork} />
        <Loadable query={repairs}>{({ items }) => (items.length === 0 ? null : <Past items={items} />)}</Loadable>
      </div>
    </Page>
  )
}

function Found({ isAtWork }: { readonly isAtWork: boolean }) {
  const count = useEndpoint(countMalformedAddresses, {})
  const pages = usePages(listMalformedAddresses, {}, 50, () => isAtWork && AGAIN_MS)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  if (pages.error && pages.items.length === 0) return <Failed error={pages.error} retry={pages.retry} />
  if (pages.isPending || !count.data) return <Skeleton lines={8} />
  if (pages.items.length === 0) return <EmptyState title={t.repair.noneTitle} sentence={t.repair.none} />
  const choose = (address: string, isOn: boolean) => {
    const next = new Set(chosen)
    if (isOn) next.add(address)
    else next.delete(address)
    setChosen(next)
  }
  const shown = pages.items.filter(({ split }) => split !== null).map(({ address }) => address)
  return (
    <Panel title={t.repair.found}>
      <div className={styles.stack}>
        <Acts splittable={count.data.splittable} chosen={[...chosen]} isAtWork={isAtWork} />
        <Checkbox
          label={t.repair.chooseShown}
          checked={shown.length > 0 && shown.every((address) => chosen.has(address))}
          indeterminate={chosen.size > 0 && !shown.every((address) => chosen.has(address))}
          onChange={(event) => setChosen(new Set(event.currentTarget.checked ? shown : []))}
        />
        <Table items={pages.items} chosen={chosen} choose={choose} />
        {pages.hasMore && (
          <span>
            <ActButton variant="default" size="compact-sm" loading={pages.isFetchingMore} onClick={pages.more}>
              {t.repair.more}
            </ActButton>
          </span>
        )}
      </div>
    </Panel>
  )
}

interface TableProps {
  readonly items: readonly MalformedAddress[]
  readonly chosen: ReadonlySet<string>
  readonly choose: (address: string, isOn: boolean) => void
}

function Table({ items, chosen, choose }: TableProps) {
  const names = t.repair.columns
  return (
    <Rows
      label={t.repair.found}
      rows={items}
      keyOf={({ address }) => address}
      columns={[
        {
          key: 'choose',
          header: t.repair.chooseShown,
          isHidden: true,
          cell: ({ address, split }) => (
            <Checkbox
              aria-label={t.repair.choose(address)}
              disabled={split === null}
              checked={chosen.has(address)}
              onChange={(event) => choose(address, event.currentTarget.checked)}
            />
          ),
        },
        {
          key: 'stored',
          header: names.stored,
          cell: ({ address, contact_id: id }) => (
            <Link to="/contacts/$id" params={{ id }} className={styles.stored}>
              {address}
            </Link>
          ),
        },
        {
          key: 'address',
          header: names.address,
          cell: ({ split }) => (split ? <b className={styles.wrap}>{split.address}</b> : t.repair.cannot),
        },
        {
          key: 'name',
          header: names.name,
          cell: ({ split }) => (split ? [split.first_name, split.last_name].filter(Boolean).join(' ') : ''),
        },
        { key: 'rest', header: names.rest, cell: ({ split }) => <span className={styles.wrap}>{split?.rest.join(', ')}</span> },
        {
          key: 'conflict',
          header: names.conflict,
          cell: ({ conflict, why }) => (conflict ? t.repair.conflict(conflict.name) : why),
        },
      ]}
    />
  )
}

interface ActsProps {
  readonly splittable: number
  readonly chosen: readonly string[]
  readonly isAtWork: boolean
}

function Acts({ splittable, chosen, isAtWork }: ActsProps) {
  const ask = useAsk()
  const [conflicts, setConflicts] = useState<ContactRepair['conflicts']>('skip')
  const because = whyNot(useMe(), 'audience.manage')
  const start = useAction(startContactRepair, { changes: CHANGES })
  const n = chosen.length > 0 ? chosen.length : splittable
  async function run() {
    const act = t.repair.chosen(n)
    if (await ask({ title: t.repair.sure(n), body: t.repair.sureBody, act }))
      start.mutate({ body: { addresses: chosen.length > 0 ? [...chosen] : null, conflicts } })
  }
  return (
    <div className={styles.acts}>
      <div>
        <p className={styles.quiet}>{t.repair.conflicts}</p>
        <SegmentedControl
          aria-label={t.repair.conflicts}
          data={(['skip', 'merge'] as const).map((value) => ({ value, label: t.repair[value] }))}
          value={conflicts}
          onChange={(value) => setConflicts(value as ContactRepair['conflicts'])}
        />
      </div>
      <ActButton
        because={because ?? (isAtWork ? t.repair.states.running : n === 0 ? t.repair.cannot : null)}
        loading={start.isPending || isAtWork}
        onClick={() => void run()}
      >
        {chosen.length > 0 ? t.repair.chosen(n) : t.repair.all(n)}
      </ActButton>
    </div>
  )
}

function Past({ items }: { readonly items: readonly ContactRepair[] }) {
  const ask = useAsk()
  const because = whyNot(useMe(), 'audience.manage')
  const undo = useAction(undoContactRepair, { changes: CHANGES })
  async function takeBack(id: ContactRepair['id']) {
    if (await ask({ title: t.repair.undoTitle, body: t.repair.undoBody, act: t.repair.undo })) undo.mutate({ params: { id } })
  }
  return (
    <Panel title={t.repair.past}>
      <ul className={styles.lines}>
        {items.map(({ id, state, split, merged, skipped, undone, stayed, created_at }) => (
          <li key={id}>
            <span className={styles.what}>
              <span>
                <b>{t.repair.states[state]}</b> <Ago at={created_at} />
              </span>
              <span className={styles.quiet}>{t.repair.counts(split, merged, skipped)}</span>
              {undone + stayed > 0 && <span className={styles.quiet}>{t.repair.takenBack(undone, stayed)}</span>}
            </span>
            {state === 'done' && split + merged > 0 && (
              <ActButton
                variant="default"
                size="compact-sm"
                because={because}
                loading={undo.isPending}
                onClick={() => void takeBack(id)}
              >
                {t.repair.undo}
              </ActButton>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
