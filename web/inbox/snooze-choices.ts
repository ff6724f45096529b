import { type SnoozePreset, snoozePresets } from '../../src/helpdesk/triage/snooze.ts'
import { t } from '../texts/texts.ts'
import { clockOrDay } from '../ui/format.ts'

export interface SnoozeChoice {
  readonly preset: SnoozePreset
  readonly at: Date
  readonly label: string
}

/** When a conversation may come back, the same wherever it is asked. */
export function snoozeChoices(now: Date): readonly SnoozeChoice[] {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return snoozePresets(now, zone).map(({ preset, at }) => ({
    preset,
    at,
    label: `${t.triage.presets[preset]} · ${clockOrDay(at, now)}`,
  }))
}
