import { Select, Switch, TextInput } from '@mantine/core'
import { TIME_OF_DAY } from '../../../src/lib/zones.ts'
import { t } from '../../texts/texts.ts'
import { ChoiceCards } from '../../ui/choice-cards.tsx'
import { FormRow } from '../../ui/form.tsx'
import styles from '../edit/edit.module.css'
import type { PanelProps } from '../edit/panels.ts'

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone
const ZONES = [...new Set(['UTC', HERE, ...Intl.supportedValuesOf('timeZone')])]
const PASSED = ['at_once', 'next_day'] as const

export function LocalTimePanel({ campaign, onChange }: PanelProps) {
  const { local_time: local } = campaign
  const says = t.campaignSettings.local
  return (
    <div className={styles.fields}>
      <Switch
        label={says.on}
        description={local ? says.hint : says.off}
        checked={local !== null}
        onChange={(event) =>
          onChange({ local_time: event.currentTarget.checked ? { time: '09:00', zone: HERE, passed: 'at_once' } : null })
        }
      />
      {local && (
        <>
          <FormRow half>
            <TextInput
              label={says.time}
              type="time"
              value={local.time}
              onChange={(event) => {
                const time = event.currentTarget.value
                if (TIME_OF_DAY.test(time)) onChange({ local_time: { ...local, time } })
              }}
            />
            <Select
              label={says.zone}
              data={ZONES.includes(local.zone) ? ZONES : [local.zone, ...ZONES]}
              searchable
              allowDeselect={false}
              value={local.zone}
              onChange={(zone) => zone && onChange({ local_time: { ...local, zone } })}
            />
          </FormRow>
          <ChoiceCards
            label={says.passed}
            name="passed"
            value={local.passed}
            choices={PASSED.map((value) => ({ value, ...says.choices[value] }))}
            onChange={(passed) => onChange({ local_time: { ...local, passed } })}
          />
        </>
      )}
    </div>
  )
}
