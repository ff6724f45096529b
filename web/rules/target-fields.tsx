import { ActionIcon, Button, NumberInput, Select } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import type { TargetDraft } from './rule-draft.ts'
import { shareOf } from './rule-words.ts'
import styles from './rules.module.css'

interface Props {
  readonly targets: readonly TargetDraft[]
  readonly error: string | null
  readonly onChange: (targets: readonly TargetDraft[]) => void
}

const MAX_TARGETS = 20

/** Routes with their weights, and beside each what that comes to. */
export function TargetFields({ targets, error, onChange }: Props) {
  const routes = useEndpoint(listRoutes, {}).data?.items ?? []
  const change = (key: number, part: Partial<TargetDraft>) =>
    onChange(targets.map((each) => (each.key === key ? { ...each, ...part } : each)))
  const key = 1 + Math.max(-1, ...targets.map((each) => each.key))
  const chosen = targets.filter(({ routeId }) => routeId !== null)
  return (
    <fieldset className={styles.part}>
      <legend>{t.ruleForm.where}</legend>
      <p className={styles.quiet}>{t.ruleForm.whereHint}</p>
      {targets.map((target, index) => {
        const share = shareOf(target.weight, chosen)
        const name = routes.find(({ id }) => id === target.routeId)?.name
        return (
          <div key={target.key} className={styles.targetField}>
            <Select
              aria-label={t.ruleForm.routeAt(index + 1)}
              placeholder={t.ruleForm.route}
              data={routes
                .filter(({ id }) => id === target.routeId || !chosen.some(({ routeId }) => routeId === id))
                .map(({ id, name }) => ({ value: id, label: name }))}
              value={target.routeId}
              error={index === 0 && error}
              allowDeselect={false}
              onChange={(routeId) => change(target.key, { routeId })}
            />
            <NumberInput
              aria-label={t.ruleForm.weightAt(index + 1)}
              value={target.weight}
              min={0}
              max={1_000}
              allowDecimal={false}
              onChange={(weight) => change(target.key, { weight: Number(weight) || 0 })}
            />
            <span className={styles.share} aria-live="polite">
              {target.routeId !== null && (share === null ? t.rules.standsBy : t.rules.share(share))}
            </span>
            <ActionIcon
              variant="subtle"
              aria-label={t.ruleForm.dropTarget(name ?? String(index + 1))}
              disabled={targets.length === 1}
              onClick={() => onChange(targets.filter((each) => each.key !== target.key))}
            >
              <X size={15} aria-hidden />
            </ActionIcon>
          </div>
        )
      })}
      <div>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={13} aria-hidden />}
          disabled={targets.length >= Math.min(MAX_TARGETS, routes.length)}
          onClick={() => onChange([...targets, { key, routeId: null, weight: 0 }])}
        >
          {t.ruleForm.addTarget}
        </Button>
      </div>
    </fieldset>
  )
}
