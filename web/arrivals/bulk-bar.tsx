import { ActionIcon, Button, Menu } from '@mantine/core'
import { ChevronDown, X } from 'lucide-react'
import type { ArrivalAct } from '../../src/api/endpoints/arrivals.ts'
import { t } from '../texts/texts.ts'
import { useKeys } from '../ui/keys.ts'
import styles from './arrivals.module.css'

interface Props {
  readonly count: number
  readonly isAll: boolean
  /** Null where everything that fits is shown and chosen. */
  readonly onAll: (() => void) | null
  readonly act: (act: ArrivalAct) => void
  /** What is not in the quarantine is not ignored once more. */
  readonly mayIgnore: boolean
  readonly onNone: () => void
}

const BY_KEY = [
  ['r', 'replay'],
  ['c', 'start'],
  ['a', 'attach'],
  ['i', 'ignore'],
] as const

/** What can be done with what is chosen. It stands where the filters stood. */
export function BulkBar({ count, isAll, onAll, act, mayIgnore, onNone }: Props) {
  const { acts, hints, keys } = t.arrivals
  // It is there later than the mail beside it: while something is chosen, the keys are for what is chosen.
  useKeys(
    BY_KEY.filter(([, name]) => mayIgnore || name !== 'ignore').map(([pressed, name]) => ({
      ...{ keys: pressed, label: keys[name], group: t.quarantine.title },
      run: () => act(name),
    })),
  )
  const said = isAll ? t.arrivals.fitting : t.arrivals.selected(count)
  return (
    <div className={styles.bar} role="toolbar" aria-label={said}>
      <ActionIcon variant="subtle" color="gray" aria-label={t.arrivals.selectNone} onClick={onNone}>
        <X size={15} aria-hidden />
      </ActionIcon>
      <span className={styles.size} role="status">
        {said}
      </span>
      {!isAll && onAll && (
        <Button size="compact-sm" variant="subtle" title={t.arrivals.allThatFitHint} onClick={onAll}>
          {t.arrivals.allThatFit}
        </Button>
      )}
      {(mayIgnore ? (['replay', 'start', 'ignore'] as const) : (['replay', 'start'] as const)).map((name) => (
        <Button key={name} size="compact-sm" variant="default" title={hints[name]} onClick={() => act(name)}>
          {acts[name]}
        </Button>
      ))}
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button size="compact-sm" variant="default" rightSection={<ChevronDown size={13} aria-hidden />}>
            {t.common.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(mayIgnore ? (['attach', 'ignore_sender', 'spam'] as const) : (['attach', 'spam'] as const)).map((name) => (
            <Menu.Item key={name} onClick={() => act(name)}>
              {acts[name]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
