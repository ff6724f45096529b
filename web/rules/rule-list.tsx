import { Switch } from '@mantine/core'
import { ArrowDown, ArrowUp, Pencil, Trash2 } from 'lucide-react'
import { useLayoutEffect, useRef } from 'react'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import type { Rule } from '../../src/api/endpoints/routing.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useKeys } from '../ui/keys.ts'
import { useListKeys } from '../ui/use-list-keys.ts'
import { mailOf, shareOf, tripSentence } from './rule-words.ts'
import styles from './rules.module.css'
import { useRuleActs } from './use-rule-acts.ts'

interface Props {
  readonly rules: readonly Rule[]
  /** Why nothing may be changed; null: it may. */
  readonly because: string | null
  readonly onEdit: (rule: Rule) => void
}

/** `j` and `k` choose a rule, Shift with them moves it; the buttons do the same. */
export function RuleList({ rules, because, onEdit }: Props) {
  const routes = useEndpoint(listRoutes, {}).data?.items ?? []
  const acts = useRuleActs(rules)
  const list = useListKeys<HTMLOListElement>('[data-rule]')
  const held = useRef<HTMLElement | null>(null)
  /** What moves in the page loses the focus; whoever presses twice must not press another rule's button. */
  // biome-ignore lint/correctness/useExhaustiveDependencies: exactly when the order has changed
  useLayoutEffect(() => {
    held.current?.focus()
    held.current = null
  }, [rules])
  const move = (rule: Rule, by: number) => {
    held.current = document.activeElement as HTMLElement | null
    acts.move(rule, by)
  }
  const moveFocused = (by: number) => {
    const id = document.activeElement?.closest('[data-rule]')?.getAttribute('data-rule')
    const rule = rules.find((each) => each.id === id)
    if (rule && because === null) move(rule, by)
  }
  useKeys([
    { keys: 'K', label: t.rules.moveKey, group: t.keys.lists, run: () => moveFocused(-1) },
    { keys: 'J', label: t.rules.moveDownKey, group: t.keys.lists, run: () => moveFocused(1) },
  ])
  const nameOf = (routeId: string) => routes.find(({ id }) => id === routeId)?.name ?? t.rules.removedRoute
  const whole = rules.findIndex(({ enabled, conditions }) => enabled && Object.keys(conditions).length === 0)
  return (
    <ol ref={list} className={styles.list} aria-label={t.rules.label}>
      {rules.map((rule, index) => (
        <li
          key={rule.id}
          data-rule={rule.id}
          data-off={!rule.enabled}
          className={styles.rule}
          tabIndex={-1}
          aria-label={`${t.rules.place(index + 1)}: ${rule.name}`}
        >
          <span className={styles.place} aria-hidden>
            {index + 1}
          </span>
          <div className={styles.words}>
            <h2 className={styles.name}>{rule.name}</h2>
            <p className={styles.sentence}>
              {mailOf(rule)} <span aria-hidden>→</span> <span className="visually-hidden">{t.rules.takes}</span>{' '}
              <Targets rule={rule} nameOf={nameOf} />
            </p>
            {rule.trip && <p className={styles.quiet}>{tripSentence(rule.trip)}</p>}
            {index === whole && index < rules.length - 1 && <p className={styles.care}>{t.rules.whole}</p>}
          </div>
          <div className={styles.acts}>
            <Switch
              size="sm"
              label={rule.enabled ? t.rules.enabled : t.rules.off}
              aria-label={t.rules.isOn(rule.name)}
              checked={rule.enabled}
              disabled={because !== null}
              onChange={(event) => acts.enable(rule, event.currentTarget.checked)}
            />
            <span className={styles.buttons}>
              <ActButton
                size="compact-sm"
                variant="subtle"
                label={t.rules.upOf(rule.name)}
                hint={t.rules.up}
                because={because ?? (index === 0 ? t.rules.isFirst : null)}
                onClick={() => move(rule, -1)}
              >
                <ArrowUp size={15} aria-hidden />
              </ActButton>
              <ActButton
                size="compact-sm"
                variant="subtle"
                label={t.rules.downOf(rule.name)}
                hint={t.rules.down}
                because={because ?? (index === rules.length - 1 ? t.rules.isLast : null)}
                onClick={() => move(rule, 1)}
              >
                <ArrowDown size={15} aria-hidden />
              </ActButton>
              <ActButton
                size="compact-sm"
                variant="subtle"
                label={t.rules.editOf(rule.name)}
                hint={t.rules.edit}
                because={because}
                onClick={() => onEdit(rule)}
              >
                <Pencil size={15} aria-hidden />
              </ActButton>
              <ActButton
                size="compact-sm"
                variant="subtle"
                label={t.rules.removeOf(rule.name)}
                hint={t.rules.remove}
                because={because}
                onClick={() => void acts.remove(rule)}
              >
                <Trash2 size={15} aria-hidden />
              </ActButton>
            </span>
          </div>
        </li>
      ))}
    </ol>
  )
}

function Targets({ rule: { targets }, nameOf }: { rule: Rule; nameOf: (routeId: string) => string }) {
  if (targets.length === 0) return <span className={styles.care}>{t.rules.noTargets}</span>
  return (
    <span className={styles.targets}>
      {targets.map(({ route_id, weight }) => {
        const share = shareOf(weight, targets)
        return (
          <span key={route_id} className={styles.target} data-standby={share === null}>
            <strong>{nameOf(route_id)}</strong> {share === null ? t.rules.standsBy : t.rules.share(share)}
          </span>
        )
      })}
    </span>
  )
}
