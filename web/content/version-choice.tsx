import { SegmentedControl } from '@mantine/core'
import { letterOf } from '../../src/campaigns/ab/ab-test.ts'
import { t } from '../texts/texts.ts'

interface Props {
  readonly count: number
  readonly value: string
  readonly onChange: (version: string) => void
}

/** Which of several versions of a campaign is looked at. */
export function VersionChoice({ count, value, onChange }: Props) {
  return (
    <SegmentedControl
      size="xs"
      aria-label={t.content.checks.version}
      value={value}
      onChange={onChange}
      data={Array.from({ length: count }, (_, i) => ({ value: letterOf(i), label: t.content.checks.versionOf(letterOf(i)) }))}
    />
  )
}
