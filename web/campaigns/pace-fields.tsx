import { NumberInput, Select, Switch } from '@mantine/core'
import type { Campaign } from '../../src/api/endpoints/campaigns.ts'
import { PACE_PERIODS, type PacePeriod } from '../../src/delivery/pace/gcra.ts'
import { evenly } from '../limits/pace-words.ts'
import { t } from '../texts/texts.ts'
import { FormRow } from '../ui/form.tsx'

type Pace = Campaign['pace']
const FIRST = { amount: 1_000, per: 'hour' as const }

/** A pace of its own, or none. */
export function PaceFields({ pace, onChange }: { pace: Pace; onChange: (pace: Pace) => void }) {
  const says = t.campaigns
  return (
    <>
      <Switch
        label={says.edit.paceOn}
        checked={pace !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? FIRST : null)}
        description={pace ? evenly(pace) : says.edit.paceOff}
      />
      {pace && (
        <FormRow half>
          <NumberInput
            label={says.paceAmount}
            min={1}
            max={100_000_000}
            allowDecimal={false}
            thousandSeparator=","
            value={pace.amount}
            onChange={(value) => typeof value === 'number' && value >= 1 && onChange({ ...pace, amount: value })}
          />
          <Select
            label={says.pacePer}
            data={PACE_PERIODS.map((value) => ({ value, label: says.pacePeriods[value] ?? value }))}
            value={pace.per}
            allowDeselect={false}
            onChange={(value) => value && onChange({ ...pace, per: value as PacePeriod })}
          />
        </FormRow>
      )}
    </>
  )
}
