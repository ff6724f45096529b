import { Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Campaign } from '../../../src/api/endpoints/campaigns.ts'
import { type Utm, utmProblems } from '../../../src/campaigns/utm.ts'
import { t } from '../../texts/texts.ts'
import { FormRow } from '../../ui/form.tsx'
import styles from '../edit/edit.module.css'
import type { PanelProps } from '../edit/panels.ts'

const FIRST: Utm = { source: 'newsletter', medium: 'email', campaign: '', content: '', term: '', domains: null }
type Said = NonNullable<Campaign['utm']>

/** What could not stand in a link is not saved, and says so. */
export function UtmPanel({ campaign, onChange }: PanelProps) {
  const [typed, setTyped] = useState<Said | null>(campaign.utm)
  const [domains, setDomains] = useState(campaign.utm?.domains?.join(', ') ?? '')
  const says = t.campaignSettings.utm
  const problems = typed ? utmProblems(typed) : []
  const wrong = (field: string) => problems.find(({ pointer }) => pointer.startsWith(`/utm/${field}`))?.sentence
  function say(next: Said | null) {
    setTyped(next)
    if (next === null || utmProblems(next).length === 0) onChange({ utm: next })
  }
  const field = (key: 'source' | 'medium' | 'campaign' | 'content' | 'term', description?: string) => (
    <TextInput
      label={says[key]}
      description={description}
      maxLength={200}
      value={typed?.[key] ?? ''}
      error={wrong(key)}
      onChange={(event) => typed && say({ ...typed, [key]: event.currentTarget.value })}
    />
  )
  return (
    <div className={styles.fields}>
      <Switch
        label={says.on}
        description={typed ? says.hint : says.off}
        checked={typed !== null}
        onChange={(event) => say(event.currentTarget.checked ? { ...FIRST, domains: null } : null)}
      />
      {typed && (
        <>
          <FormRow half>
            {field('source')}
            {field('medium')}
          </FormRow>
          <FormRow half>
            {field('campaign')}
            {field('term')}
          </FormRow>
          {field('content', says.contentHint)}
          <TextInput
            label={says.domains}
            description={says.domainsHint}
            value={domains}
            error={wrong('domains')}
            onChange={(event) => {
              const text = event.currentTarget.value
              setDomains(text)
              const named = text.split(/[\s,;]+/).filter((one) => one !== '')
              say({ ...typed, domains: named.length > 0 ? named : null })
            }}
          />
        </>
      )}
    </div>
  )
}
