import { ActionIcon, Menu } from '@mantine/core'
import { ArrowDown, ArrowUp, ChevronsDown, ChevronsUp } from 'lucide-react'
import { listWorkflows, orderWorkflows, type WorkflowSummary } from '../../../src/api/endpoints/workflows.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { announce } from '../../ui/announce.ts'
import listStyles from './list.module.css'

/** One place sooner or later: workflows are asked in this order. The focus stays with what is moved. */
export function Order(props: Props) {
  const { of } = props
  const { steps } = useOrder(props)
  return (
    <span className={listStyles.order}>
      {steps.map(({ by, icon: Icon, label, isOff, run }) => (
        <ActionIcon
          key={by}
          variant="subtle"
          size="md"
          aria-label={label}
          title={label}
          data-order={`${of.id} ${by}`}
          disabled={isOff}
          onClick={run}
        >
          <Icon size={14} aria-hidden />
        </ActionIcon>
      ))}
    </span>
  )
}

/** The same in a menu, and to both ends; by single places where there is no room for buttons. */
export function OrderItems({ isNarrow, ...props }: Props & { readonly isNarrow: boolean }) {
  const { steps, ends } = useOrder(props)
  const items = [...(isNarrow ? steps.map((step) => ({ ...step, key: String(step.by) })) : []), ...ends]
  return items.map(({ key, icon: Icon, short, isOff, run }) => (
    <Menu.Item key={key} leftSection={<Icon size={14} aria-hidden />} disabled={isOff} onClick={run}>
      {short}
    </Menu.Item>
  ))
}

interface Props {
  readonly of: WorkflowSummary
  readonly all: readonly WorkflowSummary[]
}

function useOrder({ of, all }: Props) {
  const because = whyNot(useMe(), 'workflows.manage')
  const order = useAction(orderWorkflows, { changes: [listWorkflows] })
  const says = t.workflowFiles
  const at = all.findIndex(({ id }) => id === of.id)
  function move(by: number) {
    const ids = moved(
      all.map(({ id }) => id),
      at,
      by,
    )
    order.mutate(
      { body: { ids } },
      {
        onSuccess: () => {
          announce(says.moved(of.name, at + by + 1))
          focusSoon(of.id, by < 0 ? -1 : 1)
        },
      },
    )
  }
  const acts = [
    { by: -1, icon: ArrowUp, label: says.up(of.name), short: says.sooner, isEnd: at <= 0 },
    { by: 1, icon: ArrowDown, label: says.down(of.name), short: says.later, isEnd: at === all.length - 1 },
  ] as const
  const toEnd = [
    { key: 'first', by: -at, icon: ChevronsUp, short: says.first, isEnd: at <= 0 },
    { key: 'last', by: all.length - 1 - at, icon: ChevronsDown, short: says.last, isEnd: at === all.length - 1 },
  ]
  const isBlocked = because !== null || order.isPending
  const act = <T extends { readonly by: number; readonly isEnd: boolean }>(one: T) => ({
    ...one,
    isOff: one.isEnd || isBlocked,
    run: () => move(one.by),
  })
  return { steps: acts.map(act), ends: toEnd.map(act) }
}

function moved(ids: readonly Id<'workflow'>[], at: number, by: number): Id<'workflow'>[] {
  const next = [...ids]
  next.splice(at + by, 0, ...next.splice(at, 1))
  return next
}

const SOON_MS = 150

/** The row is drawn anew at its place; at the end of the list the other button takes over. */
function focusSoon(id: string, by: -1 | 1): void {
  window.setTimeout(() => {
    const find = (way: number) => document.querySelector<HTMLButtonElement>(`[data-order="${id} ${way}"]:not(:disabled)`)
    const to = find(by) ?? find(-by)
    to?.focus()
  }, SOON_MS)
}
