import { Checkbox, NumberInput, Switch } from '@mantine/core'
import type { FailureClass } from '../../src/mail/failure.ts'
import { t } from '../texts/texts.ts'
import { FormRow } from '../ui/form.tsx'
import { type RuleDraft, type TripDraft, tripOf } from './rule-draft.ts'
import { heldOf, TRIP_GROUP_NAMES, TRIP_GROUPS, type TripGroup, tripSentence } from './rule-words.ts'
import styles from './rules.module.css'

interface Props {
  readonly draft: Pick<RuleDraft, 'hasTrip' | 'trip'>
  readonly error: string | null
  readonly onChange: (hasTrip: boolean, trip: TripDraft) => void
}

const MINUTES_A_DAY = 1_440
/** The shortest that the server takes: ten seconds. */
const MIN_MINUTES = 0.17

export function TripFields({ draft: { hasTrip, trip }, error, onChange }: Props) {
  const set = (change: Partial<TripDraft>) => onChange(hasTrip, { ...trip, ...change })
  return (
    <fieldset className={styles.part}>
      <legend className="visually-hidden">{t.ruleForm.trip}</legend>
      <Switch
        label={t.ruleForm.trip}
        description={t.ruleForm.tripHint}
        checked={hasTrip}
        onChange={(event) => onChange(event.currentTarget.checked, trip)}
      />
      {hasTrip && (
        <>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset within the fieldset would be one frame too many */}
          <div className={styles.checks} role="group" aria-label={t.ruleForm.tripWhat}>
            <span className={styles.label}>{t.ruleForm.tripWhat}</span>
            {TRIP_GROUP_NAMES.map((group) => (
              <Checkbox
                key={group}
                label={t.ruleForm.tripGroups[group]}
                checked={heldOf(group, trip.classes) === 'all'}
                indeterminate={heldOf(group, trip.classes) === 'some'}
                onChange={() => set({ classes: toggled(group, trip.classes) })}
              />
            ))}
            {error && (
              <p className={styles.refused} role="alert">
                {error}
              </p>
            )}
          </div>
          <FormRow half>
            <NumberInput
              label={t.ruleForm.failures}
              value={trip.failures}
              min={1}
              max={10_000}
              allowDecimal={false}
              onChange={(failures) => set({ failures: Number(failures) || 1 })}
            />
            <NumberInput
              label={t.ruleForm.within}
              value={trip.withinMinutes}
              min={MIN_MINUTES}
              max={MINUTES_A_DAY}
              decimalScale={2}
              onChange={(withinMinutes) => set({ withinMinutes: Number(withinMinutes) || 1 })}
            />
          </FormRow>
          <FormRow half>
            <NumberInput
              label={t.ruleForm.share}
              description={t.ruleForm.shareHint}
              value={trip.share ?? ''}
              min={1}
              max={100}
              onChange={(share) => set({ share: typeof share === 'number' ? share : null })}
            />
            <NumberInput
              label={t.ruleForm.pause}
              value={trip.pauseMinutes}
              min={MIN_MINUTES}
              max={MINUTES_A_DAY}
              decimalScale={2}
              onChange={(pauseMinutes) => set({ pauseMinutes: Number(pauseMinutes) || 1 })}
            />
          </FormRow>
          {trip.classes.length > 0 && (
            <p className={styles.said} aria-live="polite">
              {tripSentence(tripOf(trip))}
            </p>
          )}
        </>
      )}
    </fieldset>
  )
}

/** All of the group, or none of it; what other groups hold stays. */
function toggled(group: TripGroup, classes: readonly FailureClass[]): FailureClass[] {
  const others = classes.filter((each) => !(TRIP_GROUPS[group] as readonly FailureClass[]).includes(each))
  return heldOf(group, classes) === 'all' ? others : [...others, ...TRIP_GROUPS[group]]
}
