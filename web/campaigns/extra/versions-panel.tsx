import { Button, NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Campaign } from '../../../src/api/endpoints/campaigns.ts'
import { AB_MEASURES, type AbMeasure, letterOf, MAX_AFTER_MINUTES, MAX_VARIANTS } from '../../../src/campaigns/ab/ab-test.ts'
import { parseMailbox } from '../../../src/mail/address.ts'
import { ContentEditor } from '../../content/content-editor.tsx'
import { t } from '../../texts/texts.ts'
import { ChoiceCards } from '../../ui/choice-cards.tsx'
import { FormRow } from '../../ui/form.tsx'
import styles from '../edit/edit.module.css'
import type { PanelProps } from '../edit/panels.ts'

type Test = NonNullable<Campaign['ab']>
type Version = Test['variants'][number]

const FIRST = { share: 20, measure: 'clicked' as const, after_minutes: 240, unclear: 'best' as const }
const UNCLEAR = ['best', 'ask'] as const
const isSame = ({ subject, sender, content }: Version) => subject === null && sender === null && content === null

/** A version that is the same as the first is not saved: nobody could say what was tried. */
export function VersionsPanel({ campaign, onChange }: PanelProps) {
  const [typed, setTyped] = useState<Test | null>(campaign.ab)
  const says = t.campaignSettings.ab
  function say(next: Test | null) {
    setTyped(next)
    if (next === null || !next.variants.some(isSame)) onChange({ ab: next })
  }
  const first = (): Test => ({
    ...FIRST,
    variants: [{ subject: campaign.content.subject || says.version('B'), sender: null, content: null }],
  })
  return (
    <div className={styles.fields}>
      <Switch
        label={says.on}
        description={typed ? says.hint : says.off}
        checked={typed !== null}
        onChange={(event) => say(event.currentTarget.checked ? first() : null)}
      />
      {typed && (
        <>
          <p className={styles.quiet}>{says.first}</p>
          {typed.variants.map((version, i) => {
            const letter = letterOf(i + 1)
            const put = (more: Partial<Version>) =>
              say({ ...typed, variants: typed.variants.map((one, at) => (at === i ? { ...one, ...more } : one)) })
            const remove =
              typed.variants.length > 1 && (() => say({ ...typed, variants: typed.variants.filter((_, at) => at !== i) }))
            return <VersionFields key={`${letter} of ${typed.variants.length}`} {...{ campaign, version, letter, put, remove }} />
          })}
          {typed.variants.length < MAX_VARIANTS - 1 && (
            <div>
              <Button
                variant="default"
                size="xs"
                leftSection={<Plus size={14} aria-hidden />}
                onClick={() => say({ ...typed, variants: [...typed.variants, { subject: null, sender: null, content: null }] })}
              >
                {says.add}
              </Button>
            </div>
          )}
          <TestFields test={typed} onChange={say} />
        </>
      )}
    </div>
  )
}

interface VersionProps {
  readonly campaign: Campaign
  readonly version: Version
  readonly letter: string
  readonly put: (more: Partial<Version>) => void
  readonly remove: (() => void) | false
}

function VersionFields({ campaign, version, letter, put, remove }: VersionProps) {
  const [sender, setSender] = useState(version.sender ?? '')
  const says = t.campaignSettings.ab
  const isWrong = sender.trim() !== '' && !parseMailbox(sender.trim())
  return (
    <fieldset className={styles.plain}>
      <legend>{says.version(letter)}</legend>
      <div className={styles.fields}>
        <TextInput
          label={says.subject}
          placeholder={says.same}
          maxLength={998}
          value={version.subject ?? ''}
          error={isSame(version) ? says.differ : null}
          onChange={(event) => put({ subject: event.currentTarget.value || null })}
        />
        <TextInput
          label={says.sender}
          placeholder={says.same}
          maxLength={998}
          value={sender}
          error={isWrong ? says.senderWrong : null}
          onChange={(event) => {
            const text = event.currentTarget.value
            setSender(text)
            if (text.trim() === '') put({ sender: null })
            else if (parseMailbox(text.trim())) put({ sender: text.trim() })
          }}
        />
        <Switch
          label={says.content}
          checked={version.content !== null}
          onChange={(event) => put({ content: event.currentTarget.checked ? campaign.content : null })}
        />
        {version.content && (
          <ContentEditor
            content={version.content}
            campaignId={campaign.id}
            campaignName={campaign.name}
            onChange={(content) => put({ content })}
          />
        )}
        {remove && (
          <div>
            <Button variant="subtle" color="red" size="xs" leftSection={<Trash2 size={14} aria-hidden />} onClick={remove}>
              {says.remove(letter)}
            </Button>
          </div>
        )}
      </div>
    </fieldset>
  )
}

function TestFields({ test, onChange }: { test: Test; onChange: (test: Test) => void }) {
  const says = t.campaignSettings.ab
  const decides = test.share < 100
  return (
    <>
      <FormRow half>
        <NumberInput
          label={says.share}
          min={1}
          max={100}
          allowDecimal={false}
          suffix=" %"
          description={decides ? null : says.shareAll}
          value={test.share}
          onChange={(value) => typeof value === 'number' && value >= 1 && value <= 100 && onChange({ ...test, share: value })}
        />
        <Select
          label={says.measure}
          data={AB_MEASURES.map((value) => ({ value, label: says.measures[value] }))}
          allowDeselect={false}
          value={test.measure}
          onChange={(value) => value && onChange({ ...test, measure: value as AbMeasure })}
        />
      </FormRow>
      {decides && test.measure !== 'by_hand' && (
        <>
          <NumberInput
            label={says.after}
            min={0.25}
            max={MAX_AFTER_MINUTES / 60}
            decimalScale={2}
            value={test.after_minutes / 60}
            onChange={(value) =>
              typeof value === 'number' &&
              value >= 0.02 &&
              onChange({ ...test, after_minutes: Math.min(MAX_AFTER_MINUTES, Math.round(value * 60)) })
            }
          />
          <ChoiceCards
            label={says.unclear}
            name="unclear"
            value={test.unclear}
            choices={UNCLEAR.map((value) => ({ value, ...says.unclears[value] }))}
            onChange={(unclear) => onChange({ ...test, unclear })}
          />
        </>
      )}
    </>
  )
}
